/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "guest-devices/timer/calendar.h"
#include "guest-devices/timer/rtc.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/region.h"

#define SECOND 1000000000ull

static struct rtc rtc;
static bool irq;
static unsigned edges;

static void set_irq(void *context, unsigned number, bool level)
{
	(void)context;
	(void)number;
	edges += level && !irq;
	irq = level;
}

static uint8_t get(uint8_t reg)
{
	region_write(&rtc.region, 0, 1, reg);
	return (uint8_t)region_read(&rtc.region, 1, 1);
}

static void put(uint8_t reg, uint8_t value)
{
	region_write(&rtc.region, 0, 1, reg);
	region_write(&rtc.region, 1, 1, value);
}

static void set_up(void)
{
	fake_port_reset();
	fake_port.wall = 1709210096; /* Thursday, 2024-02-29 12:34:56 */
	irq = false;
	edges = 0;
	rtc_init(&rtc, (struct irq_line){set_irq, NULL, 8}, NULL);
}

static void expect_time(uint8_t year, uint8_t month, uint8_t day, uint8_t hour, uint8_t minute,
                        uint8_t second)
{
	cr_assert_eq(get(9), year);
	cr_assert_eq(get(8), month);
	cr_assert_eq(get(7), day);
	cr_assert_eq(get(4), hour);
	cr_assert_eq(get(2), minute);
	cr_assert_eq(get(0), second);
}

TestSuite(rtc, .init = set_up);

Test(rtc, calendar_goes_both_ways)
{
	for (int64_t at = -62135596800; at < 253402300800; at += 86400 * 13 + 4711) {
		struct calendar calendar = calendar_from_seconds(at);

		cr_assert_eq(calendar_to_seconds(&calendar), at);
	}
	cr_assert_eq(calendar_from_seconds(INT64_MIN / 2).year, 1);
}

Test(rtc, tells_the_time)
{
	expect_time(0x24, 0x02, 0x29, 0x12, 0x34, 0x56);
	cr_assert_eq(get(0x32), 0x20);
	cr_assert_eq(get(6), 5);
	cr_assert_eq(get(0x0d), 0x80);
	fake_port_advance(12 * 3600 * SECOND);
	expect_time(0x24, 0x03, 0x01, 0x00, 0x34, 0x56);
}

Test(rtc, binary_and_12_hours)
{
	put(0x0b, 0x06);
	expect_time(24, 2, 29, 12, 34, 56);
	put(0x0b, 0x00);
	cr_assert_eq(get(4), 0x92, "12 PM");
	fake_port_advance(12 * 3600 * SECOND);
	cr_assert_eq(get(4), 0x12, "12 AM");
}

Test(rtc, update_in_progress_before_each_second)
{
	cr_assert_not(get(0x0a) & 0x80);
	fake_port_advance(SECOND - 500000);
	cr_assert(get(0x0a) & 0x80);
	cr_assert_eq(get(0), 0x56);
	fake_port_advance(500000);
	cr_assert_not(get(0x0a) & 0x80);
	cr_assert_eq(get(0), 0x57);
}

Test(rtc, is_set)
{
	put(0x0b, 0x82);
	fake_port_advance(5 * SECOND);
	cr_assert_eq(get(0), 0x56, "it stands");
	put(0, 0x30);
	put(2, 0x59);
	put(4, 0x23);
	put(7, 0x31);
	put(8, 0x12);
	put(9, 0x99);
	put(0x32, 0x19);
	put(0x0b, 0x02);
	expect_time(0x99, 0x12, 0x31, 0x23, 0x59, 0x30);
	fake_port_advance(30 * SECOND);
	expect_time(0x00, 0x01, 0x01, 0x00, 0x00, 0x00);
	rtc_reset(&rtc);
	expect_time(0x00, 0x01, 0x01, 0x00, 0x00, 0x00);
}

Test(rtc, nvram_survives_reset)
{
	put(0x40, 0xa5);
	put(0x7f, 0x5a);
	rtc_reset(&rtc);
	cr_assert_eq(get(0x40), 0xa5);
	cr_assert_eq(get(0xff), 0x5a, "bit 7 of the index is not part of it");
}

