/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages about ports, both ways (VIRTIO 1.4, 5.3.6.2). What waits for a buffer is a bit for each
 * kind of message and port: however often a port opens and closes, nothing grows.
 */
#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/console_parts.h"
#include "guest-devices/virtio/work.h"

enum { /* struct virtio_console_control */
       MESSAGE_ID = 0,
       MESSAGE_EVENT = 4,
       MESSAGE_VALUE = 6,
       MESSAGE_SIZE = 8,
       MESSAGE_MAX = MESSAGE_SIZE + VIRTIO_CONSOLE_NAME,
};
enum {
	DEVICE_READY,
	DEVICE_ADD,
	DEVICE_REMOVE,
	PORT_READY,
	CONSOLE_PORT,
	RESIZE,
	PORT_OPEN,
	PORT_NAME,
};

/* --- to the driver --- */

/* The message that a bit stands for; returns its size. */
static uint32_t compose(const struct virtio_console_port *port, uint32_t bit,
                        uint8_t message[MESSAGE_MAX])
{
	static const struct {
		uint32_t bit;
		uint16_t event;
	} events[] = {
	    {TELL_ADD, DEVICE_ADD}, {TELL_CONSOLE, CONSOLE_PORT}, {TELL_NAME, PORT_NAME},
	    {TELL_RESIZE, RESIZE},  {TELL_OPEN, PORT_OPEN},       {TELL_REMOVE, DEVICE_REMOVE},
	};
	uint32_t size = MESSAGE_SIZE;
	size_t length;

	memset(message, 0, MESSAGE_MAX);
	le32_put(message + MESSAGE_ID, port->number);
	for (unsigned i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i].bit == bit)
			le16_put(message + MESSAGE_EVENT, events[i].event);
	le16_put(message + MESSAGE_VALUE, bit == TELL_OPEN ? port->open : 1);
	if (bit == TELL_NAME) {
		length = strlen(port->name);
		length = length < VIRTIO_CONSOLE_NAME ? length : VIRTIO_CONSOLE_NAME;
		memcpy(message + MESSAGE_SIZE, port->name, length);
		size += (uint32_t)length;
	} else if (bit == TELL_RESIZE) { /* cols, rows: as in the configuration */
		memcpy(message + MESSAGE_SIZE, port->owner->space, 4);
		size += 4;
	}
	return size;
}

static void told(struct virtio_console_port *port, uint32_t bit)
{
	port->to_tell &= ~bit;
	if (bit == TELL_ADD)
		port->added = true;
	if (bit == TELL_REMOVE) {
		port->added = port->driver_open = false;
		port->to_tell = port->plugged ? TELL_ADD : 0;
	}
}

/* What is to be said first; 0: nothing. */
static uint32_t next_bit(const struct virtio_console_port *port)
{
	return port->to_tell & (~port->to_tell + 1);
}

static struct virtio_console_port *next_port(struct virtio_console *console)
{
	for (unsigned i = 0; i < console->port_count; i++)
		if (console->ports[i].to_tell)
			return &console->ports[i];
	return NULL;
}

/* A buffer that cannot hold the message goes back empty, and the next one is tried. */
void vport_tell_all(struct virtio_console *console)
{
	struct virtqueue *vq = &console->queues[CONSOLE_CONTROL_RX];
	struct work work = {vq, &console->control_later, WORK_BUDGET};
	struct virtio_console_port *port;
	uint8_t message[MESSAGE_MAX];

	if (!console->ready || !virtio_running(&console->device))
		return;
	while ((port = next_port(console)) && work_next(&work, &console->in)) {
		uint32_t bit = next_bit(port), size = compose(port, bit, message);
		bool fits = !console->in.readable && console->in.write_size >= size;

		if (fits)
			vq_write(&console->in, 0, message, size);
		vq_push(vq, &console->in, fits ? size : 0);
		if (fits)
			told(port, bit);
	}
	if (!next_port(console))
		vq_want_kicks(vq, false);
	virtio_notify_queue(&console->device, CONSOLE_CONTROL_RX);
}

void vport_tell(struct virtio_console_port *port, uint32_t messages)
{
	port->to_tell |= messages;
	vport_tell_all(port->owner);
}

/* --- from the driver --- */

/* V14-CONSOLE-003: a port that is known to the driver is not added again. */
static void device_ready(struct virtio_console *console, bool well)
{
	console->ready |= well;
	for (unsigned i = 0; i < console->port_count; i++)
		if (console->ports[i].plugged && !console->ports[i].added)
			console->ports[i].to_tell |= TELL_ADD;
}

static void port_ready(struct virtio_console_port *port, bool well)
{
	if (well)
		port->to_tell |=
		    (port->number == 0 ? TELL_CONSOLE : 0) |
		    (port->number == 0 && virtio_has(&port->owner->device, CONSOLE_F_SIZE)
		         ? TELL_RESIZE
		         : 0) |
		    (port->name ? TELL_NAME : 0) | TELL_OPEN;
}

static void port_open(struct virtio_console_port *port, bool open)
{
	port->driver_open = open;
	if (open)
		vport_feed(port);
}

static bool obey(struct virtio_console *console, const uint8_t message[MESSAGE_SIZE])
{
	uint32_t id = le32_get(message + MESSAGE_ID);
	bool value = le16_get(message + MESSAGE_VALUE) == 1;
	uint16_t event = le16_get(message + MESSAGE_EVENT);

	if (event == DEVICE_READY) { /* id has no meaning */
		device_ready(console, value);
		return true;
	}
	if (id >= console->port_count || !console->ports[id].added)
		return false;
	if (event == PORT_READY)
		port_ready(&console->ports[id], value);
	else if (event == PORT_OPEN)
		port_open(&console->ports[id], value);
	else
		return false;
	return true;
}

void vport_listen(struct virtio_console *console)
{
	struct virtqueue *vq = &console->queues[CONSOLE_CONTROL_TX];
	struct work work = work_begin(vq, &console->control_later);
	uint8_t message[MESSAGE_SIZE];

	while (work_next(&work, &console->in)) {
		bool whole = console->in.writable == 0 &&
		             vq_read(&console->in, 0, message, MESSAGE_SIZE) == MESSAGE_SIZE;

		vq_push(vq, &console->in, 0);
		console->stats.control_ignored += !whole || !obey(console, message);
	}
	virtio_notify_queue(&console->device, CONSOLE_CONTROL_TX);
	vport_tell_all(console);
}

void vport_control_reset(struct virtio_console *console)
{
	console->ready = false;
	for (unsigned i = 0; i < console->port_count; i++) {
		console->ports[i].added = console->ports[i].driver_open = false;
		console->ports[i].to_tell = 0;
	}
}
