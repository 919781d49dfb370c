/* SPDX-License-Identifier: BSD-2-Clause */
/* Alarms and what is told of them (VIRTIO 1.4, 5.23.6.6). */
#include <string.h>

#include "guest-devices/bytes.h"
#include "tests/unit/virtio_rtc/fixture.h"

#define UTC_NS(seconds) ((UTC_START + (seconds)) * NS_PER_S)

TestSuite(virtio_rtc_alarm, .init = rtc_setup, .fini = rtc_teardown, .timeout = 60);

static void set(uint16_t clock, uint64_t time, uint8_t flags)
{
	cr_assert_eq(status_of(set_alarm(clock, time, flags)), OK);
}

static void expect_alarm(uint16_t clock, uint64_t time, uint8_t flags)
{
	struct reply reply = ask(request(READ_ALARM, clock));

	cr_assert_eq(reply.bytes[0], OK);
	cr_expect_eq(le64_get(reply.bytes + 8), time);
	cr_expect_eq(reply.bytes[16], flags);
}

PROVES("V14-RTC-001", "V14-RTC-059", "V14-RTC-062", "V14-RTC-066", "V14-RTC-079")
Test(virtio_rtc_alarm, expires_when_its_clock_comes_there)
{
	cr_assert(rig_features(&rig) & F_ALARM);
	give_buffers(8, 16);
	set(UTC, UTC_NS(10), ENABLED);
	set(MONOTONIC, 20 * NS_PER_S, ENABLED);
	fake_port_advance(10 * NS_PER_S - 1);
	cr_expect_eq(told(), 0);
	fake_port_advance(1);
	cr_expect_eq(told(), 1 << UTC);
	cr_expect_eq(rig.interrupts[RTC_ALARMS], 1);
	fake_port_advance(1000 * NS_PER_S);
	cr_expect_eq(told(), 1 << MONOTONIC);
	cr_expect_eq(rig.interrupts[RTC_ALARMS], 2);
}

PROVES("V14-RTC-055")
Test(virtio_rtc_alarm, whoever_was_told_reads_no_earlier_time)
{
	give_buffers(100, 16);
	for (unsigned i = 1; i < 100; i++) {
		uint64_t time = UTC_NS(i) + i * 7919;

		set(SMEARED, time, ENABLED);
		while (!told())
			fake_port_advance(99991);
		cr_expect_geq(reading_of(SMEARED), time);
	}
}

PROVES("V14-RTC-063")
Test(virtio_rtc_alarm, expires_at_once_if_it_is_past)
{
	give_buffers(8, 16);
	fake_port_advance(NS_PER_S);
	set(UTC, UTC_NS(1), ENABLED);
	cr_expect_eq(told(), 1 << UTC, "the very instant");
	set(UTC, 0, ENABLED);
	cr_expect_eq(told(), 1 << UTC);
	set(UTC, UTC_NS(1) + 1, ENABLED);
	cr_expect_eq(told(), 0);
	set(UTC, UTC_NS(0), 0);
	cr_expect_eq(told(), 0);
}

PROVES("V14-RTC-064", "V14-RTC-084", "V14-RTC-085", "V14-RTC-086")
Test(virtio_rtc_alarm, enabling_and_disabling_keep_the_time)
{
	give_buffers(8, 16);
	set(UTC, UTC_NS(2), 0);
	cr_expect_eq(status_of(set_enabled(UTC, ENABLED)), OK);
	expect_alarm(UTC, UTC_NS(2), ENABLED);
	cr_expect_eq(status_of(set_enabled(UTC, 0)), OK);
	expect_alarm(UTC, UTC_NS(2), 0);
	fake_port_advance(3 * NS_PER_S);
	cr_expect_eq(told(), 0);
	cr_expect_eq(status_of(set_enabled(UTC, ENABLED)), OK);
	cr_expect_eq(told(), 1 << UTC, "it is past by now");
	cr_expect_eq(status_of(set_enabled(UTC, ENABLED)), OK);
	cr_expect_eq(told(), 1 << UTC, "and once more");
}

