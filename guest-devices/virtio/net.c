/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/virtio/net.h"

#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/net_offload.h"
#include "guest-devices/virtio/net_fill.h"
#include "guest-devices/virtio/net_header.h"
#include "guest-devices/virtio/work.h"

#define DEVICE_TYPE 1
#define ETH_SIZE    14
#define VLAN_SIZE   4

enum { RX, TX };
enum { /* struct virtio_net_config, 5.1.4 */
       SPACE_MAC = 0,
       SPACE_STATUS = 6,
       SPACE_PAIRS = 8,
       SPACE_MTU = 10,
       SPACE_SIZE = 12,
       LINK_UP = 1,
};

static struct virtio_net *of_device(struct virtio_device *device)
{
	return (void *)((char *)device - offsetof(struct virtio_net, device));
}

static struct virtio_net *of_end(struct net_end *end)
{
	return (void *)((char *)end - offsetof(struct virtio_net, end));
}

static bool link_up(const struct virtio_net *net)
{
	return net->space[SPACE_STATUS] & LINK_UP;
}

/* --- transmit --- */

/* The frame in net->out: its start copied (what is checked is what is sent on), the rest in place.
 */
static bool take_frame(struct virtio_net *net, struct net_packet *packet)
{
	const struct vq_chain *chain = &net->out;
	uint8_t header[NET_HEADER_SIZE];
	uint32_t size = chain->read_size - NET_HEADER_SIZE;
	uint32_t head = size < VIRTIO_NET_HEAD ? size : VIRTIO_NET_HEAD;
	unsigned rest = 0;

	if (chain->writable > 0 || chain->read_size < NET_HEADER_SIZE + ETH_SIZE ||
	    size > NET_FRAME_MAX)
		return false;
	vq_read(chain, 0, header, NET_HEADER_SIZE);
	vq_read(chain, NET_HEADER_SIZE, net->head, head);
	net->spans[0] = (struct blk_span){net->head, head};
	if (size > head) {
		rest = vq_read_spans(chain, NET_HEADER_SIZE + head, size - head, net->spans + 1,
		                     VQ_CHAIN_MAX);
		if (rest == 0)
			return false;
	}
	*packet = (struct net_packet){.spans = net->spans, .span_count = 1 + rest, .size = size};
	return net_header_read(header, net->device.features, &packet->offload) &&
	       net_offload_check(packet) &&
	       (net->any_source || memcmp(net->head + 6, net->mac, 6) == 0);
}

static void send_frame(struct virtio_net *net)
{
	struct net_packet packet;

	if (!take_frame(net, &packet) || !link_up(net)) {
		net->stats.tx_dropped++;
	} else if (!net_send(&net->end, &packet)) {
		net->stats.tx_refused++;
	} else {
		net->stats.tx_frames++;
		net->stats.tx_bytes += packet.size;
	}
}

static void send_all(struct virtio_net *net)
{
	struct work work = work_begin(&net->queues[TX], &net->later);

	while (work_next(&work, &net->out)) {
		work_spend(&work, net->out.read_size);
		send_frame(net);
		vq_push(&net->queues[TX], &net->out, 0);
	}
	virtio_notify_queue(&net->device, TX);
}

static void later(void *context)
{
	struct virtio_net *net = context;

	if (virtio_running(&net->device))
		send_all(net);
}

/* --- receive --- */

/* V14-NET-005: a driver that knows the MTU gets no larger frames, segment trains aside. */
static bool exceeds_mtu(const struct virtio_net *net, const struct net_packet *packet)
{
	size_t most = (size_t)net->mtu + ETH_SIZE;
	uint8_t type[2] = {0};

	if (packet->size <= most || packet->offload.gso_type != NET_GSO_NONE ||
	    !virtio_has(&net->device, NET_F_MTU))
		return false;
	net_packet_copy(packet, 12, type, 2);
	return packet->size > most + VLAN_SIZE || be16_get(type) != 0x8100;
}

