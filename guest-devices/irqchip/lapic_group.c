/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages between local APICs: who is meant, and what it does there (SDM vol. 3, 11.6). */
#include "guest-devices/irqchip/lapic_parts.h"

#define ICR_LOGICAL (1u << 11)
#define ICR_ASSERT  (1u << 14)
#define ICR_LEVEL   (1u << 15)

enum shorthand { SHORTHAND_NONE, SHORTHAND_SELF, SHORTHAND_ALL, SHORTHAND_OTHERS };

static bool matches_logical(const struct lapic *lapic, uint8_t destination)
{
	uint8_t own = (uint8_t)(lapic->ldr >> 24);

	if (lapic->dfr >> 28 == 0xf)
		return own & destination;
	return (destination >> 4 == 0xf || destination >> 4 == own >> 4) &&
	       (own & destination & 0xf);
}

static bool matches(const struct lapic *lapic, const struct lapic_message *message)
{
	if (message->logical)
		return matches_logical(lapic, message->destination);
	return message->destination == 0xff || message->destination == lapic->id;
}

static bool deliver_init(struct lapic *lapic)
{
	lapic_reset_registers(lapic, false);
	if (lapic->config.events->init)
		lapic->config.events->init(lapic->config.context);
	return true;
}

static bool deliver_to(struct lapic *lapic, const struct lapic_message *message)
{
	const struct lapic_events *events = lapic->config.events;

	switch (message->mode) {
	case LAPIC_FIXED:
	case LAPIC_LOWEST:
		return lapic_request(lapic, message->vector, message->level);
	case LAPIC_NMI:
		if (events->nmi)
			events->nmi(lapic->config.context);
		return true;
	case LAPIC_INIT:
		return deliver_init(lapic);
	case LAPIC_STARTUP:
		if (events->startup)
			events->startup(lapic->config.context, message->vector);
		return true;
	default:
		return false;
	}
}

/* Of those meant, the one that works at the lowest priority; equal ones take turns. */
static struct lapic *lowest(struct lapic_group *group, const struct lapic_message *message,
                            const struct lapic *except)
{
	struct lapic *best = NULL;

	for (unsigned i = 0; i < group->count; i++) {
		unsigned n = (group->turn + i) % group->count;
		struct lapic *lapic = group->lapics[n];

		if (lapic == except || !(lapic->svr & SVR_ENABLE) || !matches(lapic, message))
			continue;
		if (!best || lapic_priority(lapic) < lapic_priority(best))
			best = lapic;
	}
	group->turn = group->count ? (group->turn + 1) % group->count : 0;
	return best;
}

static bool deliver_except(struct lapic_group *group, const struct lapic_message *message,
                           const struct lapic *except)
{
	bool taken = false;

	if (message->mode == LAPIC_LOWEST) {
		struct lapic *best = lowest(group, message, except);

		taken = best && deliver_to(best, message);
	} else {
		for (unsigned i = 0; i < group->count; i++) {
			struct lapic *lapic = group->lapics[i];

			if (lapic != except && matches(lapic, message))
				taken |= deliver_to(lapic, message);
		}
	}
	if (!taken)
		group->dropped++;
	return taken;
}

bool lapic_deliver(struct lapic_group *group, const struct lapic_message *message)
{
	return deliver_except(group, message, NULL);
}

void lapic_send_ipi(struct lapic *lapic)
{
	enum shorthand shorthand = lapic->icr_low >> 18 & 3;
	struct lapic_message message = {
	    .destination = (uint8_t)(lapic->icr_high >> 24),
	    .logical = lapic->icr_low & ICR_LOGICAL,
	    .mode = (uint8_t)(lapic->icr_low >> 8 & 7),
	    .vector = (uint8_t)lapic->icr_low,
	};
	bool interrupt = message.mode == LAPIC_FIXED || message.mode == LAPIC_LOWEST;

	/* INIT level de-assert only synchronises arbitration ids of old buses. */
	if (message.mode == LAPIC_INIT && (lapic->icr_low & ICR_LEVEL) &&
	    !(lapic->icr_low & ICR_ASSERT))
		return;
	if (interrupt && message.vector < LAPIC_VECTOR_MIN) {
		lapic_error(lapic, ESR_SEND_VECTOR);
		return;
	}
	if (shorthand == SHORTHAND_SELF) {
		if (message.mode != LAPIC_FIXED || !deliver_to(lapic, &message))
			lapic->misuse++;
		return;
	}
	if (shorthand != SHORTHAND_NONE) {
		message.destination = 0xff;
		message.logical = false;
	}
	deliver_except(lapic->config.group, &message, shorthand == SHORTHAND_OTHERS ? lapic : NULL);
}
