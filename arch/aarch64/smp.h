/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include "arch/aarch64/host.h"

/* Number the CPUs of the description, the boot CPU first, and make their stacks. */
void smp_init(const struct host_description *host);
/* Stop the other CPUs, each at its next look at interrupts, for good. */
void smp_stop_others(void);
