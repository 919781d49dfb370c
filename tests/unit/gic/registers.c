/* SPDX-License-Identifier: BSD-2-Clause */
/* The register pages, value by value (IHI 0069 12.9, 12.11; IHI 0048 4.3). */
#include "guest-devices/err.h"
#include "guest-devices/irqchip/gicv2m.h"
#include "tests/unit/gic/fixture.h"

#define RD(n)  ((n) * (uint64_t)GIC_V3_REDISTRIBUTOR_SIZE)
#define SGI(n) (RD(n) + 0x10000)

static uint32_t gicr(uint64_t offset)
{
	return (uint32_t)region_read(&gic.redistributors, offset, 4);
}

Test(gic_registers, v3_distributor_says_what_it_is)
{
	start(3);
	cr_assert_eq(gic.distributor.start, GICD);
	cr_assert_eq(gic.distributor.size, 0x10000);
	cr_assert_eq(get(0, 0x00), 0x53, "affinity routing, one security state, both groups");
	cr_assert_eq(get(0, 0x04), 0x00490008, "288 INTIDs of 10 bits, message SPIs");
	cr_assert_eq(get(0, 0x08) & 0xfff, 0x43b);
	cr_assert_eq(get(0, 0x0c), 0);
	cr_assert_eq(get(0, 0xffe8) >> 4 & 0xf, 3);
	cr_assert_eq(get(0, 0xfff0) | get(0, 0xfff4) << 8 | get(0, 0xfff8) << 16 |
	                 get(0, 0xfffc) << 24,
	             0xb105f00d);
	cr_assert_eq(gic.misuse, 0);
	put(0, 0x00, 0);
	cr_assert_eq(get(0, 0x00), 0x50);
}

Test(gic_registers, v3_redistributors_one_a_vcpu)
{
	start(3);
	cr_assert_eq(gic.redistributors.start, GICR);
	cr_assert_eq(gic.redistributors.size, CPUS * 0x20000);
	for (unsigned n = 0; n < CPUS; n++) {
		uint64_t typer = region_read(&gic.redistributors, RD(n) + 8, 8);

		cr_assert_eq(typer >> 32, n, "affinity");
		cr_assert_eq(typer >> 8 & 0xffff, n);
		cr_assert_eq(typer >> 4 & 1, n == CPUS - 1, "last");
		cr_assert_eq(typer & 0xf, 0, "no LPIs");
		cr_assert_eq(gicr(RD(n) + 8), (uint32_t)typer);
		cr_assert_eq(gicr(RD(n) + 12), typer >> 32);
		cr_assert_eq(gicr(RD(n) + 0xffe8) >> 4, 3);
	}
	cr_assert_eq(gic.misuse, 0);
}

Test(gic_registers, v3_waker)
{
	start(3);
	cr_assert_eq(gicr(RD(1) + WAKER), 0);
	region_write(&gic.redistributors, RD(1) + WAKER, 4, 2);
	cr_assert_eq(gicr(RD(1) + WAKER), 6);
	enable(1, 3, 0);
	gic_send_sgi1r(&gic, 0, 3 << 24 | 2);
	cr_assert_not(gic_deliverable(&gic, 1));
	region_write(&gic.redistributors, RD(1) + WAKER, 4, 0);
	cr_assert(gic_deliverable(&gic, 1));
	cr_assert_eq(take(1), 3);
	region_write(&gic.redistributors, RD(1) + WAKER, 4, 2);
	gic_reset(&gic);
	cr_assert_eq(gicr(RD(1) + WAKER), 0);
}

Test(gic_registers, fields_of_each_interrupt)
{
	for (unsigned version = 2; version <= 3; version++) {
		start(version);
		for (unsigned intid = 0; intid < GIC_INTIDS; intid += 7) {
			unsigned n = intid < 32 ? 2 : 0;

			put_bit(n, ISENABLER, intid);
			cr_assert(get_bit(n, ICENABLER, intid));
			cr_assert_eq(get_bit(1, ISENABLER, intid), intid >= 32, "banked");
			put_bit(n, ICENABLER, intid);
			cr_assert_not(get_bit(n, ISENABLER, intid));
			put_group(n, intid, true);
			cr_assert(get_bit(n, IGROUPR, intid));
			put_bit(n, ISACTIVER, intid);
			cr_assert(get_bit(n, ICACTIVER, intid));
			put_bit(n, ICACTIVER, intid);
			cr_assert_not(get_bit(n, ISACTIVER, intid));
			put_bit(n, ISPENDR, intid);
			cr_assert_eq(get_bit(n, ICPENDR, intid), version == 3 || intid >= 16);
			put_bit(n, ICPENDR, intid);
			cr_assert_not(get_bit(n, ISPENDR, intid));
		}
		cr_assert_eq(gic.misuse, 0);
	}
}

