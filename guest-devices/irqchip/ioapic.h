/* SPDX-License-Identifier: BSD-2-Clause */
/* I/O APIC with 24 inputs (82093AA data sheet; version 0x20 with an EOI register). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/bus.h"
#include "guest-devices/irq.h"
#include "guest-devices/irqchip/lapic.h"

#define IOAPIC_BASE 0xfec00000ull
#define IOAPIC_SIZE 0x1000
#define IOAPIC_PINS 24

struct ioapic {
	struct bus_region region; /* IOAPIC_BASE, on the memory bus */
	struct lapic_group *group;
	uint8_t id, select;
	uint64_t redirection[IOAPIC_PINS];
	uint32_t lines; /* input levels, a bit a pin */
	uint64_t misuse;
};

/* Also makes itself the receiver of the group's EOIs. id: as the MADT says. */
void ioapic_init(struct ioapic *ioapic, struct lapic_group *group, uint8_t id);
void ioapic_reset(struct ioapic *ioapic); /* inputs keep their levels */

/* Input level, true = asserted whatever the polarity bit says. pin >= IOAPIC_PINS is ignored. */
void ioapic_set(struct ioapic *ioapic, unsigned pin, bool level);
struct irq_line ioapic_line(struct ioapic *ioapic, unsigned pin);

/* EOI of a level-triggered vector: entries with that vector that are still asserted fire again. */
void ioapic_eoi(void *ioapic, uint8_t vector);
