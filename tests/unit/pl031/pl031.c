/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "guest-devices/timer/pl031.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/region.h"

#define SECOND 1000000000ull
#define START  1709210096u

enum {
	DR = 0x00,
	MR = 0x04,
	LR = 0x08,
	CR = 0x0c,
	IMSC = 0x10,
	RIS = 0x14,
	MIS = 0x18,
	ICR = 0x1c
};

static struct pl031 rtc;
static bool irq;

static void set_irq(void *context, unsigned number, bool level)
{
	(void)context;
	(void)number;
	irq = level;
}

static uint32_t get(unsigned offset)
{
	return (uint32_t)region_read(&rtc.region, offset, 4);
}

static void put(unsigned offset, uint32_t value)
{
	region_write(&rtc.region, offset, 4, value);
}

static void set_up(void)
{
	fake_port_reset();
	fake_port.wall = START;
	irq = false;
	pl031_init(&rtc, 0x9010000, (struct irq_line){set_irq, NULL, 2}, NULL);
}

TestSuite(pl031, .init = set_up);

Test(pl031, drivers_find_it_by_its_ids)
{
	uint32_t id = 0, cell = 0;

	for (unsigned i = 0; i < 4; i++) {
		id |= get(0xfe0 + 4 * i) << 8 * i;
		cell |= get(0xff0 + 4 * i) << 8 * i;
	}
	cr_assert_eq(id, 0x41031);
	cr_assert_eq(cell, 0xb105f00d);
}

Test(pl031, tells_the_time)
{
	cr_assert_eq(get(CR), 1, "it runs");
	cr_assert_eq(get(DR), START);
	fake_port_advance(SECOND - 1);
	cr_assert_eq(get(DR), START);
	fake_port_advance(1);
	cr_assert_eq(get(DR), START + 1);
	put(DR, 5);
	put(CR, 0);
	fake_port_advance(SECOND);
	cr_assert_eq(get(DR), START + 2, "it is neither written nor stopped");
}

Test(pl031, is_set_and_keeps_its_time)
{
	fake_port_advance(SECOND / 2);
	put(LR, 1000);
	cr_assert_eq(get(LR), 1000);
	cr_assert_eq(get(DR), 1000);
	fake_port_advance(3 * SECOND);
	cr_assert_eq(get(DR), 1003);
	pl031_reset(&rtc);
	cr_assert_eq(get(DR), 1003);
	cr_assert_eq(get(LR), 0);
}

Test(pl031, alarm)
{
	put(IMSC, 1);
	put(MR, START + 3);
	fake_port_advance(3 * SECOND - 1);
	cr_assert_not(irq);
	fake_port_advance(1);
	cr_assert(irq);
	cr_assert_eq(get(RIS), 1);
	cr_assert_eq(get(MIS), 1);
	put(IMSC, 0);
	cr_assert_not(irq);
	cr_assert_eq(get(RIS), 1);
	cr_assert_eq(get(MIS), 0);
	put(ICR, 0);
	cr_assert_eq(get(RIS), 1);
	put(ICR, 1);
	cr_assert_eq(get(RIS), 0);
	put(MR, get(DR));
	cr_assert_eq(get(RIS), 1, "now is soon enough");
}

Test(pl031, alarm_follows_the_time_that_is_set)
{
	put(IMSC, 1);
	put(MR, 500);
	put(LR, 498);
	fake_port_advance(2 * SECOND - 1);
	cr_assert_not(irq);
	fake_port_advance(1);
	cr_assert(irq);
}

Test(pl031, counter_and_alarm_wrap)
{
	put(IMSC, 1);
	put(LR, 0xfffffffe);
	put(MR, 1);
	fake_port_advance(3 * SECOND - 1);
	cr_assert_eq(get(DR), 0);
	cr_assert_not(irq);
	fake_port_advance(1);
	cr_assert(irq);
	put(ICR, 1);
	fake_port_advance((1ull << 32) * SECOND - 1);
	cr_assert_not(irq);
	fake_port_advance(1);
	cr_assert(irq, "and once more, after 136 years");
}

Test(pl031, X8_032_an_alarm_fires_once)
{
	put(IMSC, 1);
	put(MR, START + 1);
	fake_port_advance(1000 * SECOND);
	cr_assert_eq(fake_port.fired, 1);
}

Test(pl031, reset_is_silent)
{
	put(IMSC, 1);
	put(MR, START);
	cr_assert(irq);
	pl031_reset(&rtc);
	cr_assert_not(irq);
	cr_assert_eq(get(RIS), 0);
	cr_assert_eq(get(IMSC), 0);
}

Test(pl031, every_offset_value_and_width)
{
	for (unsigned value = 0; value < 256; value += 5) {
		for (unsigned offset = 0; offset < PL031_SIZE; offset++) {
			for (uint8_t size = 1; size <= 8; size *= 2) {
				region_write(&rtc.region, offset, size,
				             value * 0x0101010101010101ull);
				region_read(&rtc.region, offset, size);
			}
		}
		fake_port_advance(SECOND);
	}
	cr_assert_leq(fake_port.fired, 256);
}
