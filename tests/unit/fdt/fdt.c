/* SPDX-License-Identifier: BSD-2-Clause */
/* The device tree read back with libfdt, and what dtc's own checks say about it. */
#include <criterion/criterion.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest-devices/firmware/fdt.h"

static _Alignas(8) uint8_t tree[FDT_SIZE_MAX];

static struct fdt_machine machine(unsigned version, unsigned cpus)
{
	return (struct fdt_machine){
	    .cpus = cpus,
	    .ram = 0x40000000,
	    .ram_size = 0x10000000,
	    .chosen = {.cmdline = "console=hvc0 quiet",
	               .initrd = 0x44000000,
	               .initrd_size = 5000,
	               .seed = {1, 2, 3},
	               .seed_size = 3,
	               .kaslr_seed = 0x123456789abcdef0},
	    .gic = {.version = version,
	            .distributor = 0x08000000,
	            .distributor_size = 0x10000,
	            .redistributors = 0x080a0000,
	            .redistributors_size = cpus * 0x20000,
	            .cpu_interface = 0x08010000,
	            .cpu_interface_size = 0x2000,
	            .v2m = 0x08020000,
	            .v2m_size = 0x1000,
	            .msi_first = 64,
	            .msi_count = 224},
	    .uart = 0x09000000,
	    .uart_size = 0x1000,
	    .uart_spi = 1,
	    .rtc = 0x09010000,
	    .rtc_size = 0x1000,
	    .rtc_spi = 2,
	    .ecam = 0x3f000000,
	    .ecam_size = 0x100000,
	    .window32 = 0x10000000,
	    .window32_size = 0x2eff0000,
	    .ports = 0x3eff0000,
	    .ports_size = 0x10000,
	    .intx_spi = {3, 4, 5, 6},
	    .mmio = 0x0a000000,
	    .mmio_size = 0x200,
	    .mmio_spi = {16, 17, 18, 19},
	};
}

static void build(const struct fdt_machine *described)
{
	size_t size = fdt_build(described, tree, sizeof(tree));

	cr_assert_gt(size, 0);
	cr_assert_eq(fdt_check_full(tree, size), 0);
}

static int node(const char *path)
{
	int at = fdt_path_offset(tree, path);

	cr_assert_geq(at, 0, "%s", path);
	return at;
}

/* The property's bytes, which must be size of them; size 0: any. */
static const void *property(const char *path, const char *name, int size)
{
	int length;
	const void *value = fdt_getprop(tree, node(path), name, &length);

	cr_assert_not_null(value, "%s %s", path, name);
	if (size)
		cr_assert_eq(length, size, "%s %s: %d", path, name, length);
	return value;
}

static uint32_t cell(const char *path, const char *name, unsigned n)
{
	return fdt32_ld((const fdt32_t *)property(path, name, 0) + n);
}

static uint64_t wide(const char *path, const char *name)
{
	return fdt64_ld(property(path, name, 8));
}

/* dtc reads the tree, checks it, and says nothing. */
static void expect_no_warning(void)
{
	char name[] = "/tmp/fdt-XXXXXX", command[160], line[256] = "";
	int file = mkstemp(name);
	FILE *dtc;

	cr_assert_geq(file, 0);
	cr_assert_eq(write(file, tree, fdt_totalsize(tree)), (ssize_t)fdt_totalsize(tree));
	close(file);
	snprintf(command, sizeof(command), "dtc -I dtb -O dtb -o /dev/null %s 2>&1", name);
	dtc = popen(command, "r");
	cr_assert_not_null(dtc);
	fgets(line, sizeof(line), dtc);
	cr_assert_eq(pclose(dtc), 0, "%s", line);
	unlink(name);
	cr_assert_str_empty(line);
}

Test(fdt, dtc_finds_nothing_to_complain_about)
{
	for (unsigned version = 2; version <= 3; version++) {
		struct fdt_machine described = machine(version, 8);

		build(&described);
		expect_no_warning();
		described.mmio_count = FDT_MMIO_MAX;
		described.chosen.initrd = described.chosen.kaslr_seed = 0;
		described.chosen.seed_size = 0;
		build(&described);
		expect_no_warning();
	}
}

