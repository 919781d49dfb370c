/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames for the network's tests, with checksums by a slow reference of their own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct test_packet {
	uint8_t to_mac[6], from_mac[6];
	uint32_t from, to; /* host byte order */
	uint8_t protocol;
	uint16_t from_port, to_port; /* ICMP: type << 8 | code, and the identifier */
	uint8_t tcp_flags, ttl;      /* ttl 0: 64 */
	const void *data;
	size_t size;
};

/* Writes the frame, returns its size. */
size_t test_frame(uint8_t *frame, const struct test_packet *packet);

/* The complemented one's complement sum over data, byte by byte. */
uint16_t reference_checksum(uint32_t start, const uint8_t *data, size_t size);
/* Are the IPv4 header's and the TCP, UDP or ICMP checksum right, and the sizes in the headers? */
bool test_frame_right(const uint8_t *frame, size_t size);
/* The same sum as a number, for the L4 part: what the checksum field ought to be. */
uint16_t reference_l4_checksum(const uint8_t *frame, size_t size);

uint16_t test_get16(const uint8_t *at);
uint32_t test_get32(const uint8_t *at);
void test_put16(uint8_t *at, uint32_t value);
void test_put32(uint8_t *at, uint32_t value);
void test_fix_ip(uint8_t *frame); /* the IPv4 header's checksum again, after a change */

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))
