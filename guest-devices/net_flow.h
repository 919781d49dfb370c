/* SPDX-License-Identifier: BSD-2-Clause */
/* Which flow a packet belongs to: addresses and ports, for steering and for hashes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/backend.h"

/* Who talks to whom. IPv4 addresses take the first four bytes; the others are 0. */
struct net_flow {
	uint8_t version;  /* 4 or 6; 0: no IP packet, the rest means nothing */
	bool extended;    /* IPv6 with extension headers */
	uint8_t protocol; /* NET_TCP or NET_UDP if ports is known, else 0 */
	uint8_t source[16], destination[16];
	/* IPv6: the home address option and the routing header of type 2, if there, in place of the
	 * header's addresses (RFC 6275). */
	uint8_t home[16], routed[16];
	uint8_t ports[4]; /* source, destination, as in the packet */
};

/* From a copy of the packet's first bytes; never fails: what cannot be read is not known. */
void net_flow_parse(struct net_flow *flow, const struct net_packet *packet);

/* A number that both directions of a flow share; not a hash against attackers. */
uint32_t net_flow_mix(const struct net_flow *flow);
