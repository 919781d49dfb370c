/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver's side of a virtqueue, split or packed (VIRTIO 1.4, 2.7, 2.8), with indirect
 * descriptors and event index. What was handed to the device is kept here privately: nothing that
 * the device can write is believed, neither descriptors nor indices nor lengths. One caller at a
 * time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest-devices/backend.h"

#define RING_SIZE_MAX     256
#define RING_INDIRECT_MAX 32 /* buffers in an indirect table */
#define RING_ALIGN        16

/* What the device sees, little-endian: 2.7.5, 2.7.6, 2.7.8; 2.8.13 */
struct ring_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};
struct __attribute__((may_alias)) ring_packed_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t id, flags;
};
struct ring_used_elem {
	uint32_t id, len;
};
enum {
	RING_NEXT = 1,
	RING_WRITE = 2,
	RING_INDIRECT = 4,
	RING_AVAIL = 1 << 7, /* packed */
	RING_USED = 1 << 15,
	RING_NO_INTERRUPT = 1,
	RING_NO_NOTIFY = 1
};

struct ring_slot {
	void *token;       /* of the chain that starts here; NULL: none does */
	uint64_t writable; /* bytes the device may write to it */
	uint16_t next;     /* the chain's, or the free list's, next slot */
	uint16_t count;    /* descriptors of the chain; of a split ring each has a slot */
};

/* Packed: a place in the ring, and whose lap it is. */
struct ring_place {
	uint16_t slot;
	bool wrap;
};

struct ring_layout; /* what differs: virtio_ring_layout.h */

struct ring {
	uint16_t size;
	bool indirect, event_idx;
	bool interrupts;     /* asked for, as after ring_init */
	uint64_t dma_offset; /* device address = pointer + dma_offset; 0 on a real machine */
	struct ring_desc *desc;
	volatile uint16_t *avail; /* flags, idx, ring[size], used_event; packed: driver event */
	volatile uint8_t *used;   /* flags, idx (16 bits each), elements, avail_event; packed:
	                             device event */
	struct ring_desc *tables; /* RING_INDIRECT_MAX for each slot; NULL unless indirect */
	/* private */
	const struct ring_layout *layout;
	uint16_t free_head, free_count; /* slots; descriptors */
	uint16_t avail_next, used_seen; /* chains, modulo 2^16 */
	uint16_t kicked;
	struct ring_place avail_at, used_at; /* packed */
	uint16_t first_flags;                /* packed: of the chain that is being handed over */
	unsigned unkicked;                   /* packed: descriptors added since the last look */
	uint16_t chains;                     /* handed over and not yet back */
	bool event_visible; /* a barrier lies behind the last change of what we asked for */
	const char *broken; /* a fixed text, once the device has lied; nothing works any more */
	uint64_t clamped;   /* lengths that the device claimed beyond the buffers */
	struct ring_slot slots[RING_SIZE_MAX];
};

/* Bytes that a ring needs; its memory is aligned to RING_ALIGN. */
size_t ring_bytes(unsigned size, bool indirect);

/*
 * A new ring in memory, whatever was there. size: a power of two up to RING_SIZE_MAX. features:
 * what was negotiated, INDIRECT_DESC, EVENT_IDX and RING_PACKED count.
 */
void ring_init(struct ring *ring, void *memory, unsigned size, uint64_t features,
               uint64_t dma_offset);

/* Device addresses of the three areas. */
uint64_t ring_desc_address(const struct ring *ring);
uint64_t ring_avail_address(const struct ring *ring);
uint64_t ring_used_address(const struct ring *ring);

/*
 * Hand a chain over: first `readable` spans, then `writable` ones. token (not NULL) comes back from
 * ring_reap. ERR_BUSY: no room until something is reaped; ERR_INVALID: no spans, an empty one, or
 * more than ever fit; ERR_IO: broken.
 */
int ring_add(struct ring *ring, const struct blk_span *spans, unsigned readable, unsigned writable,
             void *token);

/* Does the device want to be notified of what was added since the last call? */
bool ring_kick_needed(struct ring *ring);

/* A chain that came back, and how many bytes the device wrote (never more than it may). NULL: none,
 * or the ring is broken. */
void *ring_reap(struct ring *ring, uint32_t *written);

/*
 * Ask for an interrupt when the next chain comes back, or for none. After asking, look again with
 * ring_reap: what came back before is not announced.
 */
void ring_want_interrupts(struct ring *ring, bool want);

/* After the device was reset: take back a chain that it never returned. NULL: no more. */
void *ring_take_back(struct ring *ring);