Test(fdt, tells_the_kernel_what_was_chosen)
{
	struct fdt_machine described = machine(3, 1);

	build(&described);
	cr_assert_str_eq(property("/chosen", "bootargs", 0), "console=hvc0 quiet");
	cr_assert_eq(wide("/chosen", "linux,initrd-start"), 0x44000000);
	cr_assert_eq(wide("/chosen", "linux,initrd-end"), 0x44000000 + 5000);
	cr_assert_eq(wide("/chosen", "kaslr-seed"), 0x123456789abcdef0);
	cr_assert_arr_eq(property("/chosen", "rng-seed", 3), "\1\2\3", 3);
	cr_assert_eq(cell("/memory@40000000", "reg", 1), 0x40000000);
	cr_assert_eq(cell("/memory@40000000", "reg", 3), 0x10000000);
	described.chosen = (struct fdt_chosen){.cmdline = ""};
	build(&described);
	cr_assert_null(fdt_getprop(tree, node("/chosen"), "linux,initrd-start", NULL));
	cr_assert_null(fdt_getprop(tree, node("/chosen"), "kaslr-seed", NULL));
	cr_assert_null(fdt_getprop(tree, node("/chosen"), "rng-seed", NULL));
}

Test(fdt, the_console_is_found_by_its_alias)
{
	struct fdt_machine described = machine(3, 1);
	const char *path;

	build(&described);
	cr_assert_str_eq(property("/chosen", "stdout-path", 0), "serial0:115200n8");
	path = fdt_get_alias(tree, "serial0");
	cr_assert_not_null(path);
	cr_assert_eq(fdt_node_check_compatible(tree, node(path), "arm,pl011"), 0);
	cr_assert_eq(fdt_node_check_compatible(tree, node(path), "arm,primecell"), 0);
}

Test(fdt, each_cpu_is_started_by_psci)
{
	struct fdt_machine described = machine(3, FDT_CPUS_MAX);
	char path[32];

	build(&described);
	for (unsigned i = 0; i < FDT_CPUS_MAX; i++) {
		snprintf(path, sizeof(path), "/cpus/cpu@%x", i);
		cr_assert_eq(cell(path, "reg", 0), i);
		cr_assert_str_eq(property(path, "enable-method", 0), "psci");
	}
	cr_assert_lt(fdt_path_offset(tree, "/cpus/cpu@10"), 0);
	cr_assert_eq(fdt_node_check_compatible(tree, node("/psci"), "arm,psci-0.2"), 0);
	cr_assert_str_eq(property("/psci", "method", 0), "hvc");
}

Test(fdt, gic_v3_takes_messages_itself)
{
	struct fdt_machine described = machine(3, 4);
	const char *gic = "/interrupt-controller@8000000", *pci = "/pcie@3f000000";

	build(&described);
	cr_assert_eq(fdt_node_check_compatible(tree, node(gic), "arm,gic-v3"), 0);
	cr_assert_eq(cell(gic, "reg", 5), 0x080a0000);
	cr_assert_eq(cell(gic, "mbi-ranges", 0), 64);
	cr_assert_eq(cell(gic, "mbi-ranges", 1), 224);
	property(gic, "msi-controller", 0);
	cr_assert_eq(cell(pci, "msi-parent", 0), fdt_get_phandle(tree, node(gic)));
	cr_assert_eq(cell("/timer", "interrupts", 7), 11, "virtual timer: PPI 27");
	cr_assert_eq(cell("/timer", "interrupts", 8), 4);
}

Test(fdt, gic_v2_has_a_frame_for_messages)
{
	struct fdt_machine described = machine(2, 4);
	const char *gic = "/interrupt-controller@8000000", *pci = "/pcie@3f000000";
	const char *frame = "/interrupt-controller@8000000/v2m@8020000";

	build(&described);
	cr_assert_eq(cell(gic, "reg", 5), 0x08010000);
	cr_assert_eq(cell(frame, "arm,msi-base-spi", 0), 64);
	cr_assert_eq(cell(pci, "msi-parent", 0), fdt_get_phandle(tree, node(frame)));
	cr_assert_eq(cell("/timer", "interrupts", 8), 0xf04, "of four CPUs");
}

Test(fdt, pci_interrupts_swizzle)
{
	struct fdt_machine described = machine(3, 1);
	const char *pci = "/pcie@3f000000";
	const fdt32_t *map;

	build(&described);
	map = property(pci, "interrupt-map", 16 * 40);
	cr_assert_eq(cell(pci, "interrupt-map-mask", 0), 3 << 11);
	for (unsigned i = 0; i < 16; i++, map += 10) {
		unsigned slot = fdt32_ld(map) >> 11, pin = fdt32_ld(map + 3) - 1;

		cr_assert_eq(slot * 4 + pin, i);
		cr_assert_eq(fdt32_ld(map + 4), cell("/", "interrupt-parent", 0));
		cr_assert_eq(fdt32_ld(map + 8), 3 + (slot + pin) % 4);
	}
}

