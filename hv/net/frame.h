/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that the hypervisor makes itself for a cable: IPv4 and UDP headers, ICMP errors. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "hv/net/parse.h"

struct frame_route {
	const uint8_t *from_mac, *to_mac;
	uint32_t from, to; /* host byte order */
};

/* Ethernet and IPv4 headers in front of size bytes; writes L4 bytes. */
void frame_ipv4(uint8_t *frame, const struct frame_route *route, uint8_t protocol, size_t size);

#define FRAME_UDP_HEAD (L4 + UDP_HEADER)
/* All headers in front of a UDP payload; writes FRAME_UDP_HEAD bytes. */
void frame_udp(uint8_t *head, const struct frame_route *route, uint16_t from_port, uint16_t to_port,
               const uint8_t *payload, size_t size);

#define FRAME_ICMP_ERROR (L4 + ICMP_HEADER + IPV4_HEADER + 8)
/* An ICMP error about an IPv4 frame, which was parsed and has 8 bytes behind its IPv4 header. */
void frame_icmp_error(uint8_t *error, const struct frame_route *route, uint8_t type, uint8_t code,
                      const uint8_t *frame);
