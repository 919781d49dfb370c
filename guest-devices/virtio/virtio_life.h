/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of the core. */
#pragma once

#include "guest-devices/virtio/virtio.h"

/* The driver uses the device from now on: once between two resets. */
void virtio_begin(struct virtio_device *device);
/* Enable a queue that virtio_queue_configurable allows, with its size and areas as they are set;
 * false, after one line: they cannot be. */
bool virtio_enable(struct virtio_device *device, unsigned queue);
