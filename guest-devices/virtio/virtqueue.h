/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device's side of a virtqueue, split or packed (VIRTIO 1.4, 2.7, 2.8). vq_pop() hands out a
 * checked private copy of one chain; the device reads and writes through it at byte offsets and
 * never sees how the driver cut its buffers. Ring indices are private: nothing of ours is ever read
 * back from guest memory. A ring-level error is reported once through vq->broken and ends the queue
 * until reset.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest-devices/backend.h"
#include "guest-devices/guest_mem.h"

#define VQ_SIZE_MAX     256         /* queue_size a transport may set */
#define VQ_CHAIN_MAX    VQ_SIZE_MAX /* buffers in one chain, direct or indirect */
#define VQ_ALIGN_LEGACY 4096

/* Reason codes of a ring-level error or a refused queue; the log line names them. */
enum vq_error {
	VQ_OK,
	VQ_SIZE,           /* enable: queue size 0, too large, or (split) not a power of two */
	VQ_ALIGN,          /* enable: a ring area is not aligned */
	VQ_MEM_RANGE,      /* not guest RAM, crosses its end, or wraps */
	VQ_MEM_NOT_RAM,    /* a device's registers */
	VQ_MEM_RO,         /* writable buffer or ring in read-only memory */
	VQ_AVAIL_JUMP,     /* more made available than the queue can hold */
	VQ_HEAD_RANGE,     /* head >= queue size */
	VQ_NEXT_RANGE,     /* next >= table size */
	VQ_LOOP,           /* more descriptors than the table has */
	VQ_ORDER,          /* device-readable buffer after a device-writable one */
	VQ_TOTAL,          /* the chain's bytes do not fit in 32 bits */
	VQ_CHAIN_LONG,     /* more than VQ_CHAIN_MAX buffers */
	VQ_INDIRECT_OFF,   /* indirect descriptors were not negotiated */
	VQ_INDIRECT_NEST,  /* in an indirect table */
	VQ_INDIRECT_NEXT,  /* together with NEXT */
	VQ_INDIRECT_LEN,   /* table size 0, odd, or larger than the queue */
	VQ_DUP_ID,         /* packed: the id of a chain that is still out */
	VQ_WRAP,           /* packed: a chain goes on in descriptors of another lap */
	VQ_BUS_MASTER_OFF, /* a completion while the transport forbids DMA */
	VQ_STOPPED,        /* the device stopped for another queue's sake */
};
const char *vq_error_name(enum vq_error error); /* "RING_LOOP", "MEM_RANGE"... */

struct vq_buffer {
	uint8_t *data; /* payload in guest RAM: copied through the functions below, never parsed
	                  in place */
	uint32_t size;
	uint32_t page; /* of the guest, if it begins with one: address / GUEST_PAGE; else VQ_NO_PAGE
	                */
};
#define VQ_NO_PAGE UINT32_MAX

/* One request of the driver. Readable buffers first, then writable ones. The owner embeds it. */
struct vq_chain {
	uint16_t head;                  /* the driver's name for it; packed: the buffer id */
	uint16_t readable, writable;    /* counts of buffers */
	uint32_t read_size, write_size; /* bytes */
	uint32_t epoch;    /* of the queue when popped: a completion after a reset is dropped */
	uint16_t sequence; /* how many were popped before it */
	struct vq_buffer buffers[VQ_CHAIN_MAX];
};

/* Packed: a place in the ring and whose lap it is (2.8.1). */
struct vq_place {
	uint16_t slot;
	bool wrap;
};

/* Packed: a chain that was popped. */
struct vq_out {
	uint16_t id, slots; /* slots: descriptors of the ring that it takes */
	uint32_t written;
};

/* IN_ORDER: a chain that is done, or still out. */
struct vq_turn {
	uint16_t id;
	bool done;
	uint32_t written;
};

struct vq_ring; /* how the ring is laid out: vq_ring.h */

