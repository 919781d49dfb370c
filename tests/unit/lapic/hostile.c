/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/irqchip/msi.h"
#include "tests/unit/lapic/fixture.h"

TestSuite(lapic_hostile, .init = set_up);

Test(lapic_hostile, X8_029_every_offset_and_width)
{
	static const uint8_t sizes[] = {1, 2, 4, 8};
	static const uint64_t values[] = {0, UINT64_MAX, 0x5555555555555555};

	for (unsigned s = 0; s < 4; s++) {
		for (unsigned offset = 0; offset < LAPIC_SIZE; offset++) {
			uint64_t value;

			for (unsigned v = 0; v < 3; v++)
				region_write(&apics[1].region, offset, sizes[s], values[v]);
			value = region_read(&apics[1].region, offset, sizes[s]);
			if ((sizes[s] != 4 || (offset & 15)) && offset + sizes[s] <= LAPIC_SIZE)
				cr_assert_eq(value, 0);
		}
	}
	cr_assert_gt(apics[1].misuse, 0);
	cr_assert_eq(apics[1].id, 1);
	lapic_reset(&apics[1]);
	cr_assert_eq(lapic_requested(&apics[1]), -1);
}

Test(lapic_hostile, X8_030_every_icr_stays_inside_the_guest)
{
	/* All modes, shorthands, triggers and modes of destination, to every id. */
	for (unsigned high = 0; high < 256; high++) {
		put(0, ICR2, high << 24);
		for (unsigned low = 0; low < 1u << 12; low++)
			put(0, ICR, (low & 0x3ff) << 8 | (low & 0xc00) << 8 | 0x30);
	}
	for (unsigned i = 0; i < CPUS; i++)
		cr_assert_leq(lapic_requested(&apics[i]), 0x30);
}

Test(lapic_hostile, X8_030_self_ipi_storm_is_one_request)
{
	for (unsigned i = 0; i < 1000000; i++)
		put(0, ICR, 0x40050);
	cr_assert_eq(take(0), 0x50);
	put(0, EOI, 0);
	cr_assert_eq(take(0), -1);
	cr_assert_eq(seen[0].kicks, 1);
}

Test(lapic_hostile, X8_031_error_interrupt_with_an_illegal_vector_does_not_recurse)
{
	put(0, LVT_ERR, 5);
	for (unsigned i = 0; i < 1000; i++)
		put(0, ICR, 0x40003);
	put(0, ESR, 0);
	cr_assert_eq(get(0, ESR), 0x60);
	put(0, ESR, 0);
	cr_assert_eq(get(0, ESR), 0);
	cr_assert_eq(lapic_requested(&apics[0]), -1);
}

Test(lapic_hostile, X8_031_error_interrupt_tells_of_errors)
{
	put(0, LVT_ERR, 0xfe);
	put(0, ICR, 0x40003);
	cr_assert_eq(take(0), 0xfe);
	put(0, ESR, 0);
	cr_assert_eq(get(0, ESR), 0x20);
	get(0, 0x3f0);
	put(0, ESR, 0);
	cr_assert_eq(get(0, ESR), 0x80, "no such register");
}

Test(lapic_hostile, X8_038_thousand_rounds_of_init_and_startup)
{
	put(0, ICR2, 1u << 24);
	for (unsigned i = 0; i < 1000; i++) {
		put(1, SVR, 0x1ff);
		put(1, LVT_T, 0x20040);
		put(1, INITIAL, 1000);
		put(0, ICR, 0x4500);
		put(0, ICR, 0x4600 | (i & 0xff));
	}
	cr_assert_eq(seen[1].inits, 1000);
	cr_assert_eq(seen[1].startups, 1000);
	cr_assert_null(fake_port.timers);
}

Test(lapic_hostile, X8_027_smi_and_reserved_modes_reach_nobody)
{
	for (uint8_t mode = 0; mode < 8; mode++) {
		struct lapic_message message = {.mode = mode, .vector = 0x30};
		bool legal = mode != LAPIC_SMI && mode != 3 && mode != LAPIC_EXTINT;

		cr_assert_eq(lapic_deliver(&group, &message), legal, "mode %u", mode);
	}
}

