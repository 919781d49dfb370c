/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/virtio_rtc/fixture.h"

#include <string.h>

#include "guest-devices/bytes.h"

enum { UNTOUCHED = 0xee, NOTIF_SIZE = 16 };

struct rig rig;
struct virtio_rtc rtc;
struct clocks clocks;

static const struct clock_kind kinds[CLOCKS] = {
    {VIRTIO_RTC_CLOCK_UTC, 0, true},
    {VIRTIO_RTC_CLOCK_TAI, 0, false},
    {VIRTIO_RTC_CLOCK_MONOTONIC, 0, true},
    {VIRTIO_RTC_CLOCK_UTC_SMEARED, VIRTIO_RTC_SMEAR_NOON_LINEAR, true},
};

static bool read_clock(struct clock_backend *backend, unsigned clock, struct clock_moment *now)
{
	(void)backend;
	if (clocks.broken)
		return false;
	*now = (struct clock_moment){
	    .at = port_time_ns(),
	    .reading =
	        timescale_read(&clocks.scales[clock], port_time_ns()) + clocks.drift * clocks.reads,
	    .cycles = 3 * port_time_ns() + clocks.drift * clocks.reads,
	    .has_cycles = !clocks.no_cycles,
	};
	clocks.reads++;
	if (clocks.on_read)
		clocks.on_read();
	return true;
}

static uint64_t reaches(struct clock_backend *backend, unsigned clock, uint64_t reading,
                        uint64_t after)
{
	(void)backend;
	return timescale_reaches(&clocks.scales[clock], reading, after);
}

void rtc_setup_with(uint64_t features)
{
	static const struct leap_second none;

	rig_init(&rig);
	memset(&clocks, 0, sizeof(clocks));
	clocks.scales[UTC] = timescale_utc(UTC_START, &none);
	clocks.scales[TAI] = timescale_tai(UTC_START, &none);
	clocks.scales[MONOTONIC] = timescale_since(0);
	clocks.scales[SMEARED] = timescale_smeared(UTC_START, &none);
	clocks.backend = (struct clock_backend){
	    .clocks = kinds,
	    .count = CLOCKS,
	    .counter = VIRTIO_RTC_COUNTER_X86_TSC,
	    .read = read_clock,
	    .reaches = reaches,
	};
	virtio_rtc_init(&rtc, &(struct virtio_rtc_config){.name = "test rtc0",
	                                                  .mem = &rig.mem.mem,
	                                                  .backend = &clocks.backend});
	rig_plug(&rig, &rtc.device);
	cr_assert(rig_start(&rig, features));
}

void rtc_setup(void)
{
	rtc_setup_with(F_ALARM);
}

void rtc_teardown(void)
{
	rig_free(&rig);
}

struct message request(uint16_t type, uint16_t clock)
{
	struct message message = {.size = type == CFG ? 8 : 16};

	le16_put(message.bytes, type);
	le16_put(message.bytes + 8, clock);
	return message;
}

struct message cross_request(uint16_t type, uint16_t clock, uint8_t counter)
{
	struct message message = request(type, clock);

	message.bytes[10] = counter;
	return message;
}

struct message set_alarm(uint16_t clock, uint64_t time, uint8_t flags)
{
	struct message message = {.size = 24};

	le16_put(message.bytes, SET_ALARM);
	le64_put(message.bytes + 8, time);
	le16_put(message.bytes + 16, clock);
	message.bytes[18] = flags;
	return message;
}

struct message set_enabled(uint16_t clock, uint8_t flags)
{
	struct message message = request(SET_ALARM_ENABLED, clock);

	message.bytes[10] = flags;
	return message;
}

struct reply ask_with_room(struct message message, uint32_t room)
{
	uint64_t at = rig_alloc(&rig, sizeof(message.bytes));
	uint64_t to = rig_alloc(&rig, sizeof(struct reply));
	struct rig_buffer buffers[2] = {{at, message.size, false}, {to, room, true}};
	struct reply reply;
	uint16_t head, back;

	memcpy(rig_at(&rig, at, message.size), message.bytes, message.size);
	memset(rig_at(&rig, to, sizeof(reply.bytes)), UNTOUCHED, sizeof(reply.bytes));
	head = rig_offer(&rig, RTC_REQUESTS, buffers, 2);
	rig_kick(&rig, RTC_REQUESTS);
	cr_assert(rig_used(&rig, RTC_REQUESTS, &back, &reply.written));
	cr_assert_eq(head, back);
	memcpy(reply.bytes, rig_at(&rig, to, sizeof(reply.bytes)), sizeof(reply.bytes));
	for (unsigned i = reply.written; i < sizeof(reply.bytes); i++)
		cr_assert_eq(reply.bytes[i], UNTOUCHED, "beyond what it says");
	return reply;
}

struct reply ask(struct message message)
{
	return ask_with_room(message, sizeof(struct reply) - 8);
}

uint8_t status_of(struct message message)
{
	return ask(message).bytes[0];
}

uint64_t reading_of(uint16_t clock)
{
	struct reply reply = ask(request(READ, clock));

	cr_assert_eq(reply.bytes[0], OK);
	return le64_get(reply.bytes + 8);
}

void give_buffers(unsigned count, uint32_t size)
{
	while (count-- > 0) {
		uint64_t at = rig_alloc(&rig, size);

		memset(rig_at(&rig, at, size), UNTOUCHED, size);
		rig_offer(&rig, RTC_ALARMS, &(struct rig_buffer){at, size, true}, 1);
	}
	rig_kick(&rig, RTC_ALARMS);
}

unsigned told(void)
{
	static const uint8_t zero[6];
	struct raw_ring *ring = &rig.rings[RTC_ALARMS];
	unsigned clocks_told = 0;
	uint32_t written;
	uint16_t head;

	while (rig_used(&rig, RTC_ALARMS, &head, &written)) {
		const struct raw_desc *desc =
		    rig_at(&rig, ring->desc + 16ull * head, sizeof(*desc));
		const uint8_t *notif = rig_at(&rig, desc->addr, NOTIF_SIZE);
		unsigned bit = 1u << le16_get(notif + 8);

		cr_assert_eq(written, NOTIF_SIZE);
		cr_assert_eq(le16_get(notif), NOTIF_ALARM);
		cr_assert_arr_eq(notif + 2, zero, 6);
		cr_assert_arr_eq(notif + 10, zero, 6);
		cr_assert_lt(le16_get(notif + 8), CLOCKS);
		cr_assert(!(clocks_told & bit), "a single notification for each");
		clocks_told |= bit;
	}
	return clocks_told;
}
