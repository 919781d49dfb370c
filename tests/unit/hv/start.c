/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole hypervisor on a machine made of C: from the configuration's text to the end of the last
 * guest. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <arch/cpu.h>
#include <arch/pages.h>

#include "arch/hosted/hosted.h"
#include "guest-devices/timer/acpi_pm.h"
#include "hv/hv.h"
#include "hv/machine/pc/pc.h"
#include "hv/monitor.h"
#include "hv/monitor_devices.h"
#include "hv/vm.h"

static struct boot_info info;
static uint8_t kernel[4096];

static void add_file(const char *name, const void *data, size_t size)
{
	struct boot_file *file = &info.files[info.file_count++];

	snprintf(file->name, sizeof(file->name), "%s", name);
	file->data = (uint8_t *)(uintptr_t)data;
	file->size = size;
}

/* The least that passes for a bzImage. */
static void make_kernel(void)
{
	kernel[0x1f1] = 1;
	kernel[0x1fe] = 0x55;
	kernel[0x1ff] = 0xaa;
	memcpy(kernel + 0x202, "HdrS", 4);
	kernel[0x201] = 0x66;
	kernel[0x206] = 15;
	kernel[0x207] = 2;
	kernel[0x211] = 1;
	memset(kernel + 0x22c, 0x7f, 4);
	kernel[0x239] = 7;
}

/* Run until the machine stops; returns how (STOP_*). */
static int run(const char *configuration)
{
	int how;

	make_kernel();
	add_file("vireo.ini", configuration, strlen(configuration));
	add_file("vmlinuz", kernel, sizeof(kernel));
	hosted_cpu.stop_armed = true;
	how = setjmp(hosted_cpu.stop);
	if (how == 0)
		hv_main(&info);
	return how;
}

static struct vcpu_exit port_write(uint16_t port, uint8_t size, uint64_t value)
{
	return (struct vcpu_exit){
	    .kind = EXIT_PORT,
	    .access = {.address = port, .size = size, .value = value, .write = true}};
}

static void power_off(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	(void)vcpu;
	*exit = port_write(ACPI_PM_PORT + ACPI_PM_CONTROL, 2, 1 << 13 | ACPI_PM_S5 << 10);
}

#define ALPHA "[vm alpha]\nmemory = 32M\nkernel = vmlinuz\n"
#define BETA  "[vm beta]\nmemory = 32M\nkernel = vmlinuz\n"

TestSuite(hv, .init = hosted_reset);

Test(hv, ends_when_the_last_guest_has_powered_off)
{
	hosted_vcpu_run = power_off;
	cr_assert_eq(run(ALPHA BETA), STOP_POWER_OFF);
	cr_assert(hosted_log_has("2 of 2 guests started"));
	cr_assert(hosted_log_has("alpha: stopped: powered off by the guest"));
	cr_assert(hosted_log_has("beta: stopped: powered off by the guest"));
}

Test(hv, a_missing_kernel_costs_its_guest_only)
{
	hosted_vcpu_run = power_off;
	cr_assert_eq(run(ALPHA "[vm beta]\nmemory = 32M\nkernel = nothing\n"), STOP_POWER_OFF);
	cr_assert(hosted_log_has("vireo.ini:6: [vm beta] kernel: nothing"));
	cr_assert(hosted_log_has("1 of 2 guests started"));
	cr_assert(hosted_log_has("alpha: stopped: powered off by the guest"));
}

Test(hv, a_broken_section_costs_its_guest_only)
{
	hosted_vcpu_run = power_off;
	cr_assert_eq(run(ALPHA "[vm beta]\nmemory = lots\nkernel = vmlinuz\n"), STOP_POWER_OFF);
	cr_assert(hosted_log_has("vireo.ini:5: [vm beta] memory"));
	cr_assert(hosted_log_has("beta: not started"));
	cr_assert(hosted_log_has("alpha: stopped: powered off by the guest"));
}

Test(hv, what_a_failed_guest_took_is_given_back)
{
	size_t before;

	hosted_vcpu_run = power_off;
	before = pages_free_count();
	cr_assert_eq(run("[vm beta]\nmemory = 32M\nkernel = nothing\ndisk = ram:1M\nrng = yes\n"),
	             STOP_POWER_OFF);
	cr_assert_eq(pages_free_count(), before);
}

static uint8_t firmware[300 * 1024 + 1];
#define FIRMWARE "[vm alpha]\nmemory = 32M\nballoon = yes\nfirmware = bios\n"

static uint8_t next_of_item(uint16_t key, unsigned skip)
{
	struct bus_access access = {.address = FW_CFG_PORT, .value = key, .size = 2, .write = true};

	bus_dispatch(&vms[0].ports, &access);
	do {
		access = (struct bus_access){.address = FW_CFG_PORT + 1, .size = 1};
		bus_dispatch(&vms[0].ports, &access);
	} while (skip--);
	return (uint8_t)access.value;
}