/* A frame that can never be received is swallowed (true), so that the peer does not hold it. */
static bool receive(struct net_end *end, const struct net_packet *packet)
{
	struct virtio_net *net = of_end(end);
	enum net_fit fit = NET_NO_BUFFER;

	if (virtio_running(&net->device)) {
		fit = !link_up(net) || packet->size > NET_FRAME_MAX || exceeds_mtu(net, packet)
		          ? NET_TOO_LARGE
		          : net_fill(net, packet);
		virtio_notify_queue(&net->device, RX);
	}
	net->starved = fit == NET_NO_BUFFER;
	if (fit == NET_FITS) {
		net->stats.rx_frames++;
		net->stats.rx_bytes += packet->size;
	} else if (fit == NET_NO_BUFFER) {
		net->stats.rx_no_buffer++;
	} else {
		net->stats.rx_dropped++;
	}
	return fit != NET_NO_BUFFER;
}

static void feed(struct virtio_net *net)
{
	vq_want_kicks(&net->queues[RX], false);
	if (!net->starved)
		return;
	net->starved = false;
	if (net->end.peer && net->end.peer->peer_ready)
		net->end.peer->peer_ready(net->end.peer);
}

/* --- life --- */

static void reset(struct virtio_device *device)
{
	struct virtio_net *net = of_device(device);

	port_timer_set(&net->later, UINT64_MAX);
	net->end.accepts_csum = false;
	net->end.accepts_gso = 0;
}

static void start(struct virtio_device *device)
{
	struct virtio_net *net = of_device(device);

	net->end.accepts_csum = virtio_has(device, NET_F_GUEST_CSUM);
	net->end.accepts_gso = (virtio_has(device, NET_F_GUEST_TSO4) ? 1u << NET_GSO_TCPV4 : 0) |
	                       (virtio_has(device, NET_F_GUEST_TSO6) ? 1u << NET_GSO_TCPV6 : 0);
	feed(net);
}

static void notify(struct virtio_device *device, unsigned queue)
{
	if (queue == RX)
		feed(of_device(device));
	else
		send_all(of_device(device));
}

/* 5.1.3.1 */
static bool features_valid(const struct virtio_device *device, uint64_t features)
{
	(void)device;
	return (!(features & (NET_F_HOST_TSO4 | NET_F_HOST_TSO6)) || (features & NET_F_CSUM)) &&
	       (!(features & (NET_F_GUEST_TSO4 | NET_F_GUEST_TSO6)) ||
	        (features & NET_F_GUEST_CSUM));
}

static const struct virtio_ops ops = {
    .reset = reset,
    .start = start,
    .notify = notify,
    .features_valid = features_valid,
};

void virtio_net_link(struct virtio_net *net, bool up)
{
	if (up == link_up(net))
		return;
	net->space[SPACE_STATUS] = up ? LINK_UP : 0;
	virtio_config_changed(&net->device);
}

void virtio_net_init(struct virtio_net *net, const struct virtio_net_config *config)
{
	memset(net, 0, sizeof(*net));
	net->end.receive = receive;
	memcpy(net->mac, config->mac, sizeof(net->mac));
	net->mtu = config->mtu;
	net->any_source = config->any_source;
	net->later =
	    (struct port_timer){.fire = later, .context = net, .scope = config->timer_scope};
	memcpy(net->space + SPACE_MAC, config->mac, sizeof(config->mac));
	net->space[SPACE_STATUS] = LINK_UP;
	le16_put(net->space + SPACE_PAIRS, 1);
	le16_put(net->space + SPACE_MTU, config->mtu);
	net->device = (struct virtio_device){
	    .ops = &ops,
	    .name = config->name,
	    .type = DEVICE_TYPE,
	    .offered = NET_F_CSUM | NET_F_GUEST_CSUM | NET_F_MAC | NET_F_GUEST_TSO4 |
	               NET_F_GUEST_TSO6 | NET_F_HOST_TSO4 | NET_F_HOST_TSO6 | NET_F_MRG_RXBUF |
	               NET_F_STATUS | (config->mtu ? NET_F_MTU : 0),
	    .config = net->space,
	    .config_size = SPACE_SIZE,
	    .queues = net->queues,
	    .queue_count = 2,
	};
	virtio_init(&net->device, config->mem, VQ_SIZE_MAX);
}
