/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/stacks.h"

#include <arch/err.h>
#include <arch/pages.h>

#include "arch/aarch64/image.h"

int stacks_make(struct host_cpu *cpu)
{
	cpu->stacks = pages_alloc(CPU_STACK_PAGES, PAGE_SIZE);
	if (!cpu->stacks)
		return ERR_NO_MEMORY;
	cpu->stack_top = (uintptr_t)cpu->stacks + (1 + CPU_LOOP_PAGES) * PAGE_SIZE;
	cpu->panic_stack_top = (uintptr_t)cpu->stacks + CPU_STACK_PAGES * PAGE_SIZE;
	return 0;
}

const uint8_t *stacks_guard(const struct host_cpu *cpu, unsigned i)
{
	if (!cpu->stacks)
		return NULL;
	return cpu->stacks + (i ? (1 + CPU_LOOP_PAGES) * PAGE_SIZE : 0);
}

const char *stacks_guard_name(uint64_t address)
{
	static const char *const names[CPU_STACKS] = {"main", "panic"};
	uint64_t page = address / PAGE_SIZE * PAGE_SIZE;

	if (page == (uint64_t)boot_stack)
		return "main";
	for (unsigned i = 0; i < CPU_STACKS; i++)
		if (page && page == (uint64_t)stacks_guard(this_cpu(), i))
			return names[i];
	return NULL;
}
