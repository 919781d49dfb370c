/* SPDX-License-Identifier: BSD-2-Clause */
/* What the driver receives (VIRTIO 1.4, 5.1.9.4): filtered, steered, then put into its buffers. */
#include "guest-devices/bytes.h"
#include "guest-devices/net_frame.h"
#include "guest-devices/net_offload.h"
#include "guest-devices/virtio/net_fill.h"
#include "guest-devices/virtio/net_parts.h"

#define VLAN_SIZE 4

/* V14-NET-005: a driver that knows the MTU gets no larger frames, segment trains aside. */
static bool exceeds_mtu(const struct virtio_net *net, const struct net_packet *packet)
{
	size_t most = (size_t)net->mtu + NET_ETH_SIZE;
	uint8_t type[2] = {0};

	if (packet->size <= most || packet->offload.gso_type != NET_GSO_NONE ||
	    !virtio_has(&net->device, NET_F_MTU))
		return false;
	net_packet_copy(packet, 12, type, 2);
	return packet->size > most + VLAN_SIZE || be16_get(type) != 0x8100;
}

static bool wanted(const struct virtio_net *net, const struct net_packet *packet)
{
	uint8_t head[NET_FILTER_HEAD] = {0};

	net_packet_copy(packet, 0, head,
	                packet->size < NET_FILTER_HEAD ? packet->size : NET_FILTER_HEAD);
	return net_filter_passes(&net->filter, net->mac, head);
}

static void count_received(struct net_queue *queue, const struct net_packet *packet)
{
	struct virtio_net *net = queue->owner;
	struct net_queue_stats *stats = &queue->stats;
	bool gso = packet->offload.gso_type != NET_GSO_NONE;

	net->stats.rx_frames++;
	net->stats.rx_bytes += packet->size;
	stats->packets++;
	stats->bytes += packet->size;
	stats->csum_needed += packet->offload.needs_csum;
	stats->csum_valid += !packet->offload.needs_csum && packet->offload.data_valid;
	stats->csum_none += !packet->offload.needs_csum && !packet->offload.data_valid;
	stats->gso_packets += gso;
	stats->gso_bytes += gso ? packet->size : 0;
}

static void count_lost(struct net_queue *queue, enum net_fit fit)
{
	struct virtio_net_stats *stats = &queue->owner->stats;

	queue->stats.drops++;
	queue->stats.overruns += fit == NET_NO_BUFFER;
	stats->rx_no_buffer += fit == NET_NO_BUFFER;
	stats->rx_dropped += fit == NET_TOO_LARGE;
}

static bool to_queue(struct virtio_net *net, const struct net_packet *packet)
{
	struct net_target target;
	struct net_queue *queue;
	enum net_fit fit = NET_TOO_LARGE;

	if (!net_steer(net, packet, &target)) {
		net->stats.rx_dropped++;
		return true;
	}
	queue = &net->queues[net_rx(target.pair)];
	/* V14-NET-045, 046: the driver relies on what the sender may only claim */
	if (packet->offload.needs_csum && !net_partial_right(packet)) {
		queue->stats.csum_bad++;
		return net_finish(&net->end, packet) != NET_REFUSED;
	}
	if (net_link_up(net) && packet->size <= NET_FRAME_MAX && !exceeds_mtu(net, packet))
		fit = net_fill(net, packet, &target);
	net_coal_used(queue, fit == NET_FITS);
	if (fit == NET_FITS)
		count_received(queue, packet);
	else
		count_lost(queue, fit);
	return fit != NET_NO_BUFFER;
}

/* A frame that can never be received is swallowed (true), so that the peer does not hold it. */
bool net_receive(struct net_end *end, const struct net_packet *packet)
{
	struct virtio_net *net = net_of_end(end);
	bool taken = false;

	if (!virtio_running(&net->device)) {
		net->stats.rx_no_buffer++;
	} else if (!wanted(net, packet)) {
		net->stats.rx_filtered++;
		taken = true;
	} else {
		taken = to_queue(net, packet);
	}
	net->starved = !taken;
	return taken;
}

void net_feed(struct virtio_net *net, unsigned queue)
{
	vq_want_kicks(&net->rings[queue], false);
	if (!net->starved)
		return;
	net->starved = false;
	if (net->end.peer && net->end.peer->peer_ready)
		net->end.peer->peer_ready(net->end.peer);
}
