/* SPDX-License-Identifier: BSD-2-Clause */
/* A device's life: status machine, features, reset, failure (VIRTIO 1.4, 2.1-2.4, 3.1). */
#include "guest-devices/virtio/virtio.h"

#include "guest-devices/port.h"

static struct virtio_device *owner(const struct virtqueue *vq)
{
	return vq->device_context;
}

static void queue_broken(struct virtqueue *vq)
{
	virtio_fail(owner(vq), vq->index, vq_error_name(vq->broken));
}

void virtio_init(struct virtio_device *device, const struct guest_mem *mem, uint16_t queue_size_max)
{
	device->offered |= VIRTIO_F_VERSION_1 | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX;
	device->wires = (struct virtio_wires){0};
	device->status = 0;
	device->resetting = device->config_dirty = false;
	device->generation = 0;
	device->held = 0;
	device->driver_features = device->features = 0;
	device->queue_limit = device->queue_count;
	device->misuse = 0;
	for (unsigned i = 0; i < device->queue_count; i++) {
		struct virtqueue *vq = &device->queues[i];

		vq->mem = mem;
		vq->size_max = queue_size_max < VQ_SIZE_MAX ? queue_size_max : VQ_SIZE_MAX;
		vq->paused = false;
		vq->device_context = device;
		vq->index = i;
		vq->on_broken = queue_broken;
		vq_reset(vq);
	}
}

void virtio_connect(struct virtio_device *device, const struct virtio_wires *wires)
{
	device->wires = *wires;
}

bool virtio_running(const struct virtio_device *device)
{
	return (device->status & (VIRTIO_DRIVER_OK | VIRTIO_NEEDS_RESET | VIRTIO_FAILED)) ==
	           VIRTIO_DRIVER_OK &&
	       !device->resetting;
}

void virtio_misuse(struct virtio_device *device)
{
	device->misuse++;
}

static void finish_reset(struct virtio_device *device)
{
	if (!device->resetting || device->held > 0)
		return;
	device->resetting = false;
	device->status = 0;
}

void virtio_reset(struct virtio_device *device)
{
	device->resetting = true;
	for (unsigned i = 0; i < device->queue_count; i++)
		vq_reset(&device->queues[i]);
	device->driver_features = device->features = 0;
	device->queue_limit = device->queue_count;
	device->ops->reset(device);
	if (device->wires.reset)
		device->wires.reset(device->wires.context);
	finish_reset(device);
}

void virtio_hold(struct virtio_device *device)
{
	device->held++;
}

void virtio_release(struct virtio_device *device)
{
	device->held--;
	finish_reset(device);
}

static void config_interrupt(struct virtio_device *device)
{
	if (device->wires.config_interrupt)
		device->wires.config_interrupt(device->wires.context);
}

void virtio_fail(struct virtio_device *device, unsigned queue, const char *reason)
{
	bool told = device->status & VIRTIO_DRIVER_OK;

	if (device->status & VIRTIO_NEEDS_RESET)
		return;
	device->status |= VIRTIO_NEEDS_RESET;
	for (unsigned i = 0; i < device->queue_count; i++)
		vq_break(&device->queues[i], VQ_STOPPED);
	port_log("%s queue %u: %s, device stopped until reset", device->name, queue, reason);
	if (told)
		config_interrupt(device);
}

void virtio_config_changed(struct virtio_device *device)
{
	device->config_dirty = true;
	if (virtio_running(device))
		config_interrupt(device);
}

static bool features_accepted(const struct virtio_device *device)
{
	uint64_t features = device->driver_features;

	return !(features & ~device->offered) && (features & VIRTIO_F_VERSION_1) &&
	       (!device->ops->features_valid || device->ops->features_valid(device, features));
}

/* Each bit needs the one before it (3.1.1); a bit that may not be set stays 0. */
static void advance(struct virtio_device *device, uint8_t add)
{
	device->status |= add & VIRTIO_ACKNOWLEDGE;
	if ((add & VIRTIO_DRIVER) && (device->status & VIRTIO_ACKNOWLEDGE))
		device->status |= VIRTIO_DRIVER;
	if ((add & VIRTIO_FEATURES_OK) && (device->status & VIRTIO_DRIVER) &&
	    features_accepted(device)) {
		device->features = device->driver_features;
		device->status |= VIRTIO_FEATURES_OK;
		if (device->ops->negotiated)
			device->ops->negotiated(device);
	}
	if ((add & VIRTIO_DRIVER_OK) && (device->status & VIRTIO_FEATURES_OK)) {
		device->status |= VIRTIO_DRIVER_OK;
		if (device->ops->start)
			device->ops->start(device);
	}
}

void virtio_set_status(struct virtio_device *device, uint8_t status)
{
	const uint8_t known = VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK |
	                      VIRTIO_DRIVER_OK | VIRTIO_FAILED;
	uint8_t add = status & known & (uint8_t)~device->status;

	if (status == 0) {
		virtio_reset(device);
		return;
	}
	/* bits are only ever added, never by whom they do not belong to, and not during a reset */
	if ((device->status & known & ~status) || (status & ~(known | device->status)) ||
	    device->resetting)
		virtio_misuse(device);
	if ((device->status & known & ~status) || device->resetting)
		return;
	if (add & VIRTIO_FAILED)
		device->status |= VIRTIO_FAILED;
	else if (!(device->status & (VIRTIO_FAILED | VIRTIO_NEEDS_RESET)))
		advance(device, add);
	if (add & (uint8_t)~device->status)
		virtio_misuse(device);
}

void virtio_set_features(struct virtio_device *device, uint64_t features)
{
	if ((device->status & VIRTIO_FEATURES_OK) || device->resetting)
		virtio_misuse(device);
	else
		device->driver_features = features;
}
