/* SPDX-License-Identifier: BSD-2-Clause */
/* List registers, word by word (IHI 0069 12.4, ICH_LR<n>_EL2). */
#include "tests/unit/gic/fixture.h"

#define TIMER 27

static void set_up(void)
{
	start(3);
}

TestSuite(gic_lists, .init = set_up);

/* Exit and enter again, as for any other reason. */
static void exit_and_enter(unsigned n)
{
	leave(n);
	enter(n);
}

Test(gic_lists, nothing_to_do_costs_nothing)
{
	enable(0, 40, 0x50);
	cr_assert_eq(gic.vcpus[0].words, 0);
	gic_set_spi(&gic, 8, true);
	cr_assert_neq(gic.vcpus[0].words, 0);
	acknowledge(0);
	gic_set_spi(&gic, 8, false);
	end(0, 40);
	leave(0);
	cr_assert_eq(gic.vcpus[0].words, 0);
	cr_assert_eq(gic.vcpus[0].listed_count, 0);
}

Test(gic_lists, an_edge)
{
	put_edge(40, true);
	put_group(0, 40, true);
	enable(0, 40, 0x50);
	gic_set_spi(&gic, 8, true);
	gic_set_spi(&gic, 8, false);
	cr_assert_eq(cpus[0].kicks, 1);
	enter(0);
	cr_assert_eq(listed(0, 40), GIC_LR_PENDING | GIC_LR_GROUP1 | 0x50ull << 48 | 40);
	cr_assert_eq(acknowledge(0), 40);
	gic_set_spi(&gic, 8, true);
	cr_assert_eq(cpus[0].kicks, 2, "listed: the CPU has to be told");
	exit_and_enter(0);
	cr_assert_eq(listed(0, 40) >> 62, 3, "a second one waits behind it");
	end(0, 40);
	cr_assert_eq(take(0), 40);
	cr_assert_eq(take(0), SPURIOUS);
}

Test(gic_lists, a_level_comes_again_until_it_falls)
{
	enable(0, 40, 0x50);
	gic_set_spi(&gic, 8, true);
	enter(0);
	cr_assert_eq(listed(0, 40), GIC_LR_PENDING | GIC_LR_EOI | 0x50ull << 48 | 40);
	cr_assert_eq(take(0), 40);
	cr_assert_eq(acknowledge(0), 40, "sampled after the end");
	exit_and_enter(0);
	end(0, 40);
	cr_assert_eq(acknowledge(0), 40);
	cr_assert_eq(cpus[0].kicks, 1, "it was out already");
	gic_set_spi(&gic, 8, false);
	exit_and_enter(0);
	cr_assert_eq(listed(0, 40), GIC_LR_ACTIVE | 0x50ull << 48 | 40, "no need to see the end");
	end(0, 40);
	cr_assert_eq(acknowledge(0), SPURIOUS);
}

Test(gic_lists, a_level_that_fell_is_withdrawn)
{
	enable(0, 40, 0);
	gic_set_spi(&gic, 8, true);
	enter(0);
	gic_set_spi(&gic, 8, false);
	cr_assert(cpus[0].kicked);
	cr_assert_eq(acknowledge(0), SPURIOUS);
}

Test(gic_lists, withdrawn_when_disabled_cleared_or_sent_elsewhere)
{
	put_edge(40, true);
	put_edge(41, true);
	enable(0, 40, 0);
	enable(0, 41, 0);
	enable(0, 42, 0);
	gic_message(&gic, 40);
	gic_message(&gic, 41);
	gic_message(&gic, 42);
	enter(0);
	put_bit(1, ICENABLER, 40);
	put_bit(1, ICPENDR, 41);
	region_write(&gic.distributor, IROUTER + 8 * 42, 8, 2);
	cr_assert_eq(acknowledge(0), SPURIOUS);
	cr_assert(cpus[2].kicked);
	cr_assert_eq(take(2), 42);
	put_bit(1, ISENABLER, 40);
	cr_assert_eq(take(0), 40, "it was only disabled");
	cr_assert_eq(take(0), SPURIOUS);
}

