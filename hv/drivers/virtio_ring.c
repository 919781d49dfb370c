/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/drivers/virtio_ring.h"

#include <arch/cpu.h>
#include <arch/err.h>
#include <arch/io.h>
#include <string.h>

#include "guest-devices/virtio/virtio.h"

#define NONE 0xffff

/* ---- the shared areas ---- */

static size_t avail_offset(unsigned size)
{
	return size * sizeof(struct ring_desc);
}

static size_t used_offset(unsigned size)
{
	return (avail_offset(size) + 2 * (3 + (size_t)size) + 3) & ~(size_t)3;
}

static size_t tables_offset(unsigned size)
{
	size_t end = used_offset(size) + 6 + size * sizeof(struct ring_used_elem);

	return (end + RING_ALIGN - 1) & ~(size_t)(RING_ALIGN - 1);
}

size_t ring_bytes(unsigned size, bool indirect)
{
	size_t tables = indirect ? (size_t)size * RING_INDIRECT_MAX : 0;

	return tables_offset(size) + tables * sizeof(struct ring_desc);
}

/* Announce the next chain that comes back, or one that lies 65,536 ahead. */
static void set_used_event(struct ring *ring)
{
	ring->avail[2 + ring->size] =
	    ring->interrupts ? ring->used_seen : (uint16_t)(ring->used_seen - 1);
	ring->event_visible = false;
}

static uint16_t load16(volatile void *at)
{
	return __atomic_load_n((volatile uint16_t *)at, __ATOMIC_ACQUIRE);
}

static uint16_t used_idx(struct ring *ring)
{
	return load16(ring->used + 2);
}

static uint16_t avail_event(struct ring *ring)
{
	return load16(ring->used + 4 + ring->size * sizeof(struct ring_used_elem));
}

static uint64_t device_address(const struct ring *ring, const volatile void *at)
{
	return (uint64_t)(uintptr_t)at + ring->dma_offset;
}

uint64_t ring_desc_address(const struct ring *ring)
{
	return device_address(ring, ring->desc);
}

uint64_t ring_avail_address(const struct ring *ring)
{
	return device_address(ring, ring->avail);
}

uint64_t ring_used_address(const struct ring *ring)
{
	return device_address(ring, ring->used);
}

void ring_init(struct ring *ring, void *memory, unsigned size, uint64_t features,
               uint64_t dma_offset)
{
	uint8_t *base = memory;

	CHECK(size && size <= RING_SIZE_MAX && !(size & (size - 1)));
	CHECK(((uintptr_t)memory & (RING_ALIGN - 1)) == 0);
	memset(ring, 0, sizeof(*ring));
	ring->size = (uint16_t)size;
	ring->indirect = features & VIRTIO_F_INDIRECT_DESC;
	ring->event_idx = features & VIRTIO_F_EVENT_IDX;
	ring->dma_offset = dma_offset;
	memset(memory, 0, ring_bytes(size, ring->indirect));
	ring->desc = memory;
	ring->avail = (volatile uint16_t *)(void *)(base + avail_offset(size));
	ring->used = base + used_offset(size);
	if (ring->indirect)
		ring->tables = (struct ring_desc *)(void *)(base + tables_offset(size));
	for (unsigned i = 0; i < size; i++)
		ring->slots[i].next = (uint16_t)(i + 1 < size ? i + 1 : NONE);
	ring->free_count = (uint16_t)size;
	ring->interrupts = true;
}

/* ---- handing over ---- */

static uint16_t take_slot(struct ring *ring)
{
	uint16_t slot = ring->free_head;

	ring->free_head = ring->slots[slot].next;
	ring->free_count--;
	return slot;
}

static void fill(struct ring *ring, struct ring_desc *desc, const struct blk_span *span, bool write,
                 bool more, uint16_t next)
{
	desc->addr = device_address(ring, span->data);
	desc->len = (uint32_t)span->size;
	desc->flags = (uint16_t)((write ? RING_WRITE : 0) | (more ? RING_NEXT : 0));
	desc->next = more ? next : 0;
}

/* The whole chain in the head's indirect table, which takes one slot. */
static uint16_t add_indirect(struct ring *ring, const struct blk_span *spans, unsigned readable,
                             unsigned count)
{
	uint16_t head = take_slot(ring);
	struct ring_desc *table = &ring->tables[head * RING_INDIRECT_MAX];

	for (unsigned i = 0; i < count; i++)
		fill(ring, &table[i], &spans[i], i >= readable, i + 1 < count, (uint16_t)(i + 1));
	ring->desc[head] = (struct ring_desc){
	    .addr = device_address(ring, table),
	    .len = (uint32_t)(count * sizeof(struct ring_desc)),
	    .flags = RING_INDIRECT,
	};
	ring->slots[head].count = 1;
	ring->slots[head].next = NONE;
	return head;
}

