/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/raw_packed.h"

#include <string.h>

struct raw_packed_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t id, flags;
};

void raw_packed_init(struct raw_packed *ring, struct fake_mem *mem, uint64_t base, uint16_t size)
{
	uint64_t end;

	memset(ring, 0, sizeof(*ring));
	ring->mem = mem;
	ring->size = size;
	ring->desc = base;
	ring->driver = base + 16ull * size;
	ring->device = ring->driver + 4;
	ring->avail_wrap = ring->used_wrap = true;
	end = ring->device + 4;
	memset(fake_mem_at(mem, base, end - base), 0, end - base);
}

void raw_packed_entry(const struct raw_packed *ring, uint64_t table, unsigned i, uint64_t addr,
                      uint32_t len, uint16_t id, uint16_t flags)
{
	struct raw_packed_desc desc = {addr, len, id, flags};

	memcpy(fake_mem_at(ring->mem, table + 16 * i, 16), &desc, sizeof(desc));
}

uint16_t raw_packed_lap(bool wrap)
{
	return wrap ? RAW_AVAIL : RAW_USED;
}

static void step(const struct raw_packed *ring, uint16_t *place, bool *wrap, unsigned slots)
{
	unsigned next = *place + slots;

	*wrap ^= next >= ring->size;
	*place = (uint16_t)(next % ring->size);
}

void raw_packed_offer(struct raw_packed *ring, uint16_t id, const struct raw_piece *pieces,
                      unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		uint16_t more = i + 1 < count ? RAW_NEXT : 0;
		uint16_t flags =
		    (uint16_t)(pieces[i].flags | more | raw_packed_lap(ring->avail_wrap));

		/* only the last one has the id */
		raw_packed_entry(ring, ring->desc, ring->avail, pieces[i].addr, pieces[i].len,
		                 more ? 0xdead : id, flags);
		step(ring, &ring->avail, &ring->avail_wrap, 1);
	}
	ring->slots[id] = (uint16_t)count;
}

void raw_packed_offer1(struct raw_packed *ring, uint16_t id, uint64_t addr, uint32_t len,
                       uint16_t flags)
{
	struct raw_piece piece = {addr, len, flags};

	raw_packed_offer(ring, id, &piece, 1);
}

uint16_t raw_packed_flags(const struct raw_packed *ring, unsigned slot)
{
	uint16_t flags;

	memcpy(&flags, fake_mem_at(ring->mem, ring->desc + 16 * slot + 14, 2), 2);
	return flags;
}

bool raw_packed_used(struct raw_packed *ring, uint16_t *id, uint32_t *len)
{
	const uint16_t both = RAW_AVAIL | RAW_USED;
	struct raw_packed_desc desc;

	memcpy(&desc, fake_mem_at(ring->mem, ring->desc + 16ull * ring->used, 16), 16);
	if ((desc.flags & both) != (ring->used_wrap ? both : 0))
		return false;
	*id = desc.id;
	*len = desc.len;
	step(ring, &ring->used, &ring->used_wrap, ring->slots[desc.id]);
	ring->slots[desc.id] = 0;
	return true;
}

void raw_packed_event(const struct raw_packed *ring, uint16_t off_wrap, uint16_t flags)
{
	uint16_t event[2] = {off_wrap, flags};

	memcpy(fake_mem_at(ring->mem, ring->driver, 4), event, 4);
}

uint32_t raw_packed_device_event(const struct raw_packed *ring)
{
	uint32_t event;

	memcpy(&event, fake_mem_at(ring->mem, ring->device, 4), 4);
	return event;
}

bool raw_packed_attach(const struct raw_packed *ring, struct virtio_device *device, unsigned queue)
{
	struct virtqueue *vq = virtio_queue(device, queue);

	virtio_set_queue_size(device, queue, ring->size);
	if (vq->size != ring->size)
		return false;
	vq->desc = ring->desc;
	vq->driver = ring->driver;
	vq->device = ring->device;
	return virtio_queue_enable(device, queue);
}
