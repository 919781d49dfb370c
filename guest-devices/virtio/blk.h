/* SPDX-License-Identifier: BSD-2-Clause */
/* Block device (VIRTIO 1.4, 5.2): read, write, flush, get-id over one queue. */
#pragma once

#include "guest-devices/backend.h"
#include "guest-devices/virtio/virtio.h"

#define VIRTIO_BLK_IN_FLIGHT 64  /* requests in the back-end at a time; more wait in the ring */
#define VIRTIO_BLK_SEG_MAX   126 /* data buffers a request */