static void look_at_firmware(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	const struct guest_mem *mem = &vms[0].mem;
	const size_t size = sizeof(firmware), low = 256 * 1024;
	static uint8_t rom[sizeof(firmware)];

	cr_assert_eq(vcpu->entry, 0); /* where the reset left it */
	cr_assert_eq(guest_mem_read(mem, PC_ROM_END - size, rom, size), 0);
	cr_assert_eq(memcmp(rom, firmware, size), 0);
	cr_assert_neq(guest_mem_write(mem, PC_ROM_END - 1, rom, 1), 0);
	cr_assert_eq(guest_mem_read(mem, (1 << 20) - low, rom, low), 0);
	cr_assert_eq(memcmp(rom, firmware + size - low, low), 0);
	cr_assert_eq(next_of_item(FW_CFG_SIGNATURE, 0), 'Q');
	cr_assert_eq(next_of_item(FW_CFG_CPUS, 0), 1);
	cr_assert_eq(next_of_item(FW_CFG_FIRST_FILE, 11), 2); /* RAM of 0x02000000 bytes */
	power_off(vcpu, exit);
}

Test(hv, firmware_ends_at_4_gib_and_below_1_mib)
{
	for (size_t i = 0; i < sizeof(firmware); i++)
		firmware[i] = (uint8_t)(i * 2654435761u >> 13);
	add_file("bios", firmware, sizeof(firmware));
	hosted_vcpu_run = look_at_firmware;
	cr_assert_eq(run(FIRMWARE), STOP_POWER_OFF);
	cr_assert(hosted_log_has("1 of 1 guests started"));
}

Test(hv, firmware_that_cannot_be_costs_its_guest_only)
{
	hosted_vcpu_run = power_off;
	add_file("bios", firmware, (16 << 20) + 1);
	cr_assert_eq(run(FIRMWARE BETA), STOP_POWER_OFF);
	cr_assert(hosted_log_has("vireo.ini:4: [vm alpha] firmware: bios is not from 1 byte"));
	cr_assert(hosted_log_has("1 of 2 guests started"));
}

/* The guest looks for its devices at both places, then powers off. */
static unsigned devices_at_mmio;

static void look_for_mmio(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	struct bus *memory = &vms[0].memory;

	devices_at_mmio = 0;
	for (unsigned i = 0; i < 16; i++) {
		struct bus_access access = {.address = PC_MMIO + i * 0x200, .size = 4};

		bus_dispatch(memory, &access);
		devices_at_mmio += (uint32_t)access.value == 0x74726976;
	}
	power_off(vcpu, exit);
}

Test(hv, virtio_over_mmio_as_configured)
{
	hosted_vcpu_run = look_for_mmio;
	cr_assert_eq(run(ALPHA "virtio = mmio\nrng = yes\ndisk = ram:1M\ndisk = ram:1M\n"),
	             STOP_POWER_OFF);
	cr_assert_eq(devices_at_mmio, 4);
}

Test(hv, virtio_over_pci_leaves_the_place_for_mmio_empty)
{
	hosted_vcpu_run = look_for_mmio;
	cr_assert_eq(run(ALPHA "rng = yes\n"), STOP_POWER_OFF);
	cr_assert_eq(devices_at_mmio, 0);
}

Test(hv, as_many_devices_over_mmio_as_there_can_be)
{
	hosted_vcpu_run = look_for_mmio;
	cr_assert_eq(run(ALPHA "virtio = mmio\nrng = yes\nnet = nat\n"
	                       "disk = ram:64K\ndisk = ram:64K\ndisk = ram:64K\n"
	                       "disk = ram:64K\ndisk = ram:64K\ndisk = ram:64K\n"
	                       "disk = ram:64K\ndisk = ram:64K\n"
	                       "balloon = yes\nscsi = ram:64K\nclock = yes\n"
	                       "vsock = 5\nexample = yes\n"),
	             STOP_POWER_OFF);
	cr_assert_eq(devices_at_mmio, 16);
}

static unsigned runs;

static void fault_twice(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	if (++runs > 2)
		power_off(vcpu, exit);
	else
		*exit = (struct vcpu_exit){.kind = EXIT_SHUTDOWN, .reason = "TRIPLE_FAULT"};
}

Test(hv, a_triple_fault_resets_that_guest_with_one_line)
{
	hosted_vcpu_run = fault_twice;
	cr_assert_eq(run(ALPHA), STOP_POWER_OFF);
	cr_assert(hosted_log_has("alpha: vCPU 0: TRIPLE_FAULT at"));
	cr_assert_eq(vms[0].resets, 2);
}

