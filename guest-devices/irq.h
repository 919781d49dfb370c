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

/* One line with up to 32 sources: it is up as long as one of them holds it up. */
struct irq_share {
	struct irq_line line;
	uint32_t held; /* a bit a source */
};

static inline void irq_share_set(struct irq_share *share, unsigned source, bool level)
{
	uint32_t before = share->held, bit = 1u << (source & 31);

	share->held = level ? before | bit : before & ~bit;
	if ((before != 0) != (share->held != 0))
		irq_line_set(&share->line, share->held != 0);
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
