/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/net_hash.h"

#include <string.h>

#include "guest-devices/net_frame.h"

/* 32 bits of the key from bit `at` on. */
static uint32_t window(const uint8_t key[NET_HASH_KEY], unsigned at)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < 5; i++) {
		unsigned byte = at / 8 + i;

		bits = bits << 8 | (byte < NET_HASH_KEY ? key[byte] : 0);
	}
	return (uint32_t)(bits >> (8 - at % 8));
}

void net_hash_key_init(struct net_hash_key *key, const uint8_t *bytes, size_t size)
{
	uint8_t whole[NET_HASH_KEY] = {0};

	memcpy(whole, bytes, size < NET_HASH_KEY ? size : NET_HASH_KEY);
	for (unsigned half = 0; half < 2 * (NET_HASH_KEY - 4); half++)
		for (unsigned value = 0; value < 16; value++) {
			uint32_t sum = 0;

			for (unsigned bit = 0; bit < 4; bit++)
				if (value & 8u >> bit)
					sum ^= window(whole, half * 4 + bit);
			key->table[half][value] = sum;
		}
}

uint32_t net_hash(const struct net_hash_key *key, const uint8_t *input, size_t size)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < size; i++)
		hash ^= key->table[2 * i][input[i] >> 4] ^ key->table[2 * i + 1][input[i] & 15];
	return hash;
}

static bool enabled(uint32_t types, enum net_hash_report report)
{
	return types & 1u << (report - 1);
}

/* The best of three kinds of one family, which follow each other: addresses, TCP, UDP. */
static enum net_hash_report choose(uint32_t types, enum net_hash_report addresses, uint8_t protocol)
{
	if (protocol == NET_TCP && enabled(types, addresses + 1))
		return addresses + 1;
	if (protocol == NET_UDP && enabled(types, addresses + 2))
		return addresses + 2;
	return enabled(types, addresses) ? addresses : NET_HASH_NONE;
}

static enum net_hash_report choose_for(uint32_t types, const struct net_flow *flow)
{
	enum net_hash_report report = NET_HASH_NONE;

	if (flow->version == 4)
		return choose(types, NET_HASH_IPV4, flow->protocol);
	if (flow->extended)
		report = choose(types, NET_HASH_IP_EX, flow->protocol);
	if (flow->version == 6 && report == NET_HASH_NONE)
		report = choose(types, NET_HASH_IPV6, flow->protocol);
	return report;
}

enum net_hash_report net_hash_flow(const struct net_hash_key *key, uint32_t types,
                                   const struct net_flow *flow, uint32_t *value)
{
	enum net_hash_report report = choose_for(types, flow);
	size_t size = flow->version == 4 ? 4 : 16;
	bool ex = report >= NET_HASH_IP_EX;
	uint8_t input[36];

	*value = 0;
	if (report == NET_HASH_NONE)
		return report;
	memcpy(input, ex ? flow->home : flow->source, size);
	memcpy(input + size, ex ? flow->routed : flow->destination, size);
	memcpy(input + 2 * size, flow->ports, 4);
	/* the kinds without ports are the first of three */
	*value = net_hash(key, input, 2 * size + ((report - 1) % 3 ? 4 : 0));
	return report;
}
