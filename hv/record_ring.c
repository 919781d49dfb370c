/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/record_ring.h"

#include <stddef.h>

#define SKIP UINT32_MAX /* a record's size: the rest of the ring is unused */

struct head {
	uint32_t size; /* of it all */
	uint8_t data[] __attribute__((aligned(RECORD_ALIGN)));
};

static struct head *head_at(struct record_ring *ring, uint32_t position)
{
	return (struct head *)(ring->bytes + position % ring->size);
}

static struct head *head_of(const void *record)
{
	return (struct head *)((uintptr_t)record - offsetof(struct head, data));
}

/* Size bytes in one piece, after marking what is skipped; NULL: no room. */
static struct head *find(struct record_ring *ring, uint32_t size)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	uint32_t used = head - atomic_load(&ring->tail), to_end = ring->size - head % ring->size;
	uint32_t skip = to_end < size ? to_end : 0;

	if (used + skip + size > ring->size)
		return NULL;
	if (skip) {
		head_at(ring, head)->size = SKIP;
		atomic_store(&ring->head, head + skip);
		head += skip;
	}
	return head_at(ring, head);
}

void *record_ring_reserve(struct record_ring *ring, uint32_t size)
{
	uint32_t all =
	    ((uint32_t)offsetof(struct head, data) + size + RECORD_ALIGN - 1) & ~(RECORD_ALIGN - 1);
	struct head *found = find(ring, all);

	if (!found) {
		/* Say that we wait, then look again: the reader may have missed the word. */
		atomic_store(&ring->waiting, true);
		found = find(ring, all);
	}
	if (!found)
		return NULL;
	found->size = all;
	return found->data;
}

void record_ring_commit(struct record_ring *ring, const void *record)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

	atomic_store(&ring->head, head + head_of(record)->size);
}

void record_ring_cut(struct record_ring *ring)
{
	atomic_store(&ring->cut_at, atomic_load(&ring->head));
	atomic_store(&ring->cut, true);
}

void *record_ring_peek(struct record_ring *ring)
{
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	if (tail != atomic_load(&ring->head) && head_at(ring, tail)->size == SKIP) {
		tail += ring->size - tail % ring->size;
		atomic_store(&ring->tail, tail);
	}
	return tail == atomic_load(&ring->head) ? NULL : head_at(ring, tail)->data;
}

void record_ring_pop(struct record_ring *ring)
{
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	atomic_store(&ring->tail, tail + head_at(ring, tail)->size);
}

bool record_ring_take_cut(struct record_ring *ring)
{
	uint32_t end;

	if (!atomic_load(&ring->cut) || !atomic_exchange(&ring->cut, false))
		return false;
	end = atomic_load(&ring->cut_at);
	if ((int32_t)(end - atomic_load(&ring->tail)) > 0)
		atomic_store(&ring->tail, end);
	return true;
}

bool record_ring_wanted(struct record_ring *ring)
{
	return atomic_load(&ring->waiting) && atomic_exchange(&ring->waiting, false);
}
