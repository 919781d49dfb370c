/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/net/parse.h"

#include <arch/err.h>

#include "guest-devices/bytes.h"
#include "hv/net/checksum.h"

static bool is_icmp_error(uint8_t type)
{
	return type == ICMP_UNREACHABLE || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER;
}

/* Ports or the echo identifier, in the first 8 bytes of an L4 header. */
static void parse_ports(struct flow_key *key, const uint8_t *l4)
{
	if (key->protocol == PROTOCOL_TCP || key->protocol == PROTOCOL_UDP) {
		key->source_port = be16_get(l4);
		key->destination_port = be16_get(l4 + 2);
	} else if (key->protocol == PROTOCOL_ICMP && l4[0] == ICMP_ECHO) {
		key->source_port = be16_get(l4 + 4);
	} else if (key->protocol == PROTOCOL_ICMP && l4[0] == ICMP_ECHO_REPLY) {
		key->destination_port = be16_get(l4 + 4);
	} else {
		key->protocol = 0;
	}
}

/* The packet that an ICMP error quotes: its IPv4 header, options allowed, and 8 bytes behind. */
static void parse_quote(struct parsed *p, const uint8_t *frame)
{
	size_t at = L4 + ICMP_HEADER;
	if (p->end < at + IPV4_HEADER || frame[at] >> 4 != 4)
		return;
	size_t header = (size_t)(frame[at] & 15) * 4;
	if (header < IPV4_HEADER || p->end < at + header + 8)
		return;
	if (be16_get(frame + at + 6) & 0x1fff)
		return;
	p->about.protocol = frame[at + 9];
	p->about.source = be32_get(frame + at + 12);
	p->about.destination = be32_get(frame + at + 16);
	p->quoted = at + header;
	parse_ports(&p->about, frame + p->quoted);
}

static int parse_tcp(struct parsed *p, const uint8_t *frame)
{
	if (p->end < L4 + TCP_HEADER)
		return ERR_INVALID;
	size_t header = (size_t)(frame[L4 + 12] >> 4) * 4;
	if (header < TCP_HEADER || p->end < L4 + header)
		return ERR_INVALID;
	p->tcp_flags = frame[L4 + 13];
	p->payload = L4 + header;
	parse_ports(&p->key, frame + L4);
	return 0;
}

static int parse_udp(struct parsed *p, const uint8_t *frame)
{
	if (p->end < L4 + UDP_HEADER)
		return ERR_INVALID;
	if (be16_get(frame + L4 + 4) != p->end - L4)
		return ERR_INVALID;
	p->payload = L4 + UDP_HEADER;
	parse_ports(&p->key, frame + L4);
	return 0;
}

static int parse_icmp(struct parsed *p, const uint8_t *frame)
{
	if (p->end < L4 + ICMP_HEADER)
		return ERR_INVALID;
	p->icmp_type = frame[L4];
	p->icmp_error = is_icmp_error(p->icmp_type);
	if (p->icmp_error)
		parse_quote(p, frame);
	else if (p->icmp_type == ICMP_ECHO || p->icmp_type == ICMP_ECHO_REPLY)
		parse_ports(&p->key, frame + L4);
	return 0;
}

static int parse_ipv4(struct parsed *p, const uint8_t *frame, size_t size)
{
	const uint8_t *ip = frame + L3;
	if (size < L4 || ip[0] != 0x45)
		return ERR_INVALID;
	size_t total = be16_get(ip + 2);
	if (total < IPV4_HEADER || total > size - L3)
		return ERR_INVALID;
	if (checksum_finish(checksum_add(0, ip, IPV4_HEADER)) != 0)
		return ERR_INVALID;
	p->end = L3 + total;
	p->ttl = ip[8];
	p->key.protocol = ip[9];
	p->key.source = be32_get(ip + 12);
	p->key.destination = be32_get(ip + 16);
	p->fragment = (be16_get(ip + 6) & 0x3fff) != 0;
	if (p->fragment)
		return 0;
	switch (p->key.protocol) {
	case PROTOCOL_TCP:
		return parse_tcp(p, frame);
	case PROTOCOL_UDP:
		return parse_udp(p, frame);
	case PROTOCOL_ICMP:
		return parse_icmp(p, frame);
	default:
		return 0;
	}
}

int parse_frame(struct parsed *parsed, const uint8_t *frame, size_t size)
{
	*parsed = (struct parsed){.end = size};
	if (size < ETHER_HEADER)
		return ERR_INVALID;
	parsed->ether_type = be16_get(frame + 12);
	if (parsed->ether_type == ETHER_TYPE_IPV4)
		return parse_ipv4(parsed, frame, size);
	if (parsed->ether_type == ETHER_TYPE_ARP && size < ETHER_HEADER + ARP_SIZE)
		return ERR_INVALID;
	return 0;
}
