/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/psci.h"

#include <arch/log.h>

#define PSCI_CPU_ON       0xc4000003u
#define PSCI_SYSTEM_OFF   0x84000008u
#define PSCI_SYSTEM_RESET 0x84000009u
#define NOT_SUPPORTED     (-1)

static bool available;

/* From EL2 an HVC would end with ourselves, so only a monitor at EL3 can help. */
void psci_init(enum psci_conduit conduit)
{
	available = conduit == PSCI_SMC;
	if (!available)
		log_warn("firmware offers no PSCI by SMC: one CPU, no power-off");
}

/* SMC calling convention, Arm DEN 0028: x0-x3 both ways, x4-x17 may be lost. */
static int call(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = a;
	register uint64_t x2 __asm__("x2") = b;
	register uint64_t x3 __asm__("x3") = c;

	if (!available)
		return NOT_SUPPORTED;
	__asm__ volatile("smc #0"
	                 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
	                 :
	                 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
	                   "x15", "x16", "x17", "memory");
	return (int)x0;
}

int psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t argument)
{
	return call(PSCI_CPU_ON, mpidr, entry, argument);
}

void psci_power_off(void)
{
	call(PSCI_SYSTEM_OFF, 0, 0, 0);
}

void psci_reset(void)
{
	call(PSCI_SYSTEM_RESET, 0, 0, 0);
}
