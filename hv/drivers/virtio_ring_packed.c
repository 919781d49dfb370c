/* SPDX-License-Identifier: BSD-2-Clause */
/* The packed layout (VIRTIO 1.4, 2.8). A chain's name is its slot; its descriptors lie in the ring
 * one after the other. */
#include "hv/drivers/virtio_ring_layout.h"

enum { EVENT_DISABLE = 1, EVENT_DESC = 2, EVENT_WRAP = 0x8000 };

static struct ring_place after(const struct ring *ring, struct ring_place place, unsigned count)
{
	unsigned slot = place.slot + count;
	bool over = slot >= ring->size;

	return (struct ring_place){(uint16_t)(over ? slot - ring->size : slot), place.wrap ^ over};
}

static struct ring_packed_desc *at(const struct ring *ring, struct ring_place place)
{
	return (void *)&ring->desc[place.slot];
}

static uint16_t lap(struct ring_place place)
{
	return place.wrap ? RING_AVAIL : RING_USED;
}

static void fill(struct ring *ring, struct ring_packed_desc *desc, const struct blk_span *span,
                 uint16_t id)
{
	desc->addr = ring_device_address(ring, span->data);
	desc->len = (uint32_t)span->size;
	desc->id = id;
}

static uint16_t put_indirect(struct ring *ring, const struct blk_span *spans, unsigned readable,
                             unsigned count)
{
	uint16_t id = ring_take_slot(ring);
	struct ring_packed_desc *table = (void *)&ring->tables[id * RING_INDIRECT_MAX];
	struct blk_span whole = {(uint8_t *)table, count * sizeof(*table)};

	for (unsigned i = 0; i < count; i++) {
		fill(ring, &table[i], &spans[i], 0);
		table[i].flags = i >= readable ? RING_WRITE : 0;
	}
	fill(ring, at(ring, ring->avail_at), &whole, id);
	ring->first_flags = RING_INDIRECT | lap(ring->avail_at);
	ring->slots[id].count = 1;
	return id;
}

static uint16_t put_direct(struct ring *ring, const struct blk_span *spans, unsigned readable,
                           unsigned count)
{
	uint16_t id = ring_take_slot(ring);
	struct ring_place place = ring->avail_at;

	for (unsigned i = 0; i < count; i++) {
		uint16_t flags = (uint16_t)(lap(place) | (i >= readable ? RING_WRITE : 0) |
		                            (i + 1 < count ? RING_NEXT : 0));

		fill(ring, at(ring, place), &spans[i], id);
		if (i == 0)
			ring->first_flags = flags;
		else
			at(ring, place)->flags = flags;
		place = after(ring, place, 1);
	}
	ring->free_count = (uint16_t)(ring->free_count - (count - 1));
	ring->slots[id].count = (uint16_t)count;
	return id;
}

static uint16_t put(struct ring *ring, const struct blk_span *spans, unsigned readable,
                    unsigned count)
{
	uint16_t id = ring_goes_indirect(ring, count) ? put_indirect(ring, spans, readable, count)
	                                              : put_direct(ring, spans, readable, count);

	ring->slots[id].next = RING_NONE;
	return id;
}

/* The first descriptor's flags come last: the device looks at no other before (2.8.21). */
static void publish(struct ring *ring, uint16_t slot)
{
	uint16_t count = ring->slots[slot].count;

	__atomic_store_n(&at(ring, ring->avail_at)->flags, ring->first_flags, __ATOMIC_RELEASE);
	ring->avail_at = after(ring, ring->avail_at, count);
	ring->unkicked += count;
}

/* Was the place that the device waits for among those filled since the last look? Places are
 * counted over two laps. */
static bool passed(const struct ring *ring, uint16_t off_wrap, unsigned filled)
{
	unsigned laps = 2u * ring->size, event = off_wrap & ~EVENT_WRAP & 0xffff;
	unsigned now = ring->avail_at.slot + (ring->avail_at.wrap ? 0u : ring->size);

	if (event >= ring->size)
		return true;
	event += off_wrap & EVENT_WRAP ? 0 : ring->size;
	return (now + laps - event - 1) % laps < filled;
}

static bool kick_wanted(struct ring *ring, uint16_t added)
{
	uint32_t event =
	    __atomic_load_n((volatile uint32_t *)(volatile void *)ring->used, __ATOMIC_ACQUIRE);
	unsigned filled = ring->unkicked;

	(void)added;
	ring->unkicked = 0;
	if ((event >> 16 & 3) == EVENT_DESC && ring->event_idx)
		return passed(ring, (uint16_t)event, filled);
	return (event >> 16 & 3) != EVENT_DISABLE;
}

/* len means nothing unless the device says that it has written (2.8.5). */
static bool look(struct ring *ring, uint32_t *id, uint32_t *len)
{
	volatile struct ring_packed_desc *desc = at(ring, ring->used_at);
	uint16_t flags = ring_load16(&desc->flags);
	uint16_t both = ring->used_at.wrap ? RING_AVAIL | RING_USED : 0;

	if (ring->chains == 0 || (flags & (RING_AVAIL | RING_USED)) != both)
		return false;
	*id = desc->id;
	*len = flags & RING_WRITE ? desc->len : 0;
	return true;
}

static void step(struct ring *ring, uint16_t slot)
{
	ring->used_at = after(ring, ring->used_at, ring->slots[slot].count);
}

/* One store: the device reads both halves at once. */
static void ask(struct ring *ring)
{
	uint32_t place = ring->used_at.slot | (ring->used_at.wrap ? (unsigned)EVENT_WRAP : 0u);
	uint32_t event = !ring->interrupts ? EVENT_DISABLE << 16
	                 : ring->event_idx ? place | EVENT_DESC << 16
	                                   : 0;

	__atomic_store_n((volatile uint32_t *)(volatile void *)ring->avail, event,
	                 __ATOMIC_RELEASE);
}

const struct ring_layout ring_packed = {
    .put = put,
    .publish = publish,
    .kick_wanted = kick_wanted,
    .look = look,
    .step = step,
    .ask = ask,
};
