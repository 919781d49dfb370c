/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting the other CPUs, one after the other. */
#include "arch/x86_64/smp.h"

#include <arch/log.h>
#include <arch/pages.h>
#include <arch/time.h>
#include <stdatomic.h>
#include <string.h>

#include "arch/x86_64/acpi.h"
#include "arch/x86_64/apic.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/host.h"
#include "arch/x86_64/image.h"
#include "arch/x86_64/machine_check.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/timer.h"

#define LOW_END     0xa0000ul
#define SECOND_TRY  10000u   /* microseconds until the start-up message is repeated */
#define START_LIMIT 1000000u /* and until the CPU is given up */

/* Used by entry.S: the stack for the CPU that is being started, 0 for any other. */
extern _Atomic uint64_t ap_stack_slot __attribute__((visibility("hidden")));
extern uint8_t ap_entry[] __attribute__((visibility("hidden")));
void ap_main(void) __attribute__((visibility("hidden")));

_Atomic uint64_t ap_stack_slot;
static uint64_t trampoline;
static unsigned running = 1;
static atomic_bool stopping;
static struct cpu *starting;
static void (*cpu_entry)(unsigned cpu);

unsigned cpu_count(void)
{
	return running;
}

void smp_reserve(const struct boot_info *info)
{
	for (unsigned i = 0; i < info->region_count && !trampoline; i++) {
		const struct boot_region *region = &info->regions[i];
		uint64_t page = region->base ? region->base : PAGE_SIZE;

		if (region->kind == BOOT_RAM_FREE && page < LOW_END &&
		    page + PAGE_SIZE <= region->base + region->size)
			trampoline = page;
	}
}

static void set32(const uint8_t *field, uint64_t value)
{
	uint32_t word = (uint32_t)value;

	memcpy((uint8_t *)trampoline + (field - trampoline_start), &word, sizeof(word));
}

/* Written while it is data, executed when it is text. */
static void write_trampoline(void)
{
	uint64_t entry = (uint64_t)ap_entry;

	memcpy((uint8_t *)trampoline, trampoline_start,
	       (size_t)(trampoline_end - trampoline_start));
	set32(trampoline_gdt_base, trampoline + (uint64_t)(trampoline_gdt - trampoline_start));
	set32(trampoline_far32, trampoline + (uint64_t)(trampoline_code32 - trampoline_start));
	set32(trampoline_far64, trampoline + (uint64_t)(trampoline_code64 - trampoline_start));
	set32(trampoline_cr3, paging_root());
	memcpy((uint8_t *)trampoline + (trampoline_entry - trampoline_start), &entry,
	       sizeof(entry));
	CHECK(!paging_map(trampoline, PAGE_SIZE, MAP_TEXT));
}

/* The CPU's first C function, on its own stack. */
void ap_main(void)
{
	struct cpu *cpu = starting;

	paging_load();
	cpu_load(cpu);
	apic_start();
	if (apic_id() != cpu->apic_id)
		cpu_halt();
	timer_start();
	machine_check_start();
	cpu->start_cycles = rdtsc();
	__atomic_store_n(&cpu->online, true, __ATOMIC_RELEASE);
	cpu_entry(cpu->id);
	cpu_halt();
}

static bool wait_online(const struct cpu *cpu, unsigned us)
{
	for (; us && !__atomic_load_n(&cpu->online, __ATOMIC_ACQUIRE); us -= 10)
		time_delay_us(10);
	return us;
}

/* One clock for all CPUs is what time_ns() stands on. */
static void check_clock(const struct cpu *cpu, uint64_t before)
{
	if (cpu->start_cycles < before || cpu->start_cycles > rdtsc())
		log_error("the cycle counter of CPU %u differs by %ld from the boot CPU's", cpu->id,
		          (int64_t)(cpu->start_cycles - before));
}

/*
 * A CPU that does not answer is put back to waiting and its stack taken away, so that it cannot
 * come later; the stack's pages are not used again.
 */
static bool start(struct cpu *cpu)
{
	uint64_t before = rdtsc();
	uint32_t startup = APIC_DELIVERY_STARTUP | (uint32_t)(trampoline / PAGE_SIZE);

	if (cpu_stacks_make(cpu)) {
		log_error("no memory for the stacks of CPU %u", cpu->id);
		return false;
	}
	starting = cpu;
	atomic_store(&ap_stack_slot, cpu->stack_top);
	apic_send(cpu->apic_id, APIC_DELIVERY_INIT | APIC_LEVEL_ASSERT);
	time_delay_us(100);
	apic_send(cpu->apic_id, startup);
	if (!wait_online(cpu, SECOND_TRY))
		apic_send(cpu->apic_id, startup);
	if (wait_online(cpu, START_LIMIT)) {
		check_clock(cpu, before);
		return true;
	}
	atomic_store(&ap_stack_slot, 0);
	apic_send(cpu->apic_id, APIC_DELIVERY_INIT | APIC_LEVEL_ASSERT);
	log_error("the CPU with APIC id %u does not start and is left out", cpu->apic_id);
	return false;
}

void cpu_start_others(void (*entry)(unsigned cpu))
{
	cpu_entry = entry;
	if (host_acpi.cpus_left_out)
		log_warn("%u CPUs beyond the first %u are left out", host_acpi.cpus_left_out,
		         CPU_MAX);
	if (host_acpi.cpu_count < 2)
		return;
	if (!trampoline) {
		log_error("no free memory below 1 MiB: other CPUs cannot be started");
		return;
	}
	write_trampoline();
	for (unsigned i = 0; i < host_acpi.cpu_count; i++) {
		struct cpu *cpu = cpu_name(running);

		cpu->apic_id = host_acpi.apic_ids[i];
		if (cpu->apic_id != this_cpu()->apic_id && start(cpu))
			running++;
	}
}

bool smp_stopping(void)
{
	return atomic_load(&stopping);
}

void smp_stop_others(void)
{
	atomic_store(&stopping, true);
	if (running > 1)
		apic_send(0, APIC_DELIVERY_NMI | APIC_LEVEL_ASSERT | APIC_TO_OTHERS);
}
