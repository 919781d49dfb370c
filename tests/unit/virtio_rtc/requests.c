/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be asked, and how each mistake is answered (VIRTIO 1.4, 5.23.6.2, 5.23.6.4, 5.23.6.5).
 */
#include <string.h>

#include "guest-devices/bytes.h"
#include "tests/unit/virtio_rtc/fixture.h"

TestSuite(virtio_rtc, .init = rtc_setup, .fini = rtc_teardown, .timeout = 60);

/* One good request of each type. */
static unsigned all_requests(struct message out[8])
{
	out[0] = request(READ, UTC);
	out[1] = cross_request(READ_CROSS, UTC, VIRTIO_RTC_COUNTER_X86_TSC);
	out[2] = request(CFG, 0);
	out[3] = request(CLOCK_CAP, UTC);
	out[4] = cross_request(CROSS_CAP, UTC, VIRTIO_RTC_COUNTER_X86_TSC);
	out[5] = request(READ_ALARM, UTC);
	out[6] = set_alarm(UTC, 1, 0);
	out[7] = set_enabled(UTC, 0);
	return 8;
}

static const uint32_t reply_sizes[8] = {16, 24, 16, 16, 16, 24, 8, 8};

PROVES("V14-RTC-002", "V14-RTC-013", "V14-RTC-014")
Test(virtio_rtc, every_request_in_rooms_that_are_right_or_too_large)
{
	struct message messages[8];
	unsigned count = all_requests(messages);

	for (unsigned i = 0; i < count; i++) {
		struct reply exact = ask_with_room(messages[i], reply_sizes[i]), large;

		cr_expect_eq(exact.bytes[0], OK, "request %u", i);
		cr_expect_eq(exact.written, reply_sizes[i]);
		memset(messages[i].bytes + messages[i].size, 0xff, 32 - messages[i].size);
		messages[i].size = 32;
		large = ask(messages[i]);
		cr_expect_eq(large.bytes[0], OK, "request %u", i);
		cr_expect_eq(large.written, reply_sizes[i], "request %u", i);
	}
}

PROVES("V14-RTC-003", "V14-RTC-009", "V14-RTC-010", "V14-RTC-011")
Test(virtio_rtc, every_request_in_rooms_that_are_too_small)
{
	struct message messages[8];
	unsigned count = all_requests(messages);

	for (unsigned i = 0; i < count; i++) {
		struct message cut = messages[i];

		for (uint32_t room = 0; room < reply_sizes[i]; room++) {
			struct reply reply = ask_with_room(messages[i], room);

			cr_expect_eq(reply.written, room < 8 ? room : 8);
			cr_expect(room == 0 || reply.bytes[0] == EINVAL, "request %u", i);
		}
		for (cut.size = 0; cut.size < messages[i].size; cut.size++)
			cr_expect_eq(status_of(cut), EINVAL, "request %u, %u", i, cut.size);
	}
	cr_expect_eq(rig_status(&rig), 15, "a mistake of a request is none of the ring");
}

PROVES("V14-RTC-005")
Test(virtio_rtc, unknown_messages)
{
	static const uint16_t types[] = {0, 3, 0xfff, 0x1006, 0x2000, 0x100, 0xffff, 0x8001};

	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct reply reply = ask(request(types[i], UTC));

		cr_expect_eq(reply.bytes[0], EOPNOTSUPP);
		cr_expect_eq(reply.written, 8);
	}
}

PROVES("V14-RTC-007", "V14-RTC-019")
Test(virtio_rtc, XD_006_clock_ids)
{
	static const uint16_t wrong[] = {CLOCKS, VIRTIO_RTC_CLOCKS, 255, 256, 0x7fff, 0xffff};
	struct message messages[8];
	unsigned count = all_requests(messages);

	for (uint16_t clock = 0; clock < CLOCKS; clock++)
		cr_expect_eq(status_of(request(READ, clock)), OK);
	for (unsigned i = 0; i < count; i++)
		for (unsigned n = 0; n < sizeof(wrong) / sizeof(wrong[0]); n++) {
			unsigned at = le16_get(messages[i].bytes) == SET_ALARM ? 16 : 8;

			le16_put(messages[i].bytes + at, wrong[n]);
			cr_expect_eq(status_of(messages[i]),
			             le16_get(messages[i].bytes) == CFG ? OK : ENODEV);
		}
}

