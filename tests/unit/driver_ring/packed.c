/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver's side of a packed ring: against the project's own device side in one memory, and
 * against a device that lies. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <arch/err.h>

#include "guest-devices/virtio/virtio.h"
#include "hv/drivers/virtio_ring.h"

enum { SIZE = 8, ROUNDS = 3000 };

static struct ring ring;
static struct virtqueue vq;
static struct vq_chain chain;
static struct guest_mem mem;
static uint8_t *memory;
static uint8_t data[64][16];

/* Guest addresses are pointers. */
static void make(uint64_t features)
{
	size_t bytes = (ring_bytes(SIZE, true) + 15) & ~(size_t)15;

	free(memory);
	memory = aligned_alloc(16, bytes);
	ring_init(&ring, memory, SIZE, features | VIRTIO_F_RING_PACKED, 0);
	mem = (struct guest_mem){.count = 2};
	mem.slots[0] =
	    (struct guest_mem_slot){.address = (uintptr_t)memory, .size = bytes, .host = memory};
	mem.slots[1] = (struct guest_mem_slot){
	    .address = (uintptr_t)data, .size = sizeof(data), .host = data[0]};
	memset(&vq, 0, sizeof(vq));
	vq.mem = &mem;
	vq.size_max = SIZE;
	vq_reset(&vq);
	vq.packed = true;
	vq.indirect = features & VIRTIO_F_INDIRECT_DESC;
	vq.event_idx = features & VIRTIO_F_EVENT_IDX;
	vq.desc = ring_desc_address(&ring);
	vq.driver = ring_avail_address(&ring);
	vq.device = ring_used_address(&ring);
	cr_assert_eq(vq_enable(&vq), VQ_OK);
}

static void tear_down(void)
{
	free(memory);
	memory = NULL;
}

TestSuite(driver_ring_packed, .fini = tear_down);

static int add(unsigned readable, unsigned writable, uintptr_t token)
{
	struct blk_span spans[64];

	for (unsigned i = 0; i < readable + writable; i++)
		spans[i] = (struct blk_span){data[i], 16};
	return ring_add(&ring, spans, readable, writable, (void *)token);
}

static uint32_t random_number(void)
{
	static uint64_t seed = 5;

	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33);
}

/* Chains of all lengths, used in any order; a kick or an interrupt that is wanted is never missed.
 */
static void go(uint64_t features)
{
	static struct vq_chain out[SIZE];
	static uint32_t wrote[SIZE];
	unsigned count = 0, done = 0;
	uintptr_t next = 1;
	uint64_t open = 0;

	make(features);
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned readable = random_number() % 4, writable = random_number() % 4;
		int err = readable + writable ? add(readable, writable, next) : ERR_BUSY;

		if (!err)
			open ^= next++ * 0x9e3779b97f4a7c15ull;
		ring_kick_needed(&ring);
		while (count < SIZE && random_number() % 3 && vq_pop(&vq, &out[count])) {
			cr_assert_eq(out[count].read_size % 16, 0);
			wrote[count] = out[count].write_size;
			count++;
		}
		if (count > 0 && random_number() % 2) {
			unsigned i = random_number() % count;

			vq_push(&vq, &out[i], wrote[i]);
			out[i] = out[--count];
			wrote[i] = wrote[count];
		}
		for (uint32_t written; random_number() % 2;) {
			uintptr_t token = (uintptr_t)ring_reap(&ring, &written);

			if (!token)
				break;
			cr_assert_eq(written % 16, 0);
			open ^= token * 0x9e3779b97f4a7c15ull;
			done++;
		}
	}
	cr_assert_null(ring.broken);
	cr_assert_eq(vq.broken, VQ_OK);
	cr_assert_gt(done, ROUNDS / 8);
	for (;;) {
		uint32_t written;
		void *token;

		while (vq_pop(&vq, &chain))
			vq_push(&vq, &chain, 0);
		while (count > 0)
			vq_push(&vq, &out[--count], 0);
		token = ring_reap(&ring, &written);
		if (!token)
			break;
		open ^= (uintptr_t)token * 0x9e3779b97f4a7c15ull;
	}
	cr_assert_eq(open, 0, "each token came back once");
	cr_assert_eq(ring.free_count, SIZE);
	cr_assert_eq(ring.clamped, 0);
}

Test(driver_ring_packed, random_work)
{
	go(0);
}

Test(driver_ring_packed, random_work_with_all_features)
{
	go(VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX);
}

Test(driver_ring_packed, full_and_empty_again)
{
	uint32_t written;

	make(0);
	for (unsigned lap = 0; lap < 5; lap++) {
		cr_assert_eq(add(2, 3, 1), 0);
		cr_assert_eq(add(2, 2, 2), ERR_BUSY);
		cr_assert_eq(add(1, 2, 2), 0);
		cr_assert_eq(add(1, 0, 3), ERR_BUSY);
		for (unsigned i = 0; i < 2; i++) {
			cr_assert(vq_pop(&vq, &chain));
			vq_push(&vq, &chain, 16);
		}
		cr_assert_eq((uintptr_t)ring_reap(&ring, &written), 1);
		cr_assert_eq(written, 16);
		cr_assert_eq((uintptr_t)ring_reap(&ring, &written), 2);
		cr_assert_null(ring_reap(&ring, &written));
	}
}

