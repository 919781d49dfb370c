/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's device tree, by the bindings that Linux documents. */
#include <arch/err.h>
#include <arch/log.h>
#include <libfdt.h>
#include <string.h>

#include "arch/aarch64/fdt_read.h"

/* Entries of a timer's interrupts. */
enum { TIMER_VIRTUAL = 2, TIMER_HYP = 3 };

static const char *const gic3_names[] = {"arm,gic-v3", NULL};
static const char *const gic2_names[] = {"arm,gic-400", "arm,cortex-a15-gic", NULL};
static const char *const its_names[] = {"arm,gic-v3-its", NULL};
static const char *const frame_names[] = {"arm,gic-v2m-frame", NULL};
static const char *const timer_names[] = {"arm,armv8-timer", NULL};
static const char *const psci_names[] = {"arm,psci-1.0", "arm,psci-0.2", NULL};
static const char *const uart_names[] = {"arm,pl011", "arm,sbsa-uart", NULL};
static const char *const pci_names[] = {"pci-host-ecam-generic", NULL};

static uint64_t base_of(const void *tree, int node, unsigned i)
{
	struct host_range range;

	return fdt_read_place(tree, node, i, &range) ? range.base : 0;
}

static void read_cpus(struct host_description *host, const void *tree)
{
	int cpus = fdt_path_offset(tree, "/cpus"), node, cells;

	if (cpus < 0)
		return;
	cells = fdt_address_cells(tree, cpus);
	fdt_for_each_subnode(node, tree, cpus)
	{
		int size;
		const char *type = fdt_getprop(tree, node, "device_type", &size);

		if (type && size == 4 && !memcmp(type, "cpu", 4) && cells >= 1 && cells <= 2 &&
		    fdt_read_count(tree, node, "reg") >= (unsigned)cells &&
		    fdt_read_enabled(tree, node))
			host_add_cpu(host, fdt_read_cells(tree, node, "reg", 0, (unsigned)cells),
			             0);
	}
}

/* reg: distributor, redistributor ranges, then the memory interfaces for GICv2 guests. */
static void read_gic3(struct host_description *host, const void *tree, int node)
{
	uint64_t ranges = fdt_read_cells(tree, node, "#redistributor-regions", 0, 1);
	struct host_range range;

	host->gic_version = 3;
	host->gicd = base_of(tree, node, 0);
	for (unsigned i = 0; i < (ranges ? ranges : 1) && i < HOST_GICR_RANGES; i++)
		if (fdt_read_place(tree, node, 1 + i, &range))
			host->gicr[host->gicr_count++] = range;
	for (int its = fdt_read_find(tree, -1, its_names); its >= 0;
	     its = fdt_read_find(tree, its, its_names))
		if (host->its_count < HOST_ITS_MAX)
			host->its[host->its_count++] = base_of(tree, its, 0);
}

static void add_frame(struct host_description *host, const void *tree, int node)
{
	struct host_v2m frame = {
	    .base = base_of(tree, node, 0),
	    .first = (uint32_t)fdt_read_cells(tree, node, "arm,msi-base-spi", 0, 1),
	    .count = (uint32_t)fdt_read_cells(tree, node, "arm,msi-num-spis", 0, 1),
	};

	if (frame.base && host->v2m_count < HOST_V2M_MAX)
		host->v2m[host->v2m_count++] = frame;
}

static void read_gic2(struct host_description *host, const void *tree, int node)
{
	host->gic_version = 2;
	host->gicd = base_of(tree, node, 0);
	host->gicc = base_of(tree, node, 1);
	host->gich = base_of(tree, node, 2);
	host->gicv = base_of(tree, node, 3);
	for (int f = fdt_read_find(tree, -1, frame_names); f >= 0;
	     f = fdt_read_find(tree, f, frame_names))
		add_frame(host, tree, f);
}

