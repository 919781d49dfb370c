/* SPDX-License-Identifier: BSD-2-Clause */
/* Discard, write zeroes and secure erase (5.2.6), and rows BK-011, BK-012. */
#include <string.h>

#include "tests/unit/blk/fixture.h"

static void setup(void)
{
	blk_setup_full(F_FLUSH | F_RANGES);
}

TestSuite(blk_ranges, .init = setup, .fini = blk_teardown, .timeout = 60);

enum { SECTORS = DISK_SIZE / 512, UNMAP = 1 };

struct range {
	uint64_t sector;
	uint32_t count, flags;
};

static const uint32_t types[] = {T_DISCARD, T_WRITE_ZEROES, T_SECURE_ERASE};

/* A request whose data is size bytes of the ranges. */
static struct outcome ask(uint32_t type, const struct range *ranges, uint32_t size)
{
	uint64_t data = rig_alloc(&rig, size + 1), status = status_at();

	memcpy(rig_at(&rig, data, size), ranges, size);
	return run_chain((struct rig_buffer[]){{header_at(type, 0), 16, false},
	                                       {data, size, false},
	                                       {status, 1, true}},
	                 3, status);
}

static void expect(struct outcome outcome, uint8_t status)
{
	cr_expect(outcome.used);
	cr_expect_eq(outcome.status, status, "status %u", outcome.status);
	cr_expect_eq(outcome.written, 1);
}

static bool zero(unsigned sector, unsigned count)
{
	for (unsigned i = sector * 512; i < (sector + count) * 512; i++)
		if (disk.data[i])
			return false;
	return true;
}

static void fill_disk(void)
{
	memset(disk.data, 0xa5, DISK_SIZE);
}

static bool disk_full(void)
{
	for (unsigned i = 0; i < DISK_SIZE; i++)
		if (disk.data[i] != 0xa5)
			return false;
	return true;
}

PROVES("V14-BLK-025", "V14-BLK-027")
Test(blk_ranges, clear_what_they_name_and_nothing_else)
{
	struct range ranges[VIRTIO_BLK_RANGES] = {{3, 2, 0}, {SECTORS - 1, 1, 0}};

	for (unsigned i = 2; i < VIRTIO_BLK_RANGES; i++)
		ranges[i] = (struct range){i * 10, 0, 0}; /* empty ones are no mistake */
	for (unsigned i = 0; i < 3; i++) {
		fill_disk();
		expect(ask(types[i], ranges, sizeof(ranges)), S_OK);
		cr_expect(zero(3, 2) && zero(SECTORS - 1, 1));
		memset(disk.data + 3 * 512, 0xa5, 1024);
		memset(disk.data + DISK_SIZE - 512, 0xa5, 512);
		cr_expect(disk_full());
	}
	cr_expect_eq(blk.stats.cleared_bytes, 3 * 3 * 512);
}

PROVES("V14-BLK-026", "V14-BLK-027")
Test(blk_ranges, write_zeroes_may_unmap)
{
	fill_disk();
	expect(ask(T_WRITE_ZEROES, &(struct range){8, 8, UNMAP}, 16), S_OK);
	cr_expect_eq(disk.unmaps, 1);
	cr_expect(zero(8, 8));
	expect(ask(T_WRITE_ZEROES, &(struct range){8, 8, 0}, 16), S_OK);
	cr_expect_eq(disk.unmaps, 1);
}

PROVES("V14-BLK-023")
Test(blk_ranges, BK_011_unknown_flags)
{
	struct range ranges[2] = {{0, 8, 0}, {8, 8, 0}};

	fill_disk();
	for (unsigned i = 0; i < 3; i++)
		for (unsigned bit = 1; bit < 32; bit++) {
			ranges[1].flags = 1u << bit;
			expect(ask(types[i], ranges, sizeof(ranges)), S_UNSUPP);
		}
	cr_expect(disk_full());
	cr_expect_eq(disk.submits, 0);
}

/* Also where the range is impossible besides. */
PROVES("V14-BLK-024")
Test(blk_ranges, BK_011_unmap_on_discard)
{
	fill_disk();
	expect(ask(T_DISCARD, &(struct range){0, 8, UNMAP}, 16), S_UNSUPP);
	expect(ask(T_DISCARD, &(struct range){UINT64_MAX, 8, UNMAP}, 16), S_UNSUPP);
	expect(ask(T_SECURE_ERASE, &(struct range){0, 8, UNMAP}, 16), S_UNSUPP);
	cr_expect(disk_full());
}

Test(blk_ranges, BK_011_data_of_a_wrong_size)
{
	static const struct range ranges[VIRTIO_BLK_RANGES + 4] = {{0, 8, 0}};

	fill_disk();
	for (unsigned i = 0; i < 3; i++) {
		for (uint32_t size = 0; size <= sizeof(ranges); size++)
			if (size % 16 || size == 0 || size > 16 * VIRTIO_BLK_RANGES)
				expect(ask(types[i], ranges, size), S_IOERR);
		expect(request(types[i], 0, 0, 0), S_IOERR);
	}
	cr_expect(disk_full());
	cr_expect_eq(disk.submits, 0);
}