PROVES("V14-RTC-077", "V14-RTC-078", "V14-RTC-080", "V14-RTC-081", "V14-RTC-082", "V14-RTC-083")
Test(virtio_rtc_alarm, XD_006_any_time_can_be_set)
{
	static const uint64_t times[] = {0, 1, INT64_MAX, 1ull << 63, UINT64_MAX - 1, UINT64_MAX};

	give_buffers(50, 16);
	for (uint16_t clock = 0; clock < CLOCKS; clock++)
		for (unsigned i = 0; clock != TAI && i < 6; i++) {
			uint16_t other = clock == UTC ? MONOTONIC : UTC;

			set(other, 99, 0);
			set(clock, times[i], ENABLED);
			expect_alarm(clock, times[i], ENABLED);
			cr_expect_eq(told() != 0, reading_of(clock) >= times[i]);
			set(clock, times[i], 0);
			expect_alarm(clock, times[i], 0);
			expect_alarm(other, 99, 0);
		}
	fake_port_advance(UINT32_MAX * NS_PER_S);
	cr_expect_eq(told(), 0);
}

PROVES("V14-RTC-067")
Test(virtio_rtc_alarm, waits_for_a_buffer_and_is_told_once)
{
	set(UTC, UTC_NS(1), ENABLED);
	set(MONOTONIC, NS_PER_S, ENABLED);
	fake_port_advance(5 * NS_PER_S);
	cr_expect_eq(told(), 0);
	give_buffers(1, 16);
	cr_expect_eq(told(), 1 << UTC);
	give_buffers(3, 16);
	cr_expect_eq(told(), 1 << MONOTONIC);
	fake_port_advance(5 * NS_PER_S);
	cr_expect_eq(told(), 0);
}

PROVES("V14-RTC-071")
Test(virtio_rtc_alarm, a_disabled_alarm_is_not_told_of_any_more)
{
	for (unsigned way = 0; way < 2; way++) {
		set(UTC, UTC_NS(0), ENABLED);
		set(MONOTONIC, 0, ENABLED);
		cr_expect_eq(status_of(way ? set_enabled(UTC, 0) : set_alarm(UTC, 1, 0)), OK);
		give_buffers(3, 16);
		cr_expect_eq(told(), 1 << MONOTONIC);
		give_buffers(1, 16);
		cr_expect_eq(told(), 0);
		rig_start(&rig, F_ALARM);
		told();
	}
}

PROVES("V14-RTC-072")
Test(virtio_rtc_alarm, another_time_lets_the_first_one_be_forgotten)
{
	set(UTC, UTC_NS(0), ENABLED);
	set(UTC, UTC_NS(5), ENABLED);
	give_buffers(2, 16);
	cr_expect_eq(told(), 0);
	fake_port_advance(5 * NS_PER_S);
	cr_expect_eq(told(), 1 << UTC);
}

/* It expires again and again before there is a buffer: that is told once. */
PROVES("V14-RTC-074")
Test(virtio_rtc_alarm, expirations_before_a_buffer_are_one)
{
	set(UTC, UTC_NS(0), ENABLED);
	for (unsigned i = 0; i < 3; i++)
		cr_expect_eq(status_of(set_enabled(UTC, ENABLED)), OK);
	give_buffers(4, 16);
	cr_expect_eq(told(), 1 << UTC);
}

/* 23:59:59.5 is twice: before the leap second, and in it. */
PROVES("V14-RTC-062")
Test(virtio_rtc_alarm, expires_again_after_a_step_back)
{
	struct leap_second leap = {UTC_START + 100, 1};

	give_buffers(8, 16);
	clocks.scales[UTC] = timescale_utc(UTC_START, &leap);
	set(UTC, UTC_NS(99) + NS_PER_S / 2, ENABLED);
	fake_port_advance(99 * NS_PER_S + NS_PER_S / 2 - 1);
	cr_expect_eq(told(), 0);
	fake_port_advance(1);
	cr_expect_eq(told(), 1 << UTC);
	fake_port_advance(NS_PER_S - 1);
	cr_expect_eq(told(), 0);
	fake_port_advance(1);
	cr_expect_eq(told(), 1 << UTC);
	fake_port_advance(100 * NS_PER_S);
	cr_expect_eq(told(), 0);
}

