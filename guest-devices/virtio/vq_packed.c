/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packed layout (VIRTIO 1.4, 2.8). Descriptors that were used overwrite available ones, so
 * nothing goes into the ring before it is published: until then it is in out[], whose first entries
 * are the filled ones.
 */
#include "guest-devices/virtio/vq_check.h"
#include "guest-devices/virtio/vq_ring.h"

/* An event suppression structure (2.8.14): off_wrap in the low half, flags in the high one. */
enum { EVENT_SIZE = 4, EVENT_OFF = 0x7fff, EVENT_WRAP = 0x8000 };
enum { EVENT_ENABLE = 0, EVENT_DISABLE = 1, EVENT_DESC = 2, EVENT_FLAGS = 3 };

static enum vq_error enable(struct virtqueue *vq)
{
	enum vq_error error =
	    vq_map_area(vq, vq->desc, VQ_DESC_SIZE * (uint64_t)vq->size, 16, true, &vq->desc_ring);

	if (!error)
		error = vq_map_area(vq, vq->driver, EVENT_SIZE, 4, false, &vq->avail_ring);
	if (!error)
		error = vq_map_area(vq, vq->device, EVENT_SIZE, 4, true, &vq->used_ring);
	return error;
}

/* The half of a descriptor that holds len, id and flags. */
static inline uint8_t *second_word(const struct virtqueue *vq, struct vq_place place)
{
	return vq->desc_ring + VQ_DESC_SIZE * (size_t)place.slot + 8;
}

static bool empty(struct virtqueue *vq)
{
	return !vq_packed_available(guest_load64(second_word(vq, vq->avail_at)), vq->avail_at.wrap);
}

/* The place in out[] of the chain with this id, from some place on; vq_in_flight: not there. */
static unsigned find(const struct virtqueue *vq, uint16_t id, unsigned from)
{
	unsigned i = from, count = vq_in_flight(vq);

	while (i < count && vq->out[i].id != id)
		i++;
	return i;
}

static bool pop(struct virtqueue *vq, struct vq_chain *chain)
{
	uint64_t word = guest_load64(second_word(vq, vq->avail_at));
	struct vq_out out;

	if (!vq_packed_available(word, vq->avail_at.wrap))
		return false;

	enum vq_error error = vq_check_packed(vq, chain, word, &out);
	if (!error && find(vq, out.id, 0) < vq_in_flight(vq))
		error = VQ_DUP_ID;
	if (error) {
		vq_break(vq, error);
		return false;
	}
	vq->out[vq_in_flight(vq)] = out;
	vq->slots_out = (uint16_t)(vq->slots_out + out.slots);
	vq->avail_at = vq_place_after(vq, vq->avail_at, out.slots);
	vq->avail_next++;
	vq->chains++;
	return true;
}

/* All that is still out was popped before the mark. */
static void rewind(struct virtqueue *vq, struct vq_mark mark)
{
	vq->avail_at = mark.avail_at;
	vq->filled = 0;
	vq->slots_out = 0;
	for (unsigned i = 0; i < vq_in_flight(vq); i++)
		vq->slots_out = (uint16_t)(vq->slots_out + vq->out[i].slots);
}

static void fill(struct virtqueue *vq, uint16_t id, uint32_t written, unsigned ahead)
{
	unsigned i = ahead <= vq->filled ? find(vq, id, ahead) : vq_in_flight(vq);

	if (i == vq_in_flight(vq))
		return;
	struct vq_out out = vq->out[i];
	vq->out[i] = vq->out[ahead];
	out.written = written;
	vq->out[ahead] = out;
	vq->filled = (uint16_t)(ahead + 1);
}

/* WRITE in a used descriptor says that len means something (2.8.5). */
static void write_used(struct virtqueue *vq, struct vq_place place, const struct vq_out *out)
{
	uint64_t flags = (place.wrap ? VQ_DESC_AVAIL | VQ_DESC_USED : 0u) |
	                 (out->written > 0 ? (unsigned)VQ_DESC_WRITE : 0u);

	guest_store64(second_word(vq, place), out->written | (uint64_t)out->id << 32 | flags << 48);
}

/* The first is written last: the driver looks at no other before it. */
static void publish(struct virtqueue *vq, unsigned count)
{
	struct vq_place first = vq->used_at, place = first;
	unsigned left = vq_in_flight(vq) - count, slots = 0;

	if (count == 0 || count > vq->filled)
		return;
	for (unsigned i = 0; i < count; i++) {
		if (i > 0)
			write_used(vq, place, &vq->out[i]);
		place = vq_place_after(vq, place, vq->out[i].slots);
		slots += vq->out[i].slots;
	}
	write_used(vq, first, &vq->out[0]);
	vq->used_at = place;
	vq->slots_out = (uint16_t)(vq->slots_out - slots);
	vq->moved = slots < 2u * vq->size - vq->moved ? vq->moved + slots : 2u * vq->size;
	/* the last ones out close the gap */
	for (unsigned i = 0; i < count && i < left; i++)
		vq->out[i] = vq->out[left + count - 1 - i];
	vq->used_next = (uint16_t)(vq->used_next + count);
	vq->filled = 0;
}

static void push(struct virtqueue *vq, uint16_t id, uint32_t written)
{
	vq->filled = 0;
	fill(vq, id, written, 0);
	publish(vq, 1);
}

/* Was the place that the driver waits for among the slots used since the last time? Places are
 * counted over two laps; one that cannot be is taken as just passed. */
static bool passed(const struct virtqueue *vq, uint16_t off_wrap, unsigned moved)
{
	unsigned laps = 2u * vq->size, event = off_wrap & EVENT_OFF, now = vq->used_at.slot;

	if (event >= vq->size)
		return true;
	event += off_wrap & EVENT_WRAP ? 0 : vq->size;
	now += vq->used_at.wrap ? 0 : vq->size;
	return (now + laps - event - 1) % laps < moved;
}

/* One load of the whole structure: the driver may change it at any time. */
static bool wanted(struct virtqueue *vq, uint16_t before)
{
	uint32_t event = guest_load32(vq->avail_ring);
	unsigned flags = event >> 16 & EVENT_FLAGS, moved = vq->moved;

	(void)before;
	vq->moved = 0;
	if (flags == EVENT_DESC && vq->event_idx)
		return passed(vq, (uint16_t)event, moved);
	return flags != EVENT_DISABLE;
}

static void want_kicks(struct virtqueue *vq, bool want)
{
	uint32_t off_wrap = vq->avail_at.slot | (vq->avail_at.wrap ? (unsigned)EVENT_WRAP : 0u);
	uint32_t flags = vq->event_idx ? EVENT_DESC : EVENT_ENABLE;

	guest_store32(vq->used_ring, want ? off_wrap | flags << 16 : EVENT_DISABLE << 16);
}

const struct vq_ring vq_packed_ring = {
    .enable = enable,
    .empty = empty,
    .pop = pop,
    .rewind = rewind,
    .fill = fill,
    .publish = publish,
    .push = push,
    .wanted = wanted,
    .want_kicks = want_kicks,
};
