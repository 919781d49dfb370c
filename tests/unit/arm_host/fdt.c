/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An Arm host's device tree, whole, cut off, and damaged at random. A planted mistake, a property's
 * cells read without a look at its length, was found.
 */
#include <criterion/criterion.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arch/err.h>

#include "arch/aarch64/description.h"
#include "arch/aarch64/fdt_read.h"
#include "arch/hosted/hosted.h"

#define TREE_MAX 8192
#define GIC      1 /* phandles */
#define ITS      2

static uint8_t *tree;
static size_t tree_size;
static struct host_description host;

static void cells(const char *name, unsigned count, const uint32_t *values)
{
	fdt32_t big[16];

	for (unsigned i = 0; i < count; i++)
		big[i] = cpu_to_fdt32(values[i]);
	cr_assert_eq(fdt_property(tree, name, big, (int)(4 * count)), 0);
}
#define CELLS(name, ...)                                                                           \
	cells(name, sizeof((uint32_t[]){__VA_ARGS__}) / 4, (uint32_t[]){__VA_ARGS__})

static void text(const char *name, const char *value)
{
	cr_assert_eq(fdt_property(tree, name, value, (int)strlen(value) + 1), 0);
}

static void begin(const char *name, const char *compatible)
{
	cr_assert_eq(fdt_begin_node(tree, name), 0);
	if (compatible)
		text("compatible", compatible);
}

static void add_cpus(void)
{
	begin("cpus", NULL);
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 0);
	for (uint32_t i = 0; i < 3; i++) {
		char name[8];

		snprintf(name, sizeof(name), "cpu@%u", i);
		begin(name, "arm,cortex-a57");
		text("device_type", "cpu");
		CELLS("reg", i);
		if (i == 2)
			text("status", "disabled");
		fdt_end_node(tree);
	}
	fdt_end_node(tree);
}

static void add_gic3(void)
{
	begin("intc@8000000", "arm,gic-v3");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	CELLS("#redistributor-regions", 2);
	CELLS("reg", 0, 0x08000000, 0, 0x10000, 0, 0x080a0000, 0, 0xf60000, 0x40, 0, 0, 0x20000);
	CELLS("interrupts", 1, 9, 4);
	CELLS("phandle", GIC);
	fdt_property(tree, "ranges", NULL, 0);
	begin("its@8080000", "arm,gic-v3-its");
	CELLS("reg", 0, 0x08080000, 0, 0x20000);
	CELLS("phandle", ITS);
	fdt_end_node(tree);
	fdt_end_node(tree);
}

static void add_gic2(void)
{
	begin("intc@8000000", "arm,cortex-a15-gic");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	CELLS("reg", 0, 0x08000000, 0, 0x10000, 0, 0x08010000, 0, 0x10000, 0, 0x08030000, 0,
	      0x10000, 0, 0x08040000, 0, 0x10000);
	fdt_property(tree, "ranges", NULL, 0);
	begin("v2m@8020000", "arm,gic-v2m-frame");
	CELLS("reg", 0, 0x08020000, 0, 0x1000);
	CELLS("arm,msi-base-spi", 80);
	CELLS("arm,msi-num-spis", 64);
	fdt_end_node(tree);
	fdt_end_node(tree);
}

/* A serial port behind a bus whose addresses begin elsewhere. */
static void add_uart(void)
{
	begin("soc", "simple-bus");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	CELLS("ranges", 0x1000, 0, 0x09000000, 0x10000);
	begin("pl011@1000", "arm,pl011");
	CELLS("reg", 0x1000, 0x1000);
	CELLS("interrupts", 0, 1, 4);
	fdt_end_node(tree);
	begin("pl011@90000", "arm,pl011");
	CELLS("reg", 0x90000, 0x1000);
	fdt_end_node(tree);
	fdt_end_node(tree);
}