static uint16_t add_direct(struct ring *ring, const struct blk_span *spans, unsigned readable,
                           unsigned count)
{
	uint16_t head = take_slot(ring), slot = head;

	for (unsigned i = 0; i < count; i++) {
		bool more = i + 1 < count;
		uint16_t next = more ? take_slot(ring) : NONE;

		fill(ring, &ring->desc[slot], &spans[i], i >= readable, more, next);
		ring->slots[slot].next = next;
		slot = next;
	}
	ring->slots[head].count = (uint16_t)count;
	return head;
}

/* Bytes in the spans from `from`; 0 in *valid if one is empty or all are beyond 32 bits. */
static uint64_t sum(const struct blk_span *spans, unsigned from, unsigned count, bool *valid)
{
	uint64_t bytes = 0;

	for (unsigned i = from; i < count; i++) {
		*valid = *valid && spans[i].size && spans[i].size <= UINT32_MAX;
		bytes += spans[i].size;
	}
	*valid = *valid && bytes <= UINT32_MAX;
	return bytes;
}

int ring_add(struct ring *ring, const struct blk_span *spans, unsigned readable, unsigned writable,
             void *token)
{
	unsigned count = readable + writable;
	bool valid = count && count <= ring->size && token, indirect;
	uint64_t writes = valid ? sum(spans, readable, count, &valid) : 0;
	uint16_t head;

	if (ring->broken)
		return ERR_IO;
	if (valid)
		sum(spans, 0, count, &valid);
	if (!valid)
		return ERR_INVALID;
	indirect = ring->indirect && count > 1 && count <= RING_INDIRECT_MAX;
	if (ring->free_count < (indirect ? 1 : count))
		return ERR_BUSY;
	head = indirect ? add_indirect(ring, spans, readable, count)
	                : add_direct(ring, spans, readable, count);
	ring->slots[head].token = token;
	ring->slots[head].writable = writes;
	ring->avail[2 + (ring->avail_next & (ring->size - 1))] = head;
	ring->avail_next++;
	ring->chains++;
	__atomic_store_n(&ring->avail[1], ring->avail_next, __ATOMIC_RELEASE);
	return 0;
}

bool ring_kick_needed(struct ring *ring)
{
	uint16_t added = (uint16_t)(ring->avail_next - ring->kicked);

	if (!added || ring->broken)
		return false;
	ring->kicked = ring->avail_next;
	io_barrier(); /* the index is visible before we look whether the device waits for it */
	if (!ring->event_idx)
		return !(load16(ring->used) & RING_NO_NOTIFY);
	return (uint16_t)(ring->avail_next - avail_event(ring) - 1) < added;
}

/* ---- taking back ---- */

static void *release(struct ring *ring, uint16_t head)
{
	void *token = ring->slots[head].token;
	uint16_t last = head;

	for (unsigned i = 1; i < ring->slots[head].count; i++)
		last = ring->slots[last].next;
	ring->free_count = (uint16_t)(ring->free_count + ring->slots[head].count);
	ring->slots[last].next = ring->free_head;
	ring->free_head = head;
	ring->slots[head].token = NULL;
	ring->chains--;
	return token;
}

static void *lie(struct ring *ring, const char *what)
{
	ring->broken = what;
	return NULL;
}

/*
 * How many chains wait in the used ring. Before it says none, the event index must be visible: the
 * device may have looked at the old one while it added a chain that we do not see yet.
 */
static uint16_t waiting_chains(struct ring *ring)
{
	uint16_t waiting = (uint16_t)(used_idx(ring) - ring->used_seen);

	if (waiting || ring->event_visible)
		return waiting;
	io_barrier();
	ring->event_visible = true;
	return (uint16_t)(used_idx(ring) - ring->used_seen);
}

void *ring_reap(struct ring *ring, uint32_t *written)
{
	uint16_t waiting = ring->broken ? 0 : waiting_chains(ring);
	const volatile struct ring_used_elem *elem;
	uint32_t id;

	if (!waiting)
		return NULL;
	if (waiting > ring->chains)
		return lie(ring, "its used index runs ahead of what it was given");
	elem = (const volatile void *)(ring->used + 4 +
	                               sizeof(*elem) * (ring->used_seen & (ring->size - 1)));
	id = elem->id;
	*written = elem->len;
	if (id >= ring->size)
		return lie(ring, "it returned a descriptor beyond the ring");
	if (!ring->slots[id].token)
		return lie(ring, "it returned a descriptor that it does not have");
	if (*written > ring->slots[id].writable) {
		*written = (uint32_t)ring->slots[id].writable;
		ring->clamped++;
	}
	ring->used_seen++;
	if (ring->event_idx) /* it follows, or the interrupt that was asked for never comes */
		set_used_event(ring);
	return release(ring, (uint16_t)id);
}

void ring_want_interrupts(struct ring *ring, bool want)
{
	ring->interrupts = want;
	if (ring->event_idx)
		set_used_event(ring);
	else
		ring->avail[0] = want ? 0 : RING_NO_INTERRUPT;
	ring->event_visible = false;
}

void *ring_take_back(struct ring *ring)
{
	for (uint16_t i = 0; i < ring->size; i++)
		if (ring->slots[i].token)
			return release(ring, i);
	return NULL;
}
