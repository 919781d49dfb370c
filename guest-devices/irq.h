/* SPDX-License-Identifier: BSD-2-Clause */
/* Wires. Whoever owns the far end gives them out at construction. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A level-capable interrupt line: set(context, number, level). */
struct irq_line {
	void (*set)(void *context, unsigned number, bool level);
	void *context;
	unsigned number;
};

static inline void irq_line_set(const struct irq_line *line, bool level)
{
	if (line->set)
		line->set(line->context, line->number, level);
}

/* Where message-signalled interrupts go: send(context, address, data). */
struct msi_target {
	void (*send)(void *context, uint64_t address, uint32_t data);
	void *context;
};

static inline void msi_send(const struct msi_target *target, uint64_t address, uint32_t data)
{
	if (target->send)
		target->send(target->context, address, data);
}
