/* SPDX-License-Identifier: BSD-2-Clause */
/* PrimeCell UART PL011 (Arm DDI 0183G). Bytes move at once, whatever the divisor says; when the far
 * end has no room the transmitter stays busy. No DMA. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/backend.h"
#include "guest-devices/bus.h"
#include "guest-devices/irq.h"

#define PL011_SIZE 0x1000
#define PL011_FIFO 16

struct pl011_fifo {
	uint8_t data[PL011_FIFO];
	uint8_t head, count;
};

struct pl011 {
	struct bus_region region; /* PL011_SIZE bytes on the memory bus */
	struct char_end end;      /* to be joined with the console */
	struct irq_line irq;      /* the combined interrupt, UARTINTR; level */
	uint16_t ibrd, lcr_h, cr, imsc, ris;
	uint8_t rsr, ilpr, fbrd, ifls, dmacr;
	struct pl011_fifo rx, tx;
	bool overrun;   /* the next byte read says that others were lost after it */
	bool irq_level; /* what the line was told last */
	bool refused;   /* the peer was told that there is no room */
};

void pl011_init(struct pl011 *uart, uint64_t base, struct irq_line irq);
/* FIFOs emptied, the far end stays joined. It is on then, as firmware would leave it: early
 * consoles write without setting it up. */
void pl011_reset(struct pl011 *uart);
