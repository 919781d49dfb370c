/* SPDX-License-Identifier: BSD-2-Clause */
/* The local APIC's timer: one-shot and periodic (SDM vol. 3, 11.5.4). */
#include "guest-devices/irqchip/lapic_parts.h"

#define NS_PER_TICK (1000000000ull / LAPIC_TIMER_HZ)

static unsigned divider(const struct lapic *lapic)
{
	unsigned code = (lapic->timer_divide & 3) | (lapic->timer_divide >> 1 & 4);

	return code == 7 ? 1 : 2u << code;
}

static bool periodic(const struct lapic *lapic)
{
	return lapic->lvt[LVT_TIMER] & LVT_PERIODIC;
}

static uint64_t elapsed(const struct lapic *lapic)
{
	return port_time_ns() - lapic->timer_start;
}

/* Arm for the next interrupt. An interrupt that is already due fires as soon as the port can. */
static void arm(struct lapic *lapic)
{
	uint64_t next = lapic->timer_start + lapic->timer_period;

	if (!lapic->timer_period || (lapic->lvt[LVT_TIMER] & LVT_MASKED))
		next = UINT64_MAX;
	port_timer_set(&lapic->timer, next);
}

/* Whole periods that have passed go into the start: what was missed is one interrupt. */
static void skip_periods(struct lapic *lapic)
{
	lapic->timer_start += elapsed(lapic) / lapic->timer_period * lapic->timer_period;
}

static void fire(void *context)
{
	struct lapic *lapic = context;
	uint64_t now = port_time_ns(), next;

	if (!lapic->timer_period)
		return;
	if (periodic(lapic)) {
		skip_periods(lapic);
		next = lapic->timer_start + lapic->timer_period;
		if (next < now + LAPIC_TIMER_MIN_NS)
			next = now + LAPIC_TIMER_MIN_NS;
		port_timer_set(&lapic->timer, next);
	} else {
		lapic->timer_period = 0;
	}
	if (!(lapic->lvt[LVT_TIMER] & LVT_MASKED))
		lapic_request(lapic, (uint8_t)lapic->lvt[LVT_TIMER], false);
}

void lapic_timer_init(struct lapic *lapic)
{
	lapic->timer.fire = fire;
	lapic->timer.context = lapic;
	lapic->timer.scope = lapic->config.timer_scope;
}

void lapic_timer_set_initial(struct lapic *lapic, uint32_t count)
{
	lapic->timer_initial = count;
	lapic->timer_start = port_time_ns();
	lapic->timer_period = (uint64_t)count * divider(lapic) * NS_PER_TICK;
	arm(lapic);
}

void lapic_timer_set_divide(struct lapic *lapic, uint32_t divide)
{
	uint32_t left = lapic_timer_current(lapic);
	uint64_t whole;

	lapic->timer_divide = divide & 0xb;
	if (!lapic->timer_period)
		return;
	/* What is left to count goes on at the new speed. */
	whole = (uint64_t)lapic->timer_initial * divider(lapic) * NS_PER_TICK;
	lapic->timer_period = whole;
	lapic->timer_start = port_time_ns() - (whole - (uint64_t)left * divider(lapic));
	arm(lapic);
}

void lapic_timer_set_lvt(struct lapic *lapic, uint32_t value)
{
	bool was_masked = lapic->lvt[LVT_TIMER] & LVT_MASKED;

	/* Counted on while masked: a one-shot that ran out then is lost, periods are skipped. */
	if (lapic->timer_period && (was_masked || periodic(lapic)) &&
	    elapsed(lapic) >= lapic->timer_period) {
		if (periodic(lapic))
			skip_periods(lapic);
		else
			lapic->timer_period = 0;
	}
	lapic->lvt[LVT_TIMER] = value;
	arm(lapic);
}

uint32_t lapic_timer_current(const struct lapic *lapic)
{
	uint64_t passed = elapsed(lapic);

	if (!lapic->timer_period)
		return 0;
	if (periodic(lapic))
		passed %= lapic->timer_period;
	else if (passed >= lapic->timer_period)
		return 0;
	return (uint32_t)((lapic->timer_period - passed) / NS_PER_TICK / divider(lapic));
}
