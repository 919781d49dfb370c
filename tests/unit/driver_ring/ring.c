/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver's side of a split ring alone; the test is the device. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <arch/err.h>

#include "guest-devices/virtio/virtio.h"
#include "hv/drivers/virtio_ring.h"

#define SIZE 8

static struct ring ring;
static uint8_t *memory;
static uint8_t data[64][16];

static void make(uint64_t features)
{
	free(memory);
	memory = aligned_alloc(
	    RING_ALIGN, (ring_bytes(SIZE, features & VIRTIO_F_INDIRECT_DESC) + RING_ALIGN - 1) &
	                    ~(size_t)(RING_ALIGN - 1));
	ring_init(&ring, memory, SIZE, features, 0);
}

static void tear_down(void)
{
	free(memory);
	memory = NULL;
}

TestSuite(driver_ring, .fini = tear_down);

static int add(unsigned readable, unsigned writable, uintptr_t token)
{
	struct blk_span spans[64];

	for (unsigned i = 0; i < readable + writable; i++)
		spans[i] = (struct blk_span){data[i], 16};
	return ring_add(&ring, spans, readable, writable, (void *)token);
}

static void store16(volatile uint8_t *at, uint16_t value)
{
	memcpy((void *)(uintptr_t)at, &value, 2);
}

/* As the device: the chain that was made available n-th, put into the used ring. */
static void use_id(uint32_t id, uint32_t len)
{
	uint16_t idx;

	memcpy(&idx, (void *)(uintptr_t)(ring.used + 2), 2);
	memcpy((void *)(uintptr_t)(ring.used + 4 + 8u * (idx % SIZE)), &id, 4);
	memcpy((void *)(uintptr_t)(ring.used + 8 + 8u * (idx % SIZE)), &len, 4);
	store16(ring.used + 2, (uint16_t)(idx + 1));
}

static uint16_t head_of(uint16_t chain)
{
	return ring.avail[2 + chain % SIZE];
}

static void set_avail_event(uint16_t value)
{
	store16(ring.used + 4 + 8 * SIZE, value);
}

Test(driver_ring, layout_is_aligned)
{
	make(0);
	cr_assert_eq(ring_desc_address(&ring) % 16, 0);
	cr_assert_eq(ring_avail_address(&ring) % 2, 0);
	cr_assert_eq(ring_used_address(&ring) % 4, 0);
	cr_assert_eq(ring_avail_address(&ring) - ring_desc_address(&ring), 16 * SIZE);
	cr_assert_geq(ring_used_address(&ring), ring_avail_address(&ring) + 6 + 2 * SIZE);
}

Test(driver_ring, chain_has_readable_buffers_first)
{
	const struct ring_desc *desc;

	make(0);
	cr_assert_eq(add(1, 2, 1), 0);
	desc = &ring.desc[head_of(0)];
	cr_assert_eq(desc->addr, (uint64_t)(uintptr_t)data[0]);
	cr_assert_eq(desc->len, 16);
	cr_assert_eq(desc->flags, RING_NEXT);
	desc = &ring.desc[desc->next];
	cr_assert_eq(desc->flags, RING_NEXT | RING_WRITE);
	desc = &ring.desc[desc->next];
	cr_assert_eq(desc->flags, RING_WRITE);
	cr_assert_eq(desc->next, 0);
	cr_assert_eq(ring.avail[1], 1);
}

Test(driver_ring, indirect_table_takes_one_slot)
{
	const struct ring_desc *desc;

	make(VIRTIO_F_INDIRECT_DESC);
	for (uintptr_t i = 1; i <= SIZE; i++)
		cr_assert_eq(add(3, 4, i), 0);
	cr_assert_eq(add(1, 0, 9), ERR_BUSY);
	desc = &ring.desc[head_of(2)];
	cr_assert_eq(desc->flags, RING_INDIRECT, "and no NEXT beside it");
	cr_assert_eq(desc->len, 7 * 16);
	for (unsigned i = 0; i < 7; i++) {
		const struct ring_desc *entry = (const struct ring_desc *)(uintptr_t)desc->addr + i;

		cr_assert_eq(entry->flags, (i >= 3 ? RING_WRITE : 0) | (i < 6 ? RING_NEXT : 0));
		cr_assert_eq(entry->next, i < 6 ? i + 1 : 0);
	}
}

