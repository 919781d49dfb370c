/* SPDX-License-Identifier: BSD-2-Clause */
/* The socket device's life, its features and its configuration space. */
#include "guest-devices/virtio/vsock.h"

#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/vsock_parts.h"

#define DEVICE_TYPE 19

static struct virtio_vsock *of_device(struct virtio_device *device)
{
	return (void *)((char *)device - offsetof(struct virtio_vsock, device));
}

/* Without NO_IMPLIED_STREAM streams are always spoken (V14-VSOCK-002, V14-VSOCK-003). */
bool vsock_type_spoken(const struct virtio_vsock *vsock, uint16_t type)
{
	const struct virtio_device *device = &vsock->device;

	if (type == VSOCK_STREAM)
		return virtio_has(device, VSOCK_F_STREAM) ||
		       !virtio_has(device, VSOCK_F_NO_IMPLIED_STREAM);
	return type == VSOCK_SEQPACKET && virtio_has(device, VSOCK_F_SEQPACKET);
}

static void notify(struct virtio_device *device, unsigned index)
{
	struct virtio_vsock *vsock = of_device(device);

	if (index == VSOCK_EVENT) {
		vsock_flush_event(vsock);
		return;
	}
	/* with new buffers there may be room for answers: what waits in the tx ring goes on too */
	vsock_flush(vsock);
	vsock_serve_tx(vsock);
}

static void later(void *context)
{
	vsock_serve_tx(context);
}

/* A device that is suspended waits on. */
static void stall(void *context)
{
	struct virtio_vsock *vsock = context;

	if (virtio_running(&vsock->device))
		vsock_stalled(vsock);
	else
		port_timer_set(&vsock->stall, port_time_ns() + VIRTIO_VSOCK_STALL_NS);
}

static void start(struct virtio_device *device)
{
	struct virtio_vsock *vsock = of_device(device);

	vsock->driven = true;
	vsock->backend->up(vsock->backend, true);
	notify(device, VSOCK_TX);
}

static void forget_packet(struct virtio_vsock *vsock)
{
	port_timer_set(&vsock->later, UINT64_MAX);
	port_timer_set(&vsock->stall, UINT64_MAX);
	vsock->tx_waiting = false;
}

static void forget_flows(struct virtio_vsock *vsock)
{
	forget_packet(vsock);
	vsock->stalled = 0;
	vsock->reply_first = vsock->reply_count = 0;
	vsock_flows_reset(vsock);
}

static void reset(struct virtio_device *device)
{
	struct virtio_vsock *vsock = of_device(device);

	forget_flows(vsock);
	vsock->event_owed = vsock->driven = false;
	memset(vsock->quiet, 0, sizeof(vsock->quiet));
	vsock->backend->up(vsock->backend, false);
}

/* A packet that was sent in part is lost with its ring. */
static void queue_reset(struct virtio_device *device, unsigned queue)
{
	of_device(device)->quiet[queue] = false;
	if (queue == VSOCK_TX)
		forget_packet(of_device(device));
}

static const struct virtio_ops ops = {
    .reset = reset,
    .start = start,
    .notify = notify,
    .queue_reset = queue_reset,
};

static void set_cid(struct virtio_vsock *vsock, uint32_t cid)
{
	vsock->cid = cid;
	le64_put(vsock->space, cid);
}

bool virtio_vsock_init(struct virtio_vsock *vsock, const struct virtio_vsock_config *config)
{
	if (!vsock_cid_usable(config->cid))
		return false;
	memset(vsock, 0, sizeof(*vsock));
	vsock->backend = config->backend;
	vsock->later =
	    (struct port_timer){.fire = later, .context = vsock, .scope = config->timer_scope};
	vsock->stall =
	    (struct port_timer){.fire = stall, .context = vsock, .scope = config->timer_scope};
	vsock->device = (struct virtio_device){
	    .ops = &ops,
	    .name = config->name,
	    .type = DEVICE_TYPE,
	    .offered = VSOCK_F_STREAM | VSOCK_F_SEQPACKET | VSOCK_F_NO_IMPLIED_STREAM,
	    .config = vsock->space,
	    .config_size = sizeof(vsock->space),
	    .queues = vsock->rings,
	    .queue_count = VSOCK_QUEUES,
	};
	set_cid(vsock, config->cid);
	vsock_flows_reset(vsock);
	virtio_init(&vsock->device, config->mem, VQ_SIZE_MAX);
	return true;
}

void virtio_vsock_room(struct virtio_vsock *vsock)
{
	vsock->stalled = 0;
	if (virtio_running(&vsock->device))
		vsock_serve_tx(vsock);
}

bool virtio_vsock_transport_reset(struct virtio_vsock *vsock, uint32_t cid)
{
	if (!vsock_cid_usable(cid))
		return false;
	forget_flows(vsock);
	set_cid(vsock, cid);
	virtio_config_changed(&vsock->device);
	vsock->event_owed = vsock->driven;
	vsock_flush_event(vsock);
	return true;
}
