/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting the other CPUs, one after the other. */
#include "arch/aarch64/smp.h"

#include <arch/log.h>
#include <arch/time.h>

#include "arch/aarch64/gic.h"
#include "arch/aarch64/image.h"
#include "arch/aarch64/paging.h"
#include "arch/aarch64/psci.h"
#include "arch/aarch64/registers.h"
#include "arch/aarch64/stacks.h"
#include "arch/aarch64/timer.h"

#define START_LIMIT 1000000u /* microseconds until a CPU is given up */

/* What ap_entry finds in x0. */
struct ap_start {
	struct paging_registers registers;
	struct host_cpu *cpu;
};
_Static_assert(offsetof(struct ap_start, cpu) == 40, "entry.S knows it");

void ap_main(struct host_cpu *cpu) __attribute__((visibility("hidden")));

static struct host_cpu cpus[CPU_MAX];
static unsigned known = 1, running = 1;
static void (*cpu_entry)(unsigned cpu);

struct host_cpu *cpu_by_id(unsigned id)
{
	return &cpus[id];
}

unsigned cpu_id(void)
{
	return this_cpu()->id;
}

unsigned cpu_count(void)
{
	return running;
}

void smp_init(const struct host_description *host)
{
	if (host->cpus_left_out)
		log_warn("%u CPUs beyond the first %u are left out", host->cpus_left_out, CPU_MAX);
	for (unsigned i = 0; i < host->cpu_count && known < CPU_MAX; i++)
		if (host->mpidrs[i] != cpus[0].mpidr)
			cpus[known++].mpidr = host->mpidrs[i];
	for (unsigned i = 0; i < known; i++) {
		cpus[i].id = i;
		if (stacks_make(&cpus[i]))
			panic("no memory for the stacks of CPU %u", i);
	}
}

/* The CPU's first C function, on its own stack. */
void ap_main(struct host_cpu *cpu)
{
	registers_init();
	gic_start();
	timer_start();
	cpu->start_cycles = time_cycles();
	__atomic_store_n(&cpu->online, true, __ATOMIC_RELEASE);
	cpu_entry(cpu->id);
	cpu_halt();
}

static bool wait_online(const struct host_cpu *cpu)
{
	for (unsigned us = START_LIMIT; us; us -= 10) {
		if (__atomic_load_n(&cpu->online, __ATOMIC_ACQUIRE))
			return true;
		time_delay_us(10);
	}
	return false;
}

/* One clock for all CPUs is what time_ns() stands on. */
static void check_clock(const struct host_cpu *cpu, uint64_t before)
{
	if (cpu->start_cycles < before || cpu->start_cycles > time_cycles())
		log_error("the cycle counter of CPU %u differs by %ld from the boot CPU's", cpu->id,
		          (int64_t)(cpu->start_cycles - before));
}

/* false: it cannot be known whether the CPU comes late. One that firmware refuses is replaced by
 * the last that is left. */
static bool start(struct host_cpu *cpu)
{
	static struct ap_start argument;
	uint64_t before = time_cycles();
	int err = -1;

	while (err && cpu->id < known) {
		argument = (struct ap_start){paging_registers(), cpu};
		paging_clean(&argument, sizeof(argument));
		err = psci_cpu_on(cpu->mpidr, (uint64_t)ap_entry, (uint64_t)&argument);
		if (err) {
			log_error("the CPU with affinity %#lx does not start, PSCI error %d",
			          cpu->mpidr, err);
			cpu->mpidr = cpus[--known].mpidr;
		}
	}
	if (err)
		return false;
	if (wait_online(cpu)) {
		check_clock(cpu, before);
		return true;
	}
	log_error("the CPU with affinity %#lx does not start; it and those after it are left out",
	          cpu->mpidr);
	return false;
}

void cpu_start_others(void (*entry)(unsigned cpu))
{
	cpu_entry = entry;
	while (running < known && start(&cpus[running]))
		running++;
}

void smp_stop_others(void)
{
	for (unsigned i = 0; i < running; i++)
		if (&cpus[i] != this_cpu())
			gic_send(i, GIC_SGI_STOP);
}
