/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one validator of what a driver puts into rings and indirect tables. It fetches each
 * descriptor once, into registers; everything after sees only that copy.
 */
#pragma once

#include "guest-devices/virtio/virtqueue.h"

enum { VQ_DESC_SIZE = 16, VQ_DESC_NEXT = 1, VQ_DESC_WRITE = 2, VQ_DESC_INDIRECT = 4 };
enum { VQ_DESC_AVAIL = 1 << 7, VQ_DESC_USED = 1 << 15 }; /* packed */

/* Walk the chain that starts at head (< queue size) and fill in the rest of chain (2.7.5). Bounded
 * by the sizes of the tables. On an error chain means nothing. */
enum vq_error vq_check_chain(struct virtqueue *vq, struct vq_chain *chain, uint16_t head);

/* Does the second word of a packed descriptor (len, id, flags) show it available in this lap?
 * (2.8.1) */
static inline bool vq_packed_available(uint64_t word, bool wrap)
{
	uint16_t flags = (uint16_t)(word >> 48);

	return (flags & (VQ_DESC_AVAIL | VQ_DESC_USED)) == (wrap ? VQ_DESC_AVAIL : VQ_DESC_USED);
}

static inline struct vq_place vq_place_after(const struct virtqueue *vq, struct vq_place place,
                                             unsigned slots)
{
	unsigned slot = place.slot + slots;
	bool over = slot >= vq->size;

	return (struct vq_place){(uint16_t)(over ? slot - vq->size : slot), place.wrap ^ over};
}

/* The same for a packed ring: the chain that starts at avail_at, where word is the second half of
 * the first descriptor, as read. Also fills in its id and slots. */
enum vq_error vq_check_packed(struct virtqueue *vq, struct vq_chain *chain, uint64_t word,
                              struct vq_out *out);

/* An area that must be RAM (a ring, an indirect table). */
enum vq_error vq_check_area(const struct virtqueue *vq, uint64_t address, uint64_t size,
                            bool write);