Test(lapic_hostile, TP_018_malformed_msis_are_dropped)
{
	struct msi_receiver receiver = {&group, 0};
	struct msi_target target = msi_receiver_target(&receiver);
	static const struct {
		uint64_t address;
		uint32_t data;
	} bad[] = {
	    {0xfed00000, 0x50},   {0, 0x50},           {0x1fee00000, 0x50},
	    {0xfee00000, 0x0f},   {0xfee00000, 0x250}, {0xfee00000, 0x350},
	    {0xfee00000, 0x550},  {0xfee00000, 0x650}, {0xfee00000, 0x750},
	    {0xfee00000, 0x8050}, {0xfee63000, 0x50},  {UINT64_MAX, 0xffffffff},
	};
	unsigned count = sizeof(bad) / sizeof(bad[0]);

	for (unsigned i = 0; i < count; i++)
		msi_send(&target, bad[i].address, bad[i].data);
	cr_assert_eq(receiver.dropped, count);
	for (unsigned i = 0; i < CPUS; i++)
		cr_assert_eq(seen[i].kicks + seen[i].inits + seen[i].startups, 0);
	msi_send(&target, 0xfee02000, 0x4051);
	cr_assert_eq(take(2), 0x51);
	msi_send(&target, 0xfee0200c, 0x52); /* logical, with redirection hint */
	cr_assert_eq(take(1), 0x52);
}

Test(lapic_hostile, TP_019_msi_to_nobody_and_to_all)
{
	struct msi_receiver receiver = {&group, 0};
	struct msi_target target = msi_receiver_target(&receiver);

	msi_send(&target, 0xfee00000 | 77 << 12, 0x50);
	cr_assert_eq(receiver.dropped, 1);
	for (unsigned i = 0; i < CPUS; i++)
		cr_assert_eq(take(i), -1);
	msi_send(&target, 0xfeeff000, 0x51); /* all: those of this guest's group */
	for (unsigned i = 0; i < CPUS; i++)
		cr_assert_eq(take(i), 0x51);
	cr_assert_eq(receiver.dropped, 1);
}

Test(lapic_hostile, the_group_has_an_end)
{
	static struct lapic more[LAPIC_GROUP_MAX];
	struct lapic_config config = {.group = &group, .events = &events, .context = &seen[0]};
	unsigned added = 0;

	while (added < LAPIC_GROUP_MAX && lapic_init(&more[added], &config) == 0)
		added++;
	cr_assert_eq(added, LAPIC_GROUP_MAX - CPUS);
}

/* The vector of an NMI means nothing, not even one that no interrupt may have. */
Test(lapic_hostile, an_msi_may_be_an_nmi)
{
	struct msi_receiver receiver = {&group, 0};
	struct msi_target target = msi_receiver_target(&receiver);

	msi_send(&target, 0xfee00000 | 2 << 12, 0x400);
	cr_assert_eq(seen[2].nmis, 1);
	cr_assert_eq(seen[1].nmis, 0);
	cr_assert_eq(receiver.dropped, 0);
	cr_assert_eq(take(2), -1);
}

/* Logical without the hint: all that are meant; with it, one. */
Test(lapic_hostile, hint_of_a_logical_msi)
{
	struct msi_receiver receiver = {&group, 0};
	struct msi_target target = msi_receiver_target(&receiver);
	unsigned taken = 0;

	msi_send(&target, 0xfee00004 | 0x0f << 12, 0x41);
	for (unsigned i = 0; i < CPUS; i++)
		cr_assert_eq(take(i), 0x41);
	msi_send(&target, 0xfee0000c | 0x0f << 12, 0x52);
	for (unsigned i = 0; i < CPUS; i++)
		taken += take(i) == 0x52;
	cr_assert_eq(taken, 1);
	msi_send(&target, 0xfee00008 | 1 << 12, 0x63);
	cr_assert_eq(take(1), 0x63, "physical: the hint chooses nothing");
}
