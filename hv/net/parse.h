/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only parser of frames: everything behind it relies on the offsets found here, so all lengths
 * are checked in this one place. Ethernet II, ARP (RFC 826), IPv4 (RFC 791), TCP, UDP, ICMP.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ETHER_HEADER = 14,
	ETHER_FRAME_MAX = 1514,
	ETHER_TYPE_IPV4 = 0x0800,
	ETHER_TYPE_ARP = 0x0806,

	ARP_SIZE = 28,
	IPV4_HEADER = 20,
	UDP_HEADER = 8,
	TCP_HEADER = 20,
	ICMP_HEADER = 8,

	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,

	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_ACK = 0x10,

	ICMP_ECHO_REPLY = 0,
	ICMP_UNREACHABLE = 3,
	ICMP_ECHO = 8,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETER = 12,
};

/* Offsets in an Ethernet frame: IPv4 headers here never have options. */
enum { L3 = ETHER_HEADER, L4 = L3 + IPV4_HEADER };

/* What a packet is about; numbers in host byte order. */
struct flow_key {
	uint8_t protocol;
	uint32_t source, destination;
	/* TCP, UDP; ICMP echo: source_port is the identifier of a request, destination_port of a
	 * reply, the other one is 0 */
	uint16_t source_port, destination_port;
};

struct parsed {
	uint16_t ether_type;
	bool fragment; /* IPv4 fragment: nothing behind the IPv4 header was looked at */
	struct flow_key key;
	uint8_t ttl, tcp_flags, icmp_type;
	/* An ICMP error: the flow it talks about, seen by the packet's first sender. The quoted
	 * IPv4 header is at L4 + 8, the quoted ports at `quoted`. Key protocol 0: quotes nothing
	 * that we track. */
	bool icmp_error;
	struct flow_key about;
	size_t quoted;
	size_t payload; /* UDP, TCP: offset of the data */
	size_t end;     /* offset behind the last byte that counts (the rest is padding) */
};

/*
 * Look at a whole frame. ERR_INVALID: shorter than it says, wrong IPv4 header checksum or length,
 * IPv4 options (nobody needs them, routers drop them). Other Ethernet types and IPv4 protocols are
 * no error.
 */
int parse_frame(struct parsed *parsed, const uint8_t *frame, size_t size);
