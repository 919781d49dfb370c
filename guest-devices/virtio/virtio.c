/* SPDX-License-Identifier: BSD-2-Clause */
/* A device's life: features, reset, failure (VIRTIO 1.4, 2.1-2.4). Its status is in
 * virtio_status.c. */
#include "guest-devices/virtio/virtio.h"

#include "guest-devices/port.h"
#include "guest-devices/virtio/registry.h"

/* What all devices can, whatever their type. */
#define OFFERED_BY_ALL                                                                             \
	(VIRTIO_F_VERSION_1 | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX | VIRTIO_F_IN_ORDER |    \
	 VIRTIO_F_NOTIFICATION_DATA | VIRTIO_F_NOTIF_CONFIG_DATA | VIRTIO_F_RING_RESET |           \
	 VIRTIO_F_SUSPEND)

static struct virtio_device *owner(const struct virtqueue *vq)
{
	return vq->device_context;
}

static void queue_broken(struct virtqueue *vq)
{
	virtio_fail(owner(vq), vq->index, vq_error_name(vq->broken));
}

/* What is as after power on, after each reset. */
static void forget_driver(struct virtio_device *device)
{
	device->started = device->legacy = false;
	device->suspending = device->config_untold = false;
	device->driver_features = device->features = 0;
	device->queue_limit = device->queue_count;
	for (unsigned i = 0; i < device->queue_count; i++) {
		device->queues[i].suspended = false;
		vq_reset(&device->queues[i]);
	}
}

void virtio_init(struct virtio_device *device, const struct guest_mem *mem, uint16_t queue_size_max)
{
	device->offered = registry_closed(device->type, device->offered | OFFERED_BY_ALL);
	device->wires = (struct virtio_wires){0};
	device->status = 0;
	device->resetting = device->config_dirty = false;
	device->generation = 0;
	device->held = 0;
	device->misuse = 0;
	for (unsigned i = 0; i < device->queue_count; i++) {
		struct virtqueue *vq = &device->queues[i];

		vq->mem = mem;
		vq->size_max = queue_size_max < VQ_SIZE_MAX ? queue_size_max : VQ_SIZE_MAX;
		vq->paused = false;
		vq->device_context = device;
		vq->index = i;
		vq->on_broken = queue_broken;
	}
	forget_driver(device);
}

void virtio_connect(struct virtio_device *device, const struct virtio_wires *wires)
{
	device->wires = *wires;
	device->offered = registry_closed(device->type, device->offered & ~wires->cannot);
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
	if (device->wires.reset_done)
		device->wires.reset_done(device->wires.context);
}

void virtio_reset(struct virtio_device *device)
{
	device->resetting = true;
	virtio_hold(device); /* whatever the device lets go of meanwhile */
	forget_driver(device);
	device->ops->reset(device);
	if (device->wires.reset)
		device->wires.reset(device->wires.context);
	virtio_release(device);
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

/* May the driver be told anything? Not before it began, which a reset forgets, nor suspended. */
static bool listens(const struct virtio_device *device)
{
	return device->started && !(device->status & VIRTIO_SUSPEND);
}

static bool broken(const struct virtio_device *device)
{
	return device->status & (VIRTIO_NEEDS_RESET | VIRTIO_FAILED);
}

bool virtio_running(const struct virtio_device *device)
{
	return listens(device) && !device->suspending && !broken(device);
}

static void config_interrupt(struct virtio_device *device)
{
	if (device->wires.config_interrupt)
		device->wires.config_interrupt(device->wires.context);
}

void virtio_fail(struct virtio_device *device, unsigned queue, const char *reason)
{
	if (device->status & VIRTIO_NEEDS_RESET)
		return;
	device->status |= VIRTIO_NEEDS_RESET;
	for (unsigned i = 0; i < device->queue_count; i++)
		vq_break(&device->queues[i], VQ_STOPPED);
	port_log("%s queue %u: %s, device stopped until reset", device->name, queue, reason);
	if (listens(device))
		config_interrupt(device);
}

void virtio_config_changed(struct virtio_device *device)
{
	device->config_dirty = true;
	if (device->status & VIRTIO_SUSPEND)
		device->config_untold = true; /* until the driver resumes (3.4.2) */
	else if (listens(device) && !broken(device))
		config_interrupt(device);
}

/* Chains used while the device is about to suspend are still told. */
void virtio_notify_queue(struct virtio_device *device, unsigned queue)
{
	if (listens(device) && !broken(device) && vq_should_notify(&device->queues[queue]) &&
	    device->wires.queue_interrupt)
		device->wires.queue_interrupt(device->wires.context, queue);
}

void virtio_used(struct virtio_device *device, unsigned queue, const struct vq_chain *chain,
                 uint32_t written)
{
	vq_push(&device->queues[queue], chain, written);
	virtio_notify_queue(device, queue);
}

void virtio_set_features(struct virtio_device *device, uint64_t features)
{
	if ((device->status & VIRTIO_FEATURES_OK) || device->resetting || device->legacy)
		virtio_misuse(device);
	else
		device->driver_features = features;
}
