/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/raw_ring.h"

#include <string.h>

static uint16_t *word(const struct raw_ring *ring, uint64_t address)
{
	return fake_mem_at(ring->mem, address, 2);
}

void raw_ring_init(struct raw_ring *ring, struct fake_mem *mem, uint64_t base, uint16_t size)
{
	*ring = (struct raw_ring){.mem = mem, .size = size};
	ring->desc = base;
	ring->avail = base + 16ull * size;
	ring->used = (ring->avail + 6 + 2ull * size + 3) & ~3ull;
	uint64_t end = ring->used + 6 + 8ull * size;
	memset(fake_mem_at(mem, base, end - base), 0, end - base);
}

void raw_table(struct raw_ring *ring, uint64_t table, unsigned i, uint64_t addr, uint32_t len,
               uint16_t flags, uint16_t next)
{
	struct raw_desc desc = {addr, len, flags, next};

	memcpy(fake_mem_at(ring->mem, table + 16 * i, 16), &desc, sizeof(desc));
}

void raw_desc(struct raw_ring *ring, unsigned i, uint64_t addr, uint32_t len, uint16_t flags,
              uint16_t next)
{
	raw_table(ring, ring->desc, i, addr, len, flags, next);
}

void raw_offer(struct raw_ring *ring, uint16_t head)
{
	*word(ring, ring->avail + 4 + 2u * (ring->avail_idx % ring->size)) = head;
	raw_set_avail_idx(ring, (uint16_t)(ring->avail_idx + 1));
}

void raw_set_avail_idx(struct raw_ring *ring, uint16_t idx)
{
	ring->avail_idx = idx;
	*word(ring, ring->avail + 2) = idx;
}

void raw_set_avail_flags(struct raw_ring *ring, uint16_t flags)
{
	*word(ring, ring->avail) = flags;
}

void raw_set_used_event(struct raw_ring *ring, uint16_t event)
{
	*word(ring, ring->avail + 4 + 2u * ring->size) = event;
}

uint16_t raw_avail_event(const struct raw_ring *ring)
{
	return *word(ring, ring->used + 4 + 8u * ring->size);
}

uint16_t raw_used_flags(const struct raw_ring *ring)
{
	return *word(ring, ring->used);
}

uint16_t raw_used_idx(const struct raw_ring *ring)
{
	return *word(ring, ring->used + 2);
}

static uint32_t used_word(const struct raw_ring *ring, uint16_t i, unsigned field)
{
	uint32_t value;
	uint64_t at = ring->used + 4 + 8u * (i % ring->size) + 4 * field;

	memcpy(&value, fake_mem_at(ring->mem, at, 4), 4);
	return value;
}

uint32_t raw_used_id(const struct raw_ring *ring, uint16_t i)
{
	return used_word(ring, i, 0);
}

uint32_t raw_used_len(const struct raw_ring *ring, uint16_t i)
{
	return used_word(ring, i, 1);
}

bool raw_ring_attach(const struct raw_ring *ring, struct virtio_device *device, unsigned queue)
{
	struct virtqueue *vq = virtio_queue(device, queue);

	virtio_set_queue_size(device, queue, ring->size);
	vq->desc = ring->desc;
	vq->driver = ring->avail;
	vq->device = ring->used;
	return virtio_queue_enable(device, queue);
}