Test(fdt, pci_has_ports_and_memory)
{
	struct fdt_machine described = machine(3, 1);
	const fdt32_t *ranges;

	build(&described);
	ranges = property("/pcie@3f000000", "ranges", 2 * 28);
	cr_assert_eq(fdt32_ld(ranges), 0x01000000);
	cr_assert_eq(fdt32_ld(ranges + 2), 0, "port 0");
	cr_assert_eq(fdt32_ld(ranges + 4), 0x3eff0000);
	cr_assert_eq(fdt32_ld(ranges + 7), 0x02000000);
	cr_assert_eq(fdt32_ld(ranges + 11), fdt32_ld(ranges + 9), "memory is where it is");
}

Test(fdt, virtio_over_mmio_has_a_node_each)
{
	struct fdt_machine described = machine(3, 1);

	described.mmio_count = 6;
	build(&described);
	cr_assert_eq(cell("/virtio_mmio@a000000", "reg", 1), 0x0a000000);
	cr_assert_eq(cell("/virtio_mmio@a000a00", "reg", 3), 0x200);
	cr_assert_eq(cell("/virtio_mmio@a000a00", "interrupts", 1), 17);
	cr_assert_lt(fdt_path_offset(tree, "/virtio_mmio@a000c00"), 0);
}

Test(fdt, flash_has_a_node_where_there_is_one)
{
	struct fdt_machine described = machine(3, 1);
	const fdt64_t *reg;
	int node;

	build(&described);
	cr_assert_lt(fdt_node_offset_by_compatible(tree, -1, "cfi-flash"), 0);
	described.flash = 0x4000000;
	described.flash_size = 0x200000;
	build(&described);
	node = fdt_node_offset_by_compatible(tree, -1, "cfi-flash");
	cr_assert_eq(node, fdt_path_offset(tree, "/flash@4000000"));
	reg = fdt_getprop(tree, node, "reg", NULL);
	cr_assert_eq(fdt64_ld(reg), 0x4000000);
	cr_assert_eq(fdt64_ld(reg + 1), 0x200000);
	cr_assert_eq(fdt32_ld(fdt_getprop(tree, node, "bank-width", NULL)), 4);
}

Test(fdt, what_cannot_be_described_is_refused)
{
	struct fdt_machine described = machine(3, 1), wrong;
	char text[FDT_TEXT_MAX + 1];

	memset(text, 'x', FDT_TEXT_MAX);
	text[FDT_TEXT_MAX] = 0;
	wrong = described;
	wrong.cpus = 0;
	cr_assert_eq(fdt_build(&wrong, tree, sizeof(tree)), 0);
	wrong.cpus = FDT_CPUS_MAX + 1;
	cr_assert_eq(fdt_build(&wrong, tree, sizeof(tree)), 0);
	wrong = machine(2, 9);
	cr_assert_eq(fdt_build(&wrong, tree, sizeof(tree)), 0);
	wrong = machine(4, 1);
	cr_assert_eq(fdt_build(&wrong, tree, sizeof(tree)), 0);
	wrong = described;
	wrong.mmio_count = FDT_MMIO_MAX + 1;
	cr_assert_eq(fdt_build(&wrong, tree, sizeof(tree)), 0);
	wrong = described;
	wrong.chosen.cmdline = text;
	cr_assert_eq(fdt_build(&wrong, tree, sizeof(tree)), 0);
}

/* A buffer that ends anywhere is not written behind, and nothing half done is returned. */
Test(fdt, every_size_of_buffer)
{
	struct fdt_machine described = machine(3, 2);
	size_t needed = fdt_build(&described, tree, sizeof(tree));

	for (size_t size = 0; size < needed + 64; size++) {
		uint8_t *small = malloc(size + 1);
		size_t used = fdt_build(&described, small, size);

		cr_assert(used == 0 || used <= size);
		cr_assert(used == needed || size < needed + 16);
		free(small);
	}
}

Test(fdt, the_largest_machine_fits)
{
	struct fdt_machine described = machine(3, FDT_CPUS_MAX);
	char text[FDT_TEXT_MAX];

	memset(text, 'x', sizeof(text));
	text[FDT_TEXT_MAX - 1] = 0;
	described.chosen.cmdline = text;
	described.chosen.seed_size = FDT_SEED_MAX;
	described.mmio_count = FDT_MMIO_MAX;
	build(&described);
}
