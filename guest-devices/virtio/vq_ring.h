/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What differs between the two layouts of a virtqueue. virtqueue.c calls these only for a queue
 * that is enabled, neither broken nor paused, and with counts that it has checked.
 */
#pragma once

#include "guest-devices/virtio/virtqueue.h"

struct vq_ring {
	enum vq_error (*enable)(struct virtqueue *vq); /* size is in 1...size_max: map the areas */
	bool (*empty)(struct virtqueue *vq);
	bool (*pop)(struct virtqueue *vq, struct vq_chain *chain);
	void (*rewind)(struct virtqueue *vq, struct vq_mark mark); /* packed only */
	/* id: the chain's head; written: checked against its room */
	void (*fill)(struct virtqueue *vq, uint16_t id, uint32_t written, unsigned ahead);
	void (*publish)(struct virtqueue *vq, unsigned count);
	void (*push)(struct virtqueue *vq, uint16_t id, uint32_t written);
	/* Does the driver want an interrupt for the chains used since count before? */
	bool (*wanted)(struct virtqueue *vq, uint16_t before);
	void (*want_kicks)(struct virtqueue *vq, bool want);
};

extern const struct vq_ring vq_split_ring, vq_packed_ring;

/* A ring area in one piece of host memory. */
enum vq_error vq_map_area(const struct virtqueue *vq, uint64_t address, uint64_t size,
                          uint64_t align, bool write, uint8_t **host);
