/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/net_offload.h"

#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/net_frame.h"

enum { TCP_FIN = 0x01, TCP_PSH = 0x08, TCP_CWR = 0x80, TCP_FLAGS = 13, UDP_LENGTH = 4 };

bool net_packet_copy(const struct net_packet *packet, size_t offset, void *to, size_t size)
{
	uint8_t *out = to;

	if (offset > packet->size || size > packet->size - offset)
		return false;
	for (unsigned i = 0; i < packet->span_count && size > 0; i++) {
		const struct blk_span *span = &packet->spans[i];

		if (offset >= span->size) {
			offset -= span->size;
			continue;
		}
		size_t piece = span->size - offset < size ? span->size - offset : size;
		memcpy(out, (const uint8_t *)span->data + offset, piece);
		out += piece;
		size -= piece;
		offset = 0;
	}
	return size == 0;
}

/* A packet under construction. */
struct pieces {
	struct blk_span spans[NET_SPANS_MAX];
	unsigned count;
};

/* size: not 0. */
static bool add(struct pieces *pieces, void *data, size_t size)
{
	if (pieces->count == NET_SPANS_MAX)
		return false;
	pieces->spans[pieces->count++] = (struct blk_span){data, size};
	return true;
}

/* Append bytes [offset, offset + size) of packet. */
static bool add_slice(struct pieces *pieces, const struct net_packet *packet, size_t offset,
                      size_t size)
{
	for (unsigned i = 0; i < packet->span_count && size > 0; i++) {
		const struct blk_span *span = &packet->spans[i];

		if (offset >= span->size) {
			offset -= span->size;
			continue;
		}
		size_t piece = span->size - offset < size ? span->size - offset : size;
		if (!add(pieces, (uint8_t *)span->data + offset, piece))
			return false;
		size -= piece;
		offset = 0;
	}
	return size == 0;
}

static bool checksum_inside(const struct net_packet *packet)
{
	return (size_t)packet->offload.csum_start + packet->offload.csum_offset + 2 <= packet->size;
}

/* Are these the headers that a train of this type has? */
static bool type_right(const struct net_headers *headers, uint8_t gso_type)
{
	switch (gso_type) {
	case NET_GSO_TCPV4:
		return headers->protocol == NET_TCP && !headers->ipv6;
	case NET_GSO_TCPV6:
		return headers->protocol == NET_TCP && headers->ipv6;
	default:
		return gso_type == NET_GSO_UDP_L4 && headers->protocol == NET_UDP;
	}
}

/* May these headers be cut as the offload word says? */
static bool can_segment(const struct net_headers *headers, const struct net_packet *packet)
{
	const struct net_offload *offload = &packet->offload;

	return type_right(headers, offload->gso_type) && offload->needs_csum &&
	       offload->csum_start == headers->transport &&
	       offload->csum_offset == headers->checksum && offload->gso_size > 0 &&
	       (packet->size - headers->payload) / offload->gso_size < NET_SEGMENTS_MAX;
}

bool net_offload_check(struct net_packet *packet)
{
	struct net_offload *offload = &packet->offload;
	struct net_headers headers;

	offload->hdr_len = 0;
	offload->ecn = false;
	if (offload->needs_csum && !checksum_inside(packet))
		return false;
	if (offload->gso_type == NET_GSO_NONE)
		return true;
	if (!net_headers_parse(&headers, packet) || !can_segment(&headers, packet))
		return false;
	offload->hdr_len = (uint16_t)headers.payload;
	offload->ecn =
	    headers.protocol == NET_TCP && (headers.bytes[headers.transport + TCP_FLAGS] & TCP_CWR);
	return true;
}

/* What belongs in the checksum field if that holds the pseudo header's sum now. */
static uint16_t checksum(const struct net_packet *packet, size_t start)
{
	uint16_t sum = (uint16_t)~net_sum_fold(net_sum_packet(packet, start));

	return sum ? sum : 0xffff; /* the same number; 0 would say "none" in UDP */
}

static enum net_sent taken(bool received)
{
	return received ? NET_SENT : NET_REFUSED;
}

/* The same frame with its checksum in place; the sender's memory stays as it is. */
static enum net_sent deliver_summed(struct net_end *end, const struct net_packet *packet)
{
	size_t field = (size_t)packet->offload.csum_start + packet->offload.csum_offset;
	struct pieces pieces;
	uint16_t sum;

	pieces.count = 0;
	if (!checksum_inside(packet))
		return NET_LOST;
	sum = checksum(packet, packet->offload.csum_start);
	if (!add_slice(&pieces, packet, 0, field) || !add(&pieces, &sum, sizeof(sum)) ||
	    !add_slice(&pieces, packet, field + 2, packet->size - field - 2))
		return NET_LOST;
	return taken(end->receive(end, &(struct net_packet){.spans = pieces.spans,
	                                                    .span_count = pieces.count,
	                                                    .size = packet->size}));
}

/* One packet on its way to become several. */
struct train {
	const struct net_packet *packet;
	struct net_headers headers; /* as the sender made them */
	struct net_end *end;
};