PROVES("V14-RTC-062")
Test(virtio_rtc_alarm, expires_when_its_clock_steps_over_it)
{
	struct leap_second leap = {UTC_START + 100, -1};

	give_buffers(8, 16);
	clocks.scales[UTC] = timescale_utc(UTC_START, &leap);
	set(UTC, UTC_NS(99) + NS_PER_S / 2, ENABLED);
	fake_port_advance(99 * NS_PER_S - 1);
	cr_expect_eq(told(), 0);
	fake_port_advance(1);
	cr_expect_eq(told(), 1 << UTC);
	cr_expect_eq(reading_of(UTC), UTC_NS(100));
}

PROVES("V14-RTC-056", "V14-RTC-065")
Test(virtio_rtc_alarm, alarms_outlive_a_reset_of_the_device)
{
	set(UTC, UTC_NS(3), ENABLED);
	set(MONOTONIC, 4 * NS_PER_S, ENABLED);
	set(SMEARED, UTC_NS(1), 0);
	fake_port_advance(NS_PER_S);
	rig_reset(&rig);
	cr_expect_null(fake_port.timers, "nobody to be told");
	fake_port_advance(2 * NS_PER_S);
	cr_assert(rig_start(&rig, F_ALARM));
	expect_alarm(UTC, UTC_NS(3), ENABLED);
	expect_alarm(SMEARED, UTC_NS(1), 0);
	give_buffers(8, 16);
	cr_expect_eq(told(), 1 << UTC, "passed while there was no driver");
	fake_port_advance(NS_PER_S);
	cr_expect_eq(told(), 1 << MONOTONIC);
	cr_assert(rig_start(&rig, F_ALARM));
	give_buffers(8, 16);
	cr_expect_eq(told(), 1 << UTC | 1 << MONOTONIC, "the reset is an expiration");
}

Test(virtio_rtc_alarm, at_first_all_are_disabled)
{
	expect_alarm(UTC, 0, 0);
	expect_alarm(MONOTONIC, 0, 0);
	expect_alarm(SMEARED, 0, 0);
}

PROVES("V14-RTC-060", "V14-RTC-075")
Test(virtio_rtc_alarm, none_without_the_feature)
{
	set(UTC, UTC_NS(1), ENABLED);
	cr_assert(rig_start(&rig, 0));
	cr_expect_null(virtio_queue(&rtc.device, RTC_ALARMS), "there is no queue for them");
	cr_expect_eq(status_of(request(READ_ALARM, UTC)), ENODEV);
	cr_expect_eq(status_of(set_alarm(UTC, 0, 0)), ENODEV);
	cr_expect_eq(status_of(set_enabled(UTC, 0)), ENODEV);
	fake_port_advance(2 * NS_PER_S);
	cr_expect_eq(fake_port.fired, 0);
	cr_expect_eq(rig_status(&rig), 15);
	cr_assert(rig_start(&rig, F_ALARM));
	expect_alarm(UTC, UTC_NS(1), ENABLED);
}

PROVES("V14-RTC-076", "V14-RTC-087")
Test(virtio_rtc_alarm, none_of_a_clock_without)
{
	give_buffers(8, 16);
	cr_expect_eq(status_of(request(READ_ALARM, TAI)), ENODEV);
	cr_expect_eq(status_of(set_alarm(TAI, 0, ENABLED)), ENODEV);
	cr_expect_eq(status_of(set_enabled(TAI, ENABLED)), ENODEV);
	fake_port_advance(NS_PER_S);
	cr_expect_eq(told(), 0);
}

/* A device none of whose clocks has an alarm offers none. */
PROVES("V14-RTC-001")
Test(virtio_rtc_alarm, not_offered_without_any)
{
	static const struct clock_kind plain = {VIRTIO_RTC_CLOCK_TAI, 0, false};
	static struct virtio_rtc other;
	struct clock_backend backend = clocks.backend;

	backend.clocks = &plain;
	backend.count = 1;
	virtio_rtc_init(&other, &(struct virtio_rtc_config){
	                            .name = "other", .mem = &rig.mem.mem, .backend = &backend});
	cr_expect(!(other.device.offered & F_ALARM));
}

