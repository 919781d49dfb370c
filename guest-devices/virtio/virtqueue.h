/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device's side of a virtqueue (VIRTIO 1.4, 2.7). vq_pop() hands out a checked private copy of
 * one chain; the device reads and writes through it at byte offsets and never sees how the driver
 * cut its buffers. Ring indices are private: nothing of ours is ever read back from guest memory. A
 * ring-level error is reported once through vq->broken and ends the queue until reset.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest-devices/backend.h"
#include "guest-devices/guest_mem.h"

#define VQ_SIZE_MAX  256         /* queue_size a transport may set */
#define VQ_CHAIN_MAX VQ_SIZE_MAX /* buffers in one chain, direct or indirect */

/* Reason codes of a ring-level error; named in the log line. */
enum vq_error {
	VQ_OK,
	VQ_RING_ADDRESS, /* a ring area is not guest RAM */
	VQ_RING_INDEX,   /* avail index runs ahead by more than the queue size, or a head >= queue
	                    size */
	VQ_RING_LOOP,    /* more descriptors than the queue size */
	VQ_DESC_NEXT,    /* next >= table size */
	VQ_DESC_ADDRESS, /* a buffer is not guest RAM, or wraps */
	VQ_DESC_ZERO,    /* a buffer of length 0 */
	VQ_DESC_ORDER,   /* device-readable buffer after a device-writable one */
	VQ_INDIRECT,   /* indirect table: not negotiated, nested, with NEXT, bad length, not RAM */
	VQ_CHAIN_SIZE, /* the chain's bytes do not fit in 32 bits, or too many buffers */
};
const char *vq_error_name(enum vq_error error); /* "RING_LOOP"... */

struct vq_buffer {
	uint8_t *data; /* payload pointer from guest_mem_payload: copied through the functions
	                  below, never parsed in place */
	uint32_t size;
};

/* One request of the driver. Readable buffers first, then writable ones. The owner embeds it. */
struct vq_chain {
	uint16_t head;
	uint16_t readable, writable;    /* counts of buffers */
	uint32_t read_size, write_size; /* bytes */
	uint32_t epoch; /* of the queue when popped: a completion after a reset is dropped */
	struct vq_buffer buffers[VQ_CHAIN_MAX];
};

struct virtqueue {
	const struct guest_mem *mem;
	uint16_t size; /* as set by the driver; a power of two for split rings */
	uint16_t size_max;
	bool enabled;
	uint64_t desc, driver, device; /* guest addresses of the three areas */
	/* set at enable from the negotiated features */
	bool event_idx, indirect;
	/* private */
	uint16_t avail_next, used_next, avail_seen;
	uint16_t signalled; /* used index at the last interrupt decision */
	bool signalled_valid;
	uint16_t in_flight; /* chains popped and not yet used */
	uint32_t epoch;
	enum vq_error broken;
	uint64_t kicks, interrupts, chains; /* statistics */
	void *device_context;               /* the owner: struct virtio_device */
	unsigned index;
	void (*on_broken)(struct virtqueue *vq); /* called once when broken is set */
};

/* Back to the state before set-up. Keeps mem, size_max, owner. Outstanding chains become stale. */
void vq_reset(struct virtqueue *vq);

/* The driver enables the queue: checks size and areas. false: refused, the queue stays disabled
 * (and vq->broken says why if the areas are bad). */
bool vq_enable(struct virtqueue *vq);

/*
 * Take the next available chain. false: none, or the queue is broken or disabled. Bounded by the
 * queue size.
 */
bool vq_pop(struct virtqueue *vq, struct vq_chain *chain);
bool vq_empty(struct virtqueue *vq); /* nothing available now */

/*
 * Where the queue stands, to give back every chain popped since (net receive: not enough room yet).
 * Only if none of them was pushed and no other chain popped before is out.
 */
struct vq_mark {
	uint16_t avail_next, in_flight;
};
struct vq_mark vq_mark(const struct virtqueue *vq);
void vq_rewind(struct virtqueue *vq, struct vq_mark mark);

/* Put the chain in the used ring, written = bytes written to its writable buffers. Stale chains are
 * dropped. Several may be put before one vq_should_notify. */
void vq_push(struct virtqueue *vq, const struct vq_chain *chain, uint32_t written);

/*
 * The same in two steps, for chains that the driver must see at once (5.1.6.4): put the chain ahead
 * places (0...) after the used index; then show count of them. What is not published is forgotten.
 */
void vq_fill(struct virtqueue *vq, const struct vq_chain *chain, uint32_t written, unsigned ahead);
void vq_publish(struct virtqueue *vq, unsigned count);

/* Must the driver get a used buffer notification for what was pushed since the last call?
 * (2.7.7, 2.7.10) */
bool vq_should_notify(struct virtqueue *vq);

/* Available buffer notifications: ask the driver to kick (true) or not to. After enabling, the
 * caller must look again with vq_empty(). */
void vq_want_kicks(struct virtqueue *vq, bool want);

/* Copy between the chain and private memory at a byte offset; returns bytes copied (short at the
 * end). */
size_t vq_read(const struct vq_chain *chain, uint32_t offset, void *to, size_t size);
size_t vq_write(const struct vq_chain *chain, uint32_t offset, const void *from, size_t size);

/* Payload spans of the readable (or writable) part of the chain from offset, size bytes; returns
 * the count of spans written to out, at most max; 0 if the range does not fit in the part or in
 * max. */
unsigned vq_read_spans(const struct vq_chain *chain, uint32_t offset, uint32_t size,
                       struct blk_span *out, unsigned max);
unsigned vq_write_spans(const struct vq_chain *chain, uint32_t offset, uint32_t size,
                        struct blk_span *out, unsigned max);
