/* SPDX-License-Identifier: BSD-2-Clause */
/* MC146818 real time clock and NVRAM at ports 0x70-0x71. Starts with UTC from port_wall_seconds()
 * and goes on with port_time_ns(). Alarm, periodic and update interrupts. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/bus.h"
#include "guest-devices/irq.h"
#include "guest-devices/port.h"

#define RTC_NVRAM 128

struct rtc {
	struct bus_region region; /* 0x70-0x71 on the port bus */
	struct irq_line irq;      /* ISA line 8 */
	struct port_timer timer;
	uint8_t nvram[RTC_NVRAM]; /* registers A-D included; time bytes only while SET is on */
	uint8_t index;
	int64_t
	    base_wall; /* guest's seconds since 1970 at base_ns; both move when it sets the time */
	uint64_t base_ns;
	int64_t seen_second; /* last second and period whose flags are in register C */
	uint64_t seen_period;
};

void rtc_init(struct rtc *rtc, struct irq_line irq, void *timer_scope);
void rtc_reset(struct rtc *rtc); /* NVRAM and time survive */
