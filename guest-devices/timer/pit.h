/* SPDX-License-Identifier: BSD-2-Clause */
/* 8254 programmable interval timer and the part of port 0x61 that belongs to it (Intel 8254 data
 * sheet). All six modes; channel 0 drives an interrupt line, channel 2 the speaker gate. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/bus.h"
#include "guest-devices/irq.h"
#include "guest-devices/port.h"

#define PIT_HZ 1193182
/* Channel 0 interrupts no more often than this. */
#define PIT_MIN_NS 100000
/* Guests count its ticks to learn the time, so that many missed ones are made up for; the rest is
 * dropped. */
#define PIT_BACKLOG 16

struct pit_channel {
	uint32_t count; /* 1..65536 (10000 in BCD) */
	uint64_t start; /* ns: when counting began, while running */
	uint64_t held;  /* ticks counted so far, while not running */
	bool running, loaded, gate;
	uint8_t mode;   /* 0..5 */
	uint8_t access; /* 1 low byte, 2 high byte, 3 both */
	bool bcd;
	bool write_high, read_high; /* the second byte of access 3 is next */
	uint8_t write_low;
	bool status_latched;
	uint8_t latched_status;
	uint8_t latched_bytes; /* how many are left to be read */
	uint16_t latched_count;
};

struct pit {
	struct bus_region ports;   /* 0x40-0x43 */
	struct bus_region port_61; /* 0x61 */
	struct pit_channel channels[3];
	struct port_timer timer;
	struct irq_line irq;
	uint64_t next_edge; /* of channel 0's output: ticks after its start */
	bool speaker;       /* data bit of port 0x61 */
};

void pit_init(struct pit *pit, struct irq_line irq, void *timer_scope);
void pit_reset(struct pit *pit);
