/* SPDX-License-Identifier: BSD-2-Clause */
/* The network device's life, its configuration structure and what it offers. */
#include "guest-devices/virtio/net.h"

#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/net_parts.h"

#define DEVICE_TYPE 1

enum { /* struct virtio_net_config, 5.1.4 */
       SPACE_MAC = 0,
       SPACE_STATUS = 6,
       SPACE_PAIRS = 8,
       SPACE_MTU = 10,
       SPACE_SPEED = 12,
       SPACE_DUPLEX = 16,
       SPACE_RSS_KEY = 17,
       SPACE_RSS_TABLE = 18,
       SPACE_HASH_TYPES = 20,
       LINK_UP = 1,
       ANNOUNCE = 2,
       FULL_DUPLEX = 0,
       UNKNOWN_DUPLEX = 0xff,
};
#define UNKNOWN_SPEED UINT32_MAX

static struct virtio_net *of_device(struct virtio_device *device)
{
	return (void *)((char *)device - offsetof(struct virtio_net, device));
}

bool net_link_up(const struct virtio_net *net)
{
	return net->space[SPACE_STATUS] & LINK_UP;
}

/* A train of datagrams says nothing about its family: both must be wanted. */
void net_set_accepts(struct virtio_net *net)
{
	const uint64_t on = net->offloads, uso = NET_F_GUEST_USO4 | NET_F_GUEST_USO6;

	net->end.accepts_csum = on & NET_F_GUEST_CSUM;
	net->end.accepts_ecn = on & NET_F_GUEST_ECN;
	net->end.accepts_gso = 0;
	if (!net->end.accepts_csum)
		return;
	net->end.accepts_gso = (on & NET_F_GUEST_TSO4 ? 1u << NET_GSO_TCPV4 : 0) |
	                       (on & NET_F_GUEST_TSO6 ? 1u << NET_GSO_TCPV6 : 0) |
	                       ((on & uso) == uso ? 1u << NET_GSO_UDP_L4 : 0);
}

void net_set_mac(struct virtio_net *net, const uint8_t mac[6])
{
	memcpy(net->mac, mac, sizeof(net->mac));
	memcpy(net->space + SPACE_MAC, mac, sizeof(net->mac));
	net_tell_address(&net->end, net->mac);
}

void net_announced(struct virtio_net *net)
{
	net->space[SPACE_STATUS] &= (uint8_t)~ANNOUNCE;
}

static void reset(struct virtio_device *device)
{
	struct virtio_net *net = of_device(device);

	for (unsigned i = 0; i < device->queue_count; i++) {
		port_timer_set(&net->queues[i].later, UINT64_MAX);
		net->queues[i].blocked = false;
	}
	net->offloads = 0;
	net_set_accepts(net);
	net_set_mac(net, net->first_mac);
	net_announced(net);
	net_filter_reset(&net->filter);
	net_steer_reset(net);
	net_coal_reset(net);
}

/* 5.1.2: the control queue follows the pairs that there are; without MQ and RSS that is one. */
static void negotiated(struct virtio_device *device)
{
	struct virtio_net *net = of_device(device);
	bool many = device->features & (NET_F_MQ | NET_F_RSS);

	device->queue_limit = 2 * (many ? net_pairs_max(net) : 1);
	device->queue_limit += virtio_has(device, NET_F_CTRL_VQ);
	net->offloads = device->features & NET_GUEST_OFFLOADS;
	net_set_accepts(net);
	net->filter.by_address = virtio_has(device, NET_F_CTRL_RX);
	net->filter.by_vlan = virtio_has(device, NET_F_CTRL_VLAN);
}

static bool is_control(const struct virtio_net *net, unsigned queue)
{
	return virtio_has(&net->device, NET_F_CTRL_VQ) && queue + 1 == net->device.queue_limit;
}

static void start(struct virtio_device *device)
{
	struct virtio_net *net = of_device(device);

	for (unsigned i = 0; i < device->queue_limit; i += 2)
		if (!is_control(net, i))
			net_feed(net, i);
}

static void notify(struct virtio_device *device, unsigned queue)
{
	struct virtio_net *net = of_device(device);

	if (is_control(net, queue))
		net_ctrl_serve(&net->queues[queue]);
	else if (queue & 1)
		net_send_all(&net->queues[queue]);
	else
		net_feed(net, queue);
}

/* The driver has reset this queue alone: nothing waits there any more. */
static void queue_reset(struct virtio_device *device, unsigned index)
{
	struct net_queue *queue = &of_device(device)->queues[index];

	port_timer_set(&queue->later, UINT64_MAX);
	port_timer_set(&queue->coal.timer, UINT64_MAX);
	queue->blocked = false;
}