static void read_gic(struct host_description *host, const void *tree)
{
	int node = fdt_read_find(tree, -1, gic3_names);

	if (node >= 0) {
		read_gic3(host, tree, node);
	} else {
		node = fdt_read_find(tree, -1, gic2_names);
		if (node < 0)
			return;
		read_gic2(host, tree, node);
	}
	host->maintenance_irq = fdt_read_interrupt(tree, node, 0);
}

static void read_timer(struct host_description *host, const void *tree)
{
	int node = fdt_read_find(tree, -1, timer_names);

	if (node < 0)
		return;
	host->virtual_timer_irq = fdt_read_interrupt(tree, node, TIMER_VIRTUAL);
	host->hyp_timer_irq = fdt_read_interrupt(tree, node, TIMER_HYP);
}

static void read_psci(struct host_description *host, const void *tree)
{
	int node = fdt_read_find(tree, -1, psci_names), size;
	const char *method = node < 0 ? NULL : fdt_getprop(tree, node, "method", &size);

	if (method && size == 4 && !memcmp(method, "smc", 4))
		host->psci = PSCI_SMC;
	if (method && size == 4 && !memcmp(method, "hvc", 4))
		host->psci = PSCI_HVC;
}

/* The console that the tree chooses if it is of a kind we know, else the first such port. */
static void read_serial(struct host_description *host, const void *tree)
{
	int chosen = fdt_path_offset(tree, "/chosen"), node = -1, size;
	const char *path = chosen < 0 ? NULL : fdt_getprop(tree, chosen, "stdout-path", &size);

	if (path && size > 1) { /* options follow a colon */
		const char *colon = memchr(path, ':', (size_t)size - 1);

		node = fdt_path_offset_namelen(tree, path, colon ? (int)(colon - path) : size - 1);
	}
	if (node < 0 || (fdt_node_check_compatible(tree, node, uart_names[0]) &&
	                 fdt_node_check_compatible(tree, node, uart_names[1])))
		node = fdt_read_find(tree, -1, uart_names);
	if (node >= 0 && base_of(tree, node, 0))
		host->serial = (struct host_serial){HOST_SERIAL_PL011, base_of(tree, node, 0),
		                                    fdt_read_interrupt(tree, node, 0)};
}

/* msi-map: requester id, ITS, device id, count. */
static void read_msi_map(struct host_description *host, const void *tree, int pci)
{
	unsigned cells = fdt_read_count(tree, pci, "msi-map");

	for (unsigned at = 0; at + 4 <= cells && host->msi_map_count < HOST_MSI_MAPS; at += 4)
		host->msi_maps[host->msi_map_count++] = (struct host_msi_map){
		    .first = (uint32_t)fdt_read_cells(tree, pci, "msi-map", at, 1),
		    .count = (uint32_t)fdt_read_cells(tree, pci, "msi-map", at + 3, 1),
		    .device = (uint32_t)fdt_read_cells(tree, pci, "msi-map", at + 2, 1),
		};
}

static void read_pci(struct host_description *host, const void *tree)
{
	int node = fdt_read_find(tree, -1, pci_names);
	struct host_range range;

	if (node < 0 || !fdt_read_place(tree, node, 0, &range) ||
	    fdt_read_cells(tree, node, "bus-range", 0, 1))
		return;
	host->ecam_base = range.base;
	host->ecam_buses = range.size >> 20 < 256 ? (unsigned)(range.size >> 20) : 256;
	read_msi_map(host, tree, node);
}

int fdt_host_read(struct host_description *host, const void *tree, size_t max)
{
	int err = fdt_check_full(tree, max);

	*host = (struct host_description){.source = "the device tree"};
	if (err) {
		log_warn("firmware's device tree is damaged: %s", fdt_strerror(err));
		return ERR_NOT_FOUND;
	}
	read_cpus(host, tree);
	read_gic(host, tree);
	read_timer(host, tree);
	read_psci(host, tree);
	read_serial(host, tree);
	read_pci(host, tree);
	return 0;
}
