/* SPDX-License-Identifier: BSD-2-Clause */
/* The split layout (VIRTIO 1.4, 2.7). */
#include "guest-devices/virtio/vq_check.h"
#include "guest-devices/virtio/vq_ring.h"

/* Layout of the driver area (2.7.6) and of the device area (2.7.8), bytes. */
enum { AVAIL_FLAGS = 0, AVAIL_IDX = 2, AVAIL_RING = 4, NO_INTERRUPT = 1 };
enum { USED_FLAGS = 0, USED_IDX = 2, USED_RING = 4, USED_ELEM = 8, NO_NOTIFY = 1 };

/* The bytes of the event fields are always part of the areas. */
static enum vq_error enable(struct virtqueue *vq)
{
	uint64_t size = vq->size;
	enum vq_error error;

	if ((size & (size - 1)) != 0)
		return VQ_SIZE;
	error = vq_map_area(vq, vq->desc, size * VQ_DESC_SIZE, 16, false, &vq->desc_ring);
	if (!error)
		error = vq_map_area(vq, vq->driver, AVAIL_RING + 2 * size + 2, 2, false,
		                    &vq->avail_ring);
	if (!error)
		error = vq_map_area(vq, vq->device, USED_RING + USED_ELEM * size + 2, 4, true,
		                    &vq->used_ring);
	return error;
}

/* Chains that can be popped now; looks at guest memory only when the last look is used up. */
static inline unsigned available(struct virtqueue *vq)
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

static bool empty(struct virtqueue *vq)
{
	return available(vq) == 0;
}

static bool pop(struct virtqueue *vq, struct vq_chain *chain)
{
	if (available(vq) == 0)
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

static void fill(struct virtqueue *vq, uint16_t id, uint32_t written, unsigned ahead)
{
	uint32_t elem[2] = {id, written};
	unsigned slot = (vq->used_next + ahead) & (vq->size - 1u);

	guest_copy(vq->used_ring + USED_RING + USED_ELEM * slot, elem, sizeof(elem));
}

static void publish(struct virtqueue *vq, unsigned count)
{
	vq->used_next = (uint16_t)(vq->used_next + count);
	guest_store16(vq->used_ring + USED_IDX, vq->used_next);
}

static void push(struct virtqueue *vq, uint16_t id, uint32_t written)
{
	fill(vq, id, written, 0);
	publish(vq, 1);
}

static bool wanted(struct virtqueue *vq, uint16_t before)
{
	uint16_t now = vq->used_next;

	if (!vq->event_idx)
		return !(guest_load16(vq->avail_ring + AVAIL_FLAGS) & NO_INTERRUPT);

	uint16_t event = guest_load16(vq->avail_ring + AVAIL_RING + 2u * vq->size);
	return (uint16_t)(now - event - 1) < (uint16_t)(now - before);
}

static void want_kicks(struct virtqueue *vq, bool want)
{
	if (!vq->event_idx)
		guest_store16(vq->used_ring + USED_FLAGS, want ? 0 : NO_NOTIFY);
	else if (want) /* else the old avail_event already lies behind the driver */
		guest_store16(vq->used_ring + USED_RING + USED_ELEM * (size_t)vq->size,
		              vq->avail_next);
}

/* rewind: avail_next is all there is */
const struct vq_ring vq_split_ring = {
    .enable = enable,
    .empty = empty,
    .pop = pop,
    .fill = fill,
    .publish = publish,
    .push = push,
    .wanted = wanted,
    .want_kicks = want_kicks,
};
