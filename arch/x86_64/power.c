/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Power-off and reset: by ACPI's registers, because that runs no foreign code; then by firmware's
 * service; a reset at last by the oldest ways there are.
 */
#include "arch/x86_64/power.h"

#include <arch/io.h>
#include <arch/log.h>
#include <arch/time.h>

#include "arch/x86_64/acpi.h"
#include "arch/x86_64/host.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/smp.h"

#define SLP_EN (1u << 13)

/* EFI_RUNTIME_SERVICES, UEFI 4.5: its header, then pointers; ResetSystem is the eleventh. */
struct runtime_services {
	uint8_t header[24];
	void *others[10];
	void (*reset_system)(uint32_t type, uint64_t status, uint64_t size, const void *data)
	    __attribute__((ms_abi));
};

enum reset_type { RESET_COLD, RESET_WARM, RESET_SHUTDOWN };

static uint64_t runtime_services;

void power_init(const struct boot_info *info)
{
	runtime_services = info->runtime_services;
}

static void write_address(const struct acpi_address *to, unsigned bits, uint16_t value)
{
	if (!to->address)
		return;
	if (to->space == 1) {
		if (bits == 8)
			io_out8((uint16_t)to->address, (uint8_t)value);
		else
			io_out16((uint16_t)to->address, value);
	} else if (bits == 8) {
		mmio_write8(mmio_map(to->address, 1), (uint8_t)value);
	} else {
		mmio_write16(mmio_map(to->address, 2), value);
	}
}

static void acpi_power_off(void)
{
	if (!host_acpi.has_s5)
		return;
	write_address(&host_acpi.pm1a_control, 16, (uint16_t)(host_acpi.s5_type_a << 10 | SLP_EN));
	write_address(&host_acpi.pm1b_control, 16, (uint16_t)(host_acpi.s5_type_b << 10 | SLP_EN));
	time_delay_us(100000);
}

/* Firmware's code may write and execute what it likes, so the page tables' rights end here. */
static void firmware_reset(enum reset_type type)
{
	const struct runtime_services *services = (const void *)runtime_services;

	if (!services || paging_open_all())
		return;
	write_cr4(read_cr4() & ~(CR4_SMEP | CR4_SMAP | CR4_UMIP));
	services->reset_system(type, 0, 0, NULL);
}

static void prepare(void)
{
	interrupts_off();
	smp_stop_others();
}

void machine_power_off(void)
{
	prepare();
	acpi_power_off();
	firmware_reset(RESET_SHUTDOWN);
	log_error("this machine cannot be switched off by software; it is safe to do it by hand");
	cpu_halt();
}

void machine_reset(void)
{
	static const struct acpi_address keyboard = {1, 0x64}, chipset = {1, 0xcf9};

	prepare();
	write_address(&host_acpi.reset, 8, host_acpi.reset_value);
	time_delay_us(100000);
	write_address(&chipset, 8, 6);
	time_delay_us(100000);
	firmware_reset(RESET_COLD);
	write_address(&keyboard, 8, 0xfe);
	cpu_halt();
}
