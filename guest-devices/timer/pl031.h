/* SPDX-License-Identifier: BSD-2-Clause */
/* PrimeCell real time clock PL031 (Arm DDI 0224C): seconds since 1970 in 32 bits and one alarm.
 * Starts with UTC from port_wall_seconds() and goes on with port_time_ns(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/bus.h"
#include "guest-devices/irq.h"
#include "guest-devices/port.h"

#define PL031_SIZE 0x1000

struct pl031 {
	struct bus_region region; /* PL031_SIZE bytes on the memory bus */
	struct irq_line irq;      /* level */
	struct port_timer timer;
	uint32_t base; /* the guest's seconds at base_ns; moves when it sets the time */
	uint64_t base_ns;
	uint32_t load, match;
	bool interrupt, unmasked; /* RTCRIS, RTCIMSC */
};

void pl031_init(struct pl031 *rtc, uint64_t base, struct irq_line irq, void *timer_scope);
void pl031_reset(struct pl031 *rtc); /* the time survives */
