/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's first serial port: a 16550A at port 3F8, line 4. */
#include <stdatomic.h>
#include <string.h>

#include <arch/io.h>
#include <arch/irq.h>
#include <arch/lock.h>
#include <arch/log.h>
#include <arch/time.h>

#include "hv/drivers/drivers.h"

#define BASE 0x3f8
#define LINE 4
#define FIFO 16
#define RING 16384
/* Bytes taken from the line in one poll, and looks at the interrupt register. */
#define RX_BUDGET    256
#define ROUND_BUDGET 64
#define DRAIN_NS     2000000000ull
#define DRAIN_STEPS  10000000u

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

static struct {
	struct lock lock;
	uint8_t ring[RING];
	size_t head, count;
	uint64_t dropped;
	bool present;
	bool busy;          /* the transmitter was given bytes: it will interrupt */
	atomic_bool raised; /* an interrupt came since the last poll */
	void (*received)(const uint8_t *data, size_t size);
} serial;

static uint8_t in(unsigned port)
{
	return io_in8((uint16_t)(BASE + port));
}

static void out(unsigned port, uint8_t value)
{
	io_out8((uint16_t)(BASE + port), value);
}

static void interrupt(void *context)
{
	(void)context;
	atomic_store(&serial.raised, true);
}

/* Fill the transmit FIFO if it is empty; under the lock. */
static void transmit(void)
{
	if (!serial.count && !serial.busy)
		return;
	if (!(in(PORT_LSR)&LSR_THRE))
		return;
	serial.busy = serial.count > 0;
	for (unsigned i = 0; i < FIFO && serial.count; i++) {
		out(PORT_DATA, serial.ring[serial.head]);
		serial.head = (serial.head + 1) % RING;
		serial.count--;
	}
}

static size_t receive(uint8_t *data, size_t size)
{
	size_t count = 0;

	while (count < size && (in(PORT_LSR)&LSR_DATA))
		data[count++] = in(PORT_DATA);
	return count;
}

/*
 * Serve until the chip asks for nothing: the line is edge triggered, so it has to fall once before
 * it can tell of something new. Whatever a broken chip says, this ends.
 */
static size_t serve(uint8_t *data, size_t size)
{
	size_t count = 0;

	for (unsigned round = 0; round < ROUND_BUDGET; round++) {
		if (in(PORT_IIR)&IIR_NONE)
			return count;
		count += receive(data + count, size - count);
		transmit();
	}
	atomic_store(&serial.raised, true);
	return count;
}

void serial_poll(void)
{
	uint8_t data[RX_BUDGET];
	size_t count = 0;

	if (!serial.present)
		return;
	lock_take(&serial.lock);
	if (atomic_exchange(&serial.raised, false))
		count = serve(data, sizeof(data));
	/* Also when no interrupt came: one that got lost must not silence us for good. */
	transmit();
	lock_drop(&serial.lock);
	if (count)
		serial.received(data, count);
}

void serial_write(const char *text, size_t size)
{
	lock_take(&serial.lock);
	if (serial.present) {
		for (; size && serial.count < RING; size--, serial.count++)
			serial.ring[(serial.head + serial.count) % RING] = (uint8_t)*text++;
		serial.dropped += size;
		if (!serial.busy)
			transmit();
	}
	lock_drop(&serial.lock);
}

size_t serial_room(void)
{
	size_t room;

	lock_take(&serial.lock);
	room = RING - serial.count;
	lock_drop(&serial.lock);
	return room;
}

/* One step; true when everything has left the machine. */
static bool drain_step(void)
{
	bool idle;

	lock_take(&serial.lock);
	if (serial.present)
		transmit();
	idle = !serial.present || (!serial.count && (in(PORT_LSR)&LSR_TEMT));
	lock_drop(&serial.lock);
	return idle;
}

void serial_drain(void)
{
	uint64_t end = time_ns() + DRAIN_NS;

	for (unsigned i = 0; i < DRAIN_STEPS && time_ns() < end; i++) {
		if (drain_step())
			return;
	}
}

/* The scratch register keeps what is written to it; an empty port reads all ones. */
static bool probe(void)
{
	out(PORT_SCR, 0x5a);
	if (in(PORT_SCR) != 0x5a)
		return false;
	out(PORT_SCR, 0xa5);
	return in(PORT_SCR) == 0xa5;
}

static void set_up(void)
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

void serial_start(void (*received)(const uint8_t *data, size_t size))
{
	memset(&serial, 0, sizeof(serial));
	serial.received = received;
	if (!probe()) {
		log_warn("serial: no 16550 at port %x: there is no console", BASE);
		return;
	}
	if (irq_attach_line(LINE, interrupt, NULL, 0) != 0) {
		log_warn("serial: line %u is not to be had: there is no console", LINE);
		return;
	}
	set_up();
	serial.present = true;
	atomic_store(&serial.raised, true); /* look once, for what came before */
}
