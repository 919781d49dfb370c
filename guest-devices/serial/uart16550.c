/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/serial/uart16550.h"

#include <string.h>

enum uart_port { PORT_DATA, PORT_IER, PORT_IIR, PORT_LCR, PORT_MCR, PORT_LSR, PORT_MSR, PORT_SCR };

#define IER_RDA  0x01
#define IER_THRE 0x02
#define IER_RLS  0x04
#define IER_MSI  0x08

#define IIR_NONE    0x01
#define IIR_THRE    0x02
#define IIR_RDA     0x04
#define IIR_RLS     0x06
#define IIR_TIMEOUT 0x0c
#define IIR_MSI     0x00
#define IIR_FIFO    0xc0

#define FCR_ENABLE   0x01
#define FCR_CLEAR_RX 0x02
#define FCR_CLEAR_TX 0x04

#define LCR_DLAB 0x80

#define MCR_DTR  0x01
#define MCR_RTS  0x02
#define MCR_OUT1 0x04
#define MCR_OUT2 0x08
#define MCR_LOOP 0x10

#define LSR_DATA    0x01
#define LSR_OVERRUN 0x02
#define LSR_THRE    0x20
#define LSR_TEMT    0x40

#define MSR_DELTA 0x0f
#define MSR_TERI  0x04
#define MSR_CTS   0x10
#define MSR_DSR   0x20
#define MSR_RI    0x40
#define MSR_DCD   0x80

/* ---- FIFOs ---- */

static void fifo_put(struct uart16550_fifo *fifo, uint8_t byte)
{
	fifo->data[(fifo->head + fifo->count) % UART16550_FIFO] = byte;
	fifo->count++;
}

static uint8_t fifo_get(struct uart16550_fifo *fifo)
{
	uint8_t byte = fifo->data[fifo->head];

	fifo->head = (uint8_t)((fifo->head + 1) % UART16550_FIFO);
	fifo->count--;
	return byte;
}

static unsigned fifo_room(const struct uart16550 *uart, const struct uart16550_fifo *fifo)
{
	unsigned size = uart->fcr & FCR_ENABLE ? UART16550_FIFO : 1;

	return fifo->count < size ? size - fifo->count : 0;
}

/* ---- interrupts ---- */

static unsigned trigger_level(const struct uart16550 *uart)
{
	static const uint8_t levels[4] = {1, 4, 8, 14};

	return uart->fcr & FCR_ENABLE ? levels[uart->fcr >> 6] : 1;
}

/* The most urgent interrupt, as the IIR shows it. */
static uint8_t pending(const struct uart16550 *uart)
{
	if ((uart->ier & IER_RLS) && (uart->lsr & LSR_OVERRUN))
		return IIR_RLS;
	/* Bytes below the trigger level: no time passes in here, so the timeout is at once. */
	if ((uart->ier & IER_RDA) && uart->rx.count)
		return uart->rx.count >= trigger_level(uart) ? IIR_RDA : IIR_TIMEOUT;
	if ((uart->ier & IER_THRE) && uart->thre_pending)
		return IIR_THRE;
	if ((uart->ier & IER_MSI) && (uart->msr & MSR_DELTA))
		return IIR_MSI;
	return IIR_NONE;
}

static void update_irq(struct uart16550 *uart)
{
	bool wired = (uart->mcr & MCR_OUT2) && !(uart->mcr & MCR_LOOP);
	bool level = wired && pending(uart) != IIR_NONE;

	if (level == uart->irq_level)
		return;
	uart->irq_level = level;
	irq_line_set(&uart->irq, level);
}

/* ---- bytes ---- */

static void received(struct uart16550 *uart, uint8_t byte)
{
	if (fifo_room(uart, &uart->rx))
		fifo_put(&uart->rx, byte);
	else
		uart->lsr |= LSR_OVERRUN;
}

/* Send what the far end takes. */
static void drain(struct uart16550 *uart)
{
	while (uart->tx.count) {
		uint8_t byte = uart->tx.data[uart->tx.head];

		if (!char_send(&uart->end, &byte, 1))
			return;
		fifo_get(&uart->tx);
	}
	uart->thre_pending = true;
}

static void transmit(struct uart16550 *uart, uint8_t byte)
{
	uart->thre_pending = false;
	if (uart->mcr & MCR_LOOP) {
		received(uart, byte);
		uart->thre_pending = true;
		return;
	}
	if (!fifo_room(uart, &uart->tx))
		return; /* as in the real one: the guest did not look at THRE */
	fifo_put(&uart->tx, byte);
	drain(uart);
}

/* Tell the far end, once, when it may send again. */
static void make_ready(struct uart16550 *uart)
{
	if (!uart->refused || !fifo_room(uart, &uart->rx) || (uart->mcr & MCR_LOOP))
		return;
	uart->refused = false;
	char_ready(&uart->end);
}

static size_t receive(struct char_end *end, const uint8_t *data, size_t size)
{
	struct uart16550 *uart =
	    (struct uart16550 *)((char *)end - offsetof(struct uart16550, end));
	size_t taken = 0;

	while (taken < size && fifo_room(uart, &uart->rx) && !(uart->mcr & MCR_LOOP))
		fifo_put(&uart->rx, data[taken++]);
	uart->refused = taken < size;
	update_irq(uart);
	return taken;
}

static void peer_ready(struct char_end *end)
{
	struct uart16550 *uart =
	    (struct uart16550 *)((char *)end - offsetof(struct uart16550, end));

	if (uart->tx.count)
		drain(uart);
	update_irq(uart);
}

