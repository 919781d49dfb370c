/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's start-up order, and what a CPU does while it waits. */
#include <arch/err.h>
#include <arch/io.h>
#include <arch/log.h>
#include <arch/pages.h>

#include "arch/common/self_check.h"
#include "arch/x86_64/acpi.h"
#include "arch/x86_64/apic.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/host.h"
#include "arch/x86_64/irq.h"
#include "arch/x86_64/machine_check.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/power.h"
#include "arch/x86_64/smp.h"
#include "arch/x86_64/timer.h"

#define LOW_MEMORY (1ul << 20) /* stays out of the pool: firmware's and start-up code's */

struct acpi host_acpi;

const void *acpi_memory(uint64_t physical, size_t size)
{
	uint64_t first = physical / PAGE_SIZE * PAGE_SIZE, end = physical + size;

	if (end < physical || end >> 52)
		return NULL;
	for (uint64_t page = first; page < end; page += PAGE_SIZE)
		if (!paging_rights(page) && paging_map(page, PAGE_SIZE, MAP_CONSTANTS))
			return NULL;
	return (const void *)physical;
}

uint64_t host_ecam_base(unsigned *buses)
{
	*buses = host_acpi.ecam_buses;
	return host_acpi.ecam_base;
}

static void fill_pool(const struct boot_info *info, enum boot_region_kind kind)
{
	for (unsigned i = 0; i < info->region_count; i++) {
		uint64_t base = info->regions[i].base, end = base + info->regions[i].size;

		if (base < LOW_MEMORY)
			base = LOW_MEMORY;
		if (info->regions[i].kind == kind && end > base)
			pages_add(base, end - base);
	}
}

void arch_init(struct boot_info *info)
{
	struct cpu *cpu = cpu_name(0);

	wrmsr(MSR_GS_BASE, (uint64_t)cpu);
	trap_init();
	smp_reserve(info);
	fill_pool(info, BOOT_RAM_FREE);
	paging_init(info);
	if (cpu_stacks_make(cpu))
		panic("no memory for the stacks of the boot CPU");
	cpu_load(cpu);
	fill_pool(info, BOOT_RAM_FIRMWARE);
	if (info->odd_regions)
		log_warn("firmware's memory map has %u odd entries", info->odd_regions);
	if (acpi_read(&host_acpi, info->rsdp))
		log_warn("no ACPI tables: one CPU, no interrupt lines");
	apic_init();
	apic_start();
	cpu->apic_id = apic_id();
	cpu->online = true;
	irq_init(&host_acpi);
	timer_init(&host_acpi, info->wall_clock, info->entry_cycles);
	timer_start();
	machine_check_start();
	power_init(info);
	self_check_init();
}

/* `sti` takes effect after `hlt`, so an interrupt cannot come between the check and the sleep. */
void cpu_idle(void)
{
	struct cpu *cpu = this_cpu();

	if (!cpu->woken)
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	else
		__asm__ volatile("sti; nop; cli" : : : "memory");
	cpu->woken = false;
}

void cpu_kick(unsigned id)
{
	apic_send(cpu_by_id(id)->apic_id, VECTOR_KICK | APIC_LEVEL_ASSERT);
}

void cpu_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt" : : : "memory");
}

/* One word from the hardware's generator, which may run dry for a moment. */
static bool random_word(uint64_t *word)
{
	bool valid = false;

	for (unsigned tries = 0; tries < 16 && !valid; tries++)
		__asm__ volatile("rdrand %0" : "=r"(*word), "=@ccc"(valid));
	return valid;
}

size_t cpu_random(void *buf, size_t size)
{
	uint8_t *to = buf;
	uint64_t word = 0;

	if (!(cpuid(1, 0).ecx >> 30 & 1))
		return 0;
	for (size_t i = 0; i < size; i++, word >>= 8) {
		if (i % 8 == 0 && !random_word(&word))
			return i;
		to[i] = (uint8_t)word;
	}
	return size;
}
