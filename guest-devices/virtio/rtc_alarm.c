/* SPDX-License-Identifier: BSD-2-Clause */
/* Alarms (VIRTIO 1.4, 5.23.6.6): when they expire, and how the driver is told. */
#include "guest-devices/bytes.h"
#include "guest-devices/virtio/rtc_parts.h"

#define NOTIF_ALARM 0x2000
#define NOTIF_SIZE  16 /* struct virtio_rtc_notif_alarm */

static unsigned clock_of(const struct virtio_rtc_alarm *alarm)
{
	return (unsigned)(alarm - alarm->owner->alarms);
}

bool rtc_has_alarm(const struct virtio_rtc *rtc, unsigned clock)
{
	return virtio_has(&rtc->device, RTC_F_ALARM) && rtc->backend->clocks[clock].alarm;
}

/* It expires once more each time that the clock passes it: a clock may step back. */
static void arm(struct virtio_rtc_alarm *alarm, uint64_t after)
{
	struct clock_backend *backend = alarm->owner->backend;

	alarm->due = backend->reaches(backend, clock_of(alarm), alarm->time, after);
	port_timer_set(&alarm->timer, alarm->due);
}

/* Is it past already, and when will it be the next time? Both from one moment, so that it cannot
 * slip through between them. */
static void begin(struct virtio_rtc_alarm *alarm, const struct clock_moment *now)
{
	alarm->expired = now->reading >= alarm->time;
	arm(alarm, now->at);
}

static void fire(void *context)
{
	struct virtio_rtc_alarm *alarm = context;

	alarm->expired = true;
	arm(alarm, alarm->due);
	rtc_alarms_serve(alarm->owner);
}

static void stop(struct virtio_rtc_alarm *alarm)
{
	alarm->expired = false;
	port_timer_set(&alarm->timer, UINT64_MAX);
}

enum rtc_status rtc_alarm_set(struct virtio_rtc *rtc, unsigned clock, uint64_t time, bool enabled)
{
	struct virtio_rtc_alarm *alarm = &rtc->alarms[clock];
	struct clock_moment now;

	if (enabled && !rtc->backend->read(rtc->backend, clock, &now))
		return RTC_S_EIO;
	stop(alarm);
	alarm->time = time;
	alarm->enabled = enabled;
	if (enabled)
		begin(alarm, &now);
	return RTC_S_OK;
}

/* An alarm that was passed before the reset, at the reset or since then has expired by the reset,
 * or by the clock. */
void rtc_alarms_start(struct virtio_rtc *rtc)
{
	struct clock_moment now;

	for (unsigned i = 0; i < rtc->backend->count; i++)
		if (rtc_has_alarm(rtc, i) && rtc->alarms[i].enabled &&
		    rtc->backend->read(rtc->backend, i, &now))
			begin(&rtc->alarms[i], &now);
	rtc_alarms_serve(rtc);
}

void rtc_alarms_stop(struct virtio_rtc *rtc)
{
	for (unsigned i = 0; i < VIRTIO_RTC_CLOCKS; i++)
		stop(&rtc->alarms[i]);
}

static struct virtio_rtc_alarm *next_expired(struct virtio_rtc *rtc)
{
	for (unsigned i = 0; i < VIRTIO_RTC_CLOCKS; i++)
		if (rtc->alarms[i].expired)
			return &rtc->alarms[i];
	return NULL;
}

/* A buffer that is too small comes back empty, and the next one is tried. */
static void tell(struct virtio_rtc *rtc, struct virtio_rtc_alarm *alarm)
{
	uint8_t notif[NOTIF_SIZE] = {0};
	uint32_t size = 0;

	if (rtc->chain.write_size >= NOTIF_SIZE) {
		le16_put(notif, NOTIF_ALARM);
		le16_put(notif + 8, (uint16_t)clock_of(alarm));
		size = (uint32_t)vq_write(&rtc->chain, 0, notif, NOTIF_SIZE);
		alarm->expired = false;
	}
	vq_push(&rtc->rings[RTC_ALARMS], &rtc->chain, size);
}

void rtc_alarms_serve(struct virtio_rtc *rtc)
{
	struct virtio_rtc_alarm *alarm = next_expired(rtc);
	struct work work;

	if (!alarm || !virtio_running(&rtc->device))
		return;
	work = work_begin(&rtc->rings[RTC_ALARMS], &rtc->later[RTC_ALARMS]);
	for (; alarm && work_next(&work, &rtc->chain); alarm = next_expired(rtc))
		tell(rtc, alarm);
	virtio_notify_queue(&rtc->device, RTC_ALARMS);
}

void rtc_alarms_init(struct virtio_rtc *rtc, void *timer_scope)
{
	for (unsigned i = 0; i < VIRTIO_RTC_CLOCKS; i++)
		rtc->alarms[i] = (struct virtio_rtc_alarm){
		    .owner = rtc,
		    .timer = {.fire = fire, .context = &rtc->alarms[i], .scope = timer_scope},
		};
}
