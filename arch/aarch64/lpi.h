/* SPDX-License-Identifier: BSD-2-Clause */
/* LPIs, IHI 0069 5.1: interrupts that are entries of tables in RAM. */
#pragma once

#include <stdint.h>

int lpi_init(void); /* the table of properties; ERR_NO_MEMORY */

/* Let a started CPU take LPIs; again is no harm. ERR_NO_MEMORY, ERR_IO: its redistributor will not.
 */
int lpi_start(unsigned cpu);

void lpi_enable(uint32_t intid); /* takes effect with the ITS's next INV of it */

/* What tables in RAM are written with: inner shareable, and cached by all. The attributes sit at
 * different places in different registers. */
#define GIC_CACHED    7ul
#define GIC_SHAREABLE 1ul
