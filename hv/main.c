/* SPDX-License-Identifier: BSD-2-Clause */
/* Start-up, in order, on one screen. */
#include <stdatomic.h>

#include <arch/cpu.h>
#include <arch/log.h>
#include <arch/pages.h>
#include <arch/time.h>

#include "hv/clock.h"
#include "hv/config.h"
#include "hv/console.h"
#include "hv/drivers/drivers.h"
#include "hv/hv.h"
#include "hv/monitor.h"
#include "hv/net/net.h"
#include "hv/rng.h"
#include "hv/sched.h"
#include "hv/vm.h"

static struct config config;
static struct vm vm_table[CONFIG_VMS];

static void report(void *context, const char *line)
{
	(void)context;
	log_error("%s", line);
}

static void read_configuration(const struct boot_info *info)
{
	const struct boot_file *file = boot_file_find(info, "vireo.ini");

	if (info->error[0])
		log_error("%s", info->error);
	if (!file)
		log_error(
		    "vireo.ini: not found on the EFI system partition; make image puts it there");
	else
		config_parse(&config, "vireo.ini", (const char *)file->data, file->size, report,
		             NULL);
	monitor_poweroff_on_last_exit = config.poweroff_on_last_exit;
}

/* A machine that cannot run any guest stays on, with its messages to be read and the monitor to be
 * used. */
static void create_guests(const struct boot_info *info)
{
	unsigned running = 0,
	         next_cpu = 1; /* the boot CPU has the network as well: it comes last */

	vms = vm_table;
	for (vm_count = 0; vm_count < config.vm_count; vm_count++) {
		const struct vm_config *vm = &config.vms[vm_count];
		unsigned cpu = vm->cpu >= 0 ? (unsigned)vm->cpu : next_cpu++;

		vm_create(&vm_table[vm_count], vm, info, vm_count, cpu % cpu_count());
		running += vm_table[vm_count].state == VM_RUNNING;
	}
	log_info("%u of %u guests started; %zu MiB free", running, vm_count,
	         pages_free_count() * PAGE_SIZE >> 20);
}

static atomic_bool guests_ready;

/* The other CPUs are needed to know how many there are; they have nothing to do before there are
 * guests. */
static void other_cpu(unsigned cpu)
{
	while (!guests_ready)
		cpu_idle();
	sched_loop(cpu);
}

static void release_other_cpus(void)
{
	guests_ready = true;
	for (unsigned cpu = 1; cpu < cpu_count(); cpu++)
		cpu_kick(cpu);
}

_Noreturn void hv_main(struct boot_info *info)
{
	arch_init(info);
	cpu_start_others(other_cpu);
	log_info("Vireo on %u CPUs, %zu MiB", cpu_count(), pages_total_count() * PAGE_SIZE >> 20);
	serial_start(console_input);
	console_start(monitor_command);
	read_configuration(info);
	if (!rng_start(info->entropy, info->entropy_size))
		log_warn(
		    "neither firmware nor the CPU gives random numbers: rng devices stay empty");
	clock_start(&config.leap_second);
	drivers_start();
	net_start(drivers_nic(), &config.uplink);
	if (cpu_virt_enable() == 0)
		create_guests(info);
	log_info("first guest instruction %llu us after EFI entry",
	         (unsigned long long)((time_cycles() - info->entry_cycles) /
	                              (time_cycles_hz() / 1000000)));
	release_other_cpus();
	sched_loop(0);
}
