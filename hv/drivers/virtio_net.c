/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/drivers/virtio_net.h"

#include <arch/err.h>
#include <arch/log.h>
#include <arch/pages.h>
#include <limits.h>
#include <string.h>

#define NET_F_MAC   (1ull << 5)
#define HEADER_SIZE 12 /* struct virtio_net_hdr with num_buffers, 5.1.6 */
#define FRAME_MIN   14 /* an Ethernet header */

enum { RX = 0, TX = 1 };

static struct host_net *net_of(struct host_nic *nic)
{
	return (struct host_net *)(void *)nic;
}

static size_t pages_of(size_t bytes)
{
	return (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
}

/* ---- interrupts ---- */

static void config_interrupt(void *context)
{
	((struct host_net *)context)->config_pending = true;
}

static void queue_interrupt(void *context)
{
	struct host_net *net = context;

	net->interrupts++;
	if (net->port.config_vector == net->port.queue_vector)
		net->config_pending = true;
}

/* The device is not to be believed any more: it is stopped for good. */
static void go_offline(struct host_net *net, const char *why)
{
	net->offline = true;
	virtio_port_fail(&net->port.port, why);
	virtio_port_reset(&net->port.port);
	virtio_pci_port_close(&net->port);
}

static void check(struct host_net *net)
{
	const char *lie = net->rx.broken ? net->rx.broken : net->tx.broken;

	if (net->offline)
		return;
	if (lie) {
		go_offline(net, lie);
	} else if (net->config_pending) {
		net->config_pending = false;
		if (virtio_port_ill(&net->port.port))
			go_offline(net, "the device is gone or wants a reset");
	}
}

/* ---- sending ---- */

static void reap_sent(struct host_net *net)
{
	uint32_t written;
	void *buffer;

	while ((buffer = ring_reap(&net->tx, &written)) != NULL)
		net->tx_free[net->tx_free_count++] = buffer;
}

/* The frame behind an empty header; 0: it is too long or too short. */
static size_t gather(uint8_t *buffer, const struct blk_span *spans, unsigned count)
{
	size_t size = 0;

	memset(buffer, 0, HEADER_SIZE);
	for (unsigned i = 0; i < count; i++) {
		if (spans[i].size > HOST_NET_FRAME - size)
			return 0;
		memcpy(buffer + HEADER_SIZE + size, spans[i].data, spans[i].size);
		size += spans[i].size;
	}
	return size < FRAME_MIN ? 0 : size;
}

static bool send(struct host_nic *nic, const struct blk_span *spans, unsigned count)
{
	struct host_net *net = net_of(nic);
	struct blk_span frame;
	size_t size;

	reap_sent(net);
	check(net);
	if (net->offline || !net->tx_free_count)
		return false;
	frame.data = net->tx_free[net->tx_free_count - 1];
	size = gather(frame.data, spans, count);
	frame.size = HEADER_SIZE + size;
	if (!size || ring_add(&net->tx, &frame, 1, 0, frame.data))
		return false;
	net->tx_free_count--;
	nic->tx_frames++;
	virtio_port_kick(&net->port.port, TX, &net->tx);
	return true;
}

static unsigned room(struct host_nic *nic)
{
	struct host_net *net = net_of(nic);

	reap_sent(net);
	check(net);
	return net->offline ? UINT_MAX : net->tx_free_count;
}

/* ---- receiving ---- */

static void offer(struct host_net *net, uint8_t *buffer)
{
	struct blk_span span = {buffer, HOST_NET_BUFFER};

	if (ring_add(&net->rx, &span, 0, 1, buffer))
		net->nic.drops++; /* only once the ring is broken */
}

static void deliver(struct host_net *net, const uint8_t *buffer, uint32_t written)
{
	struct host_nic *nic = &net->nic;

	if (written < HEADER_SIZE + FRAME_MIN || written > HEADER_SIZE + HOST_NET_FRAME) {
		nic->drops++;
		return;
	}
	nic->rx_frames++;
	if (nic->received)
		nic->received(nic, buffer + HEADER_SIZE, written - HEADER_SIZE);
}

static bool poll(struct host_nic *nic, unsigned budget)
{
	struct host_net *net = net_of(nic);
	uint32_t written = 0;
	uint8_t *buffer = NULL;

	check(net);
	if (net->offline)
		return false;
	while (budget && (buffer = ring_reap(&net->rx, &written)) != NULL) {
		deliver(net, buffer, written);
		offer(net, buffer);
		budget--;
	}
	virtio_port_kick(&net->port.port, RX, &net->rx);
	reap_sent(net);
	check(net);
	return !budget && !net->offline;
}

/* ---- start ---- */

static void read_mac(struct host_net *net)
{
	static const uint8_t own[6] = {0x52, 0x56, 0x00, 0xff, 0x00, 0x01};
	struct virtio_port *port = &net->port.port;

	memcpy(net->nic.mac, own, 6);
	if (port->features & NET_F_MAC)
		for (unsigned i = 0; i < 6; i++)
			net->nic.mac[i] = (uint8_t)virtio_port_config(port, i, 1);
}

static int set_up_queues(struct host_net *net, uint8_t *memory)
{
	size_t ring = ring_bytes(HOST_NET_RING, true);
	int err = virtio_port_queue(&net->port.port, RX, &net->rx, memory, HOST_NET_RING);

	ring = (ring + RING_ALIGN - 1) & ~(size_t)(RING_ALIGN - 1);
	if (!err)
		err =
		    virtio_port_queue(&net->port.port, TX, &net->tx, memory + ring, HOST_NET_RING);
	if (err)
		return err;
	ring_want_interrupts(&net->tx, false);
	for (unsigned i = 0; i < net->rx.size; i++)
		offer(net, net->buffers + i * HOST_NET_BUFFER);
	for (unsigned i = 0; i < net->tx.size; i++)
		net->tx_free[net->tx_free_count++] =
		    net->buffers + (HOST_NET_RING + i) * HOST_NET_BUFFER;
	return 0;
}

static int bring_up(struct host_net *net, uint8_t *rings)
{
	struct virtio_port *port = &net->port.port;
	int err;

	virtio_pci_port_interrupts(&net->port, config_interrupt, queue_interrupt, net);
	err = virtio_port_begin(port, NET_F_MAC | RING_FEATURES | RING_F_PACKED, 0);
	if (err)
		return err;
	read_mac(net);
	err = set_up_queues(net, rings);
	if (!err)
		err = virtio_port_go(port);
	if (!err)
		virtio_port_kick(port, RX, &net->rx);
	return err;
}

int host_net_start(struct host_net *net, struct host_pci_device *pci)
{
	size_t ring_pages = pages_of(2 * (ring_bytes(HOST_NET_RING, true) + RING_ALIGN));
	size_t buffer_pages = pages_of(2 * HOST_NET_RING * HOST_NET_BUFFER);
	uint8_t *memory;
	int err;

	err = virtio_pci_port_open(&net->port, pci, "virtio-net");
	if (err)
		return err;
	memory = pages_alloc(ring_pages + buffer_pages, PAGE_SIZE);
	if (!memory) {
		log_error("%s: no memory for its buffers", net->port.name);
		return ERR_NO_MEMORY;
	}
	net->buffers = memory + ring_pages * PAGE_SIZE;
	net->nic.send = send;
	net->nic.room = room;
	net->nic.poll = poll;
	err = bring_up(net, memory);
	if (err) {
		/* memory that a device may still write to is never given back */
		bool quiet = virtio_port_reset(&net->port.port) == 0;

		virtio_pci_port_close(&net->port);
		if (quiet)
			pages_free(memory, ring_pages + buffer_pages);
		return err;
	}
	log_info("%s: %02x:%02x:%02x:%02x:%02x:%02x", net->port.name, net->nic.mac[0],
	         net->nic.mac[1], net->nic.mac[2], net->nic.mac[3], net->nic.mac[4],
	         net->nic.mac[5]);
	return 0;
}
