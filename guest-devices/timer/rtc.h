/* SPDX-License-Identifier: BSD-2-Clause */
/* MC146818 real time clock and NVRAM at ports 0x70-0x71. UTC from port_wall_seconds(); what the
 * guest sets is kept as an offset. */
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
	int64_t offset;        /* guest's time minus port_wall_seconds() */
	int64_t seen;          /* up to which guest second updates were looked at */
	uint64_t second_start; /* port_time_ns() of the start of that second */
	uint64_t next_periodic;
};

void rtc_init(struct rtc *rtc, struct irq_line irq, void *timer_scope);
void rtc_reset(struct rtc *rtc); /* NVRAM and time survive */
