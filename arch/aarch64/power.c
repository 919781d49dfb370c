/* SPDX-License-Identifier: BSD-2-Clause */
/* Power-off and reset: by PSCI, because that runs no foreign code at our level; then by firmware's
 * service. */
#include "arch/aarch64/power.h"

#include <arch/log.h>
#include <arch/time.h>

#include "arch/aarch64/host.h"
#include "arch/aarch64/paging.h"
#include "arch/aarch64/psci.h"
#include "arch/aarch64/smp.h"

#define PATIENCE_US 100000

/* CPTR_EL2 that traps nothing, in its two layouts. */
#define CPTR_NONE     0x32fful
#define CPTR_NONE_VHE (3ul << 20 | 3ul << 16)

/* EFI_RUNTIME_SERVICES, UEFI 4.5: its header, then pointers; ResetSystem is the eleventh. */
struct runtime_services {
	uint8_t header[24];
	void *others[10];
	void (*reset_system)(uint32_t type, uint64_t status, uint64_t size, const void *data);
};

enum reset_type { RESET_COLD, RESET_WARM, RESET_SHUTDOWN };

static const struct boot_info *boot_info;

void power_init(const struct boot_info *info)
{
	boot_info = info;
}

/* Firmware's code may write and execute what it likes, so the page tables' rights end here. */
static void firmware_reset(enum reset_type type)
{
	const struct runtime_services *services = (const void *)boot_info->runtime_services;

	if (!services || paging_open_all(boot_info))
		return;
	sysreg_write(cptr_el2, host_vhe ? CPTR_NONE_VHE : CPTR_NONE);
	isb();
	services->reset_system(type, 0, 0, NULL);
}

void machine_power_off(void)
{
	smp_stop_others();
	psci_power_off();
	time_delay_us(PATIENCE_US);
	firmware_reset(RESET_SHUTDOWN);
	log_error("this machine cannot be switched off by software; it is safe to do it by hand");
	cpu_halt();
}

void machine_reset(void)
{
	smp_stop_others();
	psci_reset();
	time_delay_us(PATIENCE_US);
	firmware_reset(RESET_COLD);
	log_error("this machine cannot be reset by software");
	cpu_halt();
}