static void fault_always(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	(void)vcpu;
	*exit = (struct vcpu_exit){.kind = EXIT_SHUTDOWN, .reason = "TRIPLE_FAULT"};
}

Test(hv, a_guest_that_faults_at_every_start_is_stopped)
{
	hosted_vcpu_run = fault_always;
	cr_assert_eq(run(ALPHA), STOP_POWER_OFF);
	cr_assert_eq(vms[0].state, VM_STOPPED);
	cr_assert_eq(vms[0].resets, 4);
	cr_assert(hosted_log_has("alpha: stopped: it fails again and again"));
}

static void fail(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	(void)vcpu;
	*exit = (struct vcpu_exit){.kind = EXIT_ERROR, .reason = "UNEMULATED"};
}

Test(hv, an_exit_that_cannot_be_emulated_stops_the_guest_with_its_reason_code)
{
	hosted_vcpu_run = fail;
	cr_assert_eq(run(ALPHA), STOP_POWER_OFF);
	cr_assert(hosted_log_has("alpha: vCPU 0: UNEMULATED at"));
	cr_assert(hosted_log_has("alpha: stopped: UNEMULATED"));
}

static void idle_for_ever(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	(void)vcpu;
	*exit = (struct vcpu_exit){.kind = EXIT_IDLE};
}

/* What a person types in the monitor, at the first moments with nothing to do. */
static const char *const *typed;
static size_t free_at_first; /* pages, before the first command */

static void type_next(void)
{
	if (!free_at_first)
		free_at_first = pages_free_count();
	hosted_time.now_ns += 1000000;
	if (*typed)
		monitor_command(*typed++);
}

static int type_in(const char *const *commands)
{
	typed = commands;
	hosted_cpu.idle = type_next;
	hosted_vcpu_run = idle_for_ever;
	return run(ALPHA BETA);
}

static void run_monitor(const char *const *commands)
{
	cr_assert_eq(type_in(commands), STOP_POWER_OFF);
}

static char shown[4096];

static void collect(const char *text)
{
	strncat(shown, text, sizeof(shown) - strlen(shown) - 2);
	strcat(shown, "\n");
}

static void start_driver(void *context, struct virtio_device *device)
{
	(void)context;
	device->features = VIRTIO_F_VERSION_1 | VIRTIO_F_RING_RESET | 1 | 1ull << 31;
	device->status = 15;
	device->queues[1].enabled = true;
}

Test(monitor, devices_of_one_guest_and_of_all)
{
	run_monitor(
	    (const char *const[]){"devices", "devices alpha", "devices nobody", "poweroff", NULL});
	monitor_devices(&vms[0], collect);
	cr_assert_str_eq(shown, "alpha: virtio over pci\n  console0   console (3), reset\n");
	virtio_set_each(vms[0].virtio, start_driver, NULL);
	shown[0] = 0;
	monitor_devices(&vms[0], collect);
	cr_assert_str_eq(shown, "alpha: virtio over pci\n  console0   console (3), runs\n"
	                        "             SIZE bit31 VERSION_1 RING_RESET\n"
	                        "             queue 1: split, 256 entries, 0 out;\n");
}

Test(monitor, the_machine_starts_again)
{
	cr_assert_eq(type_in((const char *const[]){"reboot now", "reboot", NULL}), STOP_RESET);
}

Test(monitor, stop_and_reset_change_that_guest_only)
{
	run_monitor((const char *const[]){"stop alpha", "reset alpha", "reset alpha", "stop beta",
	                                  "poweroff", NULL});
	cr_assert_eq(vms[0].resets, 2);
	cr_assert_eq(vms[0].state, VM_RUNNING);
	cr_assert_eq(vms[1].resets, 0);
	cr_assert_eq(vms[1].state, VM_STOPPED);
}

Test(monitor, no_page_is_lost_over_a_hundred_resets)
{
	const char *commands[128] = {0};

	for (unsigned i = 0; i < 100; i++)
		commands[i] = "reset alpha";
	commands[100] = "poweroff";
	run_monitor(commands);
	cr_assert_eq(vms[0].resets, 100);
	cr_assert_eq(vms[1].resets, 0);
	cr_assert_eq(pages_free_count(), free_at_first);
}

Test(monitor, an_unknown_guest_or_word_changes_nothing)
{
	run_monitor((const char *const[]){"stop gamma", "frobnicate", "stop", "list now", "",
	                                  "log loud", "  stats  alpha  ", "help", "net", "list",
	                                  "poweroff", NULL});
	cr_assert_eq(vms[0].state, VM_RUNNING);
	cr_assert_eq(vms[1].state, VM_RUNNING);
}
