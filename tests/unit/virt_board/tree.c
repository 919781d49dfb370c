/* SPDX-License-Identifier: BSD-2-Clause */
/* What the device tree of a guest says is what the machine does. */
#include <libfdt.h>
#include <string.h>

#include "tests/unit/virt_board/fixture.h"

#define TREE_MAX 65536

TestSuite(virt_tree, .init = fixture_reset);

static const void *guest_tree(const struct vcpu *vcpu)
{
	const void *tree = guest_mem_payload(&vms[0].mem, vcpu->argument, TREE_MAX);

	cr_assert_not_null(tree);
	cr_assert_eq(fdt_check_full(tree, TREE_MAX), 0);
	return tree;
}

/* Something answers in the guest's memory: RAM, a page of hardware, or a device. */
static bool answers(uint64_t address)
{
	uint64_t value;

	return stage2_lookup(vms[0].stage2, address) != ~0ull || guest_read(address, 4, &value);
}

static unsigned ranges_checked;

/* First and last word of each range of a node's reg. */
static void check_reg(const void *tree, int node)
{
	const char *name = fdt_get_name(tree, node, NULL);
	int size;
	const fdt64_t *reg = fdt_getprop(tree, node, "reg", &size);

	for (int i = 0; reg && i < size / 16; i++) {
		uint64_t base = fdt64_ld(reg + 2 * i), length = fdt64_ld(reg + 2 * i + 1);

		cr_assert(answers(base), "%s %#llx", name, (unsigned long long)base);
		cr_assert(answers(base + length - 4), "%s: its end", name);
		ranges_checked++;
	}
}

static void check_addresses(struct vcpu *vcpu)
{
	const void *tree = guest_tree(vcpu);

	ranges_checked = 0;
	for (int node = fdt_next_node(tree, 0, NULL); node >= 0;
	     node = fdt_next_node(tree, node, NULL)) {
		if (fdt_address_cells(tree, fdt_parent_offset(tree, node)) == 2)
			check_reg(tree, node);
	}
}

static guest_step *const checks[] = {check_addresses};

Test(virt_tree, every_address_answers)
{
	cr_assert_eq(RUN_STEPS(ALPHA "cpus = 4\n", checks), STOP_POWER_OFF);
	cr_assert_eq(ranges_checked, 6, "memory, GIC twice, UART, RTC, PCI: %u", ranges_checked);
}

Test(virt_tree, every_address_answers_with_gic_v2)
{
	hosted_gic_version = 2;
	cr_assert_eq(RUN_STEPS(ALPHA "cpus = 4\n", checks), STOP_POWER_OFF);
	cr_assert_eq(ranges_checked, 7, "and the frame for messages: %u", ranges_checked);
}

static void look_for_mmio(struct vcpu *vcpu)
{
	const void *tree = guest_tree(vcpu);
	uint64_t value;
	int node = -1;

	for (unsigned i = 0; i < 4; i++) {
		node = fdt_node_offset_by_compatible(tree, node, "virtio,mmio");
		cr_assert_geq(node, 0);
		cr_assert(guest_read(fdt64_ld(fdt_getprop(tree, node, "reg", NULL)), 4, &value));
		cr_assert_eq(value, 0x74726976);
	}
	cr_assert_lt(fdt_node_offset_by_compatible(tree, node, "virtio,mmio"), 0);
	cr_assert(guest_read(VIRT_ECAM + (1 << 15), 4, &value));
	cr_assert_eq(value, 0xffffffff, "no function on PCI");
}

Test(virt_tree, virtio_over_mmio_as_configured)
{
	static guest_step *const steps[] = {check_addresses, look_for_mmio};

	cr_assert_eq(
	    RUN_STEPS(ALPHA "virtio = mmio\nrng = yes\ndisk = ram:1M\ndisk = ram:1M\n", steps),
	    STOP_POWER_OFF);
	cr_assert_eq(ranges_checked, 10);
}

