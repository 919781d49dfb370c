/* SPDX-License-Identifier: BSD-2-Clause */
/* What the network device's files share; for nobody else. */
#pragma once

#include "guest-devices/virtio/net.h"
#include "guest-devices/virtio/net_header.h"

static inline struct virtio_net *net_of_end(struct net_end *end)
{
	return (void *)((char *)end - offsetof(struct virtio_net, end));
}

/* Queue numbers of a pair (5.1.2). */
static inline unsigned net_rx(unsigned pair)
{
	return 2 * pair;
}
static inline unsigned net_tx(unsigned pair)
{
	return 2 * pair + 1;
}
static inline unsigned net_pairs_max(const struct virtio_net *net)
{
	return net->device.queue_count / 2;
}

/* --- net.c --- */
bool net_link_up(const struct virtio_net *net);
/* What the driver accepts in received packets, from net->offloads. */
void net_set_accepts(struct virtio_net *net);
void net_set_mac(struct virtio_net *net, const uint8_t mac[6]);
/* The driver has seen the wish of virtio_net_announce. */
void net_announced(struct virtio_net *net);

/* --- net_tx.c --- */
void net_send_all(struct net_queue *queue);
void net_tx_ready(struct net_end *end); /* peer_ready */
void net_tx_later(void *context);       /* a struct net_queue */

/* --- net_rx.c --- */
bool net_receive(struct net_end *end, const struct net_packet *packet);
/* Buffers came on a receive queue. */
void net_feed(struct virtio_net *net, unsigned queue);

/* --- net_steer.c --- */
void net_steer_reset(struct virtio_net *net);
/* The driver sent a packet on this pair. */
void net_steer_sent(struct virtio_net *net, unsigned pair, const struct net_packet *packet);

/* Where a packet goes and what its header says about that. */
struct net_target {
	unsigned pair;
	uint16_t hash_report;
	uint32_t hash_value;
};
/* false: to be dropped, its queue is not there at the moment. */
bool net_steer(struct virtio_net *net, const struct net_packet *packet, struct net_target *target);

/* --- net_ctrl.c: commands of the control queue (5.1.9.5) --- */
struct net_command {
	const struct vq_chain *chain;
	const uint8_t *bytes; /* the first VIRTIO_NET_COMMAND of them, copied */
	uint8_t class, command;
	uint32_t size;     /* bytes of command-specific-data that the driver wrote */
	uint32_t ack_at;   /* where in the writable part; what lies before is written */
	uint32_t answered; /* bytes of command-specific-result, behind ack */
};
void net_ctrl_serve(struct net_queue *queue);
void net_ctrl_later(void *context); /* a struct net_queue */
/* Copy of the data's bytes; false: they are not all there. Those behind VIRTIO_NET_COMMAND are to
 * be read once. */
bool net_command_read(const struct net_command *command, uint64_t offset, void *to, size_t size);
/* Append to the result, as far as there is room; false: it did not fit and nothing was written. */
bool net_command_answer(struct net_command *command, const void *from, size_t size);

/* One class of commands each; false: VIRTIO_NET_ERR, and nothing has changed. */
bool net_ctrl_rx(struct virtio_net *net, struct net_command *command);
bool net_ctrl_mac(struct virtio_net *net, struct net_command *command);
bool net_ctrl_vlan(struct virtio_net *net, struct net_command *command);
bool net_ctrl_mq(struct virtio_net *net, struct net_command *command);
bool net_ctrl_coal(struct virtio_net *net, struct net_command *command);
bool net_ctrl_stats(struct virtio_net *net, struct net_command *command);

/* --- net_coal.c --- */
void net_coal_reset(struct virtio_net *net);
void net_coal_init(struct net_queue *queue, void *timer_scope);
/* packets were used on the queue: notify the driver now, or when the limits say so. */
void net_coal_used(struct net_queue *queue, uint32_t packets);
