/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Block device (VIRTIO 1.4, 5.2): read, write, flush, get-id, discard, write zeroes, secure erase
 * over one or several queues; the capacity may change while it runs.
 */
#pragma once

#include "guest-devices/backend.h"
#include "guest-devices/port.h"
#include "guest-devices/virtio/virtio.h"

#define VIRTIO_BLK_QUEUES    8
#define VIRTIO_BLK_IN_FLIGHT 64  /* requests in the back-end at a time; more wait in the rings */
#define VIRTIO_BLK_SEG_MAX   126 /* data buffers a request */
#define VIRTIO_BLK_SIZE_MAX  (128u << 10) /* bytes a data buffer */
/* Bytes moved at once. A driver that keeps to the limits asks for no more; a request of one that
 * did not negotiate them is moved in pieces, between which others have their turn. */
#define VIRTIO_BLK_DATA_MAX (VIRTIO_BLK_SEG_MAX * VIRTIO_BLK_SIZE_MAX)

#define VIRTIO_BLK_RANGES        8 /* in one discard, write zeroes or secure erase */
#define VIRTIO_BLK_RANGE_SECTORS 4096u

struct virtio_blk_config {
	const char *name;            /* "alpha blk0"; outlives the device */
	const struct guest_mem *mem; /* outlives the device */
	struct blk_backend *backend; /* outlives the device */
	unsigned queues;             /* 1..VIRTIO_BLK_QUEUES; 0: one */
	uint32_t size_max; /* bytes a data buffer; 0: VIRTIO_BLK_SIZE_MAX. A page where those that
	                      follow each other may lie apart in host memory */
	void *timer_scope; /* whom its timers belong to: struct port_timer */
};

struct virtio_blk;

/* One ring. No queue can take the share of the back-end that belongs to another one. */
struct virtio_blk_queue {
	struct virtio_blk *owner;
	unsigned index;
	struct port_timer later;
	unsigned held;                      /* requests in the back-end */
	bool working;                       /* inside the ring loop: notifications are gathered */
	struct virtio_blk_slot *unfinished; /* wait for their next piece */
};

/* struct virtio_blk_discard_write_zeroes of 5.2.6, in host byte order. */
struct virtio_blk_range {
	uint64_t sector;
	uint32_t num_sectors, flags;
};

/* One request on its way through the back-end. */
struct virtio_blk_slot {
	struct virtio_blk_queue *queue;
	struct virtio_blk_slot *next_free; /* or the next of the unfinished */
	struct blk_request request;        /* what the back-end sees */
	struct blk_request barrier; /* the flush that follows a write in write-through mode */
	struct vq_chain chain;
	union {
		struct blk_span spans[VIRTIO_BLK_SEG_MAX];
		struct virtio_blk_range ranges[VIRTIO_BLK_RANGES];
	};
	unsigned range, range_count; /* the one at work */
	uint32_t size, moved;        /* of a transfer's data */
};

struct virtio_blk_stats {
	uint64_t reads, writes, flushes, errors;
	uint64_t read_bytes, written_bytes, cleared_bytes;
};

/* Embedded by the owner, who changes nothing in it. */
struct virtio_blk {
	struct virtio_device device; /* for the transport */
	struct virtqueue rings[VIRTIO_BLK_QUEUES];
	struct virtio_blk_queue queues[VIRTIO_BLK_QUEUES];
	struct blk_backend *backend;
	uint8_t space[96]; /* struct virtio_blk_config of 5.2.4 */
	struct virtio_blk_slot *free_slots;
	unsigned share; /* slots that one queue may hold */
	struct virtio_blk_stats stats;
	struct virtio_blk_slot slots[VIRTIO_BLK_IN_FLIGHT];
};

/* Any content before; the device is ready to be given to a transport. */
void virtio_blk_init(struct virtio_blk *blk, const struct virtio_blk_config *config);

/* The back-end's capacity has changed: the driver is told. Requests already in the back-end are its
 * business. Under the guest's lock. */
void virtio_blk_resized(struct virtio_blk *blk);
