/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/virt_board/fixture.h"

#include <stdio.h>
#include <string.h>

#include <arch/cpu.h>

#include "hv/hv.h"

static struct boot_info info;
uint8_t kernel[4096];

static guest_step *const *steps;
static unsigned step, step_count;

void add_file(const char *name, const void *data, size_t size)
{
	struct boot_file *file = &info.files[info.file_count++];

	snprintf(file->name, sizeof(file->name), "%s", name);
	file->data = (uint8_t *)(uintptr_t)data;
	file->size = size;
}

void fixture_reset(void)
{
	static const uint8_t header[] = {[18] = 0x10, [24] = 0xa, [56] = 'A', 'R', 'M', 'd'};

	hosted_reset();
	hosted_gic_version = 3;
	hosted_gicv = HOSTED_GICV;
	memcpy(kernel, header, sizeof(header));
	info.file_count = 0;
	add_file("vireo.ini", NULL, 0); /* filled by run() */
	add_file("Image", kernel, sizeof(kernel));
}

int run(const char *configuration)
{
	int how;

	info.files[0].data = (uint8_t *)(uintptr_t)configuration;
	info.files[0].size = strlen(configuration);
	hosted_cpu.stop_armed = true;
	how = setjmp(hosted_cpu.stop);
	if (how == 0)
		hv_main(&info);
	return how;
}

void power_off(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	(void)vcpu;
	*exit = (struct vcpu_exit){.kind = EXIT_POWER_OFF};
}

static void next_step(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	*exit = (struct vcpu_exit){.kind = EXIT_HOST};
	if (step < step_count)
		steps[step++](vcpu);
	else
		power_off(vcpu, exit);
}

int run_steps(const char *configuration, guest_step *const *taken, unsigned count)
{
	steps = taken;
	step = 0;
	step_count = count;
	hosted_vcpu_run = next_step;
	return run(configuration);
}

bool guest_read(uint64_t address, uint8_t size, uint64_t *value)
{
	struct bus_access access = {.address = address, .size = size};
	bool answered;

	vms[0].accessing = &vms[0].vcpus[0];
	answered = bus_dispatch(&vms[0].memory, &access);
	*value = size == 8 ? access.value : access.value & ((1ull << size * 8) - 1);
	return answered;
}

bool guest_write(uint64_t address, uint8_t size, uint64_t value)
{
	struct bus_access access = {
	    .address = address, .size = size, .value = value, .write = true};

	vms[0].accessing = &vms[0].vcpus[0];
	return bus_dispatch(&vms[0].memory, &access);
}
