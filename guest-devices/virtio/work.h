/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How every device works a ring off: kicks are off while it looks; it spends a budget, so that one
 * kick costs bounded time however fast another vCPU refills the ring; what is left when the budget
 * is spent waits for a timer that is due at once, behind the guest's other work.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/port.h"
#include "guest-devices/virtio/virtio.h"

#define WORK_BUDGET     (4u << 20) /* bytes moved for one kick, about; a millisecond */
#define WORK_CHAIN_COST 4096u      /* what a chain costs beside its bytes */

struct work {
	struct virtqueue *vq;
	struct port_timer *later;
	uint32_t left;
};

static inline struct work work_begin(struct virtqueue *vq, struct port_timer *later)
{
	vq_want_kicks(vq, false);
	return (struct work){vq, later, WORK_BUDGET};
}

/* The next chain; false: the ring is empty and kicks are on again, or the timer will go on. */
static inline bool work_next(struct work *work, struct vq_chain *chain)
{
	if (work->left < WORK_CHAIN_COST) {
		port_timer_set(work->later, port_time_ns() + 1);
		return false;
	}
	work->left -= WORK_CHAIN_COST;
	if (vq_pop(work->vq, chain))
		return true;
	vq_want_kicks(work->vq, true);
	/* one more look: the driver may have added a chain just before kicks were on */
	if (!vq_pop(work->vq, chain))
		return false;
	vq_want_kicks(work->vq, false);
	return true;
}

static inline void work_spend(struct work *work, uint64_t bytes)
{
	work->left = bytes < work->left ? work->left - (uint32_t)bytes : 0;
}