static void add_others(void)
{
	begin("timer", "arm,armv8-timer");
	CELLS("interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4);
	fdt_end_node(tree);
	begin("psci", "arm,psci-0.2");
	text("method", "smc");
	fdt_end_node(tree);
	begin("pcie@10000000", "pci-host-ecam-generic");
	CELLS("reg", 0x40, 0x10000000, 0, 0x10000000);
	CELLS("bus-range", 0, 255);
	CELLS("msi-map", 0, ITS, 0x100, 0x10000);
	fdt_end_node(tree);
}

static void build(void (*gic)(void), const char *console)
{
	free(tree);
	tree = calloc(1, TREE_MAX);
	fdt_create(tree, TREE_MAX);
	fdt_finish_reservemap(tree);
	begin("", "test");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	begin("chosen", NULL);
	if (console)
		text("stdout-path", console);
	fdt_end_node(tree);
	add_cpus();
	if (gic)
		gic();
	add_uart();
	add_others();
	fdt_end_node(tree);
	cr_assert_eq(fdt_finish(tree), 0);
	tree_size = fdt_totalsize(tree);
}

static void setup(void)
{
	hosted_reset();
	build(add_gic3, "/soc/pl011@1000:115200n8");
}

static void teardown(void)
{
	free(tree);
}

TestSuite(arm_fdt, .init = setup, .fini = teardown, .timeout = 60);

Test(arm_fdt, whole_tree_with_gicv3)
{
	cr_assert_eq(fdt_host_read(&host, tree, TREE_MAX), 0);
	cr_assert_str_eq(host.source, "the device tree");
	cr_assert_eq(host.cpu_count, 2, "a disabled CPU does not count");
	cr_assert_eq(host.mpidrs[1], 1);
	cr_assert_eq(host.gic_version, 3);
	cr_assert_eq(host.gicd, 0x08000000);
	cr_assert_eq(host.gicr_count, 2);
	cr_assert_eq(host.gicr[0].base, 0x080a0000);
	cr_assert_eq(host.gicr[0].size, 0xf60000);
	cr_assert_eq(host.gicr[1].base, 0x4000000000);
	cr_assert_eq(host.its[0], 0x08080000);
	cr_assert_eq(host.maintenance_irq, 25);
	cr_assert_eq(host.virtual_timer_irq, 27);
	cr_assert_eq(host.hyp_timer_irq, 26);
	cr_assert_eq(host.psci, PSCI_SMC);
	cr_assert_eq(host.ecam_base, 0x4010000000);
	cr_assert_eq(host.ecam_buses, 256);
	cr_assert_eq(host.msi_map_count, 1);
	cr_assert_eq(host.msi_maps[0].device, 0x100);
}

Test(arm_fdt, a_console_behind_a_bus_that_moves_addresses)
{
	fdt_host_read(&host, tree, TREE_MAX);
	cr_assert_eq(host.serial.kind, HOST_SERIAL_PL011);
	cr_assert_eq(host.serial.base, 0x09000000);
	cr_assert_eq(host.serial.line, 33);
}

Test(arm_fdt, a_console_that_is_not_chosen_or_not_there)
{
	build(add_gic3, NULL);
	fdt_host_read(&host, tree, TREE_MAX);
	cr_assert_eq(host.serial.base, 0x09000000);
	build(add_gic3, "/no/such/node");
	fdt_host_read(&host, tree, TREE_MAX);
	cr_assert_eq(host.serial.base, 0x09000000);
	build(add_gic3, "/psci");
	fdt_host_read(&host, tree, TREE_MAX);
	cr_assert_eq(host.serial.base, 0x09000000);
}

Test(arm_fdt, a_place_that_no_bus_leads_to_is_none)
{
	struct host_range range;
	int node = fdt_path_offset(tree, "/soc/pl011@90000");

	cr_assert_geq(node, 0);
	cr_assert_not(fdt_read_place(tree, node, 0, &range), "outside the bus's ranges");
	node = fdt_path_offset(tree, "/cpus/cpu@0");
	cr_assert_not(fdt_read_place(tree, node, 0, &range), "the bus has no ranges");
}

Test(arm_fdt, what_a_property_does_not_hold_is_zero)
{
	int node = fdt_path_offset(tree, "/timer");

	cr_assert_eq(fdt_read_cells(tree, node, "interrupts", 10, 2), (uint64_t)10 << 32 | 4);
	cr_assert_eq(fdt_read_cells(tree, node, "interrupts", 11, 2), 0);
	cr_assert_eq(fdt_read_cells(tree, node, "interrupts", UINT32_MAX, 2), 0);
	cr_assert_eq(fdt_read_cells(tree, node, "nothing", 0, 1), 0);
	cr_assert_eq(fdt_read_interrupt(tree, node, 4), 0);
}

Test(arm_fdt, gicv2_with_message_frame)
{
	build(add_gic2, NULL);
	fdt_host_read(&host, tree, TREE_MAX);
	cr_assert_eq(host.gic_version, 2);
	cr_assert_eq(host.gicc, 0x08010000);
	cr_assert_eq(host.gich, 0x08030000);
	cr_assert_eq(host.gicv, 0x08040000);
	cr_assert_eq(host.v2m_count, 1);
	cr_assert_eq(host.v2m[0].base, 0x08020000);
	cr_assert_eq(host.v2m[0].first, 80);
	cr_assert_eq(host.v2m[0].count, 64);
}

Test(arm_fdt, no_gic)
{
	build(NULL, NULL);
	cr_assert_eq(fdt_host_read(&host, tree, TREE_MAX), 0);
	cr_assert_eq(host.gic_version, 0);
	cr_assert_eq(host.gicd, 0);
}

Test(arm_fdt, a_tree_that_is_cut_off_anywhere)
{
	for (size_t size = 0; size < tree_size; size += 4) {
		uint8_t *part = malloc(size ? size : 1);

		memcpy(part, tree, size);
		cr_assert_eq(fdt_host_read(&host, part, size), ERR_NOT_FOUND);
		free(part);
	}
	cr_assert(hosted_log_has("device tree is damaged"));
}

/* The sanitizers say no word: whatever a tree holds, nothing outside it is read. */
Test(arm_fdt, random_damage)
{
	srand(2);
	for (unsigned round = 0; round < 20000; round++) {
		uint8_t *damaged = malloc(tree_size);

		memcpy(damaged, tree, tree_size);
		for (unsigned i = 0; i < 1 + round % 6; i++)
			damaged[(unsigned)rand() % tree_size] = (uint8_t)rand();
		fdt_host_read(&host, damaged, tree_size);
		cr_assert_leq(host.cpu_count, CPU_MAX);
		cr_assert_leq(host.gicr_count, HOST_GICR_RANGES);
		cr_assert_leq(host.ecam_buses, 256);
		free(damaged);
	}
}
