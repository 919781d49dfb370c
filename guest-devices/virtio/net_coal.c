/* SPDX-License-Identifier: BSD-2-Clause */
/* Coalescing of used buffer notifications (VIRTIO 1.4, 5.1.9.5.10). */
#include "guest-devices/bytes.h"
#include "guest-devices/virtio/net_parts.h"

enum { TX_SET, RX_SET, VQ_SET, VQ_GET }; /* commands of the class */
enum { LIMITS_SIZE = 8 };

static bool is_tx(const struct net_queue *queue)
{
	return queue->index & 1;
}

/* A queue that was disabled and enabled again is back at what holds for all of its kind
 * (V14-NET-107, 108). */
static struct net_coal *current(struct net_queue *queue)
{
	struct virtio_net *net = queue->owner;
	struct net_coal *coal = &queue->coal;
	uint32_t epoch = net->rings[queue->index].epoch;

	if (coal->epoch != epoch) {
		coal->limits = is_tx(queue) ? net->coal_tx : net->coal_rx;
		coal->epoch = epoch;
		coal->packets = 0;
	}
	return coal;
}

static void notify(struct net_queue *queue)
{
	if (queue->coal.packets > 0)
		port_timer_set(&queue->coal.timer, UINT64_MAX);
	queue->coal.packets = 0;
	virtio_notify_queue(&queue->owner->device, queue->index);
}

/* Now, or when the time since the first packet is over. */
static void check(struct net_queue *queue)
{
	struct net_coal *coal = &queue->coal;
	const struct net_coal_limits *limits = &coal->limits;
	uint64_t due = coal->since + limits->max_usecs * 1000ull;

	if (coal->packets >= limits->max_packets || port_time_ns() >= due)
		notify(queue);
	else if (coal->packets > 0)
		port_timer_set(&coal->timer, due);
}

void net_coal_used(struct net_queue *queue, uint32_t packets)
{
	struct net_coal *coal = current(queue);

	if (coal->limits.max_packets == 0 || coal->limits.max_usecs == 0) {
		virtio_notify_queue(&queue->owner->device, queue->index);
		return;
	}
	if (coal->packets == 0)
		coal->since = port_time_ns();
	coal->packets += packets;
	check(queue);
}

static void due(void *context)
{
	struct net_queue *queue = context;

	if (virtio_running(&queue->owner->device))
		notify(queue);
}

void net_coal_init(struct net_queue *queue, void *timer_scope)
{
	queue->coal.timer =
	    (struct port_timer){.fire = due, .context = queue, .scope = timer_scope};
}

/* V14-NET-111 */
void net_coal_reset(struct virtio_net *net)
{
	net->coal_rx = net->coal_tx = (struct net_coal_limits){0};
	for (unsigned i = 0; i < 2 * net_pairs_max(net); i++) {
		struct net_coal *coal = &net->queues[i].coal;

		port_timer_set(&coal->timer, UINT64_MAX);
		coal->limits = (struct net_coal_limits){0};
		coal->packets = 0;
	}
}

/* What waits is looked at in the light of the new limits. */
static void set_limits(struct net_queue *queue, struct net_coal_limits limits)
{
	struct net_coal *coal = current(queue);

	coal->limits = limits;
	if (coal->packets > 0)
		check(queue);
}

static bool read_limits(const struct net_command *command, uint32_t offset,
                        struct net_coal_limits *limits)
{
	uint8_t bytes[LIMITS_SIZE];

	if (!net_command_read(command, offset, bytes, sizeof(bytes)))
		return false;
	*limits = (struct net_coal_limits){le32_get(bytes), le32_get(bytes + 4)};
	return true;
}

static bool set_all(struct virtio_net *net, const struct net_command *command, bool tx)
{
	struct net_coal_limits limits;

	if (!virtio_has(&net->device, NET_F_NOTF_COAL) || !read_limits(command, 0, &limits))
		return false;
	*(tx ? &net->coal_tx : &net->coal_rx) = limits;
	for (unsigned i = 0; i < 2 * net_pairs_max(net); i++)
		if (is_tx(&net->queues[i]) == tx)
			set_limits(&net->queues[i], limits);
	return true;
}

/* The queue that the command names, if it is one of those that have limits (V14-NET-106). */
static struct net_queue *named(struct virtio_net *net, const struct net_command *command)
{
	uint8_t bytes[4];

	if (!virtio_has(&net->device, NET_F_VQ_NOTF_COAL) ||
	    !net_command_read(command, 0, bytes, sizeof(bytes)))
		return NULL;
	unsigned index = le16_get(bytes);
	if (index >= 2 * net_pairs_max(net) || !net->rings[index].enabled)
		return NULL;
	return &net->queues[index];
}

static bool set_one(struct virtio_net *net, const struct net_command *command)
{
	struct net_queue *queue = named(net, command);
	struct net_coal_limits limits;

	if (!queue || !read_limits(command, 4, &limits))
		return false;
	set_limits(queue, limits);
	return true;
}

/* The limits are a part of the command's data that the device writes: they lie before ack. */
static bool get_one(struct virtio_net *net, struct net_command *command)
{
	struct net_queue *queue = named(net, command);
	uint8_t bytes[LIMITS_SIZE] = {0};

	if (command->chain->write_size <= LIMITS_SIZE)
		return false;
	if (queue) {
		le32_put(bytes, current(queue)->limits.max_packets);
		le32_put(bytes + 4, current(queue)->limits.max_usecs);
	}
	vq_write(command->chain, 0, bytes, sizeof(bytes));
	command->ack_at = LIMITS_SIZE;
	return queue != NULL;
}

bool net_ctrl_coal(struct virtio_net *net, struct net_command *command)
{
	switch (command->command) {
	case TX_SET:
	case RX_SET:
		return set_all(net, command, command->command == TX_SET);
	case VQ_SET:
		return set_one(net, command);
	case VQ_GET:
		return get_one(net, command);
	default:
		return false;
	}
}
