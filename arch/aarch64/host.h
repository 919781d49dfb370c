/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of arch/aarch64 share about the host: what firmware's tables say, and the per-CPU
 * area. The hypervisor runs at EL2 with HCR_EL2.TGE = 0 and all interrupts masked, always: no
 * interrupt is ever taken from EL2 to EL2. They are taken from a guest (a lower EL), or end the WFI
 * of cpu_idle(); either way irq_dispatch() then acknowledges and handles them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <arch/cpu.h>
#include <arch/io.h>

#include "arch/aarch64/offsets.h"
#include "arch/aarch64/sysreg.h"

struct vcpu;

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

/* Firmware's view of the machine, from ACPI or the device tree. Addresses are physical. */
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

/* One for each host CPU, found through TPIDR_EL2. */
struct host_cpu {
	uintptr_t panic_stack_top; /* where an exception of the hypervisor itself runs */
	uintptr_t stack_top;       /* of the CPU's loop; the boot CPU has its own */
	struct vcpu *vcpu;         /* whose registers are loaded here; the guest side's */
	unsigned id;               /* cpu_id() */
	volatile bool online;
	volatile bool woken;   /* a host interrupt was handled; cleared by cpu_idle() on return and
	                          by vcpu_run() on entry */
	uint64_t mpidr;        /* affinity */
	uint64_t deadline;     /* what timer_arm() was told last, nanoseconds */
	uint64_t interrupts;   /* host interrupts handled */
	uint64_t start_cycles; /* its cycle counter when it came up */
	uint64_t pauth_key[2]; /* APIAKey of the hypervisor, to be loaded again after a guest */
	uint8_t *stacks;       /* all of its stacks, see stacks.h */
};
_Static_assert(offsetof(struct host_cpu, panic_stack_top) == HOST_CPU_PANIC_STACK, "");
_Static_assert(offsetof(struct host_cpu, stack_top) == HOST_CPU_STACK, "");
_Static_assert(offsetof(struct host_cpu, vcpu) == HOST_CPU_VCPU, "");

static inline struct host_cpu *this_cpu(void)
{
	struct host_cpu *cpu;

	__asm__("mrs %0, tpidr_el2" : "=r"(cpu));
	return cpu;
}

/* The CPU with that number; id < cpu_count(). */
struct host_cpu *cpu_by_id(unsigned id);

/* Facts about all CPUs, known from arch_init() on. */
extern bool host_vhe;     /* HCR_EL2.E2H = 1: EL1 names mean EL2's registers, EL12 names EL1's */
extern bool host_pauth;   /* the hypervisor signs return addresses with its own APIAKey */
extern uint64_t host_hcr; /* HCR_EL2 while no guest is loaded */
