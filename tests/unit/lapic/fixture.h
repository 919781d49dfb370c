/* SPDX-License-Identifier: BSD-2-Clause */
/* Four local APICs in a group, and what they told their vCPUs. */
#pragma once

#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/irqchip/lapic.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/region.h"

#define CPUS 4

enum {
	TPR = 0x80,
	PPR = 0xa0,
	EOI = 0xb0,
	LDR = 0xd0,
	DFR = 0xe0,
	SVR = 0xf0,
	ISR = 0x100,
	TMR = 0x180,
	IRR = 0x200,
	ESR = 0x280,
	ICR = 0x300,
	ICR2 = 0x310,
	LVT_T = 0x320,
	LVT_L0 = 0x350,
	LVT_ERR = 0x370,
	INITIAL = 0x380,
	CURRENT = 0x390,
	DIVIDE = 0x3e0,
};

struct seen {
	unsigned kicks, nmis, inits, startups;
	uint8_t vector;
};

static struct lapic_group group;
static struct lapic apics[CPUS];
static struct seen seen[CPUS];

static void on_kick(void *context)
{
	((struct seen *)context)->kicks++;
}

static void on_nmi(void *context)
{
	((struct seen *)context)->nmis++;
}

static void on_init(void *context)
{
	((struct seen *)context)->inits++;
}

static void on_startup(void *context, uint8_t vector)
{
	((struct seen *)context)->startups++;
	((struct seen *)context)->vector = vector;
}

static const struct lapic_events events = {on_kick, on_nmi, on_init, on_startup};

static inline uint32_t get(unsigned cpu, unsigned reg)
{
	return (uint32_t)region_read(&apics[cpu].region, reg, 4);
}

static inline void put(unsigned cpu, unsigned reg, uint32_t value)
{
	region_write(&apics[cpu].region, reg, 4, value);
}

static inline void set_up(void)
{
	fake_port_reset();
	memset(&group, 0, sizeof(group));
	memset(seen, 0, sizeof(seen));
	for (uint8_t i = 0; i < CPUS; i++) {
		struct lapic_config config = {
		    .group = &group,
		    .id = i,
		    .virtual_wire = i == 0,
		    .events = &events,
		    .context = &seen[i],
		};

		cr_assert_eq(lapic_init(&apics[i], &config), 0);
		put(i, SVR, 0x1ff);
		put(i, LDR, 1u << (24 + i));
	}
}

/* Take the pending interrupt as the CPU does; returns its vector. */
static inline int take(unsigned cpu)
{
	int vector = lapic_pending(&apics[cpu]);

	if (vector >= 0)
		cr_assert(lapic_accept(&apics[cpu], (unsigned)vector));
	return vector;
}
