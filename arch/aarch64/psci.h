/* SPDX-License-Identifier: BSD-2-Clause */
/* Power State Coordination Interface of the firmware below us, Arm DEN 0022. */
#pragma once

#include <stdint.h>

#include "arch/aarch64/description.h"

void psci_init(enum psci_conduit conduit);

/* Start the CPU with that affinity at a physical address, MMU off, x0 = argument. 0 or
 * PSCI's error, negative. */
int psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t argument);

/* Both return only where firmware cannot. */
void psci_power_off(void);
void psci_reset(void);
