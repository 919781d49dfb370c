/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/serial/pl011.h"

#include <string.h>

enum pl011_register {
	UARTDR = 0x000,
	UARTRSR = 0x004, /* written: UARTECR */
	UARTFR = 0x018,
	UARTILPR = 0x020,
	UARTIBRD = 0x024,
	UARTFBRD = 0x028,
	UARTLCR_H = 0x02c,
	UARTCR = 0x030,
	UARTIFLS = 0x034,
	UARTIMSC = 0x038,
	UARTRIS = 0x03c,
	UARTMIS = 0x040,
	UARTICR = 0x044,
	UARTDMACR = 0x048,
	UARTPeriphID0 = 0xfe0,
};

#define DR_OE  0x0800
#define RSR_OE 0x08

#define FR_CTS  0x001
#define FR_DSR  0x002
#define FR_DCD  0x004
#define FR_BUSY 0x008
#define FR_RXFE 0x010
#define FR_TXFF 0x020
#define FR_RXFF 0x040
#define FR_TXFE 0x080
#define FR_RI   0x100

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

/* Part 0x011, designer Arm, revision r1p1: FIFOs of 16; then the PrimeCell's own. */
static const uint8_t ids[8] = {0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

/* ---- FIFOs ---- */

static void fifo_put(struct pl011_fifo *fifo, uint8_t byte)
{
	fifo->data[(fifo->head + fifo->count) % PL011_FIFO] = byte;
	fifo->count++;
}

static uint8_t fifo_get(struct pl011_fifo *fifo)
{
	uint8_t byte = fifo->data[fifo->head];

	fifo->head = (uint8_t)((fifo->head + 1) % PL011_FIFO);
	fifo->count--;
	return byte;
}

static unsigned fifo_room(const struct pl011 *uart, const struct pl011_fifo *fifo)
{
	unsigned size = uart->lcr_h & LCR_FEN ? PL011_FIFO : 1;

	return fifo->count < size ? size - fifo->count : 0;
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

static void update_irq(struct pl011 *uart)
{
	bool level = (uart->ris & uart->imsc) != 0;

	if (level == uart->irq_level)
		return;
	uart->irq_level = level;
	irq_line_set(&uart->irq, level);
}

/* Bytes below the trigger level: no time passes in here, so the timeout is at once. */
static void note_received(struct pl011 *uart)
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
	if (fifo_room(uart, &uart->rx)) {
		fifo_put(&uart->rx, byte);
	} else {
		uart->overrun = true;
		uart->rsr |= RSR_OE;
		uart->ris |= INT_OE;
	}
	note_received(uart);
}

/* Send what the far end takes. The interrupt tells of bytes that left, not of room that is there.
 */
static void drain(struct pl011 *uart)
{
	bool left = false;

	while (uart->tx.count && is_on(uart, CR_TXE)) {
		uint8_t byte = uart->tx.data[uart->tx.head];

		if (!(uart->cr & CR_LBE) && !char_send(&uart->end, &byte, 1))
			break;
		fifo_get(&uart->tx);
		left = true;
		if (uart->cr & CR_LBE)
			received(uart, byte);
	}
	if (left && uart->tx.count <= tx_trigger(uart))
		uart->ris |= INT_TX;
}

static void transmit(struct pl011 *uart, uint8_t byte)
{
	if (!fifo_room(uart, &uart->tx))
		return; /* as in the real one: the guest did not look at TXFF */
	fifo_put(&uart->tx, byte);
	if (uart->tx.count > tx_trigger(uart))
		uart->ris &= (uint16_t)~INT_TX;
	drain(uart);
}

static bool listens(const struct pl011 *uart)
{
	return is_on(uart, CR_RXE) && !(uart->cr & CR_LBE) && fifo_room(uart, &uart->rx);
}

/* Tell the far end, once, when it may send again. */
static void make_ready(struct pl011 *uart)
{
	if (!uart->refused || !listens(uart))
		return;
	uart->refused = false;
	char_ready(&uart->end);
}

static size_t receive(struct char_end *end, const uint8_t *data, size_t size)
{
	struct pl011 *uart = (struct pl011 *)((char *)end - offsetof(struct pl011, end));
	size_t taken = 0;

	while (taken < size && listens(uart))
		received(uart, data[taken++]);
	uart->refused = taken < size;
	update_irq(uart);
	return taken;
}

static void peer_ready(struct char_end *end)
{
	struct pl011 *uart = (struct pl011 *)((char *)end - offsetof(struct pl011, end));

	drain(uart);
	update_irq(uart);
}

/* ---- registers ---- */

/* In loopback the modem outputs are the modem inputs; otherwise a partner is always there. */
static uint16_t modem_inputs(const struct pl011 *uart)
{
	uint16_t inputs = 0;

	if (!(uart->cr & CR_LBE))
		return FR_CTS | FR_DSR | FR_DCD;
	if (uart->cr & CR_RTS)
		inputs |= FR_CTS;
	if (uart->cr & CR_DTR)
		inputs |= FR_DSR;
	if (uart->cr & CR_OUT1)
		inputs |= FR_DCD;
	if (uart->cr & CR_OUT2)
		inputs |= FR_RI;
	return inputs;
}

static uint16_t flags(const struct pl011 *uart)
{
	uint16_t fr = modem_inputs(uart);

	if (!uart->rx.count)
		fr |= FR_RXFE;
	if (!fifo_room(uart, &uart->rx))
		fr |= FR_RXFF;
	if (!fifo_room(uart, &uart->tx))
		fr |= FR_TXFF;
	fr |= uart->tx.count ? FR_BUSY : FR_TXFE;
	return fr;
}

static uint16_t read_data(struct pl011 *uart)
{
	uint16_t value;

	if (!uart->rx.count)
		return 0;
	value = fifo_get(&uart->rx);
	if (uart->overrun)
		value |= DR_OE;
	uart->overrun = false;
	note_received(uart);
	return value;
}

static uint16_t read_register(struct pl011 *uart, unsigned offset)
{
	switch (offset) {
	case UARTDR:
		return read_data(uart);
	case UARTRSR:
		return uart->rsr;
	case UARTFR:
		return flags(uart);
	case UARTILPR:
		return uart->ilpr;
	case UARTIBRD:
		return uart->ibrd;
	case UARTFBRD:
		return uart->fbrd;
	case UARTLCR_H:
		return uart->lcr_h;
	case UARTCR:
		return uart->cr;
	case UARTIFLS:
		return uart->ifls;
	case UARTIMSC:
		return uart->imsc;
	case UARTRIS:
		return uart->ris;
	case UARTMIS:
		return uart->ris & uart->imsc;
	case UARTDMACR:
		return uart->dmacr;
	default:
		return offset >= UARTPeriphID0 ? ids[(offset - UARTPeriphID0) / 4] : 0;
	}
}

static void write_lcr_h(struct pl011 *uart, uint16_t value)
{
	bool switched = (value ^ uart->lcr_h) & LCR_FEN;

	uart->lcr_h = value & 0xff;
	if (!switched)
		return;
	uart->rx.count = uart->tx.count = 0;
	note_received(uart);
}

/* A change of a modem input interrupts; the raw bits are in another order than the flags. */
static void write_cr(struct pl011 *uart, uint16_t value)
{
	uint16_t before = modem_inputs(uart), changed;

	uart->cr = value & 0xff87;
	changed = before ^ modem_inputs(uart);
	if (changed & FR_RI)
		uart->ris |= INT_RI;
	if (changed & FR_CTS)
		uart->ris |= INT_CTS;
	if (changed & FR_DCD)
		uart->ris |= INT_DCD;
	if (changed & FR_DSR)
		uart->ris |= INT_DSR;
	drain(uart);
}

static void write_register(struct pl011 *uart, unsigned offset, uint16_t value)
{
	switch (offset) {
	case UARTDR:
		transmit(uart, (uint8_t)value);
		break;
	case UARTRSR:
		uart->rsr = 0;
		break;
	case UARTILPR:
		uart->ilpr = (uint8_t)value;
		break;
	case UARTIBRD:
		uart->ibrd = value;
		break;
	case UARTFBRD:
		uart->fbrd = value & 0x3f;
		break;
	case UARTLCR_H:
		write_lcr_h(uart, value);
		break;
	case UARTCR:
		write_cr(uart, value);
		break;
	case UARTIFLS:
		uart->ifls = value & 0x3f;
		break;
	case UARTIMSC:
		uart->imsc = value & INT_ALL;
		break;
	case UARTICR:
		uart->ris &= (uint16_t)~value;
		break;
	case UARTDMACR:
		uart->dmacr = value & 0x7;
		break;
	default: /* read-only, or nothing there */
		break;
	}
}

/* Registers are at multiples of 4; an access of any width reaches the one that it starts at. */
static void access_registers(void *context, struct bus_access *access)
{
	struct pl011 *uart = context;
	unsigned offset = (unsigned)access->address;

	if (offset & 3) {
		access->value = 0;
		return;
	}
	if (access->write) {
		write_register(uart, offset, (uint16_t)access->value);
	} else {
		access->value = read_register(uart, offset);
		if (offset != UARTDR)
			return; /* nothing has changed */
	}
	make_ready(uart);
	update_irq(uart);
}

void pl011_reset(struct pl011 *uart)
{
	uart->rsr = uart->ilpr = uart->fbrd = uart->dmacr = 0;
	uart->ibrd = uart->lcr_h = uart->imsc = uart->ris = 0;
	uart->cr = CR_UARTEN | CR_TXE | CR_RXE;
	uart->ifls = 0x12; /* both half full */
	uart->rx.count = uart->tx.count = 0;
	uart->overrun = false;
	update_irq(uart);
	make_ready(uart);
}

void pl011_init(struct pl011 *uart, uint64_t base, struct irq_line irq)
{
	memset(uart, 0, sizeof(*uart));
	uart->irq = irq;
	uart->end.receive = receive;
	uart->end.peer_ready = peer_ready;
	uart->region = (struct bus_region){base, PL011_SIZE, access_registers, uart, "pl011"};
	pl011_reset(uart);
}
