/* SPDX-License-Identifier: BSD-2-Clause */
/* A 16550A in port space. */
#include <arch/io.h>

#include "hv/drivers/serial_port.h"

#define FIFO 16

enum { PORT_DATA, PORT_IER, PORT_IIR, PORT_LCR, PORT_MCR, PORT_LSR, PORT_MSR, PORT_SCR };

#define IER_RDA  0x01
#define IER_THRE 0x02
#define IIR_NONE 0x01
#define FCR_ON   0x07 /* FIFOs on and cleared, trigger at one byte */
#define LCR_8N1  0x03
#define LCR_DLAB 0x80
#define MCR_ON   0x0b /* DTR, RTS, interrupt enable */
#define LSR_DATA 0x01
#define LSR_THRE 0x20
#define LSR_TEMT 0x40
#define DIVISOR  1 /* 115200 baud */

static uint16_t base;

static uint8_t in(unsigned port)
{
	return io_in8((uint16_t)(base + port));
}

static void out(unsigned port, uint8_t value)
{
	io_out8((uint16_t)(base + port), value);
}

/* The scratch register keeps what is written to it; an empty port reads all ones. */
static bool probe(uint64_t at)
{
	base = (uint16_t)at;
	out(PORT_SCR, 0x5a);
	if (in(PORT_SCR) != 0x5a)
		return false;
	out(PORT_SCR, 0xa5);
	return in(PORT_SCR) == 0xa5;
}

static void start(void)
{
	out(PORT_IER, 0);
	out(PORT_LCR, LCR_DLAB);
	out(PORT_DATA, DIVISOR);
	out(PORT_IER, 0);
	out(PORT_LCR, LCR_8N1);
	out(PORT_IIR, FCR_ON);
	out(PORT_MCR, MCR_ON);
	out(PORT_IER, IER_RDA | IER_THRE);
}

static bool asks(void)
{
	return !(in(PORT_IIR)&IIR_NONE);
}

static unsigned room(void)
{
	return in(PORT_LSR)&LSR_THRE ? FIFO : 0;
}

static void put(uint8_t byte)
{
	out(PORT_DATA, byte);
}

static bool get(uint8_t *byte)
{
	if (!(in(PORT_LSR)&LSR_DATA))
		return false;
	*byte = in(PORT_DATA);
	return true;
}

static bool empty(void)
{
	return in(PORT_LSR)&LSR_TEMT;
}

const struct serial_driver serial_16550 = {
    .name = "16550",
    .probe = probe,
    .start = start,
    .asks = asks,
    .room = room,
    .put = put,
    .get = get,
    .empty = empty,
};
