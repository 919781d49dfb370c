/* SPDX-License-Identifier: BSD-2-Clause */
/* Entropy device (VIRTIO 1.4, 5.4): one queue, a fixed rate. */
#pragma once

#include "guest-devices/backend.h"
#include "guest-devices/port.h"
#include "guest-devices/virtio/virtio.h"

#define VIRTIO_RNG_SLICE    (16u << 10) /* bytes in one slice of time, all requests together */
#define VIRTIO_RNG_SLICE_NS 1000000u

struct virtio_rng_config {
	const char *name;            /* "alpha rng"; outlives the device */
	const struct guest_mem *mem; /* outlives the device */
	struct rng_backend *backend; /* outlives the device */
	void *timer_scope;           /* whom its timers belong to: struct port_timer */
};

/* Embedded by the owner, who changes nothing in it. */
struct virtio_rng {
	struct virtio_device device; /* for the transport */
	struct virtqueue queue;
	struct rng_backend *backend;
	struct port_timer later;
	uint32_t left;        /* bytes left in this slice */
	uint64_t slice_start; /* port_time_ns() */
	struct vq_chain chain;
	uint64_t bytes; /* given to the guest since init */
};

/* Any content before; the device is ready to be given to a transport. */
void virtio_rng_init(struct virtio_rng *rng, const struct virtio_rng_config *config);
