/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Toeplitz hash over a packet's flow, and which of its fields count (VIRTIO 1.4, 5.1.9.4.3,
 * 5.1.9.4.5).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "guest-devices/net_flow.h"

#define NET_HASH_KEY 40 /* bytes of a key: enough for two IPv6 addresses and two ports */

/* VIRTIO_NET_HASH_TYPE_x is 1 << (VIRTIO_NET_HASH_REPORT_x - 1). */
enum net_hash_report {
	NET_HASH_NONE,
	NET_HASH_IPV4,
	NET_HASH_TCPV4,
	NET_HASH_UDPV4,
	NET_HASH_IPV6,
	NET_HASH_TCPV6,
	NET_HASH_UDPV6,
	NET_HASH_IP_EX,
	NET_HASH_TCP_EX,
	NET_HASH_UDP_EX,
};
#define NET_HASH_TYPES 0x1ffu /* all of them */

/* What a key does with each half of a byte at each place of the input. */
struct net_hash_key {
	uint32_t table[2 * (NET_HASH_KEY - 4)][16];
};

/* key: size bytes, at most NET_HASH_KEY; a shorter one goes on with zeroes. */
void net_hash_key_init(struct net_hash_key *key, const uint8_t *bytes, size_t size);
/* size: at most NET_HASH_KEY - 4 bytes. */
uint32_t net_hash(const struct net_hash_key *key, const uint8_t *input, size_t size);

/* By the enabled types: what the hash of the flow is called, and its value; NET_HASH_NONE: none. */
enum net_hash_report net_hash_flow(const struct net_hash_key *key, uint32_t types,
                                   const struct net_flow *flow, uint32_t *value);
