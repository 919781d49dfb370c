/* SPDX-License-Identifier: BSD-2-Clause */
/* Guests' ends of the console. */
#include <stdio.h>
#include <string.h>

#include <arch/cpu.h>
#include <arch/pages.h>

#include "hv/console_parts.h"

#define TYPE_CHUNK 64
#define PORT_PAGES ((sizeof(struct console_port) + PAGE_SIZE - 1) / PAGE_SIZE)

/* Nobody looks at this guest now: the oldest bytes make room, it does not wait. */
static void put_unseen(struct console_port *port, const uint8_t *data, size_t size)
{
	size_t skip = size > CONSOLE_RING ? size - CONSOLE_RING : 0, room = ring_room(&port->out);
	size_t push = size - skip > room ? size - skip - room : 0;

	ring_drop(&port->out, push);
	ring_put(&port->out, data + skip, size - skip);
	port->lost += push + skip;
}

/* From the guest's device, under the guest's lock, on any CPU. */
static size_t receive(struct char_end *end, const uint8_t *data, size_t size)
{
	struct console_wire *wire =
	    (struct console_wire *)((char *)end - offsetof(struct console_wire, end));
	struct console_port *port = wire->port;
	bool first;

	lock_take(&console.lock);
	first = !port->out.count;
	port->active = (unsigned)(wire - port->wires);
	port->ended = false;
	if (console_sees(port)) {
		size_t taken = ring_put(&port->out, data, size);

		wire->refused = taken < size;
		size = taken;
	} else {
		put_unseen(port, data, size);
	}
	lock_drop(&console.lock);
	if (first && cpu_id() != 0)
		cpu_kick(0);
	return size;
}

/* The guest's device has room for typed bytes again. */
static void peer_ready(struct char_end *end)
{
	struct console_wire *wire =
	    (struct console_wire *)((char *)end - offsetof(struct console_wire, end));
	bool waits;

	lock_take(&console.lock);
	wire->port->in_blocked = false;
	waits = wire->port->in_count;
	lock_drop(&console.lock);
	if (waits && cpu_id() != 0)
		cpu_kick(0);
}

/* The places of the guest that has this console. */
static struct console_port **group_of(const struct console_port *port)
{
	return &console.places[(unsigned)(port - console.first) * CONSOLE_GROUP];
}

/* Everything but the name, and the ends. */
static void init(struct console_port *port, void (*lock)(void *), void (*unlock)(void *),
                 void *context)
{
	memset(port, 0, sizeof(*port));
	port->lock = lock;
	port->unlock = unlock;
	port->context = context;
	for (unsigned i = 0; i < CONSOLE_DEVICES; i++) {
		port->wires[i].port = port;
		port->wires[i].end.receive = receive;
		port->wires[i].end.peer_ready = peer_ready;
	}
}

struct console_port *console_port_open(unsigned number, const char *name, void (*lock)(void *),
                                       void (*unlock)(void *), void *context)
{
	struct console_port *port = &console.first[number];

	CHECK(number < CONFIG_VMS);
	lock_take(&console.lock);
	init(port, lock, unlock, context);
	port->name = name;
	memset(group_of(port), 0, CONSOLE_GROUP * sizeof(*console.places));
	group_of(port)[0] = port;
	lock_drop(&console.lock);
	return port;
}

struct console_port *console_port_further(struct console_port *first, unsigned n, const char *name)
{
	struct console_port **place = &group_of(first)[1 + n], *port = *place;

	if (port)
		return port;
	port = pages_alloc(PORT_PAGES, PAGE_SIZE);
	if (!port)
		return NULL;
	init(port, first->lock, first->unlock, first->context);
	snprintf(port->label, sizeof(port->label), "%s.%s", first->name, name);
	port->name = port->label;
	lock_take(&console.lock);
	*place = port;
	lock_drop(&console.lock);
	return port;
}

struct char_end *console_port_end(struct console_port *port, enum console_device device)
{
	return &port->wires[device].end;
}

void console_port_unplug(struct console_port *first)
{
	for (unsigned n = 0; n < CONSOLE_GROUP; n++)
		for (unsigned i = 0; i < CONSOLE_DEVICES && group_of(first)[n]; i++)
			group_of(first)[n]->wires[i].end.peer = NULL;
}

static void reset(struct console_port *port)
{
	port->in_count = 0;
	port->in_blocked = false;
	port->ended = true;
	for (unsigned i = 0; i < CONSOLE_DEVICES; i++)
		port->wires[i].refused = false;
}

void console_port_reset(struct console_port *first)
{
	lock_take(&console.lock);
	for (unsigned n = 0; n < CONSOLE_GROUP; n++)
		if (group_of(first)[n])
			reset(group_of(first)[n]);
	lock_drop(&console.lock);
	if (cpu_id() != 0)
		cpu_kick(0);
}

void console_port_type(struct console_port *port, uint8_t byte)
{
	if (port->in_count < CONSOLE_INPUT)
		port->in[(port->in_head + port->in_count++) % CONSOLE_INPUT] = byte;
}

/* Bytes for the guest, copied out because its lock is never taken under ours. */
static unsigned typed(struct console_port *port, uint8_t *data, unsigned size)
{
	unsigned count;

	lock_take(&console.lock);
	count = port->in_blocked ? 0 : port->in_count;
	if (count > size)
		count = size;
	for (unsigned i = 0; i < count; i++)
		data[i] = port->in[(port->in_head + i) % CONSOLE_INPUT];
	lock_drop(&console.lock);
	return count;
}

static bool push_typed(struct console_port *port)
{
	uint8_t data[TYPE_CHUNK];
	unsigned count = typed(port, data, sizeof(data)), taken;
	bool more;

	if (!count)
		return false;
	port->lock(port->context);
	taken = (unsigned)char_send(&port->wires[port->active].end, data, count);
	lock_take(&console.lock);
	port->in_blocked = taken < count;
	if (taken > port->in_count) /* a reset came between */
		taken = port->in_count;
	port->in_head = (port->in_head + taken) % CONSOLE_INPUT;
	port->in_count -= taken;
	more = port->in_count && !port->in_blocked;
	lock_drop(&console.lock);
	port->unlock(port->context);
	return more;
}

/* Tell a device that was refused, once half of the buffer is free, or nobody looks any more. */
static void offer_room(struct console_port *port, struct console_wire *wire)
{
	bool tell;

	lock_take(&console.lock);
	tell = wire->refused && (ring_room(&port->out) >= CONSOLE_RING / 2 || !console_sees(port));
	if (tell)
		wire->refused = false;
	lock_drop(&console.lock);
	if (!tell)
		return;
	port->lock(port->context);
	char_ready(&wire->end);
	port->unlock(port->context);
}

bool console_serve_port(struct console_port *port)
{
	for (unsigned i = 0; i < CONSOLE_DEVICES; i++)
		offer_room(port, &port->wires[i]);
	return push_typed(port);
}
