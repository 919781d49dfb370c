/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/net/port.h"

#include <string.h>

#include <arch/cpu.h>

#define SKIP UINT32_MAX /* a record's size: the rest of the ring is unused */

/* Bytes a frame takes in the ring. */
static uint32_t record_size(size_t size)
{
	return (uint32_t)(sizeof(struct port_frame) + size + 15) & ~15u;
}

static struct port_frame *record_at(struct net_port *port, uint32_t position)
{
	return (struct port_frame *)(port->ring + position % PORT_RING);
}

/* Room for size bytes in one piece: where, after marking what is skipped. NULL: no room. */
static struct port_frame *reserve(struct net_port *port, uint32_t *head, uint32_t size)
{
	uint32_t tail = atomic_load(&port->tail), to_end = PORT_RING - *head % PORT_RING;
	uint32_t skip = to_end < size ? to_end : 0;
	if (*head - tail + skip + size > PORT_RING)
		return NULL;
	if (skip)
		record_at(port, *head)->size = SKIP;
	*head += skip;
	return record_at(port, *head);
}

static bool push(struct net_port *port, const struct net_packet *packet)
{
	uint32_t head = atomic_load_explicit(&port->head, memory_order_relaxed);
	uint32_t size = record_size(packet->size);
	struct port_frame *frame = reserve(port, &head, size);
	if (!frame)
		return false;
	frame->size = (uint32_t)packet->size;
	frame->offload = packet->offload;
	size_t at = 0;
	for (unsigned i = 0; i < packet->span_count; i++) {
		const struct blk_span *span = &packet->spans[i];
		if (span->size > packet->size - at)
			break;
		memcpy(frame->data + at, span->data, span->size);
		at += span->size;
	}
	memset(frame->data + at, 0, packet->size - at);
	atomic_store(&port->head, head + size);
	return true;
}

static bool receive(struct net_end *end, const struct net_packet *packet)
{
	struct net_port *port = (struct net_port *)end;
	bool taken = true;
	if (packet->size <= NET_FRAME_MAX && !push(port, packet)) {
		/* Say that we wait, then look again: the reader may have missed the word. */
		atomic_store(&port->waiting, true);
		taken = push(port, packet);
		port->stats.refused += !taken;
	}
	cpu_kick(0);
	return taken;
}

static void tell_address(struct net_port *port, const uint8_t mac[6])
{
	uint64_t word = 0;
	memcpy(&word, mac, sizeof(port->mac));
	atomic_store(&port->told_mac, word);
}

/* Under the guest's lock, before any frame with this address. */
static void peer_address(struct net_end *end, const uint8_t mac[6])
{
	tell_address((struct net_port *)end, mac);
	cpu_kick(0); /* which may have frames for the guest before the guest sends one */
}

static void take_address(struct net_port *port)
{
	uint64_t word = atomic_load(&port->told_mac);
	memcpy(port->mac, &word, sizeof(port->mac));
}

void port_init(struct net_port *port, const struct net_port_config *config, uint8_t *ring,
               struct nat_flows *flows)
{
	uint8_t guest = (uint8_t)config->guest;
	*port = (struct net_port){
	    .end = {.receive = receive,
	            .peer_address = peer_address,
	            .accepts_csum = true,
	            .accepts_ecn = true,
	            .accepts_gso = 1u << NET_GSO_TCPV4},
	    .config = *config,
	    .address = 0x0a4d0002 | (uint32_t)guest << 8,
	    .gateway = 0x0a4d0001 | (uint32_t)guest << 8,
	    .mac = {0x52, 0x56, 0, 0, guest, 2},
	    .gateway_mac = {0x52, 0x56, 0, 0, guest, 1},
	    .flows = flows,
	    .ring = ring,
	};
	tell_address(port, port->mac);
}

struct port_frame *port_peek(struct net_port *port)
{
	uint32_t tail = atomic_load_explicit(&port->tail, memory_order_relaxed);
	bool empty = tail == atomic_load(&port->head);
	take_address(port); /* after the look at head: not older than the frame */
	if (empty)
		return NULL;
	if (record_at(port, tail)->size == SKIP) {
		tail += PORT_RING - tail % PORT_RING;
		atomic_store(&port->tail, tail);
	}
	return record_at(port, tail);
}

void port_pop(struct net_port *port)
{
	uint32_t tail = atomic_load_explicit(&port->tail, memory_order_relaxed);
	atomic_store(&port->tail, tail + record_size(record_at(port, tail)->size));
}

void port_wake(struct net_port *port)
{
	if (!atomic_load(&port->waiting) || !atomic_exchange(&port->waiting, false))
		return;
	port->config.lock(port->config.context);
	struct net_end *peer = port->end.peer;
	if (peer && peer->peer_ready)
		peer->peer_ready(peer);
	port->config.unlock(port->config.context);
}

void port_reset(struct net_port *port)
{
	atomic_store(&port->reset_head, atomic_load(&port->head));
	atomic_store(&port->reset, true);
	cpu_kick(0);
}

bool port_take_reset(struct net_port *port)
{
	if (!atomic_load(&port->reset) || !atomic_exchange(&port->reset, false))
		return false;
	uint32_t end = atomic_load(&port->reset_head);
	if ((int32_t)(end - atomic_load(&port->tail)) > 0)
		atomic_store(&port->tail, end);
	return true;
}

void port_send(struct net_port *port, const struct blk_span *spans, unsigned count)
{
	struct net_packet packet = {.spans = spans, .span_count = count};
	for (unsigned i = 0; i < count; i++)
		packet.size += spans[i].size;
	port->config.lock(port->config.context);
	bool taken = net_send(&port->end, &packet) == NET_SENT;
	port->config.unlock(port->config.context);
	if (taken)
		port->stats.to_guest++;
	else
		port->stats.to_guest_dropped++;
}