PROVES("V14-RTC-008")
Test(virtio_rtc, what_is_reserved_is_zero)
{
	struct message messages[8];
	unsigned count = all_requests(messages);
	static const uint8_t fields_end[8] = {10, 11, 8, 10, 11, 10, 19, 11};

	for (unsigned i = 0; i < count; i++)
		for (unsigned at = 2; at < messages[i].size; at++) {
			struct message wrong = messages[i];

			if (at >= 8 && at < fields_end[i])
				continue;
			wrong.bytes[at] = 0x80;
			cr_expect_eq(status_of(wrong), EINVAL, "request %u, byte %u", i, at);
		}
	for (unsigned flag = 2; flag < 256; flag <<= 1) {
		cr_expect_eq(status_of(set_alarm(UTC, 5, (uint8_t)(flag | ENABLED))), EINVAL);
		cr_expect_eq(status_of(set_enabled(UTC, (uint8_t)(flag | ENABLED))), EINVAL);
	}
	cr_expect_eq(status_of(cross_request(READ_CROSS, UTC, VIRTIO_RTC_COUNTER_INVALID)), EINVAL);
	cr_expect_eq(status_of(cross_request(CROSS_CAP, UTC, VIRTIO_RTC_COUNTER_INVALID)), EINVAL);
	cr_expect_neq(ask(request(READ_ALARM, UTC)).bytes[16], ENABLED, "nothing came of it");
}

PROVES("V14-RTC-012", "V14-RTC-052")
Test(virtio_rtc, clocks_that_cannot_be_read)
{
	clocks.no_cycles = true;
	cr_expect_eq(status_of(cross_request(READ_CROSS, UTC, VIRTIO_RTC_COUNTER_X86_TSC)), EIO);
	cr_expect_eq(status_of(request(READ, UTC)), OK);
	clocks.no_cycles = false;
	clocks.broken = true;
	cr_expect_eq(status_of(cross_request(READ_CROSS, UTC, VIRTIO_RTC_COUNTER_X86_TSC)), EIO);
	cr_expect_eq(status_of(request(READ, UTC)), EIO);
	cr_expect_eq(status_of(set_alarm(UTC, 77, ENABLED)), EIO);
	cr_expect_eq(le64_get(ask(request(READ_ALARM, UTC)).bytes + 8), 0);
	cr_expect_eq(status_of(set_alarm(UTC, 77, 0)), OK, "that needs no clock");
}

PROVES("V14-RTC-015")
Test(virtio_rtc, replies_are_zero_where_they_are_reserved)
{
	struct message messages[8];
	unsigned count = all_requests(messages);
	static const uint8_t ends[8] = {16, 24, 10, 11, 9, 17, 8, 8};

	for (unsigned i = 0; i < count; i++) {
		struct reply good = ask(messages[i]), bad;

		messages[i].bytes[7] = 1;
		bad = ask(messages[i]);
		for (unsigned at = 1; at < 8; at++)
			cr_expect(good.bytes[at] == 0 && bad.bytes[at] == 0);
		for (unsigned at = ends[i]; at < good.written; at++)
			cr_expect_eq(good.bytes[at], 0, "request %u, byte %u", i, at);
	}
}

PROVES("V14-RTC-017", "V14-RTC-018")
Test(virtio_rtc, capabilities_never_change)
{
	struct message asked[1 + CLOCKS + 2 * CLOCKS];
	struct reply first[1 + CLOCKS + 2 * CLOCKS];
	unsigned count = 0;

	asked[count++] = request(CFG, 0);
	for (uint16_t i = 0; i < CLOCKS; i++) {
		asked[count++] = request(CLOCK_CAP, i);
		asked[count++] = cross_request(CROSS_CAP, i, VIRTIO_RTC_COUNTER_ARM_VCT);
		asked[count++] = cross_request(CROSS_CAP, i, VIRTIO_RTC_COUNTER_X86_TSC);
	}
	for (unsigned i = 0; i < count; i++)
		first[i] = ask(asked[i]);
	for (unsigned round = 0; round < 3; round++) {
		clocks.no_cycles = clocks.broken = round == 2;
		cr_expect_eq(status_of(set_alarm(UTC, round, 0)), OK);
		fake_port_advance(NS_PER_S);
		for (unsigned i = 0; i < count; i++) {
			struct reply again = ask(asked[i]);

			cr_expect_arr_eq(again.bytes, first[i].bytes, sizeof(again.bytes));
		}
		cr_assert(rig_start(&rig, F_ALARM));
	}
}

PROVES("V14-RTC-040", "V14-RTC-041", "V14-RTC-061")
Test(virtio_rtc, capabilities_of_clocks)
{
	static const uint8_t want[CLOCKS][3] = {{0, 0, 1}, {1, 0, 0}, {2, 0, 1}, {3, 1, 1}};

	cr_expect_eq(le16_get(ask(request(CFG, 0)).bytes + 8), CLOCKS);
	for (uint16_t i = 0; i < CLOCKS; i++) {
		struct reply reply = ask(request(CLOCK_CAP, i));

		cr_expect_arr_eq(reply.bytes + 8, want[i], 3);
	}
}

PROVES("V14-RTC-016")
Test(virtio_rtc, no_flag_of_alarms_without_the_feature)
{
	cr_assert(rig_start(&rig, 0));
	for (uint16_t i = 0; i < CLOCKS; i++)
		cr_expect_eq(ask(request(CLOCK_CAP, i)).bytes[10], 0);
}