static void look_for_pci(struct vcpu *vcpu)
{
	uint64_t value;

	cr_assert_lt(fdt_node_offset_by_compatible(guest_tree(vcpu), -1, "virtio,mmio"), 0);
	for (unsigned slot = 1; slot <= 3; slot++) {
		cr_assert(guest_read(VIRT_ECAM + (slot << 15), 2, &value));
		cr_assert_eq(value, 0x1af4);
		cr_assert(guest_read(VIRT_ECAM + (slot << 15) + 0x3d, 1, &value));
		cr_assert_eq(value, 1, "INTA");
	}
	cr_assert_not(guest_read(VIRT_MMIO, 4, &value));
}

Test(virt_tree, virtio_over_pci_where_nothing_is_said)
{
	static guest_step *const steps[] = {look_for_pci};

	cr_assert_eq(RUN_STEPS(ALPHA "rng = yes\ndisk = ram:1M\n", steps), STOP_POWER_OFF);
}

/* A legacy driver finds its registers through the window of ports, wherever it moves the BAR. */
static void look_for_ports(struct vcpu *vcpu)
{
	uint64_t function = VIRT_ECAM + (1 << 15), bar, value;

	(void)vcpu;
	cr_assert(guest_read(function + 0x10, 4, &bar));
	cr_assert_eq(bar & 3, 1, "BAR 0 is of ports");
	cr_assert_geq(bar & ~3ull, VIRT_PORTS_FIRST);
	cr_assert(guest_read(VIRT_PORTS + (bar & ~3ull) + 12, 2, &value));
	cr_assert_neq(value, 0xffff, "queue size");
	guest_write(function + 0x10, 4, 0xf000);
	cr_assert(guest_read(VIRT_PORTS + 0xf000 + 12, 2, &value));
	cr_assert_neq(value, 0xffff);
	cr_assert(guest_read(VIRT_PORTS + (bar & ~3ull) + 12, 2, &value));
	cr_assert_eq(value, 0xffff, "nobody there any more");
}

Test(virt_tree, virtio_for_legacy_drivers)
{
	static guest_step *const steps[] = {check_addresses, look_for_ports};

	cr_assert_eq(RUN_STEPS(ALPHA "virtio = pci-legacy\nrng = yes\n", steps), STOP_POWER_OFF);
}

static void look_at_chosen(struct vcpu *vcpu)
{
	const void *tree = guest_tree(vcpu);
	int chosen = fdt_path_offset(tree, "/chosen");
	const fdt64_t *start = fdt_getprop(tree, chosen, "linux,initrd-start", NULL);
	const fdt64_t *end = fdt_getprop(tree, chosen, "linux,initrd-end", NULL);
	char found[8];

	cr_assert_str_eq(fdt_getprop(tree, chosen, "bootargs", NULL), "console=hvc0 quiet");
	cr_assert_not_null(start);
	cr_assert_eq(fdt64_ld(end) - fdt64_ld(start), 6);
	cr_assert_eq(guest_mem_read(&vms[0].mem, fdt64_ld(start), found, 6), 0);
	cr_assert_arr_eq(found, "initrd", 6);
}

Test(virt_tree, tells_where_initrd_and_command_line_are)
{
	static guest_step *const steps[] = {look_at_chosen};

	add_file("initrd", "initrd", 6);
	cr_assert_eq(RUN_STEPS(ALPHA "initrd = initrd\ncmdline = console=hvc0 quiet\n", steps),
	             STOP_POWER_OFF);
}

/* A guest that spoils what it was given, then resets itself. */
static unsigned starts;

static void spoil_and_reset(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	check_addresses(vcpu);
	memset(guest_mem_payload(&vms[0].mem, vcpu->argument, TREE_MAX), 0xff - (int)starts,
	       TREE_MAX);
	if (++starts < 8)
		*exit = (struct vcpu_exit){.kind = EXIT_RESET};
	else
		power_off(vcpu, exit);
}

Test(virt_tree, A6_024_nobody_reads_the_guests_copy)
{
	hosted_vcpu_run = spoil_and_reset;
	cr_assert_eq(run(ALPHA), STOP_POWER_OFF);
	cr_assert_eq(starts, 8);
	cr_assert(hosted_log_has("alpha: stopped: powered off by the guest"));
}
