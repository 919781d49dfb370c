/* SPDX-License-Identifier: BSD-2-Clause */
/* The network device's control queue (VIRTIO 1.4, 5.1.9.5): one command a chain. */
#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/net_parts.h"
#include "guest-devices/virtio/work.h"

enum { HEADER_SIZE = 2, ACK_OK = 0, ACK_ERR = 1 };

/* What was copied at first is never read again; only large tables go on behind that. */
bool net_command_read(const struct net_command *command, uint64_t offset, void *to, size_t size)
{
	uint32_t at = HEADER_SIZE + (uint32_t)offset;

	if (offset + size > command->size)
		return false;
	if (at + size <= VIRTIO_NET_COMMAND)
		memcpy(to, command->bytes + at, size);
	else if (at >= VIRTIO_NET_COMMAND)
		vq_read(command->chain, at, to, size);
	else
		return net_command_read(command, offset, to, VIRTIO_NET_COMMAND - at) &&
		       net_command_read(command, VIRTIO_NET_COMMAND - HEADER_SIZE,
		                        (uint8_t *)to + (VIRTIO_NET_COMMAND - at),
		                        size - (VIRTIO_NET_COMMAND - at));
	return true;
}

bool net_command_answer(struct net_command *command, const void *from, size_t size)
{
	uint32_t at = command->ack_at + 1 + command->answered;

	if (at + size > command->chain->write_size)
		return false;
	vq_write(command->chain, at, from, size);
	command->answered += (uint32_t)size;
	return true;
}

static bool ctrl_announce(struct virtio_net *net, struct net_command *command)
{
	if (command->command != 0 || !virtio_has(&net->device, NET_F_GUEST_ANNOUNCE))
		return false;
	net_announced(net);
	return true;
}

/* V14-CORE-004: an offload can be on only with those that it needs. */
static bool ctrl_offloads(struct virtio_net *net, struct net_command *command)
{
	uint8_t bytes[8];

	if (command->command != 0 || !virtio_has(&net->device, NET_F_CTRL_GUEST_OFFLOADS) ||
	    !net_command_read(command, 0, bytes, sizeof(bytes)))
		return false;
	uint64_t offloads = le64_get(bytes);
	if (offloads & ~(net->device.features & NET_GUEST_OFFLOADS))
		return false;
	net->offloads = offloads;
	net_set_accepts(net);
	return true;
}

typedef bool (*handler)(struct virtio_net *net, struct net_command *command);

/* By class. */
static const handler handlers[] = {
    net_ctrl_rx,   net_ctrl_mac,  net_ctrl_vlan, ctrl_announce,  net_ctrl_mq,
    ctrl_offloads, net_ctrl_coal, NULL,          net_ctrl_stats,
};

static bool run(struct virtio_net *net, struct net_command *command)
{
	handler handle = NULL;

	if (command->class < sizeof(handlers) / sizeof(handlers[0]))
		handle = handlers[command->class];
	return handle && handle(net, command);
}

/* Without a place for ack nothing is done; returns how much was written. */
static uint32_t serve(struct virtio_net *net, const struct vq_chain *chain)
{
	struct net_command command = {.chain = chain, .bytes = net->command_bytes};
	uint8_t ack = ACK_ERR;

	if (chain->write_size == 0)
		return 0;
	net->commands++;
	if (vq_read(chain, 0, net->command_bytes, VIRTIO_NET_COMMAND) >= HEADER_SIZE) {
		command.class = command.bytes[0];
		command.command = command.bytes[1];
		command.size = chain->read_size - HEADER_SIZE;
		ack = run(net, &command) ? ACK_OK : ACK_ERR;
	}
	net->commands_ok += ack == ACK_OK;
	vq_write(chain, command.ack_at, &ack, 1);
	return command.ack_at + 1 + command.answered;
}

void net_ctrl_serve(struct net_queue *queue)
{
	struct virtio_net *net = queue->owner;
	struct virtqueue *ring = &net->rings[queue->index];
	struct work work = work_begin(ring, &queue->later);

	while (work_next(&work, &net->command)) {
		work_spend(&work, (uint64_t)net->command.read_size + net->command.write_size);
		vq_push(ring, &net->command, serve(net, &net->command));
	}
	virtio_notify_queue(&net->device, queue->index);
}

void net_ctrl_later(void *context)
{
	struct net_queue *queue = context;

	if (virtio_running(&queue->owner->device))
		net_ctrl_serve(queue);
}
