/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts of a local APIC: requested, in service, finished; and its life. */
#include <string.h>

#include "guest-devices/err.h"
#include "guest-devices/irqchip/lapic_parts.h"

static int highest(const struct vector_set *set)
{
	int word;

	if (!set->words)
		return -1;
	word = 31 - __builtin_clz(set->words);
	return word * 32 + 31 - __builtin_clz(set->bits[word]);
}

static bool has(const struct vector_set *set, unsigned n)
{
	return set->bits[n / 32] >> n % 32 & 1;
}

static void put(struct vector_set *set, unsigned n, bool value)
{
	uint32_t *word = &set->bits[n / 32];

	*word = (*word & ~(1u << n % 32)) | (uint32_t)value << n % 32;
	set->words = (set->words & ~(1u << n / 32)) | (uint32_t) !!*word << n / 32;
}

bool lapic_request(struct lapic *lapic, uint8_t vector, bool level)
{
	if (!(lapic->svr & SVR_ENABLE))
		return false;
	if (vector < LAPIC_VECTOR_MIN) {
		lapic_error(lapic, ESR_RECEIVE_VECTOR);
		return false;
	}
	if (has(&lapic->irr, vector)) {
		/* Merged with the one that waits; if either was level, its EOI must be told. */
		if (level)
			put(&lapic->tmr, vector, true);
		return true;
	}
	put(&lapic->irr, vector, true);
	put(&lapic->tmr, vector, level);
	if (lapic->config.events->kick)
		lapic->config.events->kick(lapic->config.context);
	return true;
}

void lapic_error(struct lapic *lapic, uint32_t bit)
{
	uint32_t entry = lapic->lvt[LVT_ERROR];

	lapic->misuse++;
	lapic->esr_pending |= bit;
	if (entry & LVT_MASKED)
		return;
	/* An illegal vector here is one more error, but raises nothing: that would never end. */
	if ((uint8_t)entry < LAPIC_VECTOR_MIN)
		lapic->esr_pending |= ESR_RECEIVE_VECTOR;
	else
		lapic_request(lapic, (uint8_t)entry, false);
}

uint8_t lapic_priority(const struct lapic *lapic)
{
	int in_service = highest(&lapic->isr);
	unsigned class = in_service < 0 ? 0 : (unsigned)in_service & 0xf0;

	return (uint8_t)((lapic->tpr & 0xf0) >= class ? lapic->tpr : class);
}

int lapic_requested(const struct lapic *lapic)
{
	int vector = highest(&lapic->irr);

	return vector >= 0 && vector >> 4 > highest(&lapic->isr) >> 4 ? vector : -1;
}

int lapic_pending(const struct lapic *lapic)
{
	int vector = highest(&lapic->irr);

	return vector >> 4 > lapic_priority(lapic) >> 4 ? vector : -1;
}

bool lapic_accept(struct lapic *lapic, unsigned vector)
{
	if (vector > 255 || !has(&lapic->irr, vector))
		return false;
	put(&lapic->irr, vector, false);
	put(&lapic->isr, vector, true);
	return true;
}

bool lapic_takes_extint(const struct lapic *lapic)
{
	uint32_t entry = lapic->lvt[LVT_LINT0];

	return !(entry & LVT_MASKED) && (entry >> 8 & 7) == LAPIC_EXTINT;
}

unsigned lapic_task_priority(const struct lapic *lapic)
{
	return lapic->tpr >> 4;
}

void lapic_set_task_priority(struct lapic *lapic, unsigned priority)
{
	/* CR8 has no subclass; writing the class that is there already keeps it. */
	if (lapic->tpr >> 4 != priority)
		lapic->tpr = (priority & 0xf) << 4;
}

void lapic_end_of_interrupt(struct lapic *lapic)
{
	struct lapic_group *group = lapic->config.group;
	int vector = highest(&lapic->isr);

	if (vector < 0)
		return;
	put(&lapic->isr, (unsigned)vector, false);
	if (has(&lapic->tmr, (unsigned)vector) && group->eoi)
		group->eoi(group->eoi_context, (uint8_t)vector);
}

void lapic_reset_registers(struct lapic *lapic, bool virtual_wire)
{
	port_timer_set(&lapic->timer, UINT64_MAX);
	lapic->tpr = lapic->ldr = lapic->esr = lapic->esr_pending = 0;
	lapic->icr_low = lapic->icr_high = 0;
	lapic->dfr = 0xffffffff;
	lapic->svr = 0xff;
	lapic->isr = (struct vector_set){0};
	lapic->tmr = (struct vector_set){0};
	lapic->irr = (struct vector_set){0};
	lapic->timer_initial = lapic->timer_divide = 0;
	lapic->timer_start = lapic->timer_period = 0;
	for (unsigned i = 0; i < LAPIC_LVTS; i++)
		lapic->lvt[i] = LVT_MASKED;
	if (virtual_wire) {
		lapic->svr |= SVR_ENABLE;
		lapic->lvt[LVT_LINT0] = LAPIC_EXTINT << 8;
		lapic->lvt[LVT_LINT1] = LAPIC_NMI << 8;
	}
}

void lapic_reset(struct lapic *lapic)
{
	lapic_reset_registers(lapic, lapic->config.virtual_wire);
}

int lapic_init(struct lapic *lapic, const struct lapic_config *config)
{
	struct lapic_group *group = config->group;

	if (group->count == LAPIC_GROUP_MAX)
		return GD_FULL;
	memset(lapic, 0, sizeof(*lapic));
	lapic->config = *config;
	lapic->id = config->id;
	lapic->region = (struct bus_region){LAPIC_BASE, LAPIC_SIZE, lapic_access, lapic, "lapic"};
	lapic_timer_init(lapic);
	lapic_reset(lapic);
	group->lapics[group->count++] = lapic;
	return 0;
}