Test(gic_lists, highest_priority_first_and_the_rest_later)
{
	for (unsigned i = 0; i < 32; i++) {
		put_edge(64 + i, true);
		enable(0, 64 + i, (uint8_t)(0xf8 - i * 8));
		gic_message(&gic, 64 + i);
	}
	enter(0);
	cr_assert(cpus[0].more);
	for (unsigned i = 32; i-- > 0;)
		cr_assert_eq(take(0), 64 + i);
	cr_assert_eq(take(0), SPURIOUS);
	cr_assert_not(cpus[0].more);
}

Test(gic_lists, lower_intid_first_among_equals)
{
	for (unsigned i = 10; i-- > 0;) {
		put_edge(64 + i, true);
		enable(0, 64 + i, 0x80);
		gic_message(&gic, 64 + i);
	}
	for (unsigned i = 0; i < 10; i++)
		cr_assert_eq(take(0), 64 + i);
}

Test(gic_lists, one_that_waits_has_its_place_however_many_are_active)
{
	cpus[0].split = true;
	for (unsigned i = 0; i < 20; i++) {
		put_edge(64 + i, true);
		enable(0, 64 + i, 0x80);
		gic_message(&gic, 64 + i);
	}
	for (unsigned i = 0; i < 20; i++)
		cr_assert_eq(take(0), 64 + i, "none is deactivated");
	for (unsigned i = 0; i < 20; i++)
		deactivate(0, 64 + (i * 7) % 20);
	leave(0);
	cr_assert_eq(gic.vcpus[0].words, 0);
}

Test(gic_lists, ends_of_unlisted_ones_are_the_highest_first)
{
	for (unsigned i = 0; i < 8; i++) {
		put_edge(64 + i, true);
		enable(0, 64 + i, (uint8_t)(0x80 - i * 8));
		gic_message(&gic, 64 + i);
		cr_assert_eq(acknowledge(0), 64 + i, "each preempts");
		leave(0);
	}
	enter(0);
	for (unsigned i = 8; i-- > 3;)
		end(0, 64 + i);
	cr_assert_eq(cpus[0].eoi_count, 1, "four list registers, five ends");
	run(0);
	cr_assert_not(listed(0, 67));
	for (unsigned i = 3; i-- > 0;) {
		cr_assert(listed(0, 64 + i));
		end(0, 64 + i);
	}
	leave(0);
	cr_assert_eq(gic.vcpus[0].words, 0);
}

Test(gic_lists, hardware_backed)
{
	uint64_t word = GIC_LR_HW | (uint64_t)TIMER << 32 | 0x20ull << 48 | TIMER;

	enable(1, TIMER, 0x20);
	gic_fire_hw(&gic, 1, TIMER);
	cr_assert(cpus[1].kicked);
	cpus[1].physical = 1u << TIMER;
	enter(1);
	cr_assert_eq(listed(1, TIMER), word | GIC_LR_PENDING);
	cr_assert_eq(acknowledge(1), TIMER);
	exit_and_enter(1);
	cr_assert_eq(listed(1, TIMER), word | GIC_LR_ACTIVE);
	end(1, TIMER);
	cr_assert_eq(cpus[1].physical, 0);
	leave(1);
	cr_assert_eq(gic_take_released(&gic, 1), 0, "the hardware has done it");
	cr_assert_not(get_bit(1, ISPENDR, TIMER));
	gic_fire_hw(&gic, 1, TIMER);
	cr_assert_eq(take(1), TIMER);
}

Test(gic_lists, hardware_backed_waits_for_its_enable)
{
	gic_fire_hw(&gic, 0, TIMER);
	cr_assert_eq(acknowledge(0), SPURIOUS);
	leave(0);
	cr_assert(get_bit(0, ISPENDR, TIMER));
	enable(0, TIMER, 0);
	cr_assert_eq(take(0), TIMER);
}

Test(gic_lists, hardware_backed_ended_by_another_route)
{
	enable(0, TIMER, 0);
	gic_fire_hw(&gic, 0, TIMER);
	acknowledge(0);
	leave(0);
	put_bit(0, ICACTIVER, TIMER);
	cr_assert_eq(gic_take_released(&gic, 0), 1u << TIMER);
	cr_assert_eq(gic_take_released(&gic, 0), 0, "told once");
	gic_fire_hw(&gic, 0, TIMER);
	gic_set_ppi(&gic, 0, TIMER, false);
	cr_assert_eq(gic_take_released(&gic, 0), 1u << TIMER);
	cr_assert_not(gic_deliverable(&gic, 0));
	gic_fire_hw(&gic, 0, TIMER);
	gic_reset(&gic);
	cr_assert_eq(gic_take_released(&gic, 0), 1u << TIMER);
}

