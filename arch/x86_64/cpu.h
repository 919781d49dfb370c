/* SPDX-License-Identifier: BSD-2-Clause */
/* Each CPU's tables and stacks. */
#pragma once

#include <stdint.h>

#include "arch/x86_64/host.h"
#include "arch/x86_64/trap.h"

/*
 * Stacks of one CPU in one run of pages: the loop's (unused on the boot CPU, which has its own),
 * then one for each interrupt stack. Below each is a guard page, which is not mapped.
 */
#define CPU_STACK_PAGES  8 /* of the CPU's loop */
#define CPU_IST_PAGES    2
#define CPU_STACKS_PAGES (1 + CPU_STACK_PAGES + IST_COUNT * (1 + CPU_IST_PAGES))

/* Number the CPU and make this_cpu() work on it; before anything else. */
struct cpu *cpu_name(unsigned id);

/* Allocate a CPU's stacks with their guards. ERR_NO_MEMORY. */
int cpu_stacks_make(struct cpu *cpu);

/* Segments, task state, interrupt stacks and control registers of the CPU that calls. */
void cpu_load(struct cpu *cpu);

/* If address is in a guard page of this CPU: which stack it guards, otherwise NULL. */
const char *cpu_guard_name(uint64_t address);