struct virtqueue {
	const struct guest_mem *mem;
	uint16_t size; /* as set by the driver; a power of two for split rings */
	uint16_t size_max;
	bool enabled;
	bool paused;                   /* DMA is forbidden at the moment: nothing is popped */
	bool stopping;                 /* the driver wants it back: nothing more is popped */
	bool silent;                   /* the same, and it gets no notification any more */
	bool suspended;                /* the device is, or is about to be: nothing is popped */
	uint64_t desc, driver, device; /* guest addresses of the three areas */
	uint32_t align;                /* legacy: of the device area, behind the others */
	/* Writable buffers name pages: the device has no business with their bytes. Then data is
	 * NULL, and nothing says that it is RAM. Set once. */
	bool names_pages;
	/* set before enable from the negotiated features */
	bool event_idx, indirect, packed, in_order;
	/* private; the areas' host addresses, checked when the queue was enabled */
	const struct vq_ring *ring; /* chosen at enable */
	uint8_t *desc_ring, *avail_ring, *used_ring;
	const struct guest_mem_slot *slot; /* of the last buffer: tried first */
	uint16_t avail_next;               /* chains popped; split: the next entry */
	uint16_t avail_seen;               /* split: avail idx as read last */
	uint16_t used_next; /* chains used; split: used idx. avail_next - used_next are out */
	uint16_t signalled; /* used_next at the last interrupt decision */
	uint32_t epoch;
	enum vq_error broken;
	uint64_t kicks, interrupts, chains; /* statistics */
	void *device_context;               /* the owner: struct virtio_device */
	unsigned index;
	void (*on_broken)(struct virtqueue *vq); /* called once when broken is set */
	struct vq_turn turns[VQ_SIZE_MAX];       /* IN_ORDER: by sequence, modulo */
	/* packed only */
	struct vq_place avail_at, used_at;
	uint16_t slots_out;             /* descriptors of the chains that are out */
	uint16_t filled;                /* the first of out[], put by vq_fill */
	uint32_t moved;                 /* slots used since the last interrupt decision */
	struct vq_out out[VQ_SIZE_MAX]; /* the chains that are out, in any order */
};

/* Back to the state before set-up. Keeps mem, size_max, owner. Outstanding chains become stale. */
void vq_reset(struct virtqueue *vq);

/* The driver enables the queue: checks size and areas. On anything but VQ_OK it stays disabled. */
enum vq_error vq_enable(struct virtqueue *vq);

/* The driver stops this queue alone: nothing is popped any more, and once every chain is put back
 * the queue is reset. vq_ready tells (and then does the reset); no effect if not enabled. */
void vq_stop(struct virtqueue *vq);
bool vq_ready(struct virtqueue *vq);

/* Stop for good, until vq_reset. The first call sets broken and calls on_broken. */
void vq_break(struct virtqueue *vq, enum vq_error error);

/* Chains popped and not yet put back. */
static inline uint16_t vq_in_flight(const struct virtqueue *vq)
{
	return (uint16_t)(vq->avail_next - vq->used_next);
}

/*
 * Take the next available chain. false: none, or the queue is broken, disabled or paused. Bounded
 * by the queue size. Buffers of length 0 are left out.
 */
bool vq_pop(struct virtqueue *vq, struct vq_chain *chain);
bool vq_empty(struct virtqueue *vq); /* nothing available now */

/*
 * Where the queue stands, to give back every chain popped since (net receive: not enough room yet).
 * Only if none of them was pushed and no other chain popped before is out.
 */
struct vq_mark {
	uint16_t avail_next;
	struct vq_place avail_at;
};
struct vq_mark vq_mark(const struct virtqueue *vq);
void vq_rewind(struct virtqueue *vq, struct vq_mark mark);

/* Put the chain in the used ring, written = bytes written to its writable buffers. Stale chains are
 * dropped. Several may be put before one vq_should_notify. With IN_ORDER a chain waits here until
 * all that were popped before it are put. */
void vq_push(struct virtqueue *vq, const struct vq_chain *chain, uint32_t written);

/*
 * The same in two steps, for chains that the driver must see at once (5.1.6.4): put the chain ahead
 * places (0, 1... in this order) after the used index; then show count of them. What is not
 * published is forgotten. Only for queues whose chains are put in the order in which they were
 * popped.
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
