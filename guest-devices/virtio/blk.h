/* SPDX-License-Identifier: BSD-2-Clause */
/* Block device (VIRTIO 1.4, 5.2): read, write, flush, get-id over one queue. */
#pragma once

#include "guest-devices/backend.h"
#include "guest-devices/port.h"
#include "guest-devices/virtio/virtio.h"

#define VIRTIO_BLK_IN_FLIGHT 64  /* requests in the back-end at a time; more wait in the ring */
#define VIRTIO_BLK_SEG_MAX   126 /* data buffers a request */
#define VIRTIO_BLK_SIZE_MAX  (128u << 10)                               /* bytes a data buffer */
#define VIRTIO_BLK_DATA_MAX  (VIRTIO_BLK_SEG_MAX * VIRTIO_BLK_SIZE_MAX) /* bytes a request */

struct virtio_blk_config {
	const char *name;            /* "alpha blk0"; outlives the device */
	const struct guest_mem *mem; /* outlives the device */
	struct blk_backend *backend; /* outlives the device */
	void *timer_scope;           /* whom its timers belong to: struct port_timer */
};

struct virtio_blk;

/* One request on its way through the back-end. */
struct virtio_blk_slot {
	struct virtio_blk *owner;
	struct virtio_blk_slot *next_free;
	struct blk_request request; /* what the back-end sees */
	struct blk_request barrier; /* the flush that follows a write in write-through mode */
	struct vq_chain chain;
	struct blk_span spans[VIRTIO_BLK_SEG_MAX];
};

struct virtio_blk_stats {
	uint64_t reads, writes, flushes, errors;
	uint64_t read_bytes, written_bytes;
};

/* Embedded by the owner, who changes nothing in it. */
struct virtio_blk {
	struct virtio_device device; /* for the transport */
	struct virtqueue queue;
	struct blk_backend *backend;
	uint8_t space[64]; /* struct virtio_blk_config of 5.2.4 */
	struct port_timer later;
	struct virtio_blk_slot *free_slots;
	bool working; /* inside the ring loop: notifications are gathered */
	struct virtio_blk_stats stats;
	struct virtio_blk_slot slots[VIRTIO_BLK_IN_FLIGHT];
};

/* Any content before; the device is ready to be given to a transport. */
void virtio_blk_init(struct virtio_blk *blk, const struct virtio_blk_config *config);