PROVES("V14-RTC-004", "V14-RTC-006", "V14-RTC-042")
Test(virtio_rtc, counters)
{
	for (unsigned counter = 0; counter < 255; counter++)
		for (uint16_t clock = 0; clock < CLOCKS; clock++) {
			struct reply cap = ask(cross_request(CROSS_CAP, clock, (uint8_t)counter));
			uint8_t read =
			    status_of(cross_request(READ_CROSS, clock, (uint8_t)counter));
			bool has = counter == VIRTIO_RTC_COUNTER_X86_TSC;

			cr_expect_eq(cap.bytes[0], counter <= 1 ? OK : EOPNOTSUPP);
			cr_expect_eq(read, has ? OK : EOPNOTSUPP);
			cr_expect(cap.bytes[0] != OK || cap.bytes[8] == has);
		}
}

PROVES("V14-RTC-043", "V14-RTC-047", "V14-RTC-048", "V14-RTC-049")
Test(virtio_rtc, readings_are_of_when_the_driver_asks)
{
	static const uint64_t start[CLOCKS] = {UTC_START, UTC_START + 37, 0, UTC_START};
	uint64_t now = 0;

	for (unsigned i = 0; i < 50; i++) {
		for (uint16_t clock = 0; clock < CLOCKS; clock++)
			cr_expect_eq(reading_of(clock), start[clock] * NS_PER_S + now);
		fake_port_advance(123456789);
		now += 123456789;
	}
}

PROVES("V14-RTC-050", "V14-RTC-054")
Test(virtio_rtc, a_clock_and_the_counter_of_one_instant)
{
	for (unsigned i = 0; i < 5; i++) {
		struct reply reply =
		    ask(cross_request(READ_CROSS, UTC, VIRTIO_RTC_COUNTER_X86_TSC));

		cr_expect_eq(le64_get(reply.bytes + 8), UTC_START * NS_PER_S + fake_port.now_ns);
		cr_expect_eq(le64_get(reply.bytes + 16), 3 * fake_port.now_ns);
		fake_port_advance(987654321);
	}
}

/* Many at once, of two kinds: each is read when its turn comes. */
PROVES("V14-RTC-044", "V14-RTC-045", "V14-RTC-046", "V14-RTC-053")
Test(virtio_rtc, reads_are_in_order)
{
	uint64_t replies[60], last = 0, last_cycles = 0;
	uint16_t heads[60], head;
	uint32_t written;

	clocks.drift = 1;
	for (unsigned i = 0; i < 60; i++) {
		struct message message =
		    i % 3 ? cross_request(READ_CROSS, MONOTONIC, VIRTIO_RTC_COUNTER_X86_TSC)
		          : request(READ, MONOTONIC);
		uint64_t at = rig_alloc(&rig, 16);

		replies[i] = rig_alloc(&rig, 24);
		memcpy(rig_at(&rig, at, 16), message.bytes, 16);
		heads[i] =
		    rig_offer(&rig, RTC_REQUESTS,
		              (struct rig_buffer[]){{at, 16, false}, {replies[i], 24, true}}, 2);
	}
	rig_kick(&rig, RTC_REQUESTS);
	for (unsigned i = 0; i < 60; i++) {
		uint64_t *reply = rig_at(&rig, replies[i], 24);

		cr_assert(rig_used(&rig, RTC_REQUESTS, &head, &written));
		cr_expect_eq(head, heads[i]);
		cr_expect(i == 0 || reply[1] > last);
		cr_expect(i % 3 == 0 || reply[2] > last_cycles);
		last = reply[1];
		last_cycles = i % 3 ? reply[2] : last_cycles;
	}
}

static void offer_read(void)
{
	rig_offer(&rig, RTC_REQUESTS,
	          (struct rig_buffer[]){{RIG_HEAP, 16, false}, {RIG_HEAP + 64, 16, true}}, 2);
}

static uint16_t used(void)
{
	return raw_used_idx(&rig.rings[RTC_REQUESTS]);
}

/* Another vCPU asks again as soon as one is answered: one kick has a budget, the rest is the
 * timer's, and a driver that gave the device up gets no more. */
Test(virtio_rtc, a_flood_of_requests_is_served_in_portions)
{
	uint16_t before;

	*(uint16_t *)rig_at(&rig, rig_alloc(&rig, 96), 2) = READ;
	clocks.on_read = offer_read;
	offer_read();
	rig_kick(&rig, RTC_REQUESTS);
	cr_expect_eq(clocks.reads, 1024);
	cr_expect_eq(used(), 1024);
	fake_port_advance(1);
	cr_expect_eq(clocks.reads, 2048);
	clocks.on_read = NULL;
	fake_port_advance(1);
	cr_expect_eq(used(), 2049);
	clocks.on_read = offer_read;
	offer_read();
	rig_kick(&rig, RTC_REQUESTS);
	before = used();
	virtio_set_status(&rtc.device, 15 | VIRTIO_FAILED);
	fake_port_advance(NS_PER_S);
	cr_expect_eq(used(), before);
}