Test(gic_lists, hardware_backed_ended_from_elsewhere_while_listed)
{
	enable(0, TIMER, 0);
	gic_fire_hw(&gic, 0, TIMER);
	cr_assert_eq(acknowledge(0), TIMER);
	put_bit(0, ICACTIVER, TIMER);
	cr_assert_eq(gic_take_released(&gic, 0), 0, "only its own CPU can");
	leave(0);
	cr_assert_eq(gic_take_released(&gic, 0), 1u << TIMER);
	cr_assert_not(get_bit(0, ISPENDR, TIMER));

	cpus[0].depth = 0;
	gic_fire_hw(&gic, 0, TIMER);
	cr_assert_eq(acknowledge(0), TIMER);
	exit_and_enter(0);
	end(0, TIMER);
	put_bit(0, ICACTIVER, TIMER);
	leave(0);
	cr_assert_eq(gic_take_released(&gic, 0), 0, "the hardware was faster");
}

Test(gic_lists, wakes_from_wfi)
{
	enable(0, 40, 0x50);
	cr_assert_eq(gic_waiting_priority(&gic, 0), GIC_IDLE);
	gic_set_spi(&gic, 8, true);
	cr_assert_eq(gic_waiting_priority(&gic, 0), 0x50);
	acknowledge(0);
	leave(0);
	cr_assert_not(gic_deliverable(&gic, 0), "active");
	cpus[0].kicked = false;
	put_bit(1, ICACTIVER, 40);
	cr_assert(cpus[0].kicked);
	cr_assert(gic_deliverable(&gic, 0));
	put(0, CTLR, 0);
	cr_assert_not(gic_deliverable(&gic, 0));
}

Test(gic_lists, one_of_all_goes_to_one_that_is_awake)
{
	enable(0, 40, 0);
	region_write(&gic.distributor, IROUTER + 8 * 40, 8, 1u << 31);
	region_write(&gic.redistributors, WAKER, 4, 2);
	gic_set_spi(&gic, 8, true);
	cr_assert_eq(acknowledge(0), SPURIOUS);
	cr_assert_eq(acknowledge(1), 40);
	cr_assert_eq(acknowledge(2), SPURIOUS);
}

Test(gic_lists, the_end_of_a_handler_is_not_seen_too_soon)
{
	put_edge(40, true);
	enable(0, 40, 0);
	gic_message(&gic, 40);
	enter(0);
	cr_assert(get_bit(1, ISACTIVER, 40), "it may have been taken");
	run(0);
	cr_assert_not(get_bit(1, ISACTIVER, 40), "but was not");
	cr_assert_eq(acknowledge(0), 40);
	cr_assert(get_bit(1, ISACTIVER, 40));
	run(0);
	cr_assert(get_bit(1, ISACTIVER, 40));
	end(0, 40);
	cr_assert(get_bit(1, ISACTIVER, 40));
	run(0);
	cr_assert_not(get_bit(1, ISACTIVER, 40));
}

Test(gic_lists, v2_shows_who_sent_an_sgi)
{
	start(2);
	enable(3, 5, 0x40);
	put(1, SGIR, 1u << 24 | 5);
	put(2, SGIR, 8u << 16 | 5);
	put(3, SGIR, 2u << 24 | 5);
	enter(3);
	cr_assert_eq(listed(3, 5), GIC_LR_PENDING | GIC_LR_EOI | 0x40ull << 48 | 1u << 10 | 5);
	cr_assert_eq(take(3), 5 | 1u << 10);
	cr_assert_eq(take(3), 5 | 2u << 10);
	cr_assert_eq(take(3), 5 | 3u << 10);
	cr_assert_eq(take(3), SPURIOUS);
	cr_assert_eq(cpus[1].kicks, 0, "not enabled there");
	enable(0, 5, 0);
	cr_assert_eq(take(0), 5 | 1u << 10);
}
