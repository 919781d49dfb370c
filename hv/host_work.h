/* SPDX-License-Identifier: BSD-2-Clause */
/* Work that belongs to no guest: serial line, consoles, network, the end of it all. */
#pragma once

#include <stdint.h>

/* Do what waits, bounded; called in each turn of a CPU's loop, does nothing but on the boot CPU.
 * Returns when it wants to be called again at the latest (time_ns), 0: at once. */
uint64_t host_work(unsigned cpu);
