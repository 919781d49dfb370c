/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/lapic/fixture.h"

TestSuite(lapic, .init = set_up);

static bool fixed(uint8_t destination, bool logical, uint8_t vector)
{
	return lapic_deliver(&group, &(struct lapic_message){.destination = destination,
	                                                     .logical = logical,
	                                                     .vector = vector});
}

Test(lapic, higher_classes_come_first_and_nest)
{
	cr_assert(fixed(0, false, 0x41));
	cr_assert(fixed(0, false, 0x62));
	cr_assert_eq(seen[0].kicks, 2);
	cr_assert_eq(take(0), 0x62);
	cr_assert_eq(take(0), -1, "0x41 waits for the end of 0x62");
	cr_assert(fixed(0, false, 0x6f));
	cr_assert_eq(take(0), -1, "the same class does not nest");
	cr_assert(fixed(0, false, 0x80));
	cr_assert_eq(take(0), 0x80);
	cr_assert_eq(get(0, PPR), 0x80);
	put(0, EOI, 0);
	put(0, EOI, 0);
	cr_assert_eq(take(0), 0x6f);
	put(0, EOI, 0);
	cr_assert_eq(take(0), 0x41);
	put(0, EOI, 0);
	put(0, EOI, 0);
	cr_assert_eq(take(0), -1);
}

Test(lapic, task_priority_holds_interrupts_back)
{
	put(0, TPR, 0x50);
	fixed(0, false, 0x5f);
	cr_assert_eq(lapic_pending(&apics[0]), -1);
	cr_assert_eq(lapic_requested(&apics[0]), 0x5f, "a CPU with the TPR decides by itself");
	lapic_set_task_priority(&apics[0], 4);
	cr_assert_eq(get(0, TPR), 0x40);
	cr_assert_eq(lapic_pending(&apics[0]), 0x5f);
}

Test(lapic, a_withdrawn_vector_is_not_accepted)
{
	fixed(0, false, 0x41);
	cr_assert(lapic_accept(&apics[0], 0x41));
	cr_assert_not(lapic_accept(&apics[0], 0x41));
	cr_assert_not(lapic_accept(&apics[0], 0x300));
}

Test(lapic, logical_destinations_flat_and_cluster)
{
	cr_assert(fixed(0x06, true, 0x50));
	cr_assert_eq(take(0), -1);
	cr_assert_eq(take(1), 0x50);
	cr_assert_eq(take(2), 0x50);
	for (unsigned i = 0; i < CPUS; i++) {
		put(i, DFR, 0);
		put(i, LDR, (i / 2) << 28 | 1u << (24 + i % 2));
	}
	cr_assert(fixed(0x12, true, 0x60));
	cr_assert_eq(take(3), 0x60);
	cr_assert_eq(take(2), -1);
	cr_assert(fixed(0xf1, true, 0x70));
	cr_assert_eq(take(0), 0x70);
	cr_assert_eq(take(2), 0x70);
}

Test(lapic, lowest_priority_goes_to_one)
{
	unsigned taken = 0;
	struct lapic_message message = {
	    .destination = 0x0f, .logical = true, .mode = LAPIC_LOWEST, .vector = 0x50};

	put(0, TPR, 0x20);
	put(1, TPR, 0x20);
	put(2, TPR, 0x20);
	cr_assert(lapic_deliver(&group, &message));
	cr_assert_eq(take(3), 0x50);
	for (unsigned i = 0; i < CPUS; i++)
		taken += take(i) >= 0;
	cr_assert_eq(taken, 0);
}

Test(lapic, ipis_by_every_shorthand)
{
	put(0, ICR2, 2u << 24);
	put(0, ICR, 0x40);
	cr_assert_eq(take(2), 0x40);
	put(0, ICR, 0x40041);
	cr_assert_eq(take(0), 0x41);
	put(0, ICR, 0xc0052);
	for (unsigned i = 0; i < CPUS; i++)
		cr_assert_eq(lapic_requested(&apics[i]), i ? 0x52 : -1);
	put(1, ICR, 0x80060);
	for (unsigned i = 0; i < CPUS; i++)
		cr_assert_eq(lapic_requested(&apics[i]), 0x60);
	cr_assert_eq(get(0, ICR) & 1u << 12, 0, "always idle");
}

Test(lapic, init_and_startup_as_linux_sends_them)
{
	put(0, ICR2, 1u << 24);
	put(1, TPR, 0x20);
	put(0, ICR, 0xc500);
	cr_assert_eq(seen[1].inits, 1);
	cr_assert_eq(get(1, TPR), 0);
	cr_assert_eq(get(1, SVR), 0xff, "switched off");
	put(0, ICR, 0x8500);
	cr_assert_eq(seen[1].inits, 1, "de-assertion does nothing");
	put(0, ICR, 0x4608);
	put(0, ICR, 0x4608);
	cr_assert_eq(seen[1].startups, 2);
	cr_assert_eq(seen[1].vector, 8);
	cr_assert_eq(seen[0].inits + seen[2].inits, 0);
}

Test(lapic, boot_processor_starts_with_the_virtual_wire)
{
	lapic_reset(&apics[0]);
	lapic_reset(&apics[1]);
	cr_assert(lapic_takes_extint(&apics[0]));
	cr_assert_not(lapic_takes_extint(&apics[1]));
	put(0, LVT_L0, 0x10700);
	cr_assert_not(lapic_takes_extint(&apics[0]));
}

static uint8_t told_eoi;

static void note_eoi(void *context, uint8_t vector)
{
	(void)context;
	told_eoi = vector;
}

Test(lapic, end_of_level_interrupts_is_told)
{
	struct lapic_message message = {.vector = 0x50, .level = true};

	group.eoi = note_eoi;
	lapic_deliver(&group, &message);
	cr_assert_eq(get(0, TMR + 0x20), 1u << 16);
	take(0);
	put(0, EOI, 0);
	cr_assert_eq(told_eoi, 0x50);
	told_eoi = 0;
	message.level = false;
	lapic_deliver(&group, &message);
	take(0);
	put(0, EOI, 0);
	cr_assert_eq(told_eoi, 0);
}

Test(lapic, switched_off_it_takes_nothing_but_init_and_nmi)
{
	put(2, SVR, 0xff);
	cr_assert_not(fixed(2, false, 0x50));
	cr_assert_eq(group.dropped, 1);
	cr_assert(
	    lapic_deliver(&group, &(struct lapic_message){.destination = 2, .mode = LAPIC_NMI}));
	cr_assert_eq(seen[2].nmis, 1);
	put(2, LVT_T, 0x40);
	cr_assert_eq(get(2, LVT_T), 0x10040, "entries stay masked");
}
