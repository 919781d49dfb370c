/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/net/port.h"

#include <string.h>

#include <arch/cpu.h>

static bool push(struct net_port *port, const struct net_packet *packet)
{
	struct port_frame *frame =
	    record_ring_reserve(&port->ring, (uint32_t)(sizeof(*frame) + packet->size));
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
	record_ring_commit(&port->ring, frame);
	return true;
}

static bool receive(struct net_end *end, const struct net_packet *packet)
{
	struct net_port *port = (struct net_port *)end;
	bool taken = true;
	if (packet->size <= NET_FRAME_MAX) {
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
	    .ring = {.bytes = ring, .size = PORT_RING},
	};
	tell_address(port, port->mac);
}

struct port_frame *port_peek(struct net_port *port)
{
	struct port_frame *frame = record_ring_peek(&port->ring);

	take_address(port); /* after the look at the ring: not older than the frame */
	return frame;
}

void port_pop(struct net_port *port)
{
	record_ring_pop(&port->ring);
}

void port_wake(struct net_port *port)
{
	if (!record_ring_wanted(&port->ring))
		return;
	port->config.lock(port->config.context);
	struct net_end *peer = port->end.peer;
	if (peer && peer->peer_ready)
		peer->peer_ready(peer);
	port->config.unlock(port->config.context);
}

void port_reset(struct net_port *port)
{
	record_ring_cut(&port->ring);
	cpu_kick(0);
}

bool port_take_reset(struct net_port *port)
{
	return record_ring_take_cut(&port->ring);
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