Test(driver_ring, offset_moves_every_address)
{
	make(0);
	ring.dma_offset = 0x1000;
	add(1, 0, 1);
	cr_assert_eq(ring.desc[head_of(0)].addr, (uint64_t)(uintptr_t)data[0] + 0x1000);
}

Test(driver_ring, refuses_what_never_fits)
{
	struct blk_span none = {data[0], 0}, huge = {data[0], 1ull << 32};
	struct blk_span sum[2] = {{data[0], 0xffffffff}, {data[0], 1}};

	make(0);
	cr_assert_eq(add(0, 0, 1), ERR_INVALID);
	cr_assert_eq(add(SIZE + 1, 0, 1), ERR_INVALID);
	cr_assert_eq(add(1, 0, 0), ERR_INVALID);
	cr_assert_eq(ring_add(&ring, &none, 1, 0, data), ERR_INVALID);
	cr_assert_eq(ring_add(&ring, &huge, 0, 1, data), ERR_INVALID);
	cr_assert_eq(ring_add(&ring, sum, 1, 1, data), ERR_INVALID);
	cr_assert_eq(ring.free_count, SIZE);
	cr_assert_eq(ring.avail[1], 0);
}

Test(driver_ring, chains_come_back_in_any_order)
{
	uint32_t written;
	uint16_t heads[2];

	make(0);
	for (unsigned round = 0; round < 70000; round++) {
		uint16_t first = ring.avail_next;

		cr_assert_eq(add(1, 2, 1), 0);
		cr_assert_eq(add(2, 1, 2), 0);
		heads[0] = head_of(first);
		heads[1] = head_of((uint16_t)(first + 1));
		cr_assert_null(ring_reap(&ring, &written));
		use_id(heads[1], 16);
		use_id(heads[0], 5);
		cr_assert_eq((uintptr_t)ring_reap(&ring, &written), 2);
		cr_assert_eq(written, 16);
		cr_assert_eq((uintptr_t)ring_reap(&ring, &written), 1);
		cr_assert_eq(written, 5);
		cr_assert_eq(ring.free_count, SIZE);
	}
	cr_assert_null(ring.broken);
}

Test(driver_ring, kicks_by_flag)
{
	make(0);
	cr_assert_not(ring_kick_needed(&ring), "nothing was added");
	add(1, 0, 1);
	cr_assert(ring_kick_needed(&ring));
	cr_assert_not(ring_kick_needed(&ring), "it was told already");
	store16(ring.used, RING_NO_NOTIFY);
	add(1, 0, 2);
	cr_assert_not(ring_kick_needed(&ring));
	set_avail_event(2);
	store16(ring.used, 0);
	add(1, 0, 3);
	cr_assert(ring_kick_needed(&ring), "avail_event means nothing without EVENT_IDX");
}

Test(driver_ring, kicks_by_event_index_across_the_wrap)
{
	make(VIRTIO_F_EVENT_IDX);
	ring.avail_next = ring.kicked = 0xfffe;
	set_avail_event(0xffff); /* tell me when entry 0xffff is there */
	store16(ring.used, RING_NO_NOTIFY);
	add(1, 0, 1);
	cr_assert_not(ring_kick_needed(&ring));
	add(1, 0, 2);
	cr_assert(ring_kick_needed(&ring), "and flags mean nothing");
	add(1, 0, 3);
	cr_assert_not(ring_kick_needed(&ring));
	set_avail_event(2);
	add(1, 0, 4);
	add(1, 0, 5);
	add(1, 0, 6);
	cr_assert(ring_kick_needed(&ring), "the event lies inside the batch");
}

