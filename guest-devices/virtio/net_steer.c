/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which receive queue a packet goes to: automatic steering, by where the driver sent packets of the
 * same flow (VIRTIO 1.4, 5.1.9.5.6), or RSS (5.1.9.5.7); and the hash that the driver is told.
 */
#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/net_parts.h"

enum { PAIRS_SET, RSS_CONFIG, HASH_CONFIG }; /* commands of class VIRTIO_NET_CTRL_MQ */
enum { TYPES_SIZE = 4, RSS_HEAD = 8, HASH_HEAD = 12 };

/* V14-NET-093: the first pair only; no hash is calculated (5.1.9.5.6.4). */
void net_steer_reset(struct virtio_net *net)
{
	struct net_steering *steering = &net->steering;

	steering->pairs = 1;
	steering->rss = false;
	steering->hash_types = 0;
	memset(steering->flows, 0, sizeof(steering->flows));
}

static uint8_t *remembered(struct net_steering *steering, const struct net_flow *flow)
{
	return &steering->flows[net_flow_mix(flow) % VIRTIO_NET_FLOWS];
}

void net_steer_sent(struct virtio_net *net, unsigned pair, const struct net_packet *packet)
{
	struct net_flow flow;

	if (net->steering.pairs == 1 || net->steering.rss)
		return;
	net_flow_parse(&flow, packet);
	*remembered(&net->steering, &flow) = (uint8_t)(pair + 1);
}

static bool ready(const struct virtio_net *net, unsigned pair)
{
	const struct virtqueue *ring = &net->rings[net_rx(pair)];

	return ring->enabled && !ring->stopping;
}

/* V14-NET-095, 096: another queue where that one is being reset. */
static bool automatic(struct virtio_net *net, const struct net_flow *flow, unsigned *pair)
{
	struct net_steering *steering = &net->steering;
	uint8_t seen = *remembered(steering, flow);
	unsigned first = seen ? seen - 1u : net_flow_mix(flow) >> 8;

	for (unsigned i = 0; i < steering->pairs; i++) {
		*pair = (first + i) % steering->pairs;
		if (ready(net, *pair))
			return true;
	}
	return false;
}

/* V14-NET-097 to 100 */
static bool by_hash(struct virtio_net *net, struct net_target *target)
{
	const struct net_steering *steering = &net->steering;

	target->pair = target->hash_report == NET_HASH_NONE
	                   ? steering->unclassified
	                   : steering->table[target->hash_value & steering->mask];
	return ready(net, target->pair);
}

bool net_steer(struct virtio_net *net, const struct net_packet *packet, struct net_target *target)
{
	struct net_steering *steering = &net->steering;
	struct net_flow flow;

	*target = (struct net_target){0};
	if (steering->pairs == 1 && !steering->rss && !steering->hash_types)
		return ready(net, 0);
	net_flow_parse(&flow, packet);
	if (steering->hash_types)
		target->hash_report = (uint16_t)net_hash_flow(&steering->key, steering->hash_types,
		                                              &flow, &target->hash_value);
	return steering->rss ? by_hash(net, target) : automatic(net, &flow, &target->pair);
}

/* --- commands --- */

static bool set_pairs(struct virtio_net *net, const struct net_command *command)
{
	uint8_t bytes[2];

	if (!virtio_has(&net->device, NET_F_MQ) ||
	    !net_command_read(command, 0, bytes, sizeof(bytes)))
		return false;
	unsigned pairs = le16_get(bytes);
	if (pairs == 0 || pairs > net_pairs_max(net))
		return false;
	net->steering.pairs = pairs;
	net->steering.rss = false;
	return true;
}

/* hash_key_length at offset, hash_key_data behind it. */
static bool read_key(const struct net_command *command, uint32_t offset, struct net_steering *new)
{
	uint8_t length, bytes[NET_HASH_KEY];

	if (!net_command_read(command, offset, &length, 1) || length > NET_HASH_KEY ||
	    !net_command_read(command, offset + 1, bytes, length))
		return false;
	net_hash_key_init(&new->key, bytes, length);
	return true;
}

/* What both commands begin with. */
static bool read_types(const uint8_t *bytes, struct net_steering *new)
{
	new->hash_types = le32_get(bytes);
	return !(new->hash_types & ~NET_HASH_TYPES);
}

static bool set_hash(struct virtio_net *net, const struct net_command *command)
{
	struct net_steering *new = &net->proposed;
	uint8_t head[HASH_HEAD];

	*new = net->steering;
	if (!virtio_has(&net->device, NET_F_HASH_REPORT) ||
	    !net_command_read(command, 0, head, sizeof(head)) || !read_types(head, new) ||
	    !read_key(command, HASH_HEAD, new))
		return false;
	new->rss = false;
	net->steering = *new;
	return true;
}

/* A receive queue's number: bits 1 to 16 of its index (struct rss_rq_id). */
static bool pair_of(const struct virtio_net *net, const uint8_t *bytes, uint8_t *pair)
{
	unsigned number = le16_get(bytes) & 0x7fff;

	*pair = (uint8_t)number;
	return number < net_pairs_max(net);
}

/* The table, then max_tx_vq, which changes nothing here; *offset moves behind both. */
static bool read_table(const struct virtio_net *net, const struct net_command *command,
                       uint32_t *offset, struct net_steering *new)
{
	uint8_t bytes[2 * VIRTIO_NET_RSS_TABLE + 2];
	unsigned count = new->mask + 1u;

	if (count > VIRTIO_NET_RSS_TABLE || (count & (count - 1)) != 0 ||
	    !net_command_read(command, *offset, bytes, 2 * count + 2))
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!pair_of(net, bytes + 2 * i, &new->table[i]))
			return false;
	*offset += 2 * count + 2;
	return true;
}

static bool set_rss(struct virtio_net *net, const struct net_command *command)
{
	struct net_steering *new = &net->proposed;
	uint32_t offset = RSS_HEAD;
	uint8_t head[RSS_HEAD];

	*new = net->steering;
	if (!virtio_has(&net->device, NET_F_RSS) ||
	    !net_command_read(command, 0, head, sizeof(head)) || !read_types(head, new) ||
	    !pair_of(net, head + 6, &new->unclassified))
		return false;
	new->mask = le16_get(head + TYPES_SIZE);
	if (!read_table(net, command, &offset, new) || !read_key(command, offset, new))
		return false;
	new->rss = true;
	net->steering = *new;
	return true;
}

bool net_ctrl_mq(struct virtio_net *net, struct net_command *command)
{
	switch (command->command) {
	case PAIRS_SET:
		return set_pairs(net, command);
	case RSS_CONFIG:
		return set_rss(net, command);
	case HASH_CONFIG:
		return set_hash(net, command);
	default:
		return false;
	}
}
