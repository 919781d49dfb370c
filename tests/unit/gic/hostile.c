/* SPDX-License-Identifier: BSD-2-Clause */
/* What a hostile guest does to its GIC. */
#include "tests/unit/gic/fixture.h"

static void sweep(struct bus_region *region)
{
	for (uint64_t offset = 0; offset < region->size; offset++) {
		for (uint8_t size = 1; size <= 8; size *= 2) {
			accessing = (unsigned)(offset + size) % CPUS;
			region_read(region, offset, size);
			region_write(region, offset, size, offset * 0x9e3779b97f4a7c15ull);
			region_write(region, offset, size, UINT64_MAX);
		}
	}
}

Test(gic_hostile, A6_010_every_offset_and_width)
{
	for (unsigned version = 2; version <= 3; version++) {
		start(version);
		sweep(&gic.distributor);
		if (version == 3)
			sweep(&gic.redistributors);
		cr_assert_gt(gic.misuse, 0);
		for (unsigned n = 0; n < CPUS; n++) {
			enter(n);
			leave(n);
		}
		gic_reset(&gic);
		cr_assert_eq(get(0, CTLR) & 3, 0);
	}
}

Test(gic_hostile, A6_010_wrong_widths_have_no_effect)
{
	static const struct {
		unsigned offset;
		uint8_t size;
	} wrong[] = {
	    {CTLR, 1},
	    {CTLR, 2},
	    {CTLR, 8},
	    {ISENABLER + 4, 8},
	    {ISENABLER + 5, 4},
	    {ISPENDR + 4, 1},
	    {IPRIORITYR + 32, 2},
	    {IPRIORITYR + 33, 4},
	    {IPRIORITYR + 32, 8},
	    {ICFGR + 8, 1},
	    {IROUTER + 257, 8},
	    {IROUTER + 256, 2},
	    {0x40, 1},
	    {0x40, 8},
	};
	static struct gic before;

	start(3);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		before = gic;
		region_write(&gic.distributor, wrong[i].offset, wrong[i].size, UINT64_MAX);
		cr_assert_eq(region_read(&gic.distributor, wrong[i].offset, wrong[i].size), 0);
		cr_assert_eq(gic.misuse, before.misuse + 2, "%x", wrong[i].offset);
		before.misuse = gic.misuse;
		cr_assert_eq(memcmp(&before, &gic, sizeof(gic)), 0);
	}
}

/* Every SGI of every vCPU enabled. */
static void enable_sgis(void)
{
	for (unsigned n = 0; n < CPUS; n++)
		for (unsigned intid = 0; intid < 16; intid++)
			enable(n, intid, 0);
}

Test(gic_hostile, A6_011_sgis_to_nobody)
{
	static const uint64_t values[] = {
	    0xfff0,         /* vCPUs that there are not */
	    0x10001,        /* Aff1 */
	    1ull << 32 | 1, /* Aff2 */
	    1ull << 48 | 1, /* Aff3 */
	    1ull << 44 | 1, /* the next sixteen */
	    0,
	};

	start(3);
	enable_sgis();
	for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		gic_send_sgi1r(&gic, 0, values[i]);
		cr_assert_eq(gic.dropped, i + 1);
	}
	for (unsigned n = 0; n < CPUS; n++)
		cr_assert_eq(acknowledge(n), SPURIOUS);
	gic_send_sgi1r(&gic, 0, UINT64_MAX);
	cr_assert_eq(acknowledge(0), SPURIOUS, "all but the sender");
	cr_assert_eq(acknowledge(3), 15);
}

Test(gic_hostile, A6_011_v2_sgis_to_nobody)
{
	start(2);
	enable_sgis();
	put(1, SGIR, 0x00f00003);
	put(1, SGIR, 0x03ff0003);
	put(1, SGIR, 0x00000003);
	cr_assert_eq(gic.dropped, 3);
	for (unsigned n = 0; n < CPUS; n++)
		cr_assert_eq(acknowledge(n), SPURIOUS);
}

