/* SPDX-License-Identifier: BSD-2-Clause */
/* The 16 ISA interrupt lines of a PC: each ends at the 8259 pair and at the I/O APIC, line 0 at its
 * input 2 (the override in the MADT). */
#pragma once

#include "guest-devices/irq.h"
#include "guest-devices/irqchip/ioapic.h"
#include "guest-devices/irqchip/pic.h"

struct isa_irqs {
	struct pic *pic;
	struct ioapic *ioapic;
};

static inline void isa_irq_set(void *context, unsigned irq, bool level)
{
	struct isa_irqs *isa = context;

	pic_set(isa->pic, irq, level);
	ioapic_set(isa->ioapic, irq ? irq : 2, level);
}

static inline struct irq_line isa_irq_line(struct isa_irqs *isa, unsigned irq)
{
	return (struct irq_line){isa_irq_set, isa, irq};
}
