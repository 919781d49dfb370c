/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/net_flow.h"

#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/net_frame.h"
#include "guest-devices/net_offload.h"

enum { TYPE_IPV4 = 0x0800, TYPE_IPV6 = 0x86dd, TYPE_VLAN = 0x8100, TYPE_QINQ = 0x88a8 };
enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DESTINATION = 60 };
enum { OPTION_PAD1 = 0, OPTION_HOME_ADDRESS = 0xc9, ROUTING_TYPE_2 = 2 };
enum { IPV4_SIZE = 20, IPV6_SIZE = 40, ADDRESS = 16, VLAN_SIZE = 4 };

/* The packet's first bytes and how far they have been read. */
struct reader {
	uint8_t bytes[NET_HEADERS_MAX];
	size_t known, at;
};

static const uint8_t *next(struct reader *reader, size_t size)
{
	const uint8_t *here = reader->bytes + reader->at;

	if (size > reader->known - reader->at)
		return NULL;
	reader->at += size;
	return here;
}

static uint16_t ether_type(struct reader *reader)
{
	const uint8_t *eth = next(reader, NET_ETH_SIZE), *tag;
	uint16_t type = eth ? be16_get(eth + 12) : 0;

	for (int tags = 0; tags < 2 && (type == TYPE_VLAN || type == TYPE_QINQ); tags++) {
		tag = next(reader, VLAN_SIZE);
		type = tag ? be16_get(tag + 2) : 0;
	}
	return type;
}

static void parse_ports(struct net_flow *flow, struct reader *reader, uint8_t protocol)
{
	const uint8_t *ports = next(reader, sizeof(flow->ports));

	if (!ports || (protocol != NET_TCP && protocol != NET_UDP))
		return;
	flow->protocol = protocol;
	memcpy(flow->ports, ports, sizeof(flow->ports));
}

static void parse_ipv4(struct net_flow *flow, struct reader *reader)
{
	const uint8_t *ip = next(reader, IPV4_SIZE);
	unsigned size = ip ? (ip[0] & 15u) * 4u : 0;

	if (size < IPV4_SIZE || ip[0] >> 4 != 4)
		return;
	flow->version = 4;
	memcpy(flow->source, ip + 12, 4);
	memcpy(flow->destination, ip + 16, 4);
	/* only whole packets: the ports are in the first fragment alone */
	if ((be16_get(ip + 6) & 0x3fff) == 0 && next(reader, size - IPV4_SIZE))
		parse_ports(flow, reader, ip[9]);
}

/* The home address option in a destination options header. */
static void parse_options(struct net_flow *flow, const uint8_t *header, size_t size)
{
	for (size_t at = 2; at + 2 <= size;) {
		size_t length = header[at] == OPTION_PAD1 ? 1 : 2 + (size_t)header[at + 1];

		if (header[at] == OPTION_HOME_ADDRESS && length == 2 + ADDRESS &&
		    length <= size - at)
			memcpy(flow->home, header + at + 2, ADDRESS);
		at += length;
	}
}

/* One extension header; false: nothing behind it can be understood. */
static bool parse_extension(struct net_flow *flow, struct reader *reader, uint8_t *kind)
{
	const uint8_t *header = next(reader, 8);
	size_t size = header ? (header[1] + 1u) * 8u : 0;

	if (!header || *kind == FRAGMENT || !next(reader, size - 8))
		return false;
	if (*kind == DESTINATION)
		parse_options(flow, header, size);
	else if (*kind == ROUTING && header[2] == ROUTING_TYPE_2 && size == 8 + ADDRESS)
		memcpy(flow->routed, header + 8, ADDRESS);
	*kind = header[0];
	return true;
}

static bool is_extension(uint8_t kind)
{
	return kind == HOP_BY_HOP || kind == ROUTING || kind == FRAGMENT || kind == DESTINATION;
}

static void parse_ipv6(struct net_flow *flow, struct reader *reader)
{
	const uint8_t *ip = next(reader, IPV6_SIZE);

	if (!ip || ip[0] >> 4 != 6)
		return;
	uint8_t kind = ip[6];
	flow->version = 6;
	flow->extended = is_extension(kind);
	memcpy(flow->source, ip + 8, ADDRESS);
	memcpy(flow->destination, ip + 24, ADDRESS);
	memcpy(flow->home, flow->source, ADDRESS);
	memcpy(flow->routed, flow->destination, ADDRESS);
	while (is_extension(kind))
		if (!parse_extension(flow, reader, &kind))
			return;
	parse_ports(flow, reader, kind);
}

void net_flow_parse(struct net_flow *flow, const struct net_packet *packet)
{
	struct reader reader;

	memset(flow, 0, sizeof(*flow));
	reader.at = 0;
	reader.known = packet->size < NET_HEADERS_MAX ? packet->size : NET_HEADERS_MAX;
	if (!net_packet_copy(packet, 0, reader.bytes, reader.known))
		return;
	uint16_t type = ether_type(&reader);
	if (type == TYPE_IPV4)
		parse_ipv4(flow, &reader);
	else if (type == TYPE_IPV6)
		parse_ipv6(flow, &reader);
}

static uint32_t fold(const uint8_t *address)
{
	return le32_get(address) ^ le32_get(address + 4) ^ le32_get(address + 8) ^
	       le32_get(address + 12);
}

uint32_t net_flow_mix(const struct net_flow *flow)
{
	/* each end alone, then both by an operation that does not know their order */
	uint32_t from = (fold(flow->source) ^ be16_get(flow->ports)) * 0x9e3779b1u;
	uint32_t to = (fold(flow->destination) ^ be16_get(flow->ports + 2)) * 0x9e3779b1u;
	uint32_t mix = (from + to) ^ flow->protocol;

	mix = (mix ^ mix >> 15) * 0x85ebca6bu;
	return mix ^ mix >> 16;
}
