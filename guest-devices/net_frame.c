/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/net_frame.h"

#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/net_offload.h"

enum { TYPE_IPV4 = 0x0800, TYPE_IPV6 = 0x86dd, TYPE_VLAN = 0x8100, TYPE_QINQ = 0x88a8 };
enum { PROTO_HOP_BY_HOP = 0, PROTO_DESTINATION = 60 };
enum { IPV4_SIZE = 20, IPV6_SIZE = 40, TCP_SIZE = 20, UDP_SIZE = 8, VLAN_SIZE = 4 };
enum { TCP_CHECKSUM = 16, UDP_CHECKSUM = 6 };

/* Bytes [at, at + size) of the headers are there. */
static bool has(size_t known, unsigned at, unsigned size)
{
	return size <= known && at <= known - size;
}

static bool parse_ipv4(struct net_headers *headers, size_t known, size_t frame)
{
	const uint8_t *ip = headers->bytes + headers->network;

	if (!has(known, headers->network, IPV4_SIZE) || ip[0] >> 4 != 4)
		return false;
	unsigned size = (ip[0] & 15u) * 4u;
	headers->transport = headers->network + size;
	headers->protocol = ip[9];
	return size >= IPV4_SIZE && (be16_get(ip + 6) & 0x3fff) == 0 && /* no fragment */
	       headers->network + (size_t)be16_get(ip + 2) == frame;
}

static bool parse_ipv6(struct net_headers *headers, size_t known, size_t frame)
{
	const uint8_t *ip = headers->bytes + headers->network;
	unsigned at = headers->network + IPV6_SIZE;

	if (!has(known, headers->network, IPV6_SIZE) || ip[0] >> 4 != 6)
		return false;
	uint8_t next = ip[6];
	while (next == PROTO_HOP_BY_HOP || next == PROTO_DESTINATION) {
		if (!has(known, at, 8))
			return false;
		next = headers->bytes[at];
		at += (headers->bytes[at + 1] + 1u) * 8u;
	}
	headers->ipv6 = true;
	headers->transport = at;
	headers->protocol = next;
	return headers->network + IPV6_SIZE + (size_t)be16_get(ip + 4) == frame;
}

static bool parse_tcp(struct net_headers *headers, size_t known)
{
	if (!has(known, headers->transport, TCP_SIZE))
		return false;
	unsigned size = (headers->bytes[headers->transport + 12] >> 4) * 4u;
	headers->checksum = TCP_CHECKSUM;
	headers->payload = headers->transport + size;
	return size >= TCP_SIZE && has(known, headers->transport, size);
}

static bool parse_udp(struct net_headers *headers, size_t known, size_t frame)
{
	const uint8_t *udp = headers->bytes + headers->transport;

	headers->checksum = UDP_CHECKSUM;
	headers->payload = headers->transport + UDP_SIZE;
	return has(known, headers->transport, UDP_SIZE) &&
	       headers->transport + (size_t)be16_get(udp + 4) == frame;
}

static bool parse_transport(struct net_headers *headers, size_t known, size_t frame)
{
	if (headers->protocol == NET_TCP)
		return parse_tcp(headers, known);
	return headers->protocol == NET_UDP && parse_udp(headers, known, frame);
}

bool net_headers_parse(struct net_headers *headers, const struct net_packet *packet)
{
	size_t known = packet->size < NET_HEADERS_MAX ? packet->size : NET_HEADERS_MAX;
	unsigned at = NET_ETH_SIZE;

	if (known < NET_ETH_SIZE || !net_packet_copy(packet, 0, headers->bytes, known))
		return false;
	uint16_t type = be16_get(headers->bytes + 12);
	for (int tags = 0; tags < 2 && (type == TYPE_VLAN || type == TYPE_QINQ); tags++) {
		if (!has(known, at, VLAN_SIZE))
			return false;
		type = be16_get(headers->bytes + at + 2);
		at += VLAN_SIZE;
	}
	headers->network = at;
	headers->ipv6 = false;
	if (type == TYPE_IPV4)
		return parse_ipv4(headers, known, packet->size) &&
		       parse_transport(headers, known, packet->size);
	return type == TYPE_IPV6 && parse_ipv6(headers, known, packet->size) &&
	       parse_transport(headers, known, packet->size);
}

uint64_t net_sum(const uint8_t *data, size_t size)
{
	uint64_t sum = 0;
	uint32_t word;

	for (; size >= sizeof(word); data += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, data, sizeof(word));
		sum += word;
	}
	word = 0;
	memcpy(&word, data, size);
	return sum + word;
}

uint16_t net_sum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint64_t net_sum_packet(const struct net_packet *packet, size_t offset)
{
	uint64_t sum = 0;
	bool odd = false;

	for (unsigned i = 0; i < packet->span_count; i++) {
		const struct blk_span *span = &packet->spans[i];

		if (offset >= span->size) {
			offset -= span->size;
			continue;
		}
		size_t size = span->size - offset;
		uint16_t part = net_sum_fold(net_sum((const uint8_t *)span->data + offset, size));
		/* a piece at an odd place has its bytes in the other halves of the words */
		sum += odd ? (uint64_t)__builtin_bswap16(part) : part;
		odd ^= size & 1;
		offset = 0;
	}
	return sum;
}

uint64_t net_sum_pseudo(const struct net_headers *headers, size_t size)
{
	const uint8_t *ip = headers->bytes + headers->network;
	uint8_t tail[8] = {0};

	be32_put(tail, (uint32_t)size);
	tail[7] = headers->protocol;
	return net_sum(tail, sizeof(tail)) +
	       (headers->ipv6 ? net_sum(ip + 8, 32) : net_sum(ip + 12, 8));
}
