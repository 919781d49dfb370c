/* SPDX-License-Identifier: BSD-2-Clause */
/* Host interrupts by INTID. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Returns whether the interrupt is done with; false leaves it active, to be deactivated later, by a
 * guest through its list register or by gic_set_active(). */
typedef bool irq_private_handler(void *context);

void irq_init(void); /* boot CPU, once, after gic_probe() */

/*
 * The handler of a PPI, the same on every CPU; each CPU that wants it calls gic_enable(). Start-up.
 * ERR_INVALID: not a PPI, or taken.
 */
int irq_attach_private(uint32_t intid, irq_private_handler *handler, void *context);

/*
 * Handle all host interrupts that are pending on this CPU; sets woken if there was one. From
 * vcpu_run() after an exit by interrupt, and from cpu_idle().
 */
void irq_dispatch(void);
