/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "guest-devices/timer/pit.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/region.h"

static struct pit pit;
static unsigned edges;
static bool line;

static void set_irq(void *context, unsigned number, bool level)
{
	(void)context;
	(void)number;
	edges += level && !line;
	line = level;
}

static void put(unsigned port, uint8_t value)
{
	region_write(&pit.ports, port, 1, value);
}

static uint8_t get(unsigned port)
{
	return (uint8_t)region_read(&pit.ports, port, 1);
}

static uint8_t get_61(void)
{
	return (uint8_t)region_read(&pit.port_61, 0, 1);
}

static void put_61(uint8_t value)
{
	region_write(&pit.port_61, 0, 1, value);
}

static void program(unsigned channel, unsigned mode, unsigned count)
{
	put(3, (uint8_t)(channel << 6 | 0x30 | mode << 1));
	put(channel, (uint8_t)count);
	put(channel, (uint8_t)(count >> 8));
}

static unsigned count_of(unsigned channel)
{
	unsigned low;

	put(3, (uint8_t)(channel << 6));
	low = get(channel);
	return low | (unsigned)get(channel) << 8;
}

static void set_up(void)
{
	fake_port_reset();
	edges = 0;
	line = false;
	pit_init(&pit, (struct irq_line){set_irq, NULL, 0}, NULL);
}

TestSuite(pit, .init = set_up);

Test(pit, periodic_tick_of_100_hz)
{
	program(0, 2, 11932);
	fake_port_advance(1000000000);
	cr_assert_leq(edges, 100);
	cr_assert_geq(edges, 99);
	fake_port_advance(9000000000);
	cr_assert_eq(edges, 10000000000 * PIT_HZ / 11932 / 1000000000, "no drift");
}

Test(pit, one_shot_in_modes_0_and_4)
{
	program(0, 0, 1193);
	fake_port_advance(999000);
	cr_assert_eq(edges, 0);
	fake_port_advance(2000);
	cr_assert_eq(edges, 1);
	program(0, 4, 1193);
	fake_port_advance(10000000);
	cr_assert_eq(edges, 2);
	put(3, 0x30); /* Linux's shutdown */
	put(0, 0);
	put(0, 0);
	fake_port_advance(10000000);
	cr_assert_eq(edges, 2);
}

Test(pit, counts_down)
{
	program(0, 2, 1000);
	fake_port_advance(83810); /* 100 ticks */
	cr_assert_eq(count_of(0), 900);
	program(0, 3, 1000);
	fake_port_advance(83810);
	cr_assert_eq(count_of(0), 800, "by two");
	program(0, 0, 50);
	fake_port_advance(83810);
	cr_assert_eq(count_of(0), 65536 - 50, "goes on below zero");
}

/* The calibration of the TSC in Linux: quick_pit_calibrate and pit_calibrate_tsc. */
Test(pit, calibration_by_channel_2)
{
	unsigned last;

	put_61((uint8_t)((get_61() & ~2u) | 1));
	put(3, 0xb0);
	put(2, 0xff);
	put(2, 0xff);
	get(2);
	last = get(2);
	cr_assert_eq(last, 0xff);
	fake_port_advance(300000);
	get(2);
	cr_assert_eq(get(2), 0xfe);
	program(2, 0, 11931);
	cr_assert_not(get_61() & 0x20);
	fake_port_advance(9990000);
	cr_assert_not(get_61() & 0x20);
	fake_port_advance(20000);
	cr_assert(get_61() & 0x20);
}

Test(pit, gate_of_channel_2_holds_the_count)
{
	put_61(1);
	program(2, 0, 1000);
	fake_port_advance(83810);
	put_61(0);
	fake_port_advance(1000000000);
	cr_assert_eq(count_of(2), 900);
	put_61(3);
	cr_assert_eq(get_61() & 3, 3);
	fake_port_advance(83810);
	cr_assert_leq(count_of(2), 800);
	cr_assert_geq(count_of(2), 799);
	put_61(0);
	program(2, 1, 100); /* begins with the edge of the gate */
	fake_port_advance(1000000);
	cr_assert(get_61() & 0x20);
	put_61(1);
	cr_assert_not(get_61() & 0x20);
	fake_port_advance(1000000);
	cr_assert(get_61() & 0x20);
}