/* ---- registers ---- */

static uint8_t line_status(struct uart16550 *uart)
{
	uint8_t status = uart->lsr;

	if (uart->rx.count)
		status |= LSR_DATA;
	/* With FIFOs THRE means that the transmit FIFO is empty. */
	if (!uart->tx.count)
		status |= LSR_THRE | LSR_TEMT;
	uart->lsr &= (uint8_t)~LSR_OVERRUN;
	return status;
}

/* In loopback the modem outputs are the modem inputs; otherwise a partner is always there. */
static uint8_t modem_inputs(const struct uart16550 *uart)
{
	uint8_t inputs = 0;

	if (!(uart->mcr & MCR_LOOP))
		return MSR_CTS | MSR_DSR | MSR_DCD;
	if (uart->mcr & MCR_RTS)
		inputs |= MSR_CTS;
	if (uart->mcr & MCR_DTR)
		inputs |= MSR_DSR;
	if (uart->mcr & MCR_OUT1)
		inputs |= MSR_RI;
	if (uart->mcr & MCR_OUT2)
		inputs |= MSR_DCD;
	return inputs;
}

static void update_modem(struct uart16550 *uart)
{
	uint8_t inputs = modem_inputs(uart);
	uint8_t changed = (uint8_t)((uart->msr ^ inputs) >> 4);

	/* Ring tells of its trailing edge only. */
	if ((changed & MSR_TERI) && (inputs & MSR_RI))
		changed &= (uint8_t)~MSR_TERI;
	uart->msr = (uint8_t)(inputs | (uart->msr & MSR_DELTA) | changed);
}

static uint8_t read_iir(struct uart16550 *uart)
{
	uint8_t reason = pending(uart);

	if (reason == IIR_THRE)
		uart->thre_pending = false;
	return reason | (uart->fcr & FCR_ENABLE ? IIR_FIFO : 0);
}

static uint8_t read_port(struct uart16550 *uart, unsigned port)
{
	bool dlab = uart->lcr & LCR_DLAB;
	uint8_t value;

	switch (port) {
	case PORT_DATA:
		if (dlab)
			return (uint8_t)uart->divisor;
		return uart->rx.count ? fifo_get(&uart->rx) : 0;
	case PORT_IER:
		return dlab ? (uint8_t)(uart->divisor >> 8) : uart->ier;
	case PORT_IIR:
		return read_iir(uart);
	case PORT_LCR:
		return uart->lcr;
	case PORT_MCR:
		return uart->mcr;
	case PORT_LSR:
		return line_status(uart);
	case PORT_MSR:
		value = uart->msr;
		uart->msr &= (uint8_t)~MSR_DELTA;
		return value;
	default:
		return uart->scr;
	}
}

static void write_ier(struct uart16550 *uart, uint8_t value)
{
	/* Switching the transmitter's interrupt on raises it when there is room. */
	if ((value & ~uart->ier & IER_THRE) && !uart->tx.count)
		uart->thre_pending = true;
	uart->ier = value & 0x0f;
}

static void write_fcr(struct uart16550 *uart, uint8_t value)
{
	bool switched = (value ^ uart->fcr) & FCR_ENABLE;

	if (switched || (value & FCR_CLEAR_RX))
		uart->rx.count = 0;
	if (switched || (value & FCR_CLEAR_TX)) {
		uart->tx.count = 0;
		uart->thre_pending = true;
	}
	uart->fcr = value & FCR_ENABLE ? value & 0xc1 : 0;
}

static void write_port(struct uart16550 *uart, unsigned port, uint8_t value)
{
	bool dlab = uart->lcr & LCR_DLAB;

	switch (port) {
	case PORT_DATA:
		if (dlab)
			uart->divisor = (uint16_t)((uart->divisor & 0xff00) | value);
		else
			transmit(uart, value);
		break;
	case PORT_IER:
		if (dlab)
			uart->divisor = (uint16_t)((uart->divisor & 0x00ff) | value << 8);
		else
			write_ier(uart, value);
		break;
	case PORT_IIR:
		write_fcr(uart, value);
		break;
	case PORT_LCR:
		uart->lcr = value;
		break;
	case PORT_MCR:
		uart->mcr = value & 0x1f;
		update_modem(uart);
		break;
	case PORT_SCR:
		uart->scr = value;
		break;
	default: /* LSR and MSR are read-only */
		break;
	}
}

/* Wider accesses reach one register: 8-bit ports do not see the rest. */
static void access_ports(void *context, struct bus_access *access)
{
	struct uart16550 *uart = context;
	unsigned port = access->address & 7;

	if (access->write)
		write_port(uart, port, (uint8_t)access->value);
	else
		access->value = read_port(uart, port);
	make_ready(uart);
	update_irq(uart);
}

void uart16550_reset(struct uart16550 *uart)
{
	uart->ier = uart->lcr = uart->mcr = uart->fcr = uart->lsr = uart->scr = 0;
	uart->divisor = 12; /* 9600 baud */
	uart->thre_pending = false;
	uart->rx.count = uart->tx.count = 0;
	uart->msr = modem_inputs(uart);
	update_irq(uart);
	make_ready(uart);
}

void uart16550_init(struct uart16550 *uart, uint16_t base, struct irq_line irq)
{
	memset(uart, 0, sizeof(*uart));
	uart->irq = irq;
	uart->end.receive = receive;
	uart->end.peer_ready = peer_ready;
	uart->region = (struct bus_region){base, UART16550_PORTS, access_ports, uart, "uart16550"};
	uart16550_reset(uart);
}
