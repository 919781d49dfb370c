/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What drivers of before version 1.0 do otherwise: 32 features that nobody can refuse, no
 * FEATURES_OK, queues in one piece, the device used before DRIVER_OK (VIRTIO 1.4, 2.2.3, 2.7.2,
 * 3.1.2). What a device does then is the device's own matter: virtio_legacy().
 */
#include "guest-devices/virtio/registry.h"
#include "guest-devices/virtio/virtio_life.h"

enum { DESC_SIZE = 16, AVAIL_FIXED = 6, AVAIL_ENTRY = 2, LEAST_ALIGN = 4 };

bool virtio_legacy_begin(struct virtio_device *device)
{
	if ((device->status & VIRTIO_FEATURES_OK) || device->resetting) {
		virtio_misuse(device);
		return false;
	}
	device->legacy = true;
	return true;
}

uint32_t virtio_legacy_offered(const struct virtio_device *device)
{
	uint64_t features = registry_for(device->type, device->offered, true);

	return (uint32_t)(features | VIRTIO_F_ANY_LAYOUT);
}

/* Final from DRIVER_OK on; until then also for queues that the driver set up too early. */
void virtio_legacy_set_features(struct virtio_device *device, uint32_t features)
{
	if (!virtio_legacy_begin(device) || device->started) {
		virtio_misuse(device);
		return;
	}
	device->driver_features = features;
	device->features = registry_closed(device->type, features & virtio_legacy_offered(device));
	for (unsigned i = 0; i < device->queue_count; i++) {
		device->queues[i].event_idx = virtio_has(device, VIRTIO_F_EVENT_IDX);
		device->queues[i].indirect = virtio_has(device, VIRTIO_F_INDIRECT_DESC);
	}
}

void virtio_legacy_set_status(struct virtio_device *device, uint8_t status)
{
	if (status == 0)
		virtio_reset(device);
	else if (virtio_legacy_begin(device))
		virtio_set_status(device, status);
}

void virtio_legacy_set_align(struct virtio_device *device, unsigned queue, uint32_t align)
{
	bool right = align >= LEAST_ALIGN && (align & (align - 1)) == 0;

	if (!virtio_legacy_begin(device) || !right)
		virtio_misuse(device);
	else if (virtio_queue_configurable(device, queue))
		device->queues[queue].align = align;
}

/* Where the three areas of a queue in one piece are; false: beyond the end of the address space. */
static bool lay_out(struct virtqueue *vq, uint64_t address)
{
	uint64_t avail, used, align = vq->align;

	if (__builtin_add_overflow(address, (uint64_t)DESC_SIZE * vq->size, &avail) ||
	    __builtin_add_overflow(avail, AVAIL_FIXED + (uint64_t)AVAIL_ENTRY * vq->size, &used) ||
	    __builtin_add_overflow(used, align - 1, &used))
		return false;
	vq->desc = address;
	vq->driver = avail;
	vq->device = used & ~(align - 1);
	return true;
}

void virtio_legacy_set_queue(struct virtio_device *device, unsigned queue, uint64_t address)
{
	if (!virtio_legacy_begin(device))
		return;
	if (address == 0) {
		virtio_queue_stop(device, queue);
	} else if (virtio_queue_configurable(device, queue)) {
		if (lay_out(virtio_queue(device, queue), address))
			virtio_enable(device, queue);
		else
			virtio_misuse(device);
	}
}

uint64_t virtio_legacy_queue(struct virtio_device *device, unsigned queue)
{
	return virtio_queue_ready(device, queue) ? device->queues[queue].desc : 0;
}

void virtio_legacy_kick(struct virtio_device *device, unsigned queue)
{
	struct virtqueue *vq = virtio_queue(device, queue);

	if (virtio_legacy_begin(device) && vq && vq->enabled &&
	    !(device->status & (VIRTIO_NEEDS_RESET | VIRTIO_FAILED)))
		virtio_begin(device);
	virtio_kick(device, queue);
}

void virtio_legacy_config_access(struct virtio_device *device, uint64_t offset,
                                 struct bus_access *access)
{
	if (!access->write || virtio_legacy_begin(device))
		virtio_config_access(device, offset, access);
}
