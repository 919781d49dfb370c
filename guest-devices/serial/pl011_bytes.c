/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes through the FIFOs of a PL011, and the interrupts that they make. */
#include "guest-devices/serial/pl011_parts.h"

#define RSR_OE 0x08

/* ---- FIFOs ---- */

static void fifo_put(struct pl011_fifo *fifo, uint8_t byte)
{
	fifo->data[(fifo->head + fifo->count) % PL011_FIFO] = byte;
	fifo->count++;
}

uint8_t pl011_fifo_get(struct pl011_fifo *fifo)
{
	uint8_t byte = fifo->data[fifo->head];

	fifo->head = (uint8_t)((fifo->head + 1) % PL011_FIFO);
	fifo->count--;
	return byte;
}

/* How full a FIFO is when it interrupts: an eighth, a quarter, half... (3.3.12) */
static unsigned trigger_level(const struct pl011 *uart, unsigned select)
{
	static const uint8_t levels[8] = {2, 4, 8, 12, 14, 14, 14, 14};

	return uart->lcr_h & LCR_FEN ? levels[select & 7] : 1;
}

static unsigned rx_trigger(const struct pl011 *uart)
{
	return trigger_level(uart, uart->ifls >> 3);
}

static unsigned tx_trigger(const struct pl011 *uart)
{
	return uart->lcr_h & LCR_FEN ? trigger_level(uart, uart->ifls) : 0;
}

static bool is_on(const struct pl011 *uart, uint16_t direction)
{
	return (uart->cr & (CR_UARTEN | direction)) == (CR_UARTEN | direction);
}

/* ---- interrupts ---- */

void pl011_update_irq(struct pl011 *uart)
{
	bool level = (uart->ris & uart->imsc) != 0;

	if (level == uart->irq_level)
		return;
	uart->irq_level = level;
	irq_line_set(&uart->irq, level);
}

/* Bytes below the trigger level: no time passes in here, so the timeout is at once. */
void pl011_note_received(struct pl011 *uart)
{
	uart->ris &= (uint16_t) ~(INT_RX | INT_RT);
	if (uart->rx.count >= rx_trigger(uart))
		uart->ris |= INT_RX;
	if (uart->rx.count)
		uart->ris |= INT_RT;
}

/* ---- bytes ---- */

static void received(struct pl011 *uart, uint8_t byte)
{
	if (pl011_fifo_room(uart, &uart->rx)) {
		fifo_put(&uart->rx, byte);
	} else {
		uart->overrun = true;
		uart->rsr |= RSR_OE;
		uart->ris |= INT_OE;
	}
	pl011_note_received(uart);
}

void pl011_drain(struct pl011 *uart)
{
	bool left = false;

	while (uart->tx.count && is_on(uart, CR_TXE)) {
		uint8_t byte = uart->tx.data[uart->tx.head];

		if (!(uart->cr & CR_LBE) && !char_send(&uart->end, &byte, 1))
			break;
		pl011_fifo_get(&uart->tx);
		left = true;
		if (uart->cr & CR_LBE)
			received(uart, byte);
	}
	if (left && uart->tx.count <= tx_trigger(uart))
		uart->ris |= INT_TX;
}

void pl011_transmit(struct pl011 *uart, uint8_t byte)
{
	if (!pl011_fifo_room(uart, &uart->tx))
		return; /* as in the real one: the guest did not look at TXFF */
	fifo_put(&uart->tx, byte);
	if (uart->tx.count > tx_trigger(uart))
		uart->ris &= (uint16_t)~INT_TX;
	pl011_drain(uart);
}

static bool listens(const struct pl011 *uart)
{
	return is_on(uart, CR_RXE) && !(uart->cr & CR_LBE) && pl011_fifo_room(uart, &uart->rx);
}

void pl011_make_ready(struct pl011 *uart)
{
	if (!uart->refused || !listens(uart))
		return;
	uart->refused = false;
	char_ready(&uart->end);
}

size_t pl011_receive(struct char_end *end, const uint8_t *data, size_t size)
{
	struct pl011 *uart = (struct pl011 *)((char *)end - offsetof(struct pl011, end));
	size_t taken = 0;

	while (taken < size && listens(uart))
		received(uart, data[taken++]);
	uart->refused = taken < size;
	pl011_update_irq(uart);
	return taken;
}

void pl011_peer_ready(struct char_end *end)
{
	struct pl011 *uart = (struct pl011 *)((char *)end - offsetof(struct pl011, end));

	pl011_drain(uart);
	pl011_update_irq(uart);
}
