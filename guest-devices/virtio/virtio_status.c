/* SPDX-License-Identifier: BSD-2-Clause */
/* The device status field: who may set which bit when, and what follows (VIRTIO 1.4, 2.1, 3.1,
 * 3.4). */
#include <string.h>

#include "guest-devices/virtio/registry.h"
#include "guest-devices/virtio/virtio.h"
#include "guest-devices/virtio/virtio_life.h"

#define DRIVERS_BITS                                                                               \
	(VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK | VIRTIO_DRIVER_OK |              \
	 VIRTIO_SUSPEND | VIRTIO_FAILED)

static bool features_accepted(const struct virtio_device *device)
{
	uint64_t features = device->driver_features;

	return !device->legacy && !(features & ~device->offered) &&
	       (features & VIRTIO_F_VERSION_1) && !registry_unmet(device->type, features) &&
	       (!device->ops->features_valid || device->ops->features_valid(device, features));
}

/* --- suspension (3.4) --- */

static void set_suspended(struct virtio_device *device, bool suspended)
{
	for (unsigned i = 0; i < device->queue_count; i++)
		device->queues[i].suspended = suspended;
}

/* Nothing is popped any more; what is out comes back, from the device itself or a back-end. */
static void begin_suspend(struct virtio_device *device)
{
	device->suspending = true;
	set_suspended(device, true);
	for (unsigned i = 0; i < device->queue_count; i++)
		if (device->queues[i].enabled && device->ops->drain)
			device->ops->drain(device, i);
}

static void finish_suspend(struct virtio_device *device)
{
	for (unsigned i = 0; i < device->queue_count; i++)
		if (vq_in_flight(&device->queues[i]) > 0)
			return;
	for (unsigned i = 0; i < device->queue_count; i++)
		virtio_notify_queue(device, i);
	if (device->config_size > 0)
		memcpy(device->frozen, device->config, device->config_size);
	device->suspending = false;
	device->status = (uint8_t)((device->status & ~VIRTIO_DRIVER_OK) | VIRTIO_SUSPEND);
}

/* What was available before the suspension is served without another kick. */
static void resume(struct virtio_device *device)
{
	device->status = (uint8_t)((device->status & ~VIRTIO_SUSPEND) | VIRTIO_DRIVER_OK);
	set_suspended(device, false);
	if (device->config_untold)
		virtio_config_changed(device);
	device->config_untold = false;
	for (unsigned i = 0; i < device->queue_limit && virtio_running(device); i++)
		if (device->queues[i].enabled && !device->queues[i].paused)
			device->ops->notify(device, i);
}

uint8_t virtio_status(struct virtio_device *device)
{
	if (device->suspending && !(device->status & (VIRTIO_NEEDS_RESET | VIRTIO_FAILED)))
		finish_suspend(device);
	return device->status;
}

/* --- bits --- */

void virtio_begin(struct virtio_device *device)
{
	if (device->started)
		return;
	device->started = true;
	if (device->legacy && device->ops->negotiated)
		device->ops->negotiated(device);
	if (device->ops->start)
		device->ops->start(device);
}

/* Those of the bits that would be set now; each needs the one before it (3.1.1), but DRIVER: U-Boot
 * until 2026.04 does not acknowledge again when it has reset the device. */
static uint8_t reachable(const struct virtio_device *device, uint8_t add)
{
	uint8_t last = device->legacy ? VIRTIO_DRIVER : VIRTIO_FEATURES_OK;
	uint8_t status = device->status;

	if (add & VIRTIO_FAILED)
		return VIRTIO_FAILED;
	if (status & (VIRTIO_FAILED | VIRTIO_NEEDS_RESET))
		return 0;
	status |= add & (VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	if ((status & VIRTIO_DRIVER) && (add & VIRTIO_FEATURES_OK) && features_accepted(device))
		status |= VIRTIO_FEATURES_OK;
	if (status & last)
		status |= add & VIRTIO_DRIVER_OK;
	/* a device that is not initialised ignores SUSPEND (V14-CORE-014) */
	if ((device->status & VIRTIO_DRIVER_OK) && (device->features & VIRTIO_F_SUSPEND))
		status |= add & VIRTIO_SUSPEND;
	return status & (uint8_t)~device->status;
}

static void advance(struct virtio_device *device, uint8_t bits)
{
	if ((device->status & VIRTIO_SUSPEND) && (bits & VIRTIO_DRIVER_OK)) {
		resume(device);
		return;
	}
	if (bits & VIRTIO_SUSPEND) {
		begin_suspend(device);
		finish_suspend(device);
		return;
	}
	device->status |= bits;
	if (bits & VIRTIO_FEATURES_OK) {
		device->features = device->driver_features;
		if (device->ops->negotiated)
			device->ops->negotiated(device);
	}
	if (bits & VIRTIO_DRIVER_OK)
		virtio_begin(device);
}

/* A suspended driver resumes by DRIVER_OK, whatever it makes of SUSPEND (3.4). */
static uint8_t cleared(const struct virtio_device *device, uint8_t status)
{
	uint8_t bits = device->status & DRIVERS_BITS & (uint8_t)~status;

	return status & VIRTIO_DRIVER_OK ? bits & (uint8_t)~VIRTIO_SUSPEND : bits;
}

/* Bits are only ever added, never by whom they do not belong to, and not during a reset. */
static bool legal(struct virtio_device *device, uint8_t status)
{
	return !cleared(device, status) && !device->resetting;
}

void virtio_set_status(struct virtio_device *device, uint8_t status)
{
	uint8_t add = status & DRIVERS_BITS & (uint8_t)~virtio_status(device), reached;

	if (status == 0) {
		virtio_reset(device);
		return;
	}
	if (!legal(device, status)) {
		virtio_misuse(device);
		return;
	}
	reached = reachable(device, add);
	advance(device, reached);
	if (add & (uint8_t)~reached || status & (uint8_t) ~(DRIVERS_BITS | device->status))
		virtio_misuse(device);
}

bool virtio_try_status(struct virtio_device *device, uint8_t status)
{
	uint8_t add = status & (uint8_t)~virtio_status(device);

	if (status != 0 && (!legal(device, status) || reachable(device, add) != add)) {
		virtio_misuse(device);
		return false;
	}
	virtio_set_status(device, status);
	return true;
}
