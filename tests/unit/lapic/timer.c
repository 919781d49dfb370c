/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/lapic/fixture.h"

TestSuite(lapic_timer, .init = set_up);

Test(lapic_timer, one_shot_fires_once)
{
	put(0, DIVIDE, 0x3); /* by 16 */
	put(0, LVT_T, 0x40);
	put(0, INITIAL, 1000);
	fake_port_advance(8000);
	cr_assert_eq(get(0, CURRENT), 500);
	cr_assert_eq(lapic_pending(&apics[0]), -1);
	fake_port_advance(8000);
	cr_assert_eq(take(0), 0x40);
	cr_assert_eq(get(0, CURRENT), 0);
	fake_port_advance(1000000);
	put(0, EOI, 0);
	cr_assert_eq(take(0), -1);
}

Test(lapic_timer, periodic_goes_on)
{
	put(0, DIVIDE, 0xb); /* by 1 */
	put(0, LVT_T, 0x20040);
	put(0, INITIAL, 1000000);
	for (unsigned i = 0; i < 5; i++) {
		fake_port_advance(999999);
		cr_assert_eq(take(0), -1);
		fake_port_advance(1);
		cr_assert_eq(take(0), 0x40);
		put(0, EOI, 0);
	}
	put(0, INITIAL, 0);
	fake_port_advance(10000000);
	cr_assert_eq(take(0), -1);
}

Test(lapic_timer, masked_it_counts_and_stays_silent)
{
	put(0, DIVIDE, 0xb);
	put(0, LVT_T, 0x10040);
	put(0, INITIAL, 1000);
	fake_port_advance(400);
	cr_assert_eq(get(0, CURRENT), 600);
	fake_port_advance(1000);
	put(0, LVT_T, 0x40);
	fake_port_advance(10000);
	cr_assert_eq(take(0), -1, "it ran out while masked");
}

Test(lapic_timer, divider_changes_while_it_runs)
{
	put(0, DIVIDE, 0xb);
	put(0, LVT_T, 0x40);
	put(0, INITIAL, 1000);
	fake_port_advance(500);
	put(0, DIVIDE, 0x0); /* by 2 */
	cr_assert_eq(get(0, CURRENT), 500);
	fake_port_advance(999);
	cr_assert_eq(take(0), -1);
	fake_port_advance(1);
	cr_assert_eq(take(0), 0x40);
}

Test(lapic_timer, reset_stops_it)
{
	put(0, DIVIDE, 0xb);
	put(0, LVT_T, 0x20040);
	put(0, INITIAL, 1000000);
	lapic_reset(&apics[0]);
	fake_port_advance(10000000);
	cr_assert_eq(fake_port.fired, 0);
	cr_assert_null(fake_port.timers);
}

Test(lapic_timer, X8_032_shortest_period_is_bounded_and_missed_ones_are_one)
{
	for (unsigned i = 0; i < CPUS; i++) {
		put(i, DIVIDE, 0xb);
		put(i, LVT_T, 0x20040);
		put(i, INITIAL, 1);
	}
	fake_port_advance(10000000); /* 10 ms */
	cr_assert_leq(fake_port.fired, CPUS * (10000000 / LAPIC_TIMER_MIN_NS + 1));
	cr_assert_eq(take(0), 0x40);
	put(0, EOI, 0);
	cr_assert_eq(take(0), -1);
}

Test(lapic_timer, RS_005_create_and_cancel_storm_keeps_one_timer)
{
	put(0, DIVIDE, 0xb);
	for (unsigned i = 0; i < 100000; i++) {
		put(0, LVT_T, i & 1 ? 0x40 : 0x20040);
		put(0, INITIAL, i);
		put(0, DIVIDE, i);
	}
	put(0, INITIAL, 0);
	cr_assert_null(fake_port.timers);
}

Test(lapic_timer, masked_periods_are_skipped)
{
	put(0, DIVIDE, 0xb);
	put(0, LVT_T, 0x30040); /* periodic, masked */
	put(0, INITIAL, 1000);
	fake_port_advance(3400);
	cr_assert_eq(get(0, CURRENT), 600);
	put(0, LVT_T, 0x20040);
	cr_assert_eq(take(0), -1, "what passed while masked is lost");
	cr_assert_eq(get(0, CURRENT), 600);
	fake_port_advance(599);
	cr_assert_eq(take(0), -1);
	fake_port_advance(1);
	cr_assert_eq(take(0), 0x40);
}

/* Masked, nothing wakes up when it runs out; it reads as run out all the same. */
Test(lapic_timer, a_masked_one_shot_runs_out)
{
	put(0, DIVIDE, 0xb);
	put(0, LVT_T, 0x10040);
	put(0, INITIAL, 1000);
	fake_port_advance(1000);
	cr_assert_eq(get(0, CURRENT), 0);
	fake_port_advance(1);
	cr_assert_eq(get(0, CURRENT), 0);
	cr_assert_eq(fake_port.fired, 0);
}
