/* SPDX-License-Identifier: BSD-2-Clause */
/* The split layout (VIRTIO 1.4, 2.7). */
#include "hv/drivers/virtio_ring_layout.h"

static uint16_t used_idx(struct ring *ring)
{
	return ring_load16(ring->used + 2);
}

static uint16_t avail_event(struct ring *ring)
{
	return ring_load16(ring->used + 4 + ring->size * sizeof(struct ring_used_elem));
}

static void fill(struct ring *ring, struct ring_desc *desc, const struct blk_span *span, bool write,
                 bool more, uint16_t next)
{
	desc->addr = ring_device_address(ring, span->data);
	desc->len = (uint32_t)span->size;
	desc->flags = (uint16_t)((write ? RING_WRITE : 0) | (more ? RING_NEXT : 0));
	desc->next = more ? next : 0;
}

/* The whole chain in the head's indirect table, which takes one slot. */
static uint16_t add_indirect(struct ring *ring, const struct blk_span *spans, unsigned readable,
                             unsigned count)
{
	uint16_t head = ring_take_slot(ring);
	struct ring_desc *table = &ring->tables[head * RING_INDIRECT_MAX];

	for (unsigned i = 0; i < count; i++)
		fill(ring, &table[i], &spans[i], i >= readable, i + 1 < count, (uint16_t)(i + 1));
	ring->desc[head] = (struct ring_desc){
	    .addr = ring_device_address(ring, table),
	    .len = (uint32_t)(count * sizeof(struct ring_desc)),
	    .flags = RING_INDIRECT,
	};
	ring->slots[head].count = 1;
	ring->slots[head].next = RING_NONE;
	return head;
}

static uint16_t add_direct(struct ring *ring, const struct blk_span *spans, unsigned readable,
                           unsigned count)
{
	uint16_t head = ring_take_slot(ring), slot = head;

	for (unsigned i = 0; i < count; i++) {
		bool more = i + 1 < count;
		uint16_t next = more ? ring_take_slot(ring) : RING_NONE;

		fill(ring, &ring->desc[slot], &spans[i], i >= readable, more, next);
		ring->slots[slot].next = next;
		slot = next;
	}
	ring->slots[head].count = (uint16_t)count;
	return head;
}

static uint16_t put(struct ring *ring, const struct blk_span *spans, unsigned readable,
                    unsigned count)
{
	return ring_goes_indirect(ring, count) ? add_indirect(ring, spans, readable, count)
	                                       : add_direct(ring, spans, readable, count);
}

static void publish(struct ring *ring, uint16_t slot)
{
	ring->avail[2 + ((ring->avail_next - 1u) & (ring->size - 1u))] = slot;
	__atomic_store_n(&ring->avail[1], ring->avail_next, __ATOMIC_RELEASE);
}

static bool kick_wanted(struct ring *ring, uint16_t added)
{
	if (!ring->event_idx)
		return !(ring_load16(ring->used) & RING_NO_NOTIFY);
	return (uint16_t)(ring->avail_next - avail_event(ring) - 1) < added;
}

static bool look(struct ring *ring, uint32_t *id, uint32_t *len)
{
	uint16_t waiting = (uint16_t)(used_idx(ring) - ring->used_seen);
	const volatile struct ring_used_elem *elem;

	if (waiting == 0)
		return false;
	if (waiting > ring->chains) {
		ring->broken = "its used index runs ahead of what it was given";
		return false;
	}
	elem = (const volatile void *)(ring->used + 4 +
	                               sizeof(*elem) * (ring->used_seen & (ring->size - 1)));
	*id = elem->id;
	*len = elem->len;
	return true;
}

static void step(struct ring *ring, uint16_t slot)
{
	(void)ring, (void)slot; /* used_seen is all there is */
}

/* Announce the next chain that comes back, or one that lies 65,536 ahead. */
static void ask(struct ring *ring)
{
	if (ring->event_idx)
		ring->avail[2 + ring->size] =
		    ring->interrupts ? ring->used_seen : (uint16_t)(ring->used_seen - 1);
	else
		ring->avail[0] = ring->interrupts ? 0 : RING_NO_INTERRUPT;
}

const struct ring_layout ring_split = {
    .put = put,
    .publish = publish,
    .kick_wanted = kick_wanted,
    .look = look,
    .step = step,
    .ask = ask,
};