/* Only legacy drivers write the address here; from the last byte on it holds (V14-NET-L04). */
static void config_write(struct virtio_device *device, size_t offset, const void *from, size_t size)
{
	struct virtio_net *net = of_device(device);
	uint8_t mac[sizeof(net->mac)];

	if (virtio_has(device, VIRTIO_F_VERSION_1) || virtio_has(device, NET_F_CTRL_MAC_ADDR) ||
	    offset + size > SPACE_MAC + sizeof(net->mac)) {
		virtio_misuse(device);
		return;
	}
	memcpy(net->space + offset, from, size);
	if (offset + size != SPACE_MAC + sizeof(net->mac))
		return;
	memcpy(mac, net->space + SPACE_MAC, sizeof(mac));
	net_set_mac(net, mac);
}

static const struct virtio_ops ops = {
    .reset = reset,
    .negotiated = negotiated,
    .start = start,
    .notify = notify,
    .config_write = config_write,
    .queue_reset = queue_reset,
};

void virtio_net_link(struct virtio_net *net, bool up)
{
	if (up == net_link_up(net))
		return;
	net->space[SPACE_STATUS] ^= LINK_UP;
	virtio_config_changed(&net->device);
}

bool virtio_net_announce(struct virtio_net *net)
{
	if (!virtio_has(&net->device, NET_F_GUEST_ANNOUNCE))
		return false;
	net->space[SPACE_STATUS] |= ANNOUNCE;
	virtio_config_changed(&net->device);
	return true;
}

static uint64_t offered(const struct virtio_net *net)
{
	return NET_F_CSUM | NET_F_MAC | NET_F_HOST_TSO4 | NET_F_HOST_TSO6 | NET_F_HOST_ECN |
	       NET_F_HOST_USO | NET_GUEST_OFFLOADS | NET_F_CTRL_GUEST_OFFLOADS | NET_F_MRG_RXBUF |
	       NET_F_STATUS | NET_F_CTRL_VQ | NET_F_CTRL_RX | NET_F_CTRL_VLAN |
	       NET_F_CTRL_RX_EXTRA | NET_F_GUEST_ANNOUNCE | NET_F_CTRL_MAC_ADDR |
	       NET_F_DEVICE_STATS | NET_F_VQ_NOTF_COAL | NET_F_NOTF_COAL | NET_F_SPEED_DUPLEX |
	       (net->mtu ? NET_F_MTU : 0) |
	       (net_pairs_max(net) > 1 ? NET_F_MQ | NET_F_RSS | NET_F_HASH_REPORT : 0);
}

static void space_init(struct virtio_net *net, uint32_t speed)
{
	uint8_t *space = net->space;

	space[SPACE_STATUS] = LINK_UP;
	le16_put(space + SPACE_PAIRS, (uint16_t)net_pairs_max(net));
	le16_put(space + SPACE_MTU, net->mtu);
	le32_put(space + SPACE_SPEED, speed ? speed : UNKNOWN_SPEED);
	space[SPACE_DUPLEX] = speed ? FULL_DUPLEX : UNKNOWN_DUPLEX;
	space[SPACE_RSS_KEY] = NET_HASH_KEY;
	le16_put(space + SPACE_RSS_TABLE, VIRTIO_NET_RSS_TABLE);
	le32_put(space + SPACE_HASH_TYPES, NET_HASH_TYPES);
}

static void queues_init(struct virtio_net *net, void *timer_scope)
{
	for (unsigned i = 0; i < net->device.queue_count; i++) {
		struct net_queue *queue = &net->queues[i];
		/* which queue is the control queue is negotiated: it is never a transmit queue */
		void (*later)(void *) = i & 1 ? net_tx_later : net_ctrl_later;

		queue->owner = net;
		queue->index = i;
		queue->later =
		    (struct port_timer){.fire = later, .context = queue, .scope = timer_scope};
		net_coal_init(queue, timer_scope);
	}
}

void virtio_net_init(struct virtio_net *net, const struct virtio_net_config *config)
{
	memset(net, 0, sizeof(*net));
	net->end.receive = net_receive;
	net->end.peer_ready = net_tx_ready;
	net->mtu = config->mtu;
	net->any_source = config->any_source;
	memcpy(net->first_mac, config->mac, sizeof(net->first_mac));
	net_set_mac(net, config->mac);
	net_steer_reset(net);
	net->device = (struct virtio_device){
	    .ops = &ops,
	    .name = config->name,
	    .type = DEVICE_TYPE,
	    .config = net->space,
	    .config_size = sizeof(net->space),
	    .queues = net->rings,
	    .queue_count = 2 * (config->queues ? config->queues : 1) + 1,
	};
	net->device.offered = offered(net);
	queues_init(net, config->timer_scope);
	space_init(net, config->speed);
	virtio_init(&net->device, config->mem, VQ_SIZE_MAX);
}
