/* SPDX-License-Identifier: BSD-2-Clause */
/* A device's configuration space, between its type and its transport (VIRTIO 1.4, 2.5). */
#include <string.h>

#include "guest-devices/virtio/virtio.h"

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

/* A suspended device modifies nothing in it (3.4.2). */
static const uint8_t *shown(const struct virtio_device *device)
{
	return device->status & VIRTIO_SUSPEND ? device->frozen : device->config;
}

void virtio_config_read(struct virtio_device *device, uint64_t offset, void *to, size_t size)
{
	size_t count = inside(device, offset, size);

	memset(to, 0, size);
	if (count > 0)
		memcpy(to, shown(device) + offset, count);
	if (count < size)
		virtio_misuse(device);
}

void virtio_config_write(struct virtio_device *device, uint64_t offset, const void *from,
                         size_t size)
{
	if (inside(device, offset, size) < size || !device->ops->config_write ||
	    device->resetting || (device->status & VIRTIO_SUSPEND)) {
		virtio_misuse(device);
		return;
	}
	device->ops->config_write(device, (size_t)offset, from, size);
}
