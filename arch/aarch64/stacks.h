/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each CPU's stacks: one for its loop (unused on the boot CPU, which has its own), one for an
 * exception of the hypervisor itself. Below each is a guard page, which is not mapped.
 */
#pragma once

#include "arch/aarch64/host.h"

#define CPU_STACKS      2
#define CPU_LOOP_PAGES  8
#define CPU_PANIC_PAGES 2
#define CPU_STACK_PAGES (CPU_STACKS + CPU_LOOP_PAGES + CPU_PANIC_PAGES)

/* Allocate a CPU's stacks; before paging_init(), which leaves the guards out. ERR_NO_MEMORY. */
int stacks_make(struct host_cpu *cpu);

/* The guard of stack i of that CPU; NULL if it has no stacks. */
const uint8_t *stacks_guard(const struct host_cpu *cpu, unsigned i);

/* If address is in a guard page of this CPU: which stack it guards, otherwise NULL. */
const char *stacks_guard_name(uint64_t address);
