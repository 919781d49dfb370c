/* SPDX-License-Identifier: BSD-2-Clause */
/* The bytes of one port, both ways (VIRTIO 1.4, 5.3.6). */
#include "guest-devices/virtio/console_parts.h"
#include "guest-devices/virtio/work.h"

#define PIECE 256

static struct virtio_console_port *of_end(struct char_end *end)
{
	return (void *)((char *)end - offsetof(struct virtio_console_port, end));
}

static struct virtqueue *queue_of(struct virtio_console_port *port, unsigned queue)
{
	return &port->owner->queues[queue];
}

static bool several(const struct virtio_console_port *port)
{
	return virtio_has(&port->owner->device, CONSOLE_F_MULTIPORT);
}

/* Does the driver listen at the port? */
static bool listens(const struct virtio_console_port *port)
{
	return virtio_running(&port->owner->device) && (!several(port) || port->driver_open);
}

/* Bytes of the chain in hand to the peer; false: it took less than all, peer_ready() goes on. */
static bool send_chain(struct virtio_console_port *port)
{
	uint8_t piece[PIECE];

	while (port->sent < port->out.read_size) {
		size_t size = vq_read(&port->out, port->sent, piece, sizeof(piece));
		size_t taken = char_send(&port->end, piece, size);

		port->sent += (uint32_t)taken;
		port->owner->stats.tx_bytes += taken;
		if (taken < size)
			return false;
	}
	return true;
}

/* Output of a port that the driver was not told about, or does not know of any more, is none. */
static bool is_output(const struct virtio_console_port *port)
{
	return port->out.writable == 0 && (!several(port) || port->added);
}

static bool next_output(struct virtio_console_port *port, struct work *work)
{
	if (!port->sending && !work_next(work, &port->out))
		return false;
	if (!port->sending) {
		port->sending = true;
		port->sent = 0;
		work_spend(work, port->out.read_size);
	}
	if (!is_output(port)) /* returned unread */
		port->owner->stats.tx_dropped++;
	else if (!send_chain(port))
		return false;
	port->sending = false;
	vq_push(queue_of(port, vport_tx(port->number)), &port->out, 0);
	return true;
}

void vport_send(struct virtio_console_port *port)
{
	unsigned queue = vport_tx(port->number);
	struct work work;

	if (port->working)
		return;
	port->working = true;
	work = work_begin(queue_of(port, queue), &port->later);
	while (next_output(port, &work))
		;
	port->working = false;
	virtio_notify_queue(&port->owner->device, queue);
}

void vport_drain(struct virtio_console_port *port)
{
	if (port->sending)
		vq_push(queue_of(port, vport_tx(port->number)), &port->out, 0);
	port->sending = false;
}

void vport_peer_ready(struct char_end *end)
{
	struct virtio_console_port *port = of_end(end);

	if (virtio_running(&port->owner->device) &&
	    vport_tx(port->number) < port->owner->device.queue_limit)
		vport_send(port);
}

/* Input: as much as the driver has buffers for. */
size_t vport_receive(struct char_end *end, const uint8_t *data, size_t size)
{
	struct virtio_console_port *port = of_end(end);
	struct virtio_console *console = port->owner;
	struct virtqueue *vq = queue_of(port, vport_rx(port->number));
	struct work work = {vq, &port->later, WORK_BUDGET};
	size_t taken = 0;

	while (listens(port) && taken < size && work_next(&work, &console->in)) {
		const struct vq_chain *chain = &console->in;
		/* a chain with readable buffers is no room for input: returned unwritten */
		size_t n = chain->readable ? 0 : vq_write(chain, 0, data + taken, size - taken);

		vq_push(vq, chain, (uint32_t)n);
		taken += n;
	}
	console->stats.rx_bytes += taken;
	port->starved = taken < size;
	virtio_notify_queue(&console->device, vport_rx(port->number));
	return taken;
}

/* Room came: kicks are not needed again before the next refusal. */
void vport_feed(struct virtio_console_port *port)
{
	vq_want_kicks(queue_of(port, vport_rx(port->number)), false);
	if (port->starved) {
		port->starved = false;
		char_ready(&port->end);
	}
}

void vport_later(void *context)
{
	struct virtio_console_port *port = context;

	if (!virtio_running(&port->owner->device))
		return;
	vport_feed(port);
	vport_send(port);
}
