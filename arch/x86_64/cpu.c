/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/cpu.h"

#include <arch/err.h>
#include <arch/pages.h>

#include "arch/x86_64/image.h"
#include "arch/x86_64/paging.h"

/* 64-bit task state segment, APM volume 2, 12.2.5. */
struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3, iomap;
} __attribute__((packed));

#define GDT_CODE64 0x00af9b000000fffful
#define GDT_DATA   0x00cf93000000fffful

static struct cpu cpus[CPU_MAX];
static struct tss tss_of[CPU_MAX] __attribute__((aligned(16)));
static uint64_t gdt_of[CPU_MAX][6] __attribute__((aligned(16)));

struct cpu *cpu_by_id(unsigned id)
{
	return &cpus[id];
}

unsigned cpu_id(void)
{
	return this_cpu()->id;
}

struct cpu *cpu_name(unsigned id)
{
	cpus[id].self = &cpus[id];
	cpus[id].id = id;
	return &cpus[id];
}

/* The run of pages that belongs to interrupt stack `ist`, its guard first. */
static uint8_t *ist_run(const struct cpu *cpu, unsigned ist)
{
	return cpu->stacks + (1 + CPU_STACK_PAGES + (ist - 1) * (1 + CPU_IST_PAGES)) * PAGE_SIZE;
}

static int make_guard(uint8_t *page)
{
	return paging_map((uint64_t)page, PAGE_SIZE, MAP_NOTHING);
}

int cpu_stacks_make(struct cpu *cpu)
{
	int error;

	cpu->stacks = pages_alloc(CPU_STACKS_PAGES, PAGE_SIZE);
	if (!cpu->stacks)
		return ERR_NO_MEMORY;
	error = make_guard(cpu->stacks);
	for (unsigned ist = 1; ist <= IST_COUNT && !error; ist++)
		error = make_guard(ist_run(cpu, ist));
	cpu->stack_top = (uintptr_t)cpu->stacks + (1 + CPU_STACK_PAGES) * PAGE_SIZE;
	return error;
}

const char *cpu_guard_name(uint64_t address)
{
	static const char *const names[] = {"", "NMI", "double fault", "machine check",
	                                    "page fault"};
	const struct cpu *cpu = this_cpu();
	uint64_t page = address / PAGE_SIZE * PAGE_SIZE;

	if (page == (uint64_t)boot_stack)
		return "main";
	if (page && page == (uint64_t)cpu->stacks)
		return "main";
	for (unsigned ist = 1; ist <= IST_COUNT && cpu->stacks; ist++)
		if (page == (uint64_t)ist_run(cpu, ist))
			return names[ist];
	return NULL;
}

static void load_segments(const uint64_t *gdt)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = {sizeof(gdt_of[0]) - 1, (uint64_t)gdt};

	__asm__ volatile("lgdt %0\n\t"
	                 "pushq %1\n\t"
	                 "leaq 1f(%%rip), %%rax\n\t"
	                 "pushq %%rax\n\t"
	                 "lretq\n\t"
	                 "1: mov %2, %%ds\n\t"
	                 "mov %2, %%es\n\t"
	                 "mov %2, %%ss\n\t"
	                 "mov %3, %%fs\n\t"
	                 "mov %3, %%gs\n\t"
	                 "ltr %w4"
	                 :
	                 : "m"(pointer), "i"(SELECTOR_CODE), "r"(SELECTOR_DATA), "r"(0),
	                   "r"(SELECTOR_TSS)
	                 : "rax", "memory");
}

static void fill_tss(struct tss *tss, const struct cpu *cpu)
{
	*tss = (struct tss){.iomap = sizeof(*tss)};
	for (unsigned ist = 1; ist <= IST_COUNT; ist++)
		tss->ist[ist - 1] = (uint64_t)ist_run(cpu, ist) + (1 + CPU_IST_PAGES) * PAGE_SIZE;
}

void cpu_load(struct cpu *cpu)
{
	uint64_t *gdt = gdt_of[cpu->id], tss = (uint64_t)&tss_of[cpu->id];

	fill_tss(&tss_of[cpu->id], cpu);
	gdt[SELECTOR_CODE / 8] = GDT_CODE64;
	gdt[SELECTOR_DATA / 8] = GDT_DATA;
	gdt[SELECTOR_TSS / 8] = (sizeof(struct tss) - 1) | (tss & 0xffffff) << 16 | 0x89ul << 40 |
	                        (tss >> 24 & 0xff) << 56;
	gdt[SELECTOR_TSS / 8 + 1] = tss >> 32;
	load_segments(gdt);
	wrmsr(MSR_GS_BASE, (uint64_t)cpu);
	trap_load();
}
