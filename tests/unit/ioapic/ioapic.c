/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/irqchip/ioapic.h"
#include "guest-devices/irqchip/isa.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/region.h"

#define LEVEL  (1u << 15)
#define MASKED (1u << 16)
#define REMOTE (1u << 14)

static struct lapic_group group;
static struct lapic apic;
static struct ioapic ioapic;
static const struct lapic_events no_events;

static void put(unsigned reg, uint32_t value)
{
	region_write(&ioapic.region, 0, 4, reg);
	region_write(&ioapic.region, 0x10, 4, value);
}

static uint32_t get(unsigned reg)
{
	region_write(&ioapic.region, 0, 4, reg);
	return (uint32_t)region_read(&ioapic.region, 0x10, 4);
}

static void entry(unsigned pin, uint32_t low)
{
	put(0x11 + 2 * pin, 0);
	put(0x10 + 2 * pin, low);
}

static int take(void)
{
	int vector = lapic_pending(&apic);

	if (vector >= 0)
		lapic_accept(&apic, (unsigned)vector);
	return vector;
}

static void eoi(void)
{
	region_write(&apic.region, 0xb0, 4, 0);
}

static void set_up(void)
{
	fake_port_reset();
	memset(&group, 0, sizeof(group));
	ioapic_init(&ioapic, &group, 1);
	lapic_init(&apic, &(struct lapic_config){.group = &group, .events = &no_events});
	region_write(&apic.region, 0xf0, 4, 0x1ff);
}

TestSuite(ioapic, .init = set_up);

Test(ioapic, registers_as_the_data_sheet_says)
{
	cr_assert_eq(get(0), 1u << 24);
	cr_assert_eq(get(1), 0x00170020);
	cr_assert_eq(get(0x10), MASKED);
	entry(3, 0xffffffff);
	cr_assert_eq(get(0x16), 0x1afff, "status and remote IRR are read-only");
}

Test(ioapic, edges)
{
	struct irq_line line = ioapic_line(&ioapic, 4);

	irq_line_set(&line, true);
	entry(4, 0x34);
	cr_assert_eq(take(), -1, "the edge came while masked");
	irq_line_set(&line, true);
	cr_assert_eq(take(), -1, "no edge");
	irq_line_set(&line, false);
	irq_line_set(&line, true);
	cr_assert_eq(take(), 0x34);
	eoi();
	cr_assert_eq(take(), -1);
}

Test(ioapic, levels_come_again_until_the_line_falls)
{
	entry(16, LEVEL | 0x50);
	ioapic_set(&ioapic, 16, true);
	cr_assert_eq(take(), 0x50);
	cr_assert(get(0x30) & REMOTE);
	cr_assert_eq(take(), -1);
	eoi();
	cr_assert_eq(take(), 0x50);
	ioapic_set(&ioapic, 16, false);
	eoi();
	cr_assert_eq(take(), -1);
	cr_assert_not(get(0x30) & REMOTE);
}

Test(ioapic, level_waits_for_the_mask)
{
	entry(16, MASKED | LEVEL | 0x50);
	ioapic_set(&ioapic, 16, true);
	cr_assert_eq(take(), -1);
	entry(16, LEVEL | 0x50);
	cr_assert_eq(take(), 0x50);
}

Test(ioapic, directed_eoi_register)
{
	entry(16, LEVEL | 0x50);
	ioapic_set(&ioapic, 16, true);
	take();
	ioapic_set(&ioapic, 16, false);
	region_write(&ioapic.region, 0x40, 4, 0x50);
	cr_assert_not(get(0x30) & REMOTE);
}

Test(ioapic, isa_line_0_is_input_2)
{
	static struct pic pic;
	struct isa_irqs isa = {&pic, &ioapic};
	struct irq_line line = isa_irq_line(&isa, 0);

	pic_init(&pic, NULL, NULL);
	entry(2, 0x30);
	irq_line_set(&line, true);
	cr_assert_eq(take(), 0x30);
}

Test(ioapic, X8_033_every_index_and_width)
{
	for (unsigned reg = 0; reg < 256; reg++) {
		put(reg, 0xffffffff);
		get(reg);
		put(reg, 0);
	}
	cr_assert_eq(get(0xff), 0);
	for (uint64_t offset = 0; offset < IOAPIC_SIZE; offset++) {
		for (uint8_t size = 1; size <= 8; size *= 2) {
			region_write(&ioapic.region, offset, size, UINT64_MAX);
			region_read(&ioapic.region, offset, size);
		}
	}
	cr_assert_gt(ioapic.misuse, 0);
	ioapic_set(&ioapic, IOAPIC_PINS, true);
	ioapic_set(&ioapic, UINT32_MAX, true);
	cr_assert_eq(ioapic.lines, 0);
}

Test(ioapic, X8_033_reserved_modes_do_nothing)
{
	for (uint32_t mode = 0; mode < 8; mode++) {
		ioapic_set(&ioapic, 5, false);
		entry(5, mode << 8 | 0x60);
		ioapic_set(&ioapic, 5, true);
		cr_assert_eq(take(), mode < 2 ? 0x60 : -1, "mode %u", mode);
		eoi();
	}
	cr_assert_eq(ioapic.misuse, 5);
}

Test(ioapic, X8_033_trigger_flips_with_the_line_up)
{
	entry(16, LEVEL | 0x50);
	ioapic_set(&ioapic, 16, true);
	for (unsigned i = 0; i < 1000; i++) {
		entry(16, 0x50);
		cr_assert_not(get(0x30) & REMOTE, "an edge has none");
		entry(16, LEVEL | 0x50);
	}
	cr_assert_eq(take(), 0x50);
	eoi();
	cr_assert_eq(take(), 0x50, "the line is still up");
}

Test(ioapic, X8_033_eoi_storm_and_illegal_vector)
{
	entry(16, LEVEL | 0x05);
	ioapic_set(&ioapic, 16, true);
	for (unsigned i = 0; i < 100000; i++)
		eoi();
	for (unsigned i = 0; i < 256; i++)
		ioapic_eoi(&ioapic, (uint8_t)i);
	cr_assert_eq(take(), -1);
}
