/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of the PL011. */
#pragma once

#include "guest-devices/serial/pl011.h"

#define LCR_FEN 0x10

#define CR_UARTEN 0x0001
#define CR_LBE    0x0080
#define CR_TXE    0x0100
#define CR_RXE    0x0200
#define CR_DTR    0x0400
#define CR_RTS    0x0800
#define CR_OUT1   0x1000
#define CR_OUT2   0x2000

#define INT_RI  0x001
#define INT_CTS 0x002
#define INT_DCD 0x004
#define INT_DSR 0x008
#define INT_RX  0x010
#define INT_TX  0x020
#define INT_RT  0x040
#define INT_OE  0x400
#define INT_ALL 0x7ff

/* Bytes. Here, because each look at the flags asks twice. */
static inline unsigned pl011_fifo_room(const struct pl011 *uart, const struct pl011_fifo *fifo)
{
	unsigned size = uart->lcr_h & LCR_FEN ? PL011_FIFO : 1;

	return fifo->count < size ? size - fifo->count : 0;
}

uint8_t pl011_fifo_get(struct pl011_fifo *fifo); /* of one that is not empty */

/* The raw bits of reception after the FIFO, or its trigger level, has changed. */
void pl011_note_received(struct pl011 *uart);
void pl011_update_irq(struct pl011 *uart); /* after any change of the raw bits or the mask */

/* A byte that the guest writes; dropped if there is no room. */
void pl011_transmit(struct pl011 *uart, uint8_t byte);
/* Send what the far end takes. The interrupt tells of bytes that left, not of room that is
 * there. */
void pl011_drain(struct pl011 *uart);
/* Tell the far end, once, when it may send again. */
void pl011_make_ready(struct pl011 *uart);

/* What the far end calls: see struct char_end. */
size_t pl011_receive(struct char_end *end, const uint8_t *data, size_t size);
void pl011_peer_ready(struct char_end *end);
