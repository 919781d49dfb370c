/* SPDX-License-Identifier: BSD-2-Clause */
/* The device's side of a split virtqueue (VIRTIO 1.4, 2.7). */
#include "guest-devices/virtio/virtqueue.h"

#include "guest-devices/virtio/vq_check.h"

/* Layout of the driver area (2.7.6) and of the device area (2.7.8), bytes. */
enum { AVAIL_FLAGS = 0, AVAIL_IDX = 2, AVAIL_RING = 4, NO_INTERRUPT = 1 };
enum { USED_FLAGS = 0, USED_IDX = 2, USED_RING = 4, USED_ELEM = 8, NO_NOTIFY = 1 };

void vq_reset(struct virtqueue *vq)
{
	vq->size = vq->size_max;
	vq->enabled = vq->stopping = false;
	vq->desc = vq->driver = vq->device = 0;
	vq->event_idx = vq->indirect = false;
	vq->avail_next = vq->avail_seen = vq->used_next = vq->signalled = 0;
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

/* A ring area in one piece of host memory; the bytes of the event fields are always part of it. */
static enum vq_error map_area(const struct virtqueue *vq, uint64_t address, uint64_t size,
                              uint64_t align, bool write, uint8_t **host)
{
	uint64_t run = 0;
	enum vq_error error = vq_check_area(vq, address, size, write);

	if (error)
		return error;
	if (address % align != 0)
		return VQ_ALIGN;
	*host = guest_mem_run(vq->mem, address, write, &run);
	return size <= run ? VQ_OK : VQ_MEM_RANGE;
}

enum vq_error vq_enable(struct virtqueue *vq)
{
	uint64_t size = vq->size;
	enum vq_error error = VQ_OK;

	if (size == 0 || size > vq->size_max || (size & (size - 1)) != 0)
		return VQ_SIZE;
	error = map_area(vq, vq->desc, size * VQ_DESC_SIZE, 16, false, &vq->desc_ring);
	if (!error)
		error =
		    map_area(vq, vq->driver, AVAIL_RING + 2 * size + 2, 2, false, &vq->avail_ring);
	if (!error)
		error = map_area(vq, vq->device, USED_RING + USED_ELEM * size + 2, 4, true,
		                 &vq->used_ring);
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

/* Chains that can be popped now; looks at guest memory only when the last look is used up. */
static unsigned available(struct virtqueue *vq)
{
	if (vq->avail_next != vq->avail_seen)
		return (uint16_t)(vq->avail_seen - vq->avail_next);

	uint16_t idx = guest_load16(vq->avail_ring + AVAIL_IDX);
	uint16_t fresh = (uint16_t)(idx - vq->avail_next);
	if (fresh > vq->size - vq_in_flight(vq)) {
		vq_break(vq, VQ_AVAIL_JUMP);
		return 0;
	}
	vq->avail_seen = idx;
	return fresh;
}

static inline bool usable(const struct virtqueue *vq)
{
	return vq->enabled && !vq->broken && !vq->paused;
}

bool vq_empty(struct virtqueue *vq)
{
	return !usable(vq) || vq->stopping || available(vq) == 0;
}

bool vq_pop(struct virtqueue *vq, struct vq_chain *chain)
{
	if (vq_empty(vq))
		return false;

	unsigned slot = vq->avail_next & (vq->size - 1u);
	uint16_t head = guest_load16(vq->avail_ring + AVAIL_RING + 2 * slot);
	enum vq_error error = head < vq->size ? vq_check_chain(vq, chain, head) : VQ_HEAD_RANGE;

	if (error) {
		vq_break(vq, error);
		return false;
	}
	vq->avail_next++;
	vq->chains++;
	return true;
}

struct vq_mark vq_mark(const struct virtqueue *vq)
{
	return (struct vq_mark){vq->avail_next};
}

void vq_rewind(struct virtqueue *vq, struct vq_mark mark)
{
	vq->chains -= (uint16_t)(vq->avail_next - mark.avail_next);
	vq->avail_next = mark.avail_next;
}

void vq_fill(struct virtqueue *vq, const struct vq_chain *chain, uint32_t written, unsigned ahead)
{
	uint32_t elem[2] = {chain->head, written < chain->write_size ? written : chain->write_size};
	unsigned slot = (vq->used_next + ahead) & (vq->size - 1u);

	if (chain->epoch == vq->epoch && usable(vq) && ahead < vq_in_flight(vq))
		guest_copy(vq->used_ring + USED_RING + USED_ELEM * slot, elem, sizeof(elem));
}

void vq_publish(struct virtqueue *vq, unsigned count)
{
	if (!usable(vq) || count > vq_in_flight(vq))
		return;
	vq->used_next = (uint16_t)(vq->used_next + count);
	guest_store16(vq->used_ring + USED_IDX, vq->used_next);
}

void vq_push(struct virtqueue *vq, const struct vq_chain *chain, uint32_t written)
{
	if (chain->epoch != vq->epoch || !vq->enabled || vq->broken || vq_in_flight(vq) == 0)
		return;
	if (vq->paused) {
		vq_break(vq, VQ_BUS_MASTER_OFF);
		return;
	}
	vq_fill(vq, chain, written, 0);
	vq_publish(vq, 1);
}

bool vq_should_notify(struct virtqueue *vq)
{
	uint16_t before = vq->signalled, now = vq->used_next;
	bool notify;

	if (now == before || !usable(vq))
		return false;
	vq->signalled = now;
	/* used idx must be out before the driver's wish is read (2.7.7.2) */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (vq->event_idx) {
		uint16_t event = guest_load16(vq->avail_ring + AVAIL_RING + 2u * vq->size);

		notify = (uint16_t)(now - event - 1) < (uint16_t)(now - before);
	} else {
		notify = !(guest_load16(vq->avail_ring + AVAIL_FLAGS) & NO_INTERRUPT);
	}
	vq->interrupts += notify;
	return notify;
}

void vq_want_kicks(struct virtqueue *vq, bool want)
{
	if (!usable(vq))
		return;
	if (!vq->event_idx)
		guest_store16(vq->used_ring + USED_FLAGS, want ? 0 : NO_NOTIFY);
	else if (want) /* else the old avail_event already lies behind the driver */
		guest_store16(vq->used_ring + USED_RING + USED_ELEM * (size_t)vq->size,
		              vq->avail_next);
	/* the wish must be out before the caller looks for more (2.7.10) */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