Test(driver_ring, interrupts_by_event_index)
{
	uint32_t written;

	make(VIRTIO_F_EVENT_IDX);
	add(0, 1, 1);
	use_id(head_of(0), 1);
	ring_reap(&ring, &written);
	cr_assert_eq(ring.avail[2 + SIZE], 1, "the next one, please");
	cr_assert_eq(ring.avail[0], 0);
	ring_want_interrupts(&ring, false);
	cr_assert_eq(ring.avail[2 + SIZE], 0);
	cr_assert_eq(ring.avail[0], 0, "flags are 0 with EVENT_IDX");
	make(0);
	ring_want_interrupts(&ring, false);
	cr_assert_eq(ring.avail[0], RING_NO_INTERRUPT);
	ring_want_interrupts(&ring, true);
	cr_assert_eq(ring.avail[0], 0);
}

/* ---- a device that lies ---- */

static void expect_broken(const char *why)
{
	uint32_t written;

	cr_assert_null(ring_reap(&ring, &written));
	cr_assert_not_null(ring.broken);
	cr_assert_not_null(strstr(ring.broken, why), "%s", ring.broken);
	cr_assert_null(ring_reap(&ring, &written));
	cr_assert_eq(add(1, 0, 1), ERR_IO);
	cr_assert_not(ring_kick_needed(&ring));
}

Test(driver_ring, NW_004_id_beyond_the_ring)
{
	make(0);
	add(0, 1, 1);
	use_id(SIZE, 1);
	expect_broken("beyond the ring");
}

Test(driver_ring, NW_004_id_in_the_middle_of_a_chain)
{
	make(0);
	add(1, 1, 1);
	use_id(ring.desc[head_of(0)].next, 1);
	expect_broken("does not have");
}

Test(driver_ring, DK_005_id_returned_twice)
{
	uint32_t written;

	make(0);
	add(0, 1, 1);
	add(0, 1, 2);
	use_id(head_of(0), 1);
	use_id(head_of(0), 1);
	cr_assert_eq((uintptr_t)ring_reap(&ring, &written), 1);
	expect_broken("does not have");
}

Test(driver_ring, NW_004_index_runs_ahead)
{
	make(0);
	add(0, 1, 1);
	store16(ring.used + 2, 2);
	expect_broken("ahead");
}

Test(driver_ring, NW_004_index_runs_back)
{
	make(0);
	store16(ring.used + 2, 0xffff);
	expect_broken("ahead");
}

Test(driver_ring, NW_004_length_is_clamped)
{
	uint32_t written;

	make(0);
	add(1, 2, 1);
	use_id(head_of(0), 33);
	cr_assert_eq((uintptr_t)ring_reap(&ring, &written), 1);
	cr_assert_eq(written, 32);
	cr_assert_eq(ring.clamped, 1);
	cr_assert_null(ring.broken);
}

/* The device rewrites the descriptors it may only read: the free list is elsewhere. */
Test(driver_ring, descriptors_are_not_believed)
{
	uint32_t written;

	make(0);
	add(1, 2, 1);
	for (unsigned i = 0; i < SIZE; i++)
		ring.desc[i] = (struct ring_desc){~0ull, ~0u, 0xffff, 0xffff};
	use_id(head_of(0), 32);
	cr_assert_eq((uintptr_t)ring_reap(&ring, &written), 1);
	cr_assert_eq(ring.free_count, SIZE);
	for (uintptr_t i = 1; i <= SIZE; i++)
		cr_assert_eq(add(1, 0, i), 0);
}

Test(driver_ring, what_a_dead_device_had_is_taken_back)
{
	uintptr_t tokens = 0;
	void *token;

	make(0);
	add(1, 1, 1);
	add(0, 1, 2);
	add(1, 0, 4);
	ring.broken = "test";
	while ((token = ring_take_back(&ring)) != NULL)
		tokens += (uintptr_t)token;
	cr_assert_eq(tokens, 7);
	cr_assert_eq(ring.free_count, SIZE);
	cr_assert_eq(ring.chains, 0);
}
