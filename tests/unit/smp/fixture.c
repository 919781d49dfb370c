/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/smp/fixture.h"

#include <string.h>

#include "hv/config.h"
#include "hv/console.h"
#include "hv/monitor.h"
#include "hv/net/net.h"

struct vm guests[GUESTS];
static struct boot_info info;
static struct config config;
static uint8_t kernel[4096];

/* The least that passes for a bzImage. */
static void make_kernel(void)
{
	static const uint8_t header[] = {0x55, 0xaa, 0x66, 0, 'H', 'd', 'r', 'S', 15, 2};
	struct boot_file *file = &info.files[info.file_count++];

	kernel[0x1f1] = 1;
	memcpy(kernel + 0x1fe, header, sizeof(header));
	kernel[0x211] = 1;
	memset(kernel + 0x22c, 0x7f, 4);
	kernel[0x239] = 7;
	strcpy(file->name, "vmlinuz");
	file->data = kernel;
	file->size = sizeof(kernel);
}

static void report(void *context, const char *line)
{
	(void)context;
	cr_assert_fail("%s", line);
}

void smp_start(unsigned count, const char *configuration,
               void (*run)(struct vcpu *vcpu, struct vcpu_exit *exit))
{
	hosted_reset();
	hosted_cpu.count = count;
	hosted_vcpu_run = run;
	make_kernel();
	config_parse(&config, "vireo.ini", configuration, strlen(configuration), report, NULL);
	console_start(monitor_command);
	net_start(NULL, &config.uplink);
	monitor_poweroff_on_last_exit = false;
	vms = guests;
	vm_count = config.vm_count;
	for (unsigned i = 0; i < vm_count; i++) {
		vm_create(&guests[i], &config.vms[i], &info, i, i % count);
		cr_assert_eq(guests[i].state, VM_RUNNING);
	}
	for (unsigned cpu = 0; cpu < count; cpu++) {
		hosted_cpu.id = cpu;
		sched_start(cpu);
	}
}

void turn(unsigned cpu)
{
	hosted_cpu.id = cpu;
	hosted_cpu.kicked[cpu] = false;
	sched_turn(cpu);
}

bool told(unsigned cpu)
{
	return hosted_cpu.kicked[cpu];
}

void on_cpu(unsigned cpu, void (*happens)(void))
{
	unsigned before = hosted_cpu.id;

	hosted_cpu.id = cpu;
	happens();
	hosted_cpu.id = before;
}
