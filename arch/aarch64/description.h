/* SPDX-License-Identifier: BSD-2-Clause */
/* Firmware's view of the machine, one structure for ACPI and the device tree. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <arch/cpu.h>
#include <arch/io.h>

#define HOST_GICR_RANGES 16
#define HOST_ITS_MAX     4
#define HOST_V2M_MAX     4
#define HOST_MSI_MAPS    8

struct host_range {
	uint64_t base, size; /* bytes */
};

/* A GICv2m frame: a message to base + 0x40 raises the SPI that it holds. count 0: ask the frame. */
struct host_v2m {
	uint64_t base;
	uint32_t first, count; /* INTIDs */
};

/* PCI requester ids from `first` on have ITS device ids from `device` on. */
struct host_msi_map {
	uint32_t first, count, device;
};

enum psci_conduit { PSCI_NONE, PSCI_SMC, PSCI_HVC };

/* Addresses are physical. */
struct host_description {
	const char *source;         /* "ACPI", "device tree" */
	uint64_t mpidrs[CPU_MAX];   /* of the enabled CPUs, in firmware's order */
	uint64_t cpu_gicr[CPU_MAX]; /* redistributor of that CPU where it is told apart, else 0 */
	unsigned cpu_count, cpus_left_out;
	unsigned gic_version;            /* 2 or 3 (also for 4); 0: none found */
	uint64_t gicd, gicc, gich, gicv; /* 0: none; the last three for GICv2 */
	struct host_range gicr[HOST_GICR_RANGES];
	unsigned gicr_count;
	uint64_t its[HOST_ITS_MAX];
	unsigned its_count;
	struct host_v2m v2m[HOST_V2M_MAX];
	unsigned v2m_count;
	struct host_msi_map msi_maps[HOST_MSI_MAPS]; /* none: device id = requester id */
	unsigned msi_map_count;
	uint32_t maintenance_irq; /* INTIDs of PPIs; 0: not told */
	uint32_t hyp_timer_irq, virtual_timer_irq;
	enum psci_conduit psci;
	struct host_serial serial;
	uint64_t ecam_base;
	unsigned ecam_buses;
};

extern struct host_description host_description; /* this machine's, from arch_init() on */

/*
 * Fill *host from ACPI's tables behind the root pointer, or from a flattened device tree of at most
 * max bytes. What cannot be right in them is left out, with a line that names it. ERR_NOT_FOUND:
 * they are not there, or not whole.
 */
int acpi_host_read(struct host_description *host, uint64_t rsdp);
int fdt_host_read(struct host_description *host, const void *tree, size_t max);

/* For the two: one more CPU, or one more that has no place. A CPU that is there stays one. */
void host_add_cpu(struct host_description *host, uint64_t mpidr, uint64_t gicr);
