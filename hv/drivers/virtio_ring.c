/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/drivers/virtio_ring_layout.h"

#include <arch/cpu.h>
#include <arch/err.h>
#include <arch/io.h>
#include <string.h>

#include "guest-devices/virtio/virtio.h"

#define NONE RING_NONE

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

uint64_t ring_device_address(const struct ring *ring, const volatile void *at)
{
	return (uint64_t)(uintptr_t)at + ring->dma_offset;
}

uint64_t ring_desc_address(const struct ring *ring)
{
	return ring_device_address(ring, ring->desc);
}

uint64_t ring_avail_address(const struct ring *ring)
{
	return ring_device_address(ring, ring->avail);
}

uint64_t ring_used_address(const struct ring *ring)
{
	return ring_device_address(ring, ring->used);
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
	ring->layout = features & VIRTIO_F_RING_PACKED ? &ring_packed : &ring_split;
	ring->avail_at.wrap = ring->used_at.wrap = true;
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
	ring->layout->ask(ring);
}

/* ---- handing over ---- */

uint16_t ring_take_slot(struct ring *ring)
{
	uint16_t slot = ring->free_head;

	ring->free_head = ring->slots[slot].next;
	ring->free_count--;
	return slot;
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
	bool valid = count && count <= ring->size && token;
	uint64_t writes = valid ? sum(spans, readable, count, &valid) : 0;
	uint16_t head;

	if (ring->broken)
		return ERR_IO;
	if (valid)
		sum(spans, 0, count, &valid);
	if (!valid)
		return ERR_INVALID;
	if (ring->free_count < (ring_goes_indirect(ring, count) ? 1 : count))
		return ERR_BUSY;
	head = ring->layout->put(ring, spans, readable, count);
	ring->slots[head].token = token;
	ring->slots[head].writable = writes;
	ring->avail_next++;
	ring->chains++;
	ring->layout->publish(ring, head);
	return 0;
}

bool ring_kick_needed(struct ring *ring)
{
	uint16_t added = (uint16_t)(ring->avail_next - ring->kicked);

	if (!added || ring->broken)
		return false;
	ring->kicked = ring->avail_next;
	io_barrier(); /* the index is visible before we look whether the device waits for it */
	return ring->layout->kick_wanted(ring, added);
}

/* ---- taking back ---- */

static void *release(struct ring *ring, uint16_t head)
{
	void *token = ring->slots[head].token;
	uint16_t last = head;

	while (ring->slots[last].next != NONE)
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
 * Before it says that nothing came back, what we asked for must be visible: the device may have
 * looked at the old wish while it added a chain that we do not see yet.
 */
static bool look(struct ring *ring, uint32_t *id, uint32_t *len)
{
	if (ring->layout->look(ring, id, len))
		return true;
	if (ring->broken || ring->event_visible)
		return false;
	io_barrier();
	ring->event_visible = true;
	return ring->layout->look(ring, id, len);
}

void *ring_reap(struct ring *ring, uint32_t *written)
{
	uint32_t id;

	if (ring->broken || !look(ring, &id, written))
		return NULL;
	if (id >= ring->size)
		return lie(ring, "it returned a descriptor beyond the ring");
	if (!ring->slots[id].token)
		return lie(ring, "it returned a descriptor that it does not have");
	if (*written > ring->slots[id].writable) {
		*written = (uint32_t)ring->slots[id].writable;
		ring->clamped++;
	}
	ring->used_seen++;
	ring->layout->step(ring, (uint16_t)id);
	if (ring->event_idx) { /* it follows, or the interrupt that was asked for never comes */
		ring->layout->ask(ring);
		ring->event_visible = false;
	}
	return release(ring, (uint16_t)id);
}

void ring_want_interrupts(struct ring *ring, bool want)
{
	ring->interrupts = want;
	ring->layout->ask(ring);
	ring->event_visible = false;
}

void *ring_take_back(struct ring *ring)
{
	for (uint16_t i = 0; i < ring->size; i++)
		if (ring->slots[i].token)
			return release(ring, i);
	return NULL;
}
