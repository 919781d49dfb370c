/* SPDX-License-Identifier: BSD-2-Clause */
/* Host interrupts. Handlers run on the CPU named, interrupts off, and only note that something
 * happened. */
#pragma once

#include <stdint.h>

typedef void irq_handler(void *context);

struct irq_message {
	uint32_t
	    requester; /* set by the caller: the PCI function's bus << 8 | slot << 3 | function */
	uint64_t address; /* what to write into an MSI or MSI-X entry */
	uint32_t data;
};

/* A new message-signalled interrupt of the requester in *message. ERR_NO_MEMORY when the machine's
 * vectors, or those of this requester, are used up; ERR_UNSUPPORTED: no such interrupts here. */
int irq_alloc_message(irq_handler *handler, void *context, unsigned cpu,
                      struct irq_message *message);

/*
 * An interrupt line that firmware's tables name. x86: an ISA line (0-15), edge triggered and active
 * high unless the tables override it. Arm: a shared peripheral interrupt's INTID, level triggered.
 */
int irq_attach_line(unsigned line, irq_handler *handler, void *context, unsigned cpu);
