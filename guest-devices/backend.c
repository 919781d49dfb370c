/* SPDX-License-Identifier: BSD-2-Clause */
/* Cables between devices and back-ends. */
#include "guest-devices/backend.h"

#include "guest-devices/net_offload.h"

void net_cable_join(struct net_end *a, struct net_end *b)
{
	a->peer = b;
	b->peer = a;
}

enum net_sent net_send(struct net_end *from, const struct net_packet *packet)
{
	return from->peer ? net_deliver(from->peer, packet) : NET_LOST;
}

void net_tell_address(struct net_end *from, const uint8_t mac[6])
{
	if (from->peer && from->peer->peer_address)
		from->peer->peer_address(from->peer, mac);
}

void char_join(struct char_end *a, struct char_end *b)
{
	a->peer = b;
	b->peer = a;
}

size_t char_send(struct char_end *from, const uint8_t *data, size_t size)
{
	return from->peer ? from->peer->receive(from->peer, data, size) : size;
}

void char_ready(struct char_end *from)
{
	if (from->peer && from->peer->peer_ready)
		from->peer->peer_ready(from->peer);
}
