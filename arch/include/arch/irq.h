/* SPDX-License-Identifier: BSD-2-Clause */
/* Host interrupts. Handlers run on the CPU named, interrupts off, and only note that something
 * happened. */
#pragma once

#include <stdint.h>

typedef void irq_handler(void *context);

struct irq_message {
	uint64_t address; /* what to write into an MSI or MSI-X entry */
	uint32_t data;
};

/* A new message-signalled interrupt. ERR_NO_MEMORY when the CPU's vectors are used up. */
int irq_alloc_message(irq_handler *handler, void *context, unsigned cpu,
                      struct irq_message *message);

/* A legacy ISA line (0-15), routed through the interrupt controller that the firmware's tables
 * name. Edge triggered and active high unless the tables override it. */
int irq_attach_isa(unsigned line, irq_handler *handler, void *context, unsigned cpu);
