/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of the PL011. */
#include "guest-devices/serial/pl011_parts.h"

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

#define DR_OE 0x0800

#define FR_CTS  0x001
#define FR_DSR  0x002
#define FR_DCD  0x004
#define FR_BUSY 0x008
#define FR_RXFE 0x010
#define FR_TXFF 0x020
#define FR_RXFF 0x040
#define FR_TXFE 0x080
#define FR_RI   0x100

/* Part 0x011, designer Arm, revision r1p1: FIFOs of 16; then the PrimeCell's own. */
static const uint8_t ids[8] = {0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

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
	if (!pl011_fifo_room(uart, &uart->rx))
		fr |= FR_RXFF;
	if (!pl011_fifo_room(uart, &uart->tx))
		fr |= FR_TXFF;
	fr |= uart->tx.count ? FR_BUSY : FR_TXFE;
	return fr;
}

static uint16_t read_data(struct pl011 *uart)
{
	uint16_t value;

	if (!uart->rx.count)
		return 0;
	value = pl011_fifo_get(&uart->rx);
	if (uart->overrun)
		value |= DR_OE;
	uart->overrun = false;
	pl011_note_received(uart);
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
	pl011_note_received(uart);
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
	pl011_drain(uart);
}

static void write_register(struct pl011 *uart, unsigned offset, uint16_t value)
{
	switch (offset) {
	case UARTDR:
		pl011_transmit(uart, (uint8_t)value);
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
	pl011_make_ready(uart);
	pl011_update_irq(uart);
}

void pl011_reset(struct pl011 *uart)
{
	uart->rsr = uart->ilpr = uart->fbrd = uart->dmacr = 0;
	uart->ibrd = uart->lcr_h = uart->imsc = uart->ris = 0;
	uart->cr = CR_UARTEN | CR_TXE | CR_RXE;
	uart->ifls = 0x12; /* both half full */
	uart->rx.count = uart->tx.count = 0;
	uart->overrun = false;
	pl011_update_irq(uart);
	pl011_make_ready(uart);
}

void pl011_init(struct pl011 *uart, uint64_t base, struct irq_line irq)
{
	memset(uart, 0, sizeof(*uart));
	uart->irq = irq;
	uart->end.receive = pl011_receive;
	uart->end.peer_ready = pl011_peer_ready;
	uart->region = (struct bus_region){base, PL011_SIZE, access_registers, uart, "pl011"};
	pl011_reset(uart);
}
