/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of arch/aarch64 share about the host: the per-CPU area and a few facts. The
 * hypervisor runs at EL2 with HCR_EL2.TGE = 0 and all interrupts masked, always: no interrupt is
 * ever taken from EL2 to EL2. They are taken from a guest (a lower EL), or end the WFI of
 * cpu_idle(); either way irq_dispatch() then acknowledges and handles them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <arch/cpu.h>

#include "arch/aarch64/description.h"
#include "arch/aarch64/offsets.h"
#include "arch/aarch64/sysreg.h"

struct vcpu;

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