Test(pit, read_back_and_bcd)
{
	put(3, 0x35); /* channel 0, mode 2, BCD */
	put(3, 0xe2); /* its status */
	cr_assert_eq(get(0), 0xf5, "null count");
	put(0, 0x00);
	put(0, 0x10);
	put(3, 0xc2); /* count and status */
	fake_port_advance(83810);
	cr_assert_eq(get(0), 0xb5);
	cr_assert_eq(get(0), 0x00);
	cr_assert_eq(get(0), 0x10);
	cr_assert_eq(get(0), 0x00, "now it runs: 900");
	cr_assert_eq(get(0), 0x09);
}

Test(pit, first_byte_of_mode_0_stops_the_count)
{
	program(0, 0, 1193);
	put(0, 0xff);
	fake_port_advance(10000000);
	cr_assert_eq(edges, 0);
	put(0, 0x00);
	fake_port_advance(10000000);
	cr_assert_eq(edges, 1);
}

Test(pit, refresh_bit_toggles)
{
	unsigned changes = 0;
	uint8_t before = get_61() & 0x10;

	for (unsigned i = 0; i < 100; i++) {
		fake_port_advance(15085);
		changes += (get_61() & 0x10) != before;
		before = get_61() & 0x10;
	}
	cr_assert_eq(changes, 100);
}

Test(pit, X8_032_shortest_period_is_bounded)
{
	program(0, 2, 1);
	fake_port_advance(10000000);
	cr_assert_leq(fake_port.fired, 10000000 / PIT_MIN_NS + 1);
	cr_assert_geq(fake_port.fired, 50);
}

/* The machine was busy elsewhere: timers fire late. */
Test(pit, X8_032_missed_ticks_are_made_up_for_up_to_a_limit)
{
	program(0, 2, 11932); /* 10 ms */
	fake_port.now_ns = 55000000;
	fake_port_advance(1000000);
	cr_assert_eq(edges, 5);
	fake_port_advance(3000000);
	cr_assert_eq(edges, 5);
	fake_port.now_ns = 10000000000;
	edges = 0;
	fake_port_advance(5000000);
	cr_assert_geq(edges, PIT_BACKLOG);
	cr_assert_leq(edges, PIT_BACKLOG + 3);
}

Test(pit, RS_005_every_command_leaves_one_timer_at_most)
{
	for (unsigned command = 0; command < 256; command++) {
		for (unsigned value = 0; value < 256; value += 5) {
			put(3, (uint8_t)command);
			put(value & 1 ? 0 : 2, (uint8_t)value);
			put_61((uint8_t)value);
			get(0);
			get(2);
			get_61();
			fake_port_advance(value);
		}
	}
	cr_assert(!fake_port.timers || !fake_port.timers->next);
	pit_reset(&pit);
	cr_assert_null(fake_port.timers);
}

/* They are started by a gate, which channel 0 has not: no interrupt ever comes, and no timer runs.
 */
Test(pit, modes_1_and_5_of_channel_0_never_start)
{
	static const unsigned modes[] = {1, 5};

	for (unsigned i = 0; i < 2; i++) {
		program(0, modes[i], 100);
		edges = 0;
		cr_assert_null(fake_port.timers);
		fake_port_advance(1000000000);
		cr_assert_eq(edges, 0, "mode %u", modes[i]);
	}
}

/* In the periodic modes the output is high as long as the gate is low. */
Test(pit, output_without_a_gate)
{
	for (unsigned mode = 2; mode <= 3; mode++) {
		put_61(0);
		program(2, mode, 1000);
		for (unsigned i = 0; i < 100; i++) {
			fake_port_advance(10007);
			cr_assert(get_61() & 0x20, "mode %u", mode);
		}
		put_61(1);
		program(2, mode, 2);
		bool low = false;
		for (unsigned i = 0; i < 100; i++) {
			fake_port_advance(420);
			low |= !(get_61() & 0x20);
		}
		cr_assert(low, "mode %u with its gate", mode);
	}
}
