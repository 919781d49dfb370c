/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fuzz/oracle.h"

#include <stdlib.h>
#include <string.h>

#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#else
#define __msan_check_mem_is_initialized(at, size) ((void)(at), (void)(size))
#endif

/* Nobody names these pages: whoever writes to them has lost its way. */
#define ASIDE     0x58000ull
#define ASIDE_END 0x78000ull

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* ---- what the driver does ---- */

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_end)
{
	return a_size > 0 && a < b_end && (a_size > UINT64_MAX - a || a + a_size > b);
}

static bool in_rings(uint64_t address, uint64_t size)
{
	return overlap(address, size, FUZZ_RINGS, FUZZ_RINGS + FUZZ_RING_ROOM * FUZZ_QUEUES) ||
	       overlap(address, size, FUZZ_TABLES, FUZZ_TABLES_END);
}

void oracle_scribbled(struct fuzz *fuzz, uint64_t address, uint64_t size)
{
	fuzz->wild |= in_rings(address, size) || overlap(address, size, ASIDE, ASIDE_END);
}

void oracle_ring_made(struct fuzz_ring *ring)
{
	ring->exact = true;
	ring->seen = ring->slots_out = 0;
	ring->offered = ring->returned = 0;
	memset(ring->out, 0, sizeof(ring->out));
	memset(ring->busy, 0, sizeof(ring->busy));
}

/* A split ring's descriptors; false: one of them was taken already. */
static bool take(struct fuzz_ring *ring, const struct fuzz_out *out)
{
	bool fresh = true;

	for (unsigned i = 0; i < out->slots; i++) {
		bool *busy = &ring->busy[(out->id + i) % ring->size];

		fresh &= !*busy;
		*busy = true;
	}
	return fresh;
}

static void give_back(struct fuzz_ring *ring, const struct fuzz_out *out)
{
	for (unsigned i = 0; i < out->slots; i++)
		ring->busy[(out->id + i) % ring->size] = false;
}

/* A device that writes into a ring makes descriptors of what it writes. */
static bool plain(struct fuzz *fuzz, const struct fuzz_chain *chain)
{
	for (unsigned i = 0; i < chain->count; i++) {
		const struct raw_piece *piece = &chain->pieces[i];

		if (piece->flags & RAW_WRITE)
			oracle_scribbled(fuzz, piece->addr, piece->len);
		if (piece->flags & ~RAW_WRITE)
			return false;
	}
	return !fuzz->wild;
}

static uint64_t room(const struct fuzz_chain *chain)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < chain->count; i++)
		if (chain->pieces[i].flags & RAW_WRITE)
			sum += chain->pieces[i].len;
	return sum;
}

void oracle_offered(struct fuzz *fuzz, struct fuzz_ring *ring, uint16_t id,
                    const struct fuzz_chain *chain)
{
	struct fuzz_out *out = &ring->out[id % FUZZ_OUT];

	/* no descriptor of a chain that is still out is written over */
	if (out->slots > 0 || ring->slots_out + chain->slots > ring->size)
		ring->exact = false;
	*out = (struct fuzz_out){id, chain->slots, ring->offered++, room(chain)};
	ring->slots_out += chain->slots;
	if (!fuzz->packed && !take(ring, out))
		ring->exact = false;
	if (!plain(fuzz, chain))
		fuzz->wild = true;
}

/* ---- what the device does ---- */

static bool suspended(const struct fuzz *fuzz)
{
	return fuzz->device->status & VIRTIO_SUSPEND;
}

/* With IN_ORDER our devices still tell of each chain. */
static void came_back(struct fuzz *fuzz, struct fuzz_ring *ring, uint32_t id, uint32_t written)
{
	bool in_order = fuzz->device->features & VIRTIO_F_IN_ORDER;
	struct fuzz_out *out = &ring->out[id % FUZZ_OUT];

	must(out->slots > 0 && out->id == id && written <= out->room);
	must(out->turn == ring->returned++ || !in_order);
	must(!fuzz->asleep || !suspended(fuzz)); /* 3.4: it uses no buffer then */
	give_back(ring, out);
	ring->slots_out -= out->slots;
	out->slots = 0;
}

static void look_at_used(struct fuzz *fuzz, struct fuzz_ring *ring)
{
	uint16_t id;
	uint32_t written;

	if (!fuzz->packed) {
		for (; ring->seen != raw_used_idx(&ring->split); ring->seen++)
			came_back(fuzz, ring, raw_used_id(&ring->split, ring->seen),
			          raw_used_len(&ring->split, ring->seen));
		return;
	}
	while (raw_packed_used(&ring->packed, &id, &written))
		came_back(fuzz, ring, id, written);
}

/* Is the queue in use as the driver made it? */
static bool comparable(const struct fuzz *fuzz, unsigned queue)
{
	const struct virtqueue *vq = &fuzz->device->queues[queue];
	uint64_t areas[3];

	if (queue >= fuzz->device->queue_count)
		return false;
	fuzz_ring_areas(fuzz, queue, areas);
	return vq->enabled && vq->size == fuzz->rings[queue].size && vq->packed == fuzz->packed &&
	       vq->desc == areas[0] && vq->driver == areas[1] && vq->device == areas[2];
}

void oracle_check(struct fuzz *fuzz)
{
	for (unsigned i = 0; i < fuzz->device->queue_count; i++) {
		const struct virtqueue *vq = &fuzz->device->queues[i];

		must(!vq->enabled || vq_in_flight(vq) <= vq->size);
	}
	for (unsigned i = 0; i < fuzz->driven && !fuzz->wild; i++)
		if (fuzz->rings[i].exact && comparable(fuzz, i))
			look_at_used(fuzz, &fuzz->rings[i]);
	fuzz->asleep = suspended(fuzz);
	if (fuzz_target.check)
		fuzz_target.check(fuzz);
}

static void must_be_full_of(const struct fuzz *fuzz, uint8_t byte, uint64_t from, uint64_t to)
{
	uint8_t page[GUEST_PAGE];

	memset(page, byte, sizeof(page));
	for (; from < to; from += sizeof(page))
		must(memcmp(fake_mem_at(&fuzz->mem, from, sizeof(page)), page, sizeof(page)) == 0);
}

/* What a device leaves to its guest it has made itself: nothing of a stack's last use (DF-012). */
static void check_disclosure(const struct fuzz *fuzz)
{
	for (unsigned i = 0; i < fuzz->mem.mem.count; i++) {
		const struct guest_mem_slot *slot = &fuzz->mem.mem.slots[i];

		__msan_check_mem_is_initialized(slot->host, slot->size);
	}
}

/* No device reads or writes another one's registers, none writes into ROM. */
void oracle_finish(const struct fuzz *fuzz)
{
	must(virtio_idle(fuzz->device) && fuzz->device->status == 0);
	must(fuzz->mem.register_accesses == 0);
	check_disclosure(fuzz);
	must_be_full_of(fuzz, FAKE_ROM_BYTE, FAKE_ROM, FAKE_ROM + FAKE_ROM_SIZE);
	if (!fuzz->wild)
		must_be_full_of(fuzz, 0, ASIDE, ASIDE_END);
}
