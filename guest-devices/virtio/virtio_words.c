/* SPDX-License-Identifier: BSD-2-Clause */
/* What the transports' registers have in common: 64-bit quantities in halves, and the access to a
 * device's configuration. */
#include <string.h>

#include "guest-devices/virtio/virtio.h"

static uint32_t half(uint64_t value, uint32_t select)
{
	return select < 2 ? (uint32_t)(value >> (32 * select)) : 0;
}

static uint64_t with_half(uint64_t old, uint32_t select, uint32_t value)
{
	return select == 0 ? (old & ~(uint64_t)UINT32_MAX) | value
	                   : (old & UINT32_MAX) | (uint64_t)value << 32;
}

uint32_t virtio_offered_word(const struct virtio_device *device, uint32_t select)
{
	return half(device->offered, select);
}

uint32_t virtio_driver_word(const struct virtio_device *device, uint32_t select)
{
	return half(device->driver_features, select);
}

void virtio_set_driver_word(struct virtio_device *device, uint32_t select, uint32_t value)
{
	/* bits above 63 are not offered: nothing is lost that a driver may set */
	if (select < 2)
		virtio_set_features(device, with_half(device->driver_features, select, value));
	else
		virtio_misuse(device);
}

static uint64_t *area(struct virtqueue *vq, unsigned word)
{
	if (word < 2)
		return &vq->desc;
	return word < 4 ? &vq->driver : &vq->device;
}

uint32_t virtio_area_word(struct virtio_device *device, unsigned queue, unsigned word)
{
	struct virtqueue *vq = virtio_queue(device, queue);

	return vq ? half(*area(vq, word), word % 2) : 0;
}

void virtio_set_area_word(struct virtio_device *device, unsigned queue, unsigned word,
                          uint32_t value)
{
	if (virtio_queue_configurable(device, queue)) {
		uint64_t *address = area(&device->queues[queue], word);

		*address = with_half(*address, word % 2, value);
	}
}

void virtio_config_access(struct virtio_device *device, uint64_t offset, struct bus_access *access)
{
	uint8_t bytes[8];

	if (access->write) {
		memcpy(bytes, &access->value, sizeof(bytes));
		virtio_config_write(device, offset, bytes, access->size);
		return;
	}
	access->value = 0;
	virtio_config_read(device, offset, bytes, access->size);
	memcpy(&access->value, bytes, access->size);
}
