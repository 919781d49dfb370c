/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdbool.h>

#include <arch/boot_info.h>

/* Take the page below 1 MiB that other CPUs start in; before the pool gets the RAM. */
void smp_reserve(const struct boot_info *info);
/* Stop the other CPUs where they are, for good. */
void smp_stop_others(void);
bool smp_stopping(void); /* has that been asked for? */
