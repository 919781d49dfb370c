/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/machine_check.h"

#include "arch/x86_64/host.h"

#define MCG_CTL_P (1ul << 8)

/* The registers of a bank follow each other by four. */
static uint32_t bank_register(uint32_t first, unsigned bank)
{
	return first + 4 * bank;
}

bool machine_check_read(unsigned bank, struct machine_check *check)
{
	uint64_t capabilities;

	if (rdmsr_safe(MSR_MCG_CAP, &capabilities) || bank >= (capabilities & 0xff))
		return false;
	rdmsr_safe(bank_register(MSR_MC0_STATUS, bank), &check->status);
	rdmsr_safe(bank_register(MSR_MC0_ADDR, bank), &check->address);
	return true;
}

/* What is left over from before the start is firmware's and is dropped. */
void machine_check_start(void)
{
	uint64_t capabilities;

	if (rdmsr_safe(MSR_MCG_CAP, &capabilities))
		return;
	if (capabilities & MCG_CTL_P)
		wrmsr_safe(MSR_MCG_CTL, UINT64_MAX);
	for (unsigned bank = 0; bank < (capabilities & 0xff); bank++) {
		wrmsr_safe(bank_register(MSR_MC0_CTL, bank), UINT64_MAX);
		wrmsr_safe(bank_register(MSR_MC0_STATUS, bank), 0);
	}
}