Test(gic_hostile, A6_011_a_storm_kicks_once)
{
	start(3);
	enable_sgis();
	for (unsigned i = 0; i < 100000; i++)
		gic_send_sgi1r(&gic, 0, 7 << 24 | 2);
	cr_assert_eq(cpus[1].kicks, 1);
	cr_assert_eq(take(1), 7);
	cr_assert_eq(take(1), SPURIOUS);
}

Test(gic_hostile, A6_012_no_physical_effect)
{
	static struct gic other, before;
	static const unsigned banks[] = {ISENABLER, ISPENDR,   ISACTIVER, ICACTIVER,
	                                 ISPENDR,   ICPENDR,   ICENABLER, ISENABLER,
	                                 ISPENDR,   ISACTIVER, ICACTIVER};

	start(3);
	cr_assert_eq(gic_init(&other, &gic.config), 0);
	before = other;
	for (unsigned bank = 0; bank < sizeof(banks) / sizeof(banks[0]); bank++) {
		for (unsigned intid = 0; intid < 1020; intid++)
			put_bit(intid % CPUS, banks[bank], intid);
		for (unsigned n = 0; n < CPUS; n++) {
			enter(n);
			for (unsigned i = 0; i < LISTS; i++)
				cr_assert_not(cpus[n].lr[i] & GIC_LR_HW,
				              "only what the host fired is physical");
			leave(n);
			cr_assert_eq(gic_take_released(&gic, n), 0);
		}
	}
	cr_assert_eq(memcmp(&other, &before, sizeof(other)), 0);
}

Test(gic_hostile, A6_013_everything_pending_at_once)
{
	static bool seen[GIC_INTIDS];

	start(3);
	for (unsigned intid = 0; intid < GIC_INTIDS; intid++) {
		put_edge(intid, true);
		enable(0, intid, (uint8_t)(intid * 40));
		put_bit(0, ISPENDR, intid);
	}
	for (unsigned i = 0; i < GIC_INTIDS; i++) {
		unsigned intid = take(0);

		cr_assert_lt(intid, GIC_INTIDS, "%u are lost", GIC_INTIDS - i);
		cr_assert_not(seen[intid], "twice");
		seen[intid] = true;
	}
	cr_assert_eq(take(0), SPURIOUS);
}

Test(gic_hostile, A6_013_ends_of_what_is_not_active)
{
	start(3);
	put_edge(40, true);
	put_edge(41, true);
	enable(0, 40, 0x80);
	enable(0, 41, 0x40);
	gic_message(&gic, 40);
	gic_deactivate(&gic, 0, 40);
	gic_deactivate(&gic, 0, 5000);
	gic_eoi_unlisted(&gic, 0, UINT32_MAX);
	cr_assert_eq(gic.misuse, 1);
	cr_assert_eq(acknowledge(0), 40, "still pending");
	gic_message(&gic, 41);
	cr_assert_eq(acknowledge(0), 41);
	end(0, 40); /* the wrong order */
	end(0, 41);
	leave(0);
	cr_assert_not(get_bit(0, ISACTIVER, 40));
	cr_assert_not(get_bit(0, ISACTIVER, 41));
	gic_message(&gic, 40);
	cr_assert_eq(take(0), 40);
}

Test(gic_hostile, A6_014_there_is_no_ITS)
{
	start(3);
	cr_assert_not(get(0, 4) & 1u << 17, "no LPIs");
	for (unsigned offset = 0x10; offset < 0x40; offset += 4)
		put(0, offset, 0xffffffff);
	cr_assert_eq(gic.misuse, 12);
}

Test(gic_hostile, A6_015_there_are_no_LPI_tables)
{
	start(3);
	region_write(&gic.redistributors, 0, 4, 1);
	cr_assert_eq(region_read(&gic.redistributors, 0, 4), 0, "LPIs cannot be enabled");
	region_write(&gic.redistributors, 0x70, 8, UINT64_MAX);
	region_write(&gic.redistributors, 0x78, 8, UINT64_MAX);
	cr_assert_eq(region_read(&gic.redistributors, 0x70, 8), 0);
	cr_assert_eq(region_read(&gic.redistributors, 0x78, 8), 0);
	cr_assert_eq(gic.misuse, 4);
}
