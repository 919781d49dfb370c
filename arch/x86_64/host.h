/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of arch/x86_64 share about the host: the per-CPU area and safe register access. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <arch/cpu.h>

#include "arch/x86_64/regs.h"

/*
 * One for each host CPU, found through the GS base (so whoever lets a guest change GS base restores
 * it before calling anything here).
 */
struct cpu {
	struct cpu *self;    /* first: %gs:0 */
	unsigned id;         /* cpu_id() */
	uint32_t apic_id;    /* of the local APIC */
	volatile bool woken; /* a host interrupt was handled; cleared by cpu_idle() on return and by
	                        vcpu_run() on entry */
	volatile bool online;
	uint64_t deadline;   /* what timer_arm() was told last, nanoseconds */
	uint64_t interrupts; /* host interrupts handled */
	uint64_t nmis;
	uint64_t start_cycles; /* its cycle counter when it came up */
	uintptr_t stack_top;   /* of the CPU's loop */
	uint8_t *stacks;       /* all of its stacks, see cpu.h */
};

static inline struct cpu *this_cpu(void)
{
	struct cpu *cpu;

	__asm__("mov %%gs:0, %0" : "=r"(cpu));
	return cpu;
}

/* The CPU with that number; id < cpu_count(). */
struct cpu *cpu_by_id(unsigned id);

/* MSR access that survives #GP: 0, or ERR_UNSUPPORTED if the CPU refuses (value is then 0). */
int rdmsr_safe(uint32_t msr, uint64_t *value);
int wrmsr_safe(uint32_t msr, uint64_t value);