Test(gic_registers, priorities_have_five_bits)
{
	start(2);
	put(0, IPRIORITYR + 64, 0xff07a050);
	cr_assert_eq(get(0, IPRIORITYR + 64), 0xf800a050);
	cr_assert_eq(region_read(&gic.distributor, IPRIORITYR + 65, 1), 0xa0);
}

Test(gic_registers, configuration_of_spis_only)
{
	start(3);
	cr_assert_eq(gicr(SGI(0) + ICFGR), 0xaaaaaaaa);
	region_write(&gic.redistributors, SGI(0) + ICFGR, 4, 0);
	region_write(&gic.redistributors, SGI(0) + ICFGR + 4, 4, 0xffffffff);
	cr_assert_eq(gicr(SGI(0) + ICFGR), 0xaaaaaaaa);
	cr_assert_eq(gicr(SGI(0) + ICFGR + 4), 0);
	put(0, ICFGR + 8, 0xffffffff);
	cr_assert_eq(get(0, ICFGR + 8), 0xaaaaaaaa);
}

Test(gic_registers, v3_routes_whole_and_in_halves)
{
	uint64_t at = IROUTER + 8 * 40;

	start(3);
	region_write(&gic.distributor, at, 8, UINT64_MAX);
	cr_assert_eq(region_read(&gic.distributor, at, 8), 0x80ffffff);
	region_write(&gic.distributor, at, 4, 2);
	region_write(&gic.distributor, at + 4, 4, 0xff);
	cr_assert_eq(region_read(&gic.distributor, at, 8), 2);
	cr_assert_eq(region_read(&gic.distributor, at + 4, 4), 0);
	cr_assert_eq(gic.misuse, 0);
}

Test(gic_registers, v3_has_no_v2_registers_and_no_private_ones_in_the_distributor)
{
	static const unsigned offsets[] = {IGROUPR, ISENABLER,       IPRIORITYR, ITARGETSR + 32,
	                                   ICFGR,   ITARGETSR,       SGIR,       0xf20,
	                                   IROUTER, IROUTER + 8 * 31};
	uint64_t before;

	start(3);
	for (unsigned i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		before = gic.misuse;
		put(0, offsets[i], 0xffffffff);
		cr_assert_eq(get(0, offsets[i]), 0);
		cr_assert_eq(gic.misuse, before + 2, "%x", offsets[i]);
	}
}

Test(gic_registers, v2_distributor)
{
	start(2);
	cr_assert_eq(gic.distributor.size, 0x1000);
	cr_assert_eq(get(0, 0x00), 3);
	cr_assert_eq(get(0, 0x04), 0x68, "four CPUs, 288 INTIDs");
	cr_assert_eq(get(0, 0xfe8) >> 4, 2);
	for (unsigned n = 0; n < CPUS; n++) {
		cr_assert_eq(get(n, ITARGETSR), 0x01010101u << n);
		cr_assert_eq(get(n, ITARGETSR + 28), 0x01010101u << n);
	}
	put(0, ITARGETSR, 0);
	cr_assert_eq(get(0, ITARGETSR), 0x01010101);
	put(0, ITARGETSR + 32, 0xff04100a);
	cr_assert_eq(get(0, ITARGETSR + 32), 0x0f04000a, "vCPUs that there are");
	cr_assert_eq(gic.misuse, 0);
}

Test(gic_registers, v2_sources_of_sgis)
{
	start(2);
	put(1, 0xf20 + 4, 0x0000ff05);
	cr_assert_eq(get(1, 0xf10 + 4), 0x00000f05);
	cr_assert_eq(get(0, 0xf10 + 4), 0, "banked");
	cr_assert(get_bit(1, ISPENDR, 4));
	accessing = 0;
	region_write(&gic.distributor, 0xf10 + 4, 1, 0xff);
	accessing = 1;
	region_write(&gic.distributor, 0xf10 + 4, 1, 0x01);
	cr_assert_eq(get(1, 0xf20 + 4), 0x00000f04);
}

