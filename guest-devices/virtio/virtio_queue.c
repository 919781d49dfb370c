/* SPDX-License-Identifier: BSD-2-Clause */
/* A device's queues, between its type and its transport (VIRTIO 1.4, 2.6, 2.9). */
#include "guest-devices/port.h"
#include "guest-devices/virtio/virtio_life.h"

struct virtqueue *virtio_queue(struct virtio_device *device, unsigned queue)
{
	return queue < device->queue_limit ? &device->queues[queue] : NULL;
}

bool virtio_queue_ready(struct virtio_device *device, unsigned queue)
{
	struct virtqueue *vq = virtio_queue(device, queue);
	bool before = vq && vq->enabled;

	if (before && !vq_ready(vq) && device->ops->queue_reset)
		device->ops->queue_reset(device, queue);
	return before && vq->enabled;
}

bool virtio_queue_configurable(struct virtio_device *device, unsigned queue)
{
	if (virtio_queue(device, queue) && !virtio_queue_ready(device, queue) && !device->resetting)
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

bool virtio_enable(struct virtio_device *device, unsigned queue)
{
	struct virtqueue *vq = &device->queues[queue];
	enum vq_error error;

	if (device->status & (VIRTIO_NEEDS_RESET | VIRTIO_FAILED)) {
		virtio_misuse(device);
		return false;
	}
	vq->event_idx = virtio_has(device, VIRTIO_F_EVENT_IDX);
	vq->indirect = virtio_has(device, VIRTIO_F_INDIRECT_DESC);
	vq->packed = virtio_has(device, VIRTIO_F_RING_PACKED);
	vq->in_order = virtio_has(device, VIRTIO_F_IN_ORDER);
	error = vq_enable(vq);
	if (error) {
		virtio_misuse(device);
		port_log("%s queue %u: %s, not enabled", device->name, queue, vq_error_name(error));
	}
	return !error;
}

bool virtio_queue_enable(struct virtio_device *device, unsigned queue)
{
	if (!virtio_queue_configurable(device, queue))
		return false;
	if (device->status & VIRTIO_FEATURES_OK)
		return virtio_enable(device, queue);
	virtio_misuse(device);
	return false;
}

/* The chains that are out come back before the queue is as new: vq_ready. */
static void stop(struct virtio_device *device, unsigned queue, bool silent)
{
	struct virtqueue *vq = virtio_queue(device, queue);

	if (!vq || device->resetting) {
		virtio_misuse(device);
		return;
	}
	vq_stop(vq);
	vq->silent = silent;
	if (vq->enabled && device->ops->drain)
		device->ops->drain(device, queue);
}

void virtio_queue_stop(struct virtio_device *device, unsigned queue)
{
	stop(device, queue, false);
}

void virtio_queue_reset(struct virtio_device *device, unsigned queue)
{
	if (virtio_has(device, VIRTIO_F_RING_RESET) && virtio_queue_ready(device, queue))
		stop(device, queue, true);
	else
		virtio_misuse(device);
}

bool virtio_queue_resetting(struct virtio_device *device, unsigned queue)
{
	return virtio_queue_ready(device, queue) && device->queues[queue].silent;
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

/* What more it tells, how far the driver is, is read from the ring itself. */
unsigned virtio_kicked(const struct virtio_device *device, uint32_t word)
{
	return virtio_has(device, VIRTIO_F_NOTIFICATION_DATA) ? word & 0xffff : word;
}

void virtio_kick_word(struct virtio_device *device, uint32_t word)
{
	virtio_kick(device, virtio_kicked(device, word));
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
