/* SPDX-License-Identifier: BSD-2-Clause */
/* Statistics that the driver asks for (VIRTIO 1.4, 5.1.9.5.11). */
#include "guest-devices/bytes.h"
#include "guest-devices/virtio/net_parts.h"

enum { QUERY, GET };
enum { ASK_SIZE = 16, ASKS_MAX = 64, REPLY_HEADER = 8, VALUES_MAX = 6 };
enum queue_kind { RECEIVE, TRANSMIT, CONTROL, NO_QUEUE };

static enum queue_kind kind_of(const struct virtio_net *net, unsigned queue)
{
	if (queue >= net->device.queue_limit)
		return NO_QUEUE;
	if (queue + 1 == net->device.queue_limit) /* the commands come over it: it is there */
		return CONTROL;
	return queue & 1 ? TRANSMIT : RECEIVE;
}

static void control(const struct virtio_net *net, unsigned queue, uint64_t *values)
{
	(void)queue;
	values[0] = net->commands;
	values[1] = net->commands_ok + 1; /* the one that asks */
}

static void rx_basic(const struct virtio_net *net, unsigned queue, uint64_t *values)
{
	const struct net_queue_stats *stats = &net->queues[queue].stats;

	values[0] = net->rings[queue].kicks;
	values[1] = stats->packets;
	values[2] = stats->bytes;
	values[3] = net->rings[queue].interrupts;
	values[4] = stats->drops;
	values[5] = stats->overruns;
}

static void tx_basic(const struct virtio_net *net, unsigned queue, uint64_t *values)
{
	rx_basic(net, queue, values);
	values[5] = net->queues[queue].stats.malformed;
}

static void rx_csum(const struct virtio_net *net, unsigned queue, uint64_t *values)
{
	const struct net_queue_stats *stats = &net->queues[queue].stats;

	values[0] = stats->csum_valid;
	values[1] = stats->csum_needed;
	values[2] = stats->csum_none;
	values[3] = stats->csum_bad;
}

static void tx_csum(const struct virtio_net *net, unsigned queue, uint64_t *values)
{
	values[0] = net->queues[queue].stats.csum_none;
	values[1] = net->queues[queue].stats.csum_needed;
}

/* The device coalesces nothing itself. */
static void rx_gso(const struct virtio_net *net, unsigned queue, uint64_t *values)
{
	values[0] = net->queues[queue].stats.gso_packets;
	values[1] = net->queues[queue].stats.gso_bytes;
	values[2] = values[3] = 0;
}

static void tx_gso(const struct virtio_net *net, unsigned queue, uint64_t *values)
{
	const struct net_queue_stats *stats = &net->queues[queue].stats;

	values[0] = stats->gso_packets;
	values[1] = stats->gso_bytes;
	values[2] = stats->segments;
	values[3] = stats->segment_bytes;
	values[4] = stats->whole;
	values[5] = stats->whole_bytes;
}

/* A kind of statistics: bit `type` of types_bitmap. */
static const struct kind {
	uint8_t type;
	enum queue_kind queue;
	uint64_t features; /* one of them must be negotiated; 0: none */
	unsigned count;    /* of values */
	void (*fill)(const struct virtio_net *net, unsigned queue, uint64_t *values);
} kinds[] = {
    {0, RECEIVE, 0, 6, rx_basic},
    {1, RECEIVE, NET_F_GUEST_CSUM, 4, rx_csum},
    {2, RECEIVE, NET_F_GUEST_TSO4 | NET_F_GUEST_TSO6, 4, rx_gso},
    {16, TRANSMIT, 0, 6, tx_basic},
    {17, TRANSMIT, NET_F_CSUM, 2, tx_csum},
    {18, TRANSMIT, NET_F_HOST_TSO4 | NET_F_HOST_TSO6 | NET_F_HOST_USO, 6, tx_gso},
    {32, CONTROL, 0, 2, control},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static bool query(struct net_command *command)
{
	uint8_t bytes[8];
	uint64_t types = 0;

	for (unsigned i = 0; i < KINDS; i++)
		types |= 1ull << kinds[i].type;
	le64_put(bytes, types);
	return net_command_answer(command, bytes, sizeof(bytes));
}

struct ask {
	uint16_t vq_index;
	uint64_t types;
};

/* V14-NET-113 to 116 */
static bool ask_right(const struct virtio_net *net, const struct ask *ask)
{
	enum queue_kind queue = kind_of(net, ask->vq_index);
	uint64_t left = ask->types;

	for (unsigned i = 0; i < KINDS; i++)
		if (kinds[i].queue == queue &&
		    (!kinds[i].features || (net->device.features & kinds[i].features)))
			left &= ~(1ull << kinds[i].type);
	return queue != NO_QUEUE && left == 0;
}

/* One reply; false: no room for the whole of it. */
static bool reply(const struct virtio_net *net, struct net_command *command,
                  const struct kind *kind, uint16_t queue)
{
	uint8_t bytes[REPLY_HEADER + 8 * VALUES_MAX] = {kind->type};
	size_t size = REPLY_HEADER + 8 * kind->count;
	uint64_t values[VALUES_MAX];

	kind->fill(net, queue, values);
	le16_put(bytes + 2, queue);
	le16_put(bytes + 6, (uint16_t)size);
	for (unsigned i = 0; i < kind->count; i++)
		le64_put(bytes + REPLY_HEADER + 8 * i, values[i]);
	return net_command_answer(command, bytes, size);
}

static bool answer(const struct virtio_net *net, struct net_command *command, const struct ask *ask)
{
	for (unsigned i = 0; i < KINDS; i++)
		if ((ask->types & 1ull << kinds[i].type) &&
		    !reply(net, command, &kinds[i], ask->vq_index))
			return false;
	return true;
}

/* All that is asked is checked first: one mistake and nothing is answered (V14-NET-117). */
static bool get(const struct virtio_net *net, struct net_command *command)
{
	unsigned count = command->size / ASK_SIZE;
	struct ask asks[ASKS_MAX];
	uint8_t bytes[ASK_SIZE];

	if (count == 0 || count > ASKS_MAX || command->size % ASK_SIZE)
		return false;
	for (unsigned i = 0; i < count; i++) {
		if (!net_command_read(command, i * ASK_SIZE, bytes, ASK_SIZE))
			return false;
		asks[i] = (struct ask){le16_get(bytes), le64_get(bytes + 8)};
		if (!ask_right(net, &asks[i]))
			return false;
	}
	/* a result that is too small holds what fits (V14-NET-120) */
	for (unsigned i = 0; i < count && answer(net, command, &asks[i]); i++)
		;
	return true;
}

bool net_ctrl_stats(struct virtio_net *net, struct net_command *command)
{
	if (!virtio_has(&net->device, NET_F_DEVICE_STATS))
		return false;
	if (command->command == QUERY)
		return query(command);
	return command->command == GET && get(net, command);
}
