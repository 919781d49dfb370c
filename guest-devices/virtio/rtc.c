/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock device's life and its queue of requests. */
#include "guest-devices/virtio/rtc.h"

#include <string.h>

#include "guest-devices/virtio/rtc_parts.h"

#define DEVICE_TYPE 17

static struct virtio_rtc *of_device(struct virtio_device *device)
{
	return (void *)((char *)device - offsetof(struct virtio_rtc, device));
}

/* One after the other: readings are in the order of the requests (5.23.6.5.2). */
static void serve_requests(struct virtio_rtc *rtc)
{
	struct virtqueue *ring = &rtc->rings[RTC_REQUESTS];
	struct work work = work_begin(ring, &rtc->later[RTC_REQUESTS]);

	while (work_next(&work, &rtc->chain))
		vq_push(ring, &rtc->chain, rtc_answer(rtc));
	virtio_notify_queue(&rtc->device, RTC_REQUESTS);
	rtc_alarms_serve(rtc);
}

static void notify(struct virtio_device *device, unsigned queue)
{
	if (queue == RTC_REQUESTS)
		serve_requests(of_device(device));
	else
		rtc_alarms_serve(of_device(device));
}

static void requests_later(void *context)
{
	struct virtio_rtc *rtc = context;

	if (virtio_running(&rtc->device))
		serve_requests(rtc);
}

static void alarms_later(void *context)
{
	rtc_alarms_serve(context);
}

static void start(struct virtio_device *device)
{
	rtc_alarms_start(of_device(device));
}

static void reset(struct virtio_device *device)
{
	struct virtio_rtc *rtc = of_device(device);

	for (unsigned i = 0; i < RTC_QUEUES; i++)
		port_timer_set(&rtc->later[i], UINT64_MAX);
	rtc_alarms_stop(rtc);
}

static void negotiated(struct virtio_device *device)
{
	if (!virtio_has(device, RTC_F_ALARM))
		device->queue_limit = RTC_ALARMS;
}

static void queue_reset(struct virtio_device *device, unsigned queue)
{
	port_timer_set(&of_device(device)->later[queue], UINT64_MAX);
}

static const struct virtio_ops ops = {
    .reset = reset,
    .negotiated = negotiated,
    .start = start,
    .notify = notify,
    .queue_reset = queue_reset,
};

static bool any_alarm(const struct clock_backend *backend)
{
	for (unsigned i = 0; i < backend->count; i++)
		if (backend->clocks[i].alarm)
			return true;
	return false;
}

void virtio_rtc_init(struct virtio_rtc *rtc, const struct virtio_rtc_config *config)
{
	static void (*const fire[RTC_QUEUES])(void *) = {requests_later, alarms_later};

	memset(rtc, 0, sizeof(*rtc));
	rtc->backend = config->backend;
	for (unsigned i = 0; i < RTC_QUEUES; i++)
		rtc->later[i] = (struct port_timer){
		    .fire = fire[i], .context = rtc, .scope = config->timer_scope};
	rtc_alarms_init(rtc, config->timer_scope);
	rtc->device = (struct virtio_device){
	    .ops = &ops,
	    .name = config->name,
	    .type = DEVICE_TYPE,
	    .offered = any_alarm(config->backend) ? RTC_F_ALARM : 0,
	    .queues = rtc->rings,
	    .queue_count = RTC_QUEUES,
	};
	virtio_init(&rtc->device, config->mem, VQ_SIZE_MAX);
}
