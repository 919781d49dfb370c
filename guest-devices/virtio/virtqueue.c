/* SPDX-License-Identifier: BSD-2-Clause */
/* The device's side of a virtqueue: what is the same for both layouts (VIRTIO 1.4, 2.6). */
#include "guest-devices/virtio/virtqueue.h"

#include "guest-devices/virtio/vq_check.h"
#include "guest-devices/virtio/vq_ring.h"

void vq_reset(struct virtqueue *vq)
{
	vq->size = vq->size_max;
	vq->enabled = vq->stopping = vq->silent = false;
	vq->desc = vq->driver = vq->device = 0;
	vq->align = VQ_ALIGN_LEGACY;
	vq->event_idx = vq->indirect = vq->packed = vq->in_order = false;
	vq->avail_next = vq->avail_seen = vq->used_next = vq->signalled = 0;
	vq->avail_at = vq->used_at = (struct vq_place){0, true};
	vq->slots_out = vq->filled = 0;
	vq->moved = 0;
	vq->broken = VQ_OK;
	vq->epoch++;
}

void vq_break(struct virtqueue *vq, enum vq_error error)
{
	if (vq->broken)
		return;
	vq->broken = error;
	if (vq->on_broken)
		vq->on_broken(vq);
}

enum vq_error vq_map_area(const struct virtqueue *vq, uint64_t address, uint64_t size,
                          uint64_t align, bool write, uint8_t **host)
{
	uint64_t run = 0;
	enum vq_error error = vq_check_area(vq, address, size, write);

	if (error)
		return error;
	if (address % align != 0)
		return VQ_ALIGN;
	*host = guest_mem_reach(vq->mem, address, write, size, &run);
	return size <= run ? VQ_OK : VQ_MEM_RANGE;
}

enum vq_error vq_enable(struct virtqueue *vq)
{
	enum vq_error error;

	if (vq->size == 0 || vq->size > vq->size_max)
		return VQ_SIZE;
	vq->ring = vq->packed ? &vq_packed_ring : &vq_split_ring;
	error = vq->ring->enable(vq);
	vq->slot = &vq->mem->slots[0];
	vq->enabled = !error;
	return error;
}

void vq_stop(struct virtqueue *vq)
{
	vq->stopping = vq->enabled;
}

bool vq_ready(struct virtqueue *vq)
{
	if (vq->stopping && (vq->broken || vq_in_flight(vq) == 0))
		vq_reset(vq);
	return vq->enabled;
}

static inline bool usable(const struct virtqueue *vq)
{
	return vq->enabled && !vq->broken && !vq->paused;
}

/* May chains be taken out? */
static inline bool open(const struct virtqueue *vq)
{
	return usable(vq) && !vq->stopping && !vq->suspended;
}

bool vq_empty(struct virtqueue *vq)
{
	return !open(vq) || vq->ring->empty(vq);
}

static inline struct vq_turn *turn(struct virtqueue *vq, uint16_t sequence)
{
	return &vq->turns[sequence % VQ_SIZE_MAX];
}

bool vq_pop(struct virtqueue *vq, struct vq_chain *chain)
{
	chain->sequence = vq->avail_next;
	if (!open(vq) || !vq->ring->pop(vq, chain))
		return false;
	if (vq->in_order)
		turn(vq, chain->sequence)->done = false;
	return true;
}

struct vq_mark vq_mark(const struct virtqueue *vq)
{
	return (struct vq_mark){vq->avail_next, vq->avail_at};
}

void vq_rewind(struct virtqueue *vq, struct vq_mark mark)
{
	vq->chains -= (uint16_t)(vq->avail_next - mark.avail_next);
	vq->avail_next = mark.avail_next;
	if (vq->packed)
		vq->ring->rewind(vq, mark);
}

/* used len never claims more than there was room for (2.7.8.2). */
static inline uint32_t room(const struct vq_chain *chain, uint32_t written)
{
	return written < chain->write_size ? written : chain->write_size;
}

void vq_fill(struct virtqueue *vq, const struct vq_chain *chain, uint32_t written, unsigned ahead)
{
	if (chain->epoch == vq->epoch && usable(vq) && ahead < vq_in_flight(vq))
		vq->ring->fill(vq, chain->head, room(chain, written), ahead);
}

void vq_publish(struct virtqueue *vq, unsigned count)
{
	if (usable(vq) && count <= vq_in_flight(vq))
		vq->ring->publish(vq, count);
}

/* All whose turn it is. */
static void push_in_order(struct virtqueue *vq, const struct vq_chain *chain, uint32_t written)
{
	struct vq_turn *next;

	*turn(vq, chain->sequence) = (struct vq_turn){chain->head, true, written};
	while (vq_in_flight(vq) > 0 && (next = turn(vq, vq->used_next))->done) {
		next->done = false;
		vq->ring->push(vq, next->id, next->written);
	}
}

void vq_push(struct virtqueue *vq, const struct vq_chain *chain, uint32_t written)
{
	/* a queue that is not enabled has nothing in flight */
	if (chain->epoch != vq->epoch || vq->broken || vq_in_flight(vq) == 0)
		return;
	written = room(chain, written);
	if (vq->paused)
		vq_break(vq, VQ_BUS_MASTER_OFF);
	else if (vq->in_order)
		push_in_order(vq, chain, written);
	else
		vq->ring->push(vq, chain->head, written);
}

bool vq_should_notify(struct virtqueue *vq)
{
	uint16_t before = vq->signalled;

	if (vq->used_next == before || !usable(vq) || vq->silent)
		return false;
	vq->signalled = vq->used_next;
	/* what was used must be out before the driver's wish is read (2.7.7.2) */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	bool notify = vq->ring->wanted(vq, before);
	vq->interrupts += notify;
	return notify;
}

void vq_want_kicks(struct virtqueue *vq, bool want)
{
	if (!usable(vq))
		return;
	vq->ring->want_kicks(vq, want);
	/* the wish must be out before the caller looks for more (2.7.10) */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
