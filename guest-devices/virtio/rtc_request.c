/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests (VIRTIO 1.4, 5.23.6.2, 5.23.6.4 to 5.23.6.6): one copy of what the driver wrote, checked
 * by a table, then executed. */
#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/rtc_parts.h"

#define HEAD        8 /* of requests and of responses */
#define REQUEST_MAX 24
#define REPLY_MAX   24

enum { FLAG_ALARM_CAP = 1 << 0, FLAG_CROSS_CAP = 1 << 0, FLAG_ALARM_ENABLED = 1 << 0 };

struct request {
	const uint8_t *bytes;
	unsigned clock;
};

struct kind {
	uint16_t type;
	uint8_t size, reply;           /* bytes */
	uint8_t clock_at, reserved_at; /* clock_id, 0: none; what is reserved up to the end */
	bool alarm;
	enum rtc_status (*serve)(struct virtio_rtc *rtc, const struct request *request,
	                         uint8_t *reply);
};

static enum rtc_status serve_cfg(struct virtio_rtc *rtc, const struct request *request,
                                 uint8_t *reply)
{
	(void)request;
	le16_put(reply + HEAD, (uint16_t)rtc->backend->count);
	return RTC_S_OK;
}

static enum rtc_status serve_clock_cap(struct virtio_rtc *rtc, const struct request *request,
                                       uint8_t *reply)
{
	const struct clock_kind *kind = &rtc->backend->clocks[request->clock];

	reply[HEAD] = kind->type;
	reply[HEAD + 1] = kind->smearing;
	reply[HEAD + 2] = rtc_has_alarm(rtc, request->clock) ? FLAG_ALARM_CAP : 0;
	return RTC_S_OK;
}

/* May one ask about this counter? */
static enum rtc_status check_counter(uint8_t counter)
{
	if (counter == VIRTIO_RTC_COUNTER_INVALID)
		return RTC_S_EINVAL;
	return counter <= VIRTIO_RTC_COUNTER_X86_TSC ? RTC_S_OK : RTC_S_EOPNOTSUPP;
}

static enum rtc_status serve_cross_cap(struct virtio_rtc *rtc, const struct request *request,
                                       uint8_t *reply)
{
	uint8_t counter = request->bytes[10];

	reply[HEAD] = counter == rtc->backend->counter ? FLAG_CROSS_CAP : 0;
	return check_counter(counter);
}

static enum rtc_status serve_read(struct virtio_rtc *rtc, const struct request *request,
                                  uint8_t *reply)
{
	struct clock_moment now;

	if (!rtc->backend->read(rtc->backend, request->clock, &now))
		return RTC_S_EIO;
	le64_put(reply + HEAD, now.reading);
	return RTC_S_OK;
}

static enum rtc_status serve_read_cross(struct virtio_rtc *rtc, const struct request *request,
                                        uint8_t *reply)
{
	uint8_t counter = request->bytes[10];
	enum rtc_status status = check_counter(counter);
	struct clock_moment now;

	if (status != RTC_S_OK)
		return status;
	if (counter != rtc->backend->counter)
		return RTC_S_EOPNOTSUPP;
	if (!rtc->backend->read(rtc->backend, request->clock, &now) || !now.has_cycles)
		return RTC_S_EIO;
	le64_put(reply + HEAD, now.reading);
	le64_put(reply + HEAD + 8, now.cycles);
	return RTC_S_OK;
}

static enum rtc_status serve_read_alarm(struct virtio_rtc *rtc, const struct request *request,
                                        uint8_t *reply)
{
	const struct virtio_rtc_alarm *alarm = &rtc->alarms[request->clock];

	le64_put(reply + HEAD, alarm->time);
	reply[HEAD + 8] = alarm->enabled ? FLAG_ALARM_ENABLED : 0;
	return RTC_S_OK;
}

static enum rtc_status set_alarm(struct virtio_rtc *rtc, unsigned clock, uint64_t time,
                                 uint8_t flags)
{
	if (flags & ~FLAG_ALARM_ENABLED)
		return RTC_S_EINVAL;
	return rtc_alarm_set(rtc, clock, time, flags & FLAG_ALARM_ENABLED);
}

static enum rtc_status serve_set_alarm(struct virtio_rtc *rtc, const struct request *request,
                                       uint8_t *reply)
{
	(void)reply;
	return set_alarm(rtc, request->clock, le64_get(request->bytes + 8), request->bytes[18]);
}

static enum rtc_status serve_set_alarm_enabled(struct virtio_rtc *rtc,
                                               const struct request *request, uint8_t *reply)
{
	(void)reply;
	return set_alarm(rtc, request->clock, rtc->alarms[request->clock].time, request->bytes[10]);
}

static const struct kind kinds[] = {
    {0x0001, 16, 16, 8, 10, false, serve_read},
    {0x0002, 16, 24, 8, 11, false, serve_read_cross},
    {0x1000, 8, 16, 0, 8, false, serve_cfg},
    {0x1001, 16, 16, 8, 10, false, serve_clock_cap},
    {0x1002, 16, 16, 8, 11, false, serve_cross_cap},
    {0x1003, 16, 24, 8, 10, true, serve_read_alarm},
    {0x1004, 24, 8, 16, 19, true, serve_set_alarm},
    {0x1005, 16, 8, 8, 11, true, serve_set_alarm_enabled},
};

static const struct kind *find(uint16_t type)
{
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

static bool all_zero(const uint8_t *from, const uint8_t *end)
{
	while (from < end)
		if (*from++)
			return false;
	return true;
}

/* In the order in which 5.23.6.2 lets one error hide another. */
static enum rtc_status execute(struct virtio_rtc *rtc, const struct kind *kind,
                               struct request *request, uint8_t *reply)
{
	const uint8_t *bytes = request->bytes;

	if (rtc->chain.read_size < kind->size || rtc->chain.write_size < kind->reply)
		return RTC_S_EINVAL;
	if (kind->clock_at) {
		request->clock = le16_get(bytes + kind->clock_at);
		if (request->clock >= rtc->backend->count)
			return RTC_S_ENODEV;
		if (kind->alarm && !rtc_has_alarm(rtc, request->clock))
			return RTC_S_ENODEV;
	}
	if (!all_zero(bytes + 2, bytes + HEAD) ||
	    !all_zero(bytes + kind->reserved_at, bytes + kind->size))
		return RTC_S_EINVAL;
	return kind->serve(rtc, request, reply);
}

/* An error is told in a head alone, and in less where not even that fits. */
uint32_t rtc_answer(struct virtio_rtc *rtc)
{
	uint8_t bytes[REQUEST_MAX] = {0}, reply[REPLY_MAX] = {0};
	struct request request = {.bytes = bytes};
	size_t size = vq_read(&rtc->chain, 0, bytes, sizeof(bytes));
	const struct kind *kind = find(le16_get(bytes));

	if (size < HEAD)
		reply[0] = RTC_S_EINVAL;
	else if (!kind)
		reply[0] = RTC_S_EOPNOTSUPP;
	else
		reply[0] = (uint8_t)execute(rtc, kind, &request, reply);
	if (reply[0] == RTC_S_OK)
		return (uint32_t)vq_write(&rtc->chain, 0, reply, kind->reply);
	memset(reply + 1, 0, HEAD - 1);
	return (uint32_t)vq_write(&rtc->chain, 0, reply, HEAD);
}