/* One bad range keeps the good ones before it from being touched. */
Test(blk_ranges, BK_012_impossible_ranges)
{
	static const struct range bad[] = {{UINT64_MAX, 1, 0},
	                                   {UINT64_MAX - 7, 8, 0},
	                                   {SECTORS, 1, 0},
	                                   {SECTORS + 1, 0, 0},
	                                   {SECTORS - 1, 2, 0},
	                                   {0, UINT32_MAX, 0},
	                                   {0, VIRTIO_BLK_RANGE_SECTORS + 1, 0},
	                                   {1ull << 55, 1, 0},
	                                   {(1ull << 55) - 1, 1, 0}};

	fill_disk();
	for (unsigned i = 0; i < 3; i++)
		for (unsigned k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
			struct range ranges[2] = {{0, 8, 0}, bad[k]};

			expect(ask(types[i], ranges, sizeof(ranges)), S_IOERR);
		}
	cr_expect(disk_full());
	cr_expect_eq(disk.submits, 0);
}

/* The limit counts by itself where the disk is large enough. */
Test(blk_ranges, BK_012_ranges_beyond_the_limit)
{
	struct range range = {0, VIRTIO_BLK_RANGE_SECTORS + 1, 0};

	disk.backend.capacity = 1u << 30;
	for (unsigned i = 0; i < 3; i++)
		expect(ask(types[i], &range, 16), S_IOERR);
	cr_expect_eq(disk.submits, 0);
}

Test(blk_ranges, BK_012_overlapping_ranges)
{
	static const struct range ranges[] = {{0, 16, 0}, {8, 16, 0}, {0, 24, 0}};

	fill_disk();
	expect(ask(T_WRITE_ZEROES, ranges, sizeof(ranges)), S_OK);
	cr_expect(zero(0, 24) && disk.data[24 * 512] == 0xa5);
}

/* As many ranges as possible, each of them whole: one kick does bounded work. */
Test(blk_ranges, BK_012_work_for_one_kick_is_bounded)
{
	struct range ranges[VIRTIO_BLK_RANGES];
	uint64_t data = rig_alloc(&rig, sizeof(ranges)), status = status_at();
	struct rig_buffer buffers[] = {{header_at(T_WRITE_ZEROES, 0), 16, false},
	                               {data, sizeof(ranges), false},
	                               {status, 1, true}};

	for (unsigned i = 0; i < VIRTIO_BLK_RANGES; i++)
		ranges[i] = (struct range){0, SECTORS, 0};
	memcpy(rig_at(&rig, data, sizeof(ranges)), ranges, sizeof(ranges));
	for (unsigned i = 0; i < 60; i++)
		rig_offer(&rig, 0, buffers, 3);
	rig_kick(&rig, 0);
	cr_expect_leq(disk.submits, VIRTIO_BLK_RANGES);
	fake_port_advance(1000);
	cr_expect_eq(disk.submits, 60 * VIRTIO_BLK_RANGES);
	cr_expect_eq(rig_used_count(&rig, 0), 60);
}

Test(blk_ranges, an_error_ends_the_request)
{
	static const struct range ranges[] = {{0, 8, 0}, {8, 8, 0}, {16, 8, 0}};

	fill_disk();
	disk.result = BLK_IO_ERROR;
	expect(ask(T_DISCARD, ranges, sizeof(ranges)), S_IOERR);
	cr_expect_eq(disk.submits, 1);
	disk.result = BLK_NOT_SUPPORTED;
	expect(ask(T_DISCARD, ranges, sizeof(ranges)), S_UNSUPP);
	cr_expect_eq(disk.submits, 2);
}

/* A change like a write: without a cache it is stable when it completes. */
PROVES("V14-BLK-030")
Test(blk_ranges, stable_where_the_driver_relies_on_it)
{
	cr_assert(rig_start(&rig, F_RANGES));
	for (unsigned i = 0; i < 3; i++) {
		expect(ask(types[i], &(struct range){0, 8, 0}, 16), S_OK);
		cr_expect_eq(disk.flushes, i + 1);
	}
}

Test(blk_ranges, each_needs_its_own_feature)
{
	static const uint64_t features[] = {F_DISCARD, F_WRITE_ZEROES, F_SECURE_ERASE};

	fill_disk();
	for (unsigned i = 0; i < 3; i++) {
		cr_assert(rig_start(&rig, F_FLUSH | (F_RANGES & ~features[i])));
		expect(ask(types[i], &(struct range){0, 8, 0}, 16), S_UNSUPP);
	}
	cr_expect(disk_full());
}

/* Between the ranges the ring may be reset; nothing is written after that. */
Test(blk_ranges, a_reset_in_the_middle)
{
	static const struct range ranges[] = {{0, 8, 0}, {8, 8, 0}};

	disk.slow = true;
	cr_expect(!ask(T_WRITE_ZEROES, ranges, sizeof(ranges)).used);
	rig_reset(&rig);
	for (unsigned i = 0; i < disk.held_count; i++)
		disk_finish(i);
	cr_expect_eq(rig_status(&rig), 0);
	cr_expect(virtio_idle(&blk.device));
	cr_expect_eq(raw_used_idx(&rig.rings[0]), 0);
}
