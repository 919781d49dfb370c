/* SPDX-License-Identifier: BSD-2-Clause */
/* A device's queues and configuration space, between its type and its transport (2.5, 2.6). */
#include <string.h>

#include "guest-devices/port.h"
#include "guest-devices/virtio/virtio.h"

struct virtqueue *virtio_queue(struct virtio_device *device, unsigned queue)
{
	return queue < device->queue_limit ? &device->queues[queue] : NULL;
}

bool virtio_queue_configurable(struct virtio_device *device, unsigned queue)
{
	struct virtqueue *vq = virtio_queue(device, queue);

	if (vq && !vq->enabled && !device->resetting)
		return true;
	virtio_misuse(device);
	return false;
}

void virtio_set_queue_size(struct virtio_device *device, unsigned queue, uint32_t size)
{
	if (!virtio_queue_configurable(device, queue))
		return;

	bool odd = (size & (size - 1)) != 0 && !virtio_has(device, VIRTIO_F_RING_PACKED);
	if (size > device->queues[queue].size_max || odd)
		virtio_misuse(device);
	else
		device->queues[queue].size = (uint16_t)size;
}

bool virtio_queue_enable(struct virtio_device *device, unsigned queue)
{
	const uint8_t wrong = VIRTIO_NEEDS_RESET | VIRTIO_FAILED;

	if (!virtio_queue_configurable(device, queue))
		return false;
	if (!(device->status & VIRTIO_FEATURES_OK) || (device->status & wrong)) {
		virtio_misuse(device);
		return false;
	}

	struct virtqueue *vq = &device->queues[queue];
	vq->event_idx = virtio_has(device, VIRTIO_F_EVENT_IDX);
	vq->indirect = virtio_has(device, VIRTIO_F_INDIRECT_DESC);
	vq->packed = virtio_has(device, VIRTIO_F_RING_PACKED);
	enum vq_error error = vq_enable(vq);
	if (error) {
		virtio_misuse(device);
		port_log("%s queue %u: %s, not enabled", device->name, queue, vq_error_name(error));
	}
	return !error;
}

void virtio_queue_stop(struct virtio_device *device, unsigned queue)
{
	struct virtqueue *vq = virtio_queue(device, queue);

	if (vq && !device->resetting)
		vq_stop(vq);
	else
		virtio_misuse(device);
}

bool virtio_queue_ready(struct virtio_device *device, unsigned queue)
{
	struct virtqueue *vq = virtio_queue(device, queue);

	return vq && vq_ready(vq);
}

void virtio_kick(struct virtio_device *device, unsigned queue)
{
	struct virtqueue *vq = virtio_queue(device, queue);

	if (!vq || !vq->enabled || !virtio_running(device)) {
		virtio_misuse(device);
		return;
	}
	vq->kicks++;
	if (!vq->paused)
		device->ops->notify(device, queue);
}

/* What a driver queued while DMA was off is served now, for it will not kick again. */
void virtio_allow_dma(struct virtio_device *device, bool allowed)
{
	bool resume = allowed && device->queue_count > 0 && device->queues[0].paused;

	for (unsigned i = 0; i < device->queue_count; i++)
		device->queues[i].paused = !allowed;
	for (unsigned i = 0; resume && i < device->queue_count; i++)
		if (device->queues[i].enabled && virtio_running(device))
			device->ops->notify(device, i);
}

void virtio_notify_queue(struct virtio_device *device, unsigned queue)
{
	if (virtio_running(device) && vq_should_notify(&device->queues[queue]) &&
	    device->wires.queue_interrupt)
		device->wires.queue_interrupt(device->wires.context, queue);
}

void virtio_used(struct virtio_device *device, unsigned queue, const struct vq_chain *chain,
                 uint32_t written)
{
	vq_push(&device->queues[queue], chain, written);
	virtio_notify_queue(device, queue);
}

uint32_t virtio_generation(struct virtio_device *device)
{
	device->generation += device->config_dirty;
	device->config_dirty = false;
	return device->generation;
}

/* Bytes of [offset, offset + size) that lie inside the structure. */
static size_t inside(const struct virtio_device *device, uint64_t offset, size_t size)
{
	if (offset >= device->config_size)
		return 0;
	return size < device->config_size - offset ? size : device->config_size - (size_t)offset;
}

void virtio_config_read(struct virtio_device *device, uint64_t offset, void *to, size_t size)
{
	size_t count = inside(device, offset, size);

	memset(to, 0, size);
	if (count > 0)
		memcpy(to, device->config + offset, count);
	if (count < size)
		virtio_misuse(device);
}

void virtio_config_write(struct virtio_device *device, uint64_t offset, const void *from,
                         size_t size)
{
	if (inside(device, offset, size) < size || !device->ops->config_write ||
	    device->resetting) {
		virtio_misuse(device);
		return;
	}
	device->ops->config_write(device, (size_t)offset, from, size);
}
