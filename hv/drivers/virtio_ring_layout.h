/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of the driver's ring: what differs between the two layouts. */
#pragma once

#include "hv/drivers/virtio_ring.h"

#define RING_NONE 0xffff /* no next slot */

struct ring_layout {
	/* Write a chain's descriptors, in the ring or in a table, and give its slot. There is room.
	 */
	uint16_t (*put)(struct ring *ring, const struct blk_span *spans, unsigned readable,
	                unsigned count);
	/* The device may see it. */
	void (*publish)(struct ring *ring, uint16_t slot);
	/* Does the device want to know of the chains from `kicked` on? */
	bool (*kick_wanted)(struct ring *ring, uint16_t added);
	/* The next chain that came back: false: none, or the ring is broken now. */
	bool (*look)(struct ring *ring, uint32_t *id, uint32_t *len);
	/* Behind that chain, which is good. */
	void (*step)(struct ring *ring, uint16_t slot);
	void (*ask)(struct ring *ring); /* for interrupts, or none */
};

extern const struct ring_layout ring_split, ring_packed;

uint16_t ring_take_slot(struct ring *ring); /* from the free list; counts one descriptor */
uint64_t ring_device_address(const struct ring *ring, const volatile void *at);
/* Does a chain of so many buffers go into its slot's table? */
static inline bool ring_goes_indirect(const struct ring *ring, unsigned count)
{
	return ring->indirect && count > 1 && count <= RING_INDIRECT_MAX;
}

static inline uint16_t ring_load16(volatile void *at)
{
	return __atomic_load_n((volatile uint16_t *)at, __ATOMIC_ACQUIRE);
}
