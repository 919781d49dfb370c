/* SPDX-License-Identifier: BSD-2-Clause */
/* 16550A UART (NS PC16550D data sheet). Bytes move at once, whatever the divisor says; when the far
 * end has no room the transmitter stays busy. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/backend.h"
#include "guest-devices/bus.h"
#include "guest-devices/irq.h"

#define UART16550_COM1     0x3f8
#define UART16550_COM1_IRQ 4
#define UART16550_COM2     0x2f8
#define UART16550_COM2_IRQ 3
#define UART16550_PORTS    8
#define UART16550_FIFO     16

struct uart16550_fifo {
	uint8_t data[UART16550_FIFO];
	uint8_t head, count;
};

struct uart16550 {
	struct bus_region region; /* 8 ports at base, on the port bus */
	struct char_end end;      /* to be joined with the console */
	struct irq_line irq;
	uint8_t ier, lcr, mcr, fcr, lsr, msr, scr;
	uint16_t divisor;
	bool thre_pending; /* the transmitter became empty since IIR said so */
	struct uart16550_fifo rx, tx;
	bool irq_level; /* what the line was told last */
	bool refused;   /* the peer was told that there is no room */
};

void uart16550_init(struct uart16550 *uart, uint16_t base, struct irq_line irq);
void uart16550_reset(struct uart16550 *uart); /* FIFOs emptied, the far end stays joined */
