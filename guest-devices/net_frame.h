/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the headers of a TCP or UDP frame lie, and the Internet checksum (RFC 1071). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest-devices/backend.h"

#define NET_HEADERS_MAX 192 /* Ethernet, two VLAN tags, IPv6 with options, TCP with options */

enum { NET_ETH_SIZE = 14, NET_TCP = 6, NET_UDP = 17 };

/* A private copy of the headers and offsets in it, all checked against the packet's size. */
struct net_headers {
	uint8_t bytes[NET_HEADERS_MAX];
	bool ipv6;
	uint8_t protocol;                     /* NET_TCP or NET_UDP */
	unsigned checksum;                    /* offset of the field in the transport header */
	unsigned network, transport, payload; /* offsets from the frame's start */
};

/* false unless it is one whole TCP or UDP packet whose own lengths agree with the frame's size. */
bool net_headers_parse(struct net_headers *headers, const struct net_packet *packet);

/*
 * Checksums are sums of 16-bit words in memory order, so that no byte order matters. Not folded;
 * good for 2^32 words.
 */
uint64_t net_sum(const uint8_t *data, size_t size);
uint16_t net_sum_fold(uint64_t sum);
/* Of the bytes from offset to the packet's end. */
uint64_t net_sum_packet(const struct net_packet *packet, size_t offset);
/* Of the pseudo header of a packet with these headers and size bytes from transport on. */
uint64_t net_sum_pseudo(const struct net_headers *headers, size_t size);