Test(rtc, interrupts)
{
	put(0x0b, 0x12); /* each second */
	fake_port_advance(3 * SECOND + 1);
	cr_assert(irq);
	cr_assert_eq(edges, 1, "until register C is read");
	cr_assert_eq(get(0x0c) & 0x90, 0x90);
	cr_assert_not(irq);
	put(0x0b, 0x02);
	put(1, 0x05); /* alarm at any hour and minute, second 5 */
	put(3, 0xc0);
	put(5, 0xff);
	put(0x0b, 0x22);
	fake_port_advance(5 * SECOND);
	cr_assert_not(irq);
	fake_port_advance(2 * SECOND);
	cr_assert(irq);
	cr_assert(get(0x0c) & 0x20);
	put(0x0b, 0x42);
	edges = 0;
	for (unsigned i = 0; i < 1024; i++) {
		fake_port_advance(976563);
		get(0x0c);
	}
	cr_assert_geq(edges, 1023);
}

/* After a sleep of hours only the last minute is looked through for the alarm. */
Test(rtc, an_alarm_long_ago_is_forgotten)
{
	put(1, 0x30);
	put(3, 0x40);
	put(5, 0x12); /* 12:40:30 */
	fake_port.now_ns += 3600 * SECOND;
	cr_assert_eq(get(0x0c) & 0x20, 0);
	fake_port.now_ns += 23 * 3600 * SECOND; /* 12:34:56 of the next day */
	cr_assert_eq(get(0x0c) & 0x20, 0);
	fake_port.now_ns += 5 * 60 * SECOND; /* 12:39:56 */
	cr_assert_eq(get(0x0c) & 0x20, 0);
	fake_port.now_ns += 50 * SECOND;
	cr_assert_eq(get(0x0c) & 0x20, 0x20);
}

Test(rtc, rate_0_is_off)
{
	put(0x0a, 0x20);
	put(0x0b, 0x42);
	fake_port_advance(10 * SECOND);
	cr_assert_not(irq);
	cr_assert_eq(get(0x0c) & 0x40, 0);
	cr_assert_null(fake_port.timers);
	put(0x0a, 0x26);
	fake_port_advance(SECOND / 1000);
	cr_assert(irq);
}

Test(rtc, a_clock_that_stands_goes_on_at_reset)
{
	put(0x0b, 0x82);
	put(0, 0x10);
	fake_port_advance(5 * SECOND);
	rtc_reset(&rtc);
	cr_assert_eq(get(0), 0x10, "as it was set");
	fake_port_advance(2 * SECOND);
	cr_assert_eq(get(0), 0x12);
}

Test(rtc, index_reads_back)
{
	region_write(&rtc.region, 0, 1, 0xb2);
	cr_assert_eq(region_read(&rtc.region, 0, 1), 0x32);
}

Test(rtc, X8_032_fastest_rate_is_bounded)
{
	put(0x0a, 0x23);
	put(0x0b, 0x72);
	fake_port_advance(SECOND);
	cr_assert_leq(fake_port.fired, 8192 + 2);
	put(0x0a, 0x21); /* 1 and 2 are slow ones, not faster ones */
	fake_port.fired = 0;
	fake_port_advance(SECOND);
	cr_assert_leq(fake_port.fired, 256 + 2);
	put(0x0b, 0x02);
	cr_assert_null(fake_port.timers);
}

Test(rtc, nonsense_is_some_time)
{
	for (unsigned value = 0; value < 256; value++) {
		put(0x0b, (uint8_t)(0x80 | (value & 6)));
		for (uint8_t reg = 0; reg < 10; reg++)
			put(reg, (uint8_t)value);
		put(0x32, (uint8_t)value);
		put(0x0b, (uint8_t)(value & 0x7f));
		fake_port_advance(SECOND);
		for (uint8_t reg = 0; reg < 128; reg++)
			get(reg);
		put((uint8_t)value, (uint8_t)value);
	}
}