Test(driver_ring_packed, a_table_takes_one_descriptor)
{
	make(VIRTIO_F_INDIRECT_DESC);
	for (uintptr_t i = 1; i <= SIZE; i++)
		cr_assert_eq(add(3, 4, i), 0);
	cr_assert_eq(add(1, 0, 9), ERR_BUSY);
	for (unsigned i = 0; i < SIZE; i++) {
		cr_assert(vq_pop(&vq, &chain));
		cr_assert_eq(chain.read_size, 48);
		cr_assert_eq(chain.write_size, 64);
	}
}

Test(driver_ring_packed, kicks_only_when_they_are_wanted)
{
	make(0);
	cr_assert_not(ring_kick_needed(&ring), "nothing new");
	vq_want_kicks(&vq, false);
	cr_assert_eq(add(1, 0, 1), 0);
	cr_assert_not(ring_kick_needed(&ring));
	vq_want_kicks(&vq, true);
	cr_assert_eq(add(1, 0, 2), 0);
	cr_assert(ring_kick_needed(&ring));
	make(VIRTIO_F_EVENT_IDX);
	for (unsigned i = 0; i < 30; i++) {
		uint32_t written;

		vq_want_kicks(&vq, true);
		cr_assert_eq(add(1, 0, 1), 0);
		cr_assert(ring_kick_needed(&ring), "%u", i);
		cr_assert_eq(add(1, 0, 2), 0);
		cr_assert_not(ring_kick_needed(&ring), "it was told already");
		while (vq_pop(&vq, &chain))
			vq_push(&vq, &chain, 0);
		while (ring_reap(&ring, &written))
			;
	}
}

Test(driver_ring_packed, interrupts_only_when_they_are_wanted)
{
	uint32_t written;

	for (unsigned event_idx = 0; event_idx < 2; event_idx++) {
		make(event_idx ? VIRTIO_F_EVENT_IDX : 0);
		for (unsigned i = 0; i < 30; i++) {
			ring_want_interrupts(&ring, i % 2);
			cr_assert_eq(add(0, 2, 1), 0);
			cr_assert(vq_pop(&vq, &chain));
			vq_push(&vq, &chain, 32);
			cr_assert_eq(vq_should_notify(&vq), i % 2);
			cr_assert(ring_reap(&ring, &written));
			cr_assert_eq(written, 32);
		}
	}
}

/* --- a device that lies --- */

static void use(unsigned slot, bool wrap, uint16_t id, uint32_t len, uint16_t flags)
{
	struct ring_packed_desc *desc = (void *)&ring.desc[slot];

	*desc = (struct ring_packed_desc){0, len, id,
	                                  (uint16_t)(flags | (wrap ? RING_AVAIL | RING_USED : 0))};
}

Test(driver_ring_packed, an_id_that_it_does_not_have)
{
	static const uint16_t ids[] = {1, 7, 8, 0xffff};
	uint32_t written;

	for (unsigned i = 0; i < 4; i++) {
		make(0);
		cr_assert_eq(add(1, 0, 1), 0);
		use(0, true, ids[i], 0, 0);
		cr_assert_null(ring_reap(&ring, &written));
		cr_assert_not_null(ring.broken);
		cr_assert_eq(add(1, 0, 2), ERR_IO);
		cr_assert_eq((uintptr_t)ring_take_back(&ring), 1);
		cr_assert_null(ring_take_back(&ring));
	}
}

Test(driver_ring_packed, an_id_twice)
{
	uint32_t written;

	make(0);
	cr_assert_eq(add(1, 0, 1), 0);
	cr_assert_eq(add(1, 0, 2), 0);
	use(0, true, 0, 0, 0);
	use(1, true, 0, 0, 0);
	cr_assert_eq((uintptr_t)ring_reap(&ring, &written), 1);
	cr_assert_null(ring_reap(&ring, &written));
	cr_assert_not_null(ring.broken);
}

Test(driver_ring_packed, more_than_there_was_room_for)
{
	uint32_t written;

	make(0);
	cr_assert_eq(add(1, 1, 1), 0);
	use(0, true, 0, UINT32_MAX, RING_WRITE);
	cr_assert_eq((uintptr_t)ring_reap(&ring, &written), 1);
	cr_assert_eq(written, 16);
	cr_assert_eq(ring.clamped, 1);
	cr_assert_eq(add(1, 1, 2), 0);
	use(2, true, 0, UINT32_MAX, 0);
	cr_assert_eq((uintptr_t)ring_reap(&ring, &written), 2);
	cr_assert_eq(written, 0, "len means nothing without WRITE");
}

Test(driver_ring_packed, everything_used_and_nothing_handed_over)
{
	uint32_t written;

	make(0);
	for (unsigned i = 0; i < SIZE; i++)
		use(i, true, 0, 0, 0);
	cr_assert_null(ring_reap(&ring, &written));
	cr_assert_null(ring.broken);
}