Test(gic_registers, message_registers)
{
	start(3);
	put_edge(70, true);
	region_write(&gic.distributor, 0x40, 2, 70);
	cr_assert(get_bit(0, ISPENDR, 70));
	region_write(&gic.distributor, 0x48, 4, 70);
	cr_assert_not(get_bit(0, ISPENDR, 70));
	region_write(&gic.distributor, 0x40, 4, 71);
	put_bit(0, ICPENDR, 71);
	cr_assert(get_bit(0, ISPENDR, 71), "a level, until it is withdrawn");
	region_write(&gic.distributor, 0x48, 4, 71);
	cr_assert_not(get_bit(0, ISPENDR, 71));
	cr_assert_eq(gic.dropped, 0);
	cr_assert_eq(gic.misuse, 0);
}

Test(gic_registers, messages_by_address)
{
	struct msi_target target;

	start(3);
	target = gic_msi_target(&gic);
	put_edge(70, true);
	msi_send(&target, GICD + 0x40, 70);
	cr_assert(get_bit(0, ISPENDR, 70));
	cr_assert_eq(gic.dropped, 0);
	msi_send(&target, GICD + 0x44, 70);
	msi_send(&target, GICD + 0x40 + (1ull << 32), 70);
	msi_send(&target, GICD + 0x40, 31);
	msi_send(&target, GICD + 0x40, GIC_INTIDS);
	msi_send(&target, GICD + 0x40, 70 | 1u << 31);
	cr_assert_eq(gic.dropped, 5);
}

Test(gic_registers, v2m_frame)
{
	static struct gicv2m frame;
	struct msi_target target;

	start(2);
	gicv2m_init(&frame, &gic, 0x08020000);
	target = gicv2m_msi_target(&frame);
	cr_assert_eq(region_read(&frame.region, 8, 4), 64 << 16 | 224);
	put_edge(100, true);
	put_edge(101, true);
	msi_send(&target, 0x08020040, 100);
	region_write(&frame.region, 0x40, 4, 101);
	cr_assert(get_bit(0, ISPENDR, 100));
	cr_assert(get_bit(0, ISPENDR, 101));
	cr_assert_eq(frame.dropped + frame.misuse + gic.dropped, 0);
	msi_send(&target, 0x08020040, 63);
	msi_send(&target, 0x08020044, 100);
	cr_assert_eq(frame.dropped, 2);
	cr_assert_eq(region_read(&frame.region, 0x40, 4), 0);
	cr_assert_eq(region_read(&frame.region, 8, 8), 0);
	cr_assert_eq(frame.misuse, 2);
	cr_assert_eq(region_read(&frame.region, 0xfcc, 4), 0, "no implementer");
	cr_assert_eq(frame.misuse, 2);
	region_write(&frame.region, 0x44, 4, 101);
	region_write(&frame.region, 8, 4, 101);
	region_write(&frame.region, 0x40, 2, 101);
	region_write(&frame.region, 0xfcc, 4, 101);
	region_read(&frame.region, 0xfcc, 2);
	cr_assert_eq(frame.misuse, 7);
	cr_assert_eq(frame.dropped, 2);
	msi_send(&target, 0x08020040, GIC_INTIDS);
	cr_assert_eq(frame.dropped, 3, "beyond the last one");
}

Test(gic_registers, sizes_that_are_refused)
{
	static const struct gic_config bad[] = {
	    {.version = 1, .vcpus = 1}, {.version = 4, .vcpus = 1},  {.version = 3, .vcpus = 0},
	    {.version = 2, .vcpus = 9}, {.version = 3, .vcpus = 17},
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(gic_init(&gic, &bad[i]), GD_INVALID);
}

/* What is no SPI and no PPI of a vCPU has no wire; the rest of the GIC does not hear of it. */
Test(gic_registers, wires_that_are_not_there)
{
	start(3);
	for (unsigned i = 0; i < 16; i++)
		put_bit(0, ISENABLER, i);
	gic_set_spi(&gic, GIC_SPIS, true);
	gic_set_spi(&gic, UINT32_MAX, true);
	gic_set_ppi(&gic, 0, 15, true);
	gic_set_ppi(&gic, 0, 32, true);
	gic_set_ppi(&gic, CPUS, 20, true);
	gic_fire_hw(&gic, 0, 15);
	gic_fire_hw(&gic, CPUS, 27);
	for (unsigned n = 0; n < CPUS; n++) {
		cr_assert_eq(cpus[n].kicks, 0);
		for (unsigned intid = 0; intid < GIC_INTIDS; intid++)
			cr_assert_not(get_bit(n, ISPENDR, intid), "%u of %u", intid, n);
	}
	gic_set_ppi(&gic, 0, 20, true);
	cr_assert(get_bit(0, ISPENDR, 20));
}
