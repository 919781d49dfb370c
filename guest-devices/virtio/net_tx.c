/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the driver sends (VIRTIO 1.4, 5.1.9.2). A peer without room stops the queue, and the frame
 * stays in the ring, until it has some or patience is at an end.
 */
#include <string.h>

#include "guest-devices/net_frame.h"
#include "guest-devices/net_offload.h"
#include "guest-devices/virtio/net_parts.h"
#include "guest-devices/virtio/work.h"

/* The frame in net->out: its start copied (what is checked is what is sent on), the rest in place.
 */
static bool take_frame(struct virtio_net *net, struct net_packet *packet)
{
	const struct vq_chain *chain = &net->out;
	const uint32_t header_size = net_header_size(net->device.features);
	uint8_t header[NET_HEADER_MAX];

	if (chain->writable > 0 || chain->read_size < header_size + NET_ETH_SIZE ||
	    chain->read_size - header_size > NET_FRAME_MAX)
		return false;
	uint32_t size = chain->read_size - header_size, rest = 0;
	uint32_t head = size < VIRTIO_NET_HEAD ? size : VIRTIO_NET_HEAD;
	vq_read(chain, 0, header, header_size);
	vq_read(chain, header_size, net->head, head);
	net->spans[0] = (struct blk_span){net->head, head};
	if (size > head) {
		rest = vq_read_spans(chain, header_size + head, size - head, net->spans + 1,
		                     VQ_CHAIN_MAX);
		if (rest == 0)
			return false;
	}
	*packet = (struct net_packet){.spans = net->spans, .span_count = 1 + rest, .size = size};
	return net_header_read(header, net->device.features, &packet->offload) &&
	       net_offload_check(packet) &&
	       (net->any_source || memcmp(net->head + 6, net->mac, 6) == 0);
}

static void count_sent(struct net_queue *queue, const struct net_packet *packet)
{
	struct virtio_net *net = queue->owner;
	struct net_queue_stats *stats = &queue->stats;
	unsigned segments = net_segments(net->end.peer, packet);

	net->stats.tx_frames++;
	net->stats.tx_bytes += packet->size;
	stats->packets++;
	stats->bytes += packet->size;
	stats->csum_needed += packet->offload.needs_csum;
	stats->csum_none += !packet->offload.needs_csum;
	if (packet->offload.gso_type == NET_GSO_NONE)
		return;
	stats->gso_packets++;
	stats->gso_bytes += packet->size;
	stats->segments += segments;
	stats->segment_bytes +=
	    segments ? packet->size + (segments - 1ull) * packet->offload.hdr_len : 0;
	stats->whole += segments == 0;
	stats->whole_bytes += segments ? 0 : packet->size;
}

static void drop(struct net_queue *queue, uint64_t *reason)
{
	(*reason)++;
	queue->stats.drops++;
}

/* The frame in net->out; false: it has to wait. */
static bool send_frame(struct net_queue *queue)
{
	struct virtio_net *net = queue->owner;
	enum net_sent sent = NET_LOST;
	struct net_packet packet;

	if (!take_frame(net, &packet))
		queue->stats.malformed++;
	else if (net_link_up(net))
		sent = net_send(&net->end, &packet);
	if (sent == NET_REFUSED && !queue->impatient)
		return false;
	if (sent == NET_SENT) {
		count_sent(queue, &packet);
		net_steer_sent(net, queue->index / 2, &packet);
	} else {
		drop(queue, sent == NET_REFUSED ? &net->stats.tx_refused : &net->stats.tx_dropped);
	}
	return true;
}

static void wait_for_peer(struct net_queue *queue)
{
	queue->blocked = true;
	port_timer_set(&queue->later, port_time_ns() + VIRTIO_NET_PATIENCE);
}

static uint32_t send_some(struct net_queue *queue)
{
	struct virtio_net *net = queue->owner;
	struct virtqueue *ring = &net->rings[queue->index];
	struct work work = work_begin(ring, &queue->later);
	struct vq_mark mark = vq_mark(ring);
	uint32_t sent = 0;

	while (work_next(&work, &net->out)) {
		work_spend(&work, net->out.read_size);
		if (!send_frame(queue)) {
			vq_rewind(ring, mark);
			wait_for_peer(queue);
			break;
		}
		vq_push(ring, &net->out, 0);
		mark = vq_mark(ring);
		sent++;
	}
	return sent;
}

void net_send_all(struct net_queue *queue)
{
	struct virtio_net *net = queue->owner;

	if (queue->blocked)
		return;
	if (net->sending) { /* the peer has called back: when this is over */
		port_timer_set(&queue->later, port_time_ns() + 1);
		return;
	}
	net->sending = true;
	uint32_t sent = send_some(queue);
	net->sending = false;
	net_coal_used(queue, sent);
}

/* The peer had its time: what it refuses now is dropped. */
void net_tx_later(void *context)
{
	struct net_queue *queue = context;

	if (!virtio_running(&queue->owner->device))
		return;
	queue->impatient = queue->blocked;
	queue->blocked = false;
	net_send_all(queue);
	queue->impatient = false;
}

void net_tx_ready(struct net_end *end)
{
	struct virtio_net *net = net_of_end(end);

	for (unsigned i = 0; i < net_pairs_max(net) && virtio_running(&net->device); i++) {
		struct net_queue *queue = &net->queues[net_tx(i)];

		if (!queue->blocked)
			continue;
		queue->blocked = false;
		net_send_all(queue);
	}
}