/* Network header of the segment that has size bytes of payload. */
static void patch_network(struct net_headers *headers, size_t size, unsigned number)
{
	uint8_t *ip = headers->bytes + headers->network;
	size_t total = headers->payload - headers->network + size;
	uint16_t sum = 0;

	if (headers->ipv6) {
		be16_put(ip + 4, (uint16_t)(total - 40));
		return;
	}
	be16_put(ip + 2, (uint16_t)total);
	be16_put(ip + 4, (uint16_t)(be16_get(ip + 4) + number));
	memcpy(ip + 10, &sum, 2);
	sum = (uint16_t)~net_sum_fold(net_sum(ip, headers->transport - headers->network));
	memcpy(ip + 10, &sum, 2);
}

static void patch_tcp(struct net_headers *headers, size_t offset, bool last)
{
	uint8_t *tcp = headers->bytes + headers->transport;

	be32_put(tcp + 4, be32_get(tcp + 4) + (uint32_t)offset);
	if (!last)
		tcp[TCP_FLAGS] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (offset > 0)
		tcp[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
}

/* Transport header of the segment whose size bytes of payload are at offset. */
static void patch_transport(struct net_headers *headers, size_t offset, size_t size, bool last)
{
	size_t total = headers->payload - headers->transport + size;
	uint8_t *transport = headers->bytes + headers->transport;
	uint16_t pseudo = net_sum_fold(net_sum_pseudo(headers, total));

	if (headers->protocol == NET_TCP)
		patch_tcp(headers, offset, last);
	else
		be16_put(transport + UDP_LENGTH, (uint16_t)total);
	memcpy(transport + headers->checksum, &pseudo, 2);
}

static enum net_sent deliver_segment(const struct train *train, size_t offset, size_t size,
                                     unsigned number)
{
	const struct net_packet *packet = train->packet;
	struct net_headers headers = train->headers;
	struct net_packet segment = {.size = headers.payload + size};
	struct pieces pieces;

	patch_network(&headers, size, number);
	patch_transport(&headers, offset, size, segment.size + offset == packet->size);
	pieces.count = 0;
	if (!add(&pieces, headers.bytes, headers.payload) ||
	    !add_slice(&pieces, packet, headers.payload + offset, size))
		return NET_LOST;
	segment.spans = pieces.spans;
	segment.span_count = pieces.count;
	if (train->end->accepts_csum) {
		segment.offload.needs_csum = true;
		segment.offload.csum_start = packet->offload.csum_start;
		segment.offload.csum_offset = packet->offload.csum_offset;
	} else {
		uint16_t sum = checksum(&segment, headers.transport);

		memcpy(headers.bytes + headers.transport + headers.checksum, &sum, 2);
	}
	return taken(train->end->receive(train->end, &segment));
}

static enum net_sent deliver_segments(struct net_end *end, const struct net_packet *packet)
{
	struct train train = {.packet = packet, .end = end};
	unsigned number = 0;

	if (!net_headers_parse(&train.headers, packet) || !can_segment(&train.headers, packet))
		return NET_LOST;
	size_t left = packet->size - train.headers.payload, offset = 0;
	do {
		size_t size = left < packet->offload.gso_size ? left : packet->offload.gso_size;
		enum net_sent sent = deliver_segment(&train, offset, size, number++);

		/* what is out cannot be taken back: the packet must not be sent again */
		if (sent != NET_SENT)
			return offset > 0 ? NET_LOST : sent;
		offset += size;
		left -= size;
	} while (left > 0);
	return NET_SENT;
}

/* Does end take this train as it is? */
static bool accepted(const struct net_end *end, const struct net_offload *offload)
{
	return (end->accepts_gso & 1u << offload->gso_type) && (end->accepts_ecn || !offload->ecn);
}

unsigned net_segments(const struct net_end *end, const struct net_packet *packet)
{
	const struct net_offload *offload = &packet->offload;

	if (offload->gso_type == NET_GSO_NONE || accepted(end, offload))
		return 0;
	size_t size = packet->size - offload->hdr_len;
	return size ? (unsigned)((size + offload->gso_size - 1) / offload->gso_size) : 1;
}

bool net_partial_right(const struct net_packet *packet)
{
	const struct net_offload *offload = &packet->offload;
	struct net_headers headers;
	uint16_t pseudo;

	if (!net_headers_parse(&headers, packet) || offload->csum_start != headers.transport ||
	    offload->csum_offset != headers.checksum)
		return false;
	pseudo = net_sum_fold(net_sum_pseudo(&headers, packet->size - headers.transport));
	return memcmp(headers.bytes + headers.transport + headers.checksum, &pseudo, 2) == 0;
}

enum net_sent net_finish(struct net_end *end, const struct net_packet *packet)
{
	return packet->offload.gso_type == NET_GSO_NONE ? deliver_summed(end, packet)
	                                                : deliver_segments(end, packet);
}

enum net_sent net_deliver(struct net_end *end, const struct net_packet *packet)
{
	const struct net_offload *offload = &packet->offload;

	if (offload->gso_type != NET_GSO_NONE && !accepted(end, offload))
		return deliver_segments(end, packet);
	if (offload->needs_csum && !end->accepts_csum)
		return deliver_summed(end, packet);
	return taken(end->receive(end, packet));
}