/* A buffer that is too small comes back empty, and what it was for is not lost. */
Test(virtio_rtc_alarm, small_buffers_come_back_empty)
{
	uint32_t written;
	uint16_t head;

	for (uint32_t size = 0; size < 16; size++)
		rig_offer(&rig, RTC_ALARMS, &(struct rig_buffer){RIG_HEAP, size, size != 15}, 1);
	set(UTC, UTC_NS(0), ENABLED);
	for (uint32_t size = 0; size < 16; size++) {
		cr_assert(rig_used(&rig, RTC_ALARMS, &head, &written));
		cr_expect_eq(written, 0);
	}
	give_buffers(1, 17);
	cr_expect_eq(told(), 1 << UTC);
	cr_expect_eq(*(uint8_t *)rig_at(&rig, rig.heap - 16, 1), 0xee);
}

/* While the device is suspended the alarm expires; the driver is told when it is back (3.4). */
Test(virtio_rtc_alarm, a_suspended_driver_is_told_later)
{
	cr_assert(rig_start(&rig, F_ALARM | VIRTIO_F_SUSPEND));
	give_buffers(2, 16);
	set(UTC, UTC_NS(1), ENABLED);
	virtio_set_status(&rtc.device, 15 | VIRTIO_SUSPEND);
	cr_assert(virtio_status(&rtc.device) & VIRTIO_SUSPEND);
	fake_port_advance(2 * NS_PER_S);
	cr_expect_eq(told(), 0);
	virtio_set_status(&rtc.device, 15);
	cr_expect_eq(told(), 1 << UTC);
}

Test(virtio_rtc_alarm, who_gave_the_device_up_is_not_told)
{
	give_buffers(2, 16);
	set(UTC, UTC_NS(1), ENABLED);
	virtio_set_status(&rtc.device, 15 | VIRTIO_FAILED);
	fake_port_advance(2 * NS_PER_S);
	cr_expect_eq(told(), 0);
}

/* As long as nothing expires nobody looks at the queue of alarms, and kicks stay as they were. */
Test(virtio_rtc_alarm, requests_leave_the_other_queue_alone)
{
	uint16_t *flags = rig_at(&rig, rig.rings[RTC_ALARMS].used, 2);

	*flags = 0x5a;
	cr_expect_eq(status_of(request(READ, UTC)), OK);
	set(UTC, UTC_NS(1), ENABLED);
	cr_expect_eq(*flags, 0x5a);
	fake_port_advance(NS_PER_S);
	cr_expect_neq(*flags, 0x5a);
}

Test(virtio_rtc_alarm, RS_005_timers_are_as_many_as_alarms)
{
	unsigned armed = 0;

	for (unsigned i = 0; i < 5000; i++)
		set((uint16_t)(i % 2 ? UTC : MONOTONIC), UTC_NS(i), i % 3 ? ENABLED : 0);
	for (struct port_timer *timer = fake_port.timers; timer; timer = timer->next)
		armed++;
	cr_expect_leq(armed, CLOCKS);
	rig_reset(&rig);
	cr_expect_null(fake_port.timers);
}

/* A broken ring of notifications ends the device; a reset brings it back. */
Test(virtio_rtc_alarm, SR_001_a_loop_in_the_queue_of_alarms)
{
	raw_desc(&rig.rings[RTC_ALARMS], 0, RIG_HEAP, 16, RAW_WRITE | RAW_NEXT, 0);
	raw_offer(&rig.rings[RTC_ALARMS], 0);
	rig_kick(&rig, RTC_ALARMS);
	set(UTC, UTC_NS(1), ENABLED);
	cr_expect_eq(rig_status(&rig), 15, "nobody has looked yet");
	fake_port_advance(NS_PER_S);
	cr_expect(rig_status(&rig) & VIRTIO_NEEDS_RESET);
	fake_port_advance(100 * NS_PER_S);
	cr_assert(rig_start(&rig, F_ALARM));
	give_buffers(1, 16);
	cr_expect_eq(told(), 1 << UTC);
}
