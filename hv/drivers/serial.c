/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's first serial port: the ring before it, and when to look at it. */
#include <stdatomic.h>
#include <string.h>

#include <arch/io.h>
#include <arch/irq.h>
#include <arch/lock.h>
#include <arch/log.h>
#include <arch/time.h>

#include "hv/drivers/drivers.h"
#include "hv/drivers/serial_port.h"

#define RING 16384
/* Bytes taken from the line in one poll, given to it in one go, and looks at its reasons. */
#define RX_BUDGET    256
#define TX_BUDGET    32
#define ROUND_BUDGET 64
#define DRAIN_NS     2000000000ull
#define DRAIN_STEPS  10000000u

static struct {
	struct lock lock;
	uint8_t ring[RING];
	size_t head, count;
	uint64_t dropped;
	const struct serial_driver *driver; /* NULL: there is no port */
	bool busy;                          /* the transmitter was given bytes: it will interrupt */
	atomic_bool raised;                 /* an interrupt came since the last poll */
	void (*received)(const uint8_t *data, size_t size);
} serial;

/* Which drivers there are. */
static const struct serial_driver *const drivers[] = {
    [HOST_SERIAL_16550] = &serial_16550,
    [HOST_SERIAL_PL011] = &serial_pl011,
};

static void interrupt(void *context)
{
	(void)context;
	if (serial.driver->listen)
		serial.driver->listen(false, false);
	atomic_store(&serial.raised, true);
}

/* Give the port what it has room for, within a budget; under the lock. */
static void transmit(void)
{
	bool was_busy = serial.busy;
	unsigned room;

	if (!serial.count && !serial.busy)
		return;
	room = serial.driver->room();
	if (!room)
		return;
	serial.busy = serial.count > 0;
	for (unsigned i = 0; i < TX_BUDGET && serial.count; i++) {
		if (!room)
			room = serial.driver->room();
		if (!room)
			break;
		serial.driver->put(serial.ring[serial.head]);
		serial.head = (serial.head + 1) % RING;
		serial.count--;
		room--;
	}
	if (serial.busy != was_busy && serial.driver->listen)
		serial.driver->listen(true, serial.busy);
}

static size_t receive(uint8_t *data, size_t size)
{
	size_t count = 0;

	while (count < size && serial.driver->get(&data[count]))
		count++;
	return count;
}

/*
 * Serve until the port asks for nothing: its line may be an edge, so it has to fall once before it
 * can tell of something new. Whatever a broken port says, this ends.
 */
static size_t serve(uint8_t *data, size_t size)
{
	size_t count = 0;

	for (unsigned round = 0; round < ROUND_BUDGET; round++) {
		if (!serial.driver->asks())
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

	if (!serial.driver)
		return;
	lock_take(&serial.lock);
	if (atomic_exchange(&serial.raised, false)) {
		count = serve(data, sizeof(data));
		if (serial.driver->listen)
			serial.driver->listen(true, serial.busy);
	}
	/* Also when no interrupt came: one that got lost must not silence us for good. */
	transmit();
	lock_drop(&serial.lock);
	if (count)
		serial.received(data, count);
}

void serial_write(const char *text, size_t size)
{
	lock_take(&serial.lock);
	if (serial.driver) {
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
	if (serial.driver)
		transmit();
	idle = !serial.driver || (!serial.count && serial.driver->empty());
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

void serial_start(void (*received)(const uint8_t *data, size_t size))
{
	const struct host_serial port = host_serial();
	const struct serial_driver *driver = drivers[port.kind];

	memset(&serial, 0, sizeof(serial));
	serial.received = received;
	if (!driver) {
		log_warn("serial: firmware names no port: there is no console");
		return;
	}
	if (!driver->probe(port.base)) {
		log_warn("serial: no %s at %#llx: there is no console", driver->name,
		         (unsigned long long)port.base);
		return;
	}
	serial.driver = driver;
	if (irq_attach_line(port.line, interrupt, NULL, 0) != 0) {
		log_warn("serial: line %u is not to be had: there is no console", port.line);
		serial.driver = NULL;
		return;
	}
	driver->start();
	atomic_store(&serial.raised, true); /* look once, for what came before */
}
