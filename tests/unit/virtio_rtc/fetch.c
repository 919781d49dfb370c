/* SPDX-License-Identifier: BSD-2-Clause */
/* DF-003 for the clock device: requests change under it. */
#include <string.h>

#include "guest-devices/bytes.h"
#include "tests/lib/flip.h"
#include "tests/unit/virtio_rtc/fixture.h"

TestSuite(virtio_rtc_fetch, .timeout = 120);

enum { REPLY = RIG_HEAP + 0x3000, NOTIF = RIG_HEAP + 0x4000, ROOM = 24 };

/* A request in the room of the largest, on its own page; reply and notification are on others. */
static uint8_t *world(void)
{
	rtc_setup();
	memset(rig_at(&rig, REPLY, ROOM), 0xee, ROOM);
	memset(rig_at(&rig, NOTIF, 16), 0xee, 16);
	rig_offer(&rig, RTC_ALARMS, &(struct rig_buffer){NOTIF, 16, true}, 1);
	rig_offer(&rig, RTC_REQUESTS,
	          (struct rig_buffer[]){{RIG_HEAP, 24, false}, {REPLY, ROOM, true}}, 2);
	return rig_at(&rig, RIG_HEAP, 24);
}

static void kick(void)
{
	rig_kick(&rig, RTC_REQUESTS);
}

static void outcome(uint8_t *out)
{
	uint32_t written = 0;
	uint16_t head = 0;

	out[0] = rig_used(&rig, RTC_REQUESTS, &head, &written);
	out[1] = rig_status(&rig);
	out[2] = (uint8_t)clocks.reads;
	out[3] = (uint8_t)rig_used_count(&rig, RTC_ALARMS);
	memcpy(out + 4, &written, 4);
	memcpy(out + 8, rig_at(&rig, REPLY, ROOM), ROOM);
	memcpy(out + 40, rig_at(&rig, NOTIF, 16), 16);
	for (unsigned i = 0; i < CLOCKS; i++) {
		memcpy(out + 64 + 16 * i, &rtc.alarms[i].time, 8);
		out[72 + 16 * i] = rtc.alarms[i].enabled;
	}
}

/* They differ in one word, for the copy of a request is not one access. */
static void expect_one_of_two(struct message a, struct message b)
{
	struct flip flip = {world, kick, outcome, rtc_teardown, {a.bytes, b.bytes}, 24};
	struct flip_report report = flip_everywhere(&flip);

	cr_assert(report.differ, "the test would prove nothing");
	cr_assert_gt(report.accesses, 0);
	cr_expect_eq(report.strange, 0, "%u of %u runs", report.strange, report.runs);
}

static struct message of_type(struct message message, uint16_t type)
{
	le16_put(message.bytes, type);
	return message;
}

Test(virtio_rtc_fetch, DF_003_type_flips)
{
	expect_one_of_two(request(READ, UTC), request(CLOCK_CAP, UTC));
	expect_one_of_two(request(READ, UTC), request(0x7777, UTC));
	expect_one_of_two(request(CFG, 0), request(READ_ALARM, UTC));
	expect_one_of_two(of_type(set_alarm(UTC, 5, ENABLED), READ), set_alarm(UTC, 5, ENABLED));
}

Test(virtio_rtc_fetch, DF_003_clock_flips)
{
	expect_one_of_two(request(READ, UTC), request(READ, MONOTONIC));
	expect_one_of_two(request(READ, UTC), request(READ, 0xffff));
	expect_one_of_two(set_alarm(UTC, 5, ENABLED), set_alarm(VIRTIO_RTC_CLOCKS, 5, ENABLED));
	expect_one_of_two(set_alarm(UTC, 5, ENABLED), set_alarm(TAI, 5, ENABLED));
	expect_one_of_two(set_enabled(UTC, ENABLED), set_enabled(MONOTONIC, ENABLED));
}

Test(virtio_rtc_fetch, DF_003_fields_flip)
{
	expect_one_of_two(cross_request(READ_CROSS, UTC, VIRTIO_RTC_COUNTER_X86_TSC),
	                  cross_request(READ_CROSS, UTC, 7));
	expect_one_of_two(set_alarm(UTC, 5, ENABLED), set_alarm(UTC, 6, ENABLED));
	expect_one_of_two(set_alarm(UTC, 5, ENABLED), set_alarm(UTC, 5, 0));
	expect_one_of_two(set_alarm(UTC, 5, ENABLED), set_alarm(UTC, 5, 0xff));
}
