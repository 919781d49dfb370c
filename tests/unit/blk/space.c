/* SPDX-License-Identifier: BSD-2-Clause */
/* The block device's configuration structure, its write cache, its queues and its size. */
#include <string.h>

#include "tests/unit/blk/fixture.h"

static void setup(void)
{
	blk_setup_full(F_FLUSH | F_CONFIG_WCE | F_MQ | F_RANGES);
}

TestSuite(blk_space, .init = setup, .fini = blk_teardown, .timeout = 60);

static uint64_t field(unsigned offset, uint8_t size)
{
	return rig_read(&rig, rig.config + offset, size);
}

PROVES("V14-BLK-001", "V14-BLK-004", "V14-BLK-033")
Test(blk_space, what_is_offered)
{
	uint64_t features = rig_features(&rig);

	cr_expect_eq(features & 0xffffff, 1 << 1 | 1 << 2 | 1 << 4 | 1 << 6 | 1 << 9 | 1 << 10 |
	                                      1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 16);
	blk_setup_on(true, F_FLUSH);
	features = rig_features(&rig);
	cr_expect_eq(features & 0xffffff,
	             1 << 1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11);
}

/* A disk that cannot be written offers nothing that would change it. */
Test(blk_space, a_read_only_disk_has_nothing_to_discard)
{
	disk.backend.read_only = true;
	virtio_blk_init(&blk, &(struct virtio_blk_config){
	                          .name = "ro", .mem = &rig.mem.mem, .backend = &disk.backend});
	cr_expect_eq(blk.device.offered & F_RANGES, 0);
	cr_expect(blk.device.offered & F_RO);
}

Test(blk_space, geometry_and_topology)
{
	uint64_t heads = field(18, 1), sectors = field(19, 1);

	cr_expect_eq(field(16, 2), DISK_SIZE / 512 / heads / sectors);
	cr_expect_eq(field(20, 4), 512);
	cr_expect_eq(field(24, 1), 3);
	cr_expect_eq(field(25, 1), 0);
	cr_expect_eq(field(26, 2), 8);
	cr_expect_eq(field(28, 4), VIRTIO_BLK_SIZE_MAX / 512);
	disk.backend.capacity = 1ull << 60;
	virtio_blk_resized(&blk);
	cr_expect_eq(field(16, 2), 0xffff);
}

PROVES("V14-BLK-028")
Test(blk_space, limits_of_ranges)
{
	for (unsigned at = 36; at <= 60; at += 12) {
		cr_expect_eq(field(at, 4), VIRTIO_BLK_RANGE_SECTORS);
		cr_expect_eq(field(at + 4, 4), VIRTIO_BLK_RANGES);
	}
	cr_expect_gt(field(44, 4), 0);
	cr_expect_gt(field(68, 4), 0);
	cr_expect_eq(field(56, 1), 0);
	disk.backend.unmaps = true;
	virtio_blk_init(&blk, &(struct virtio_blk_config){
	                          .name = "unmaps", .mem = &rig.mem.mem, .backend = &disk.backend});
	cr_expect_eq(blk.space[56], 1);
}

/* The fields of zones read 0 too: there are none. */
PROVES("V14-BLK-003", "V14-BLK-006")
Test(blk_space, padding_and_zones_read_zero)
{
	cr_expect_eq(field(33, 1), 0);
	for (unsigned at = 57; at < 60; at++)
		cr_expect_eq(field(at, 1), 0);
	for (unsigned at = 72; at < 96; at++)
		cr_expect_eq(field(at, 1), 0);
}

PROVES("V14-BLK-004")
Test(blk_space, zones_cannot_be_negotiated)
{
	cr_expect(!rig_start(&rig, F_FLUSH | F_ZONED));
}

/* --- the write cache --- */

static void write_once(void)
{
	struct outcome outcome = request(T_OUT, 1, rig_alloc(&rig, 512), 512);

	cr_expect(outcome.used && outcome.status == S_OK);
}

PROVES("V14-BLK-030")
Test(blk_space, BK_019_write_cache_switched_between_writes)
{
	cr_expect_eq(field(32, 1), 1);
	write_once();
	cr_expect_eq(disk.flushes, 0);
	rig_write(&rig, rig.config + 32, 0, 1);
	cr_expect_eq(field(32, 1), 0);
	write_once();
	cr_expect_eq(disk.flushes, 1);
	rig_write(&rig, rig.config + 32, 0xff, 1);
	cr_expect_eq(field(32, 1), 1);
	write_once();
	cr_expect_eq(disk.flushes, 1);
}

/* Switched off while a write is on its way: the write is not complete before it is stable. */
PROVES("V14-BLK-030")
Test(blk_space, BK_019_write_cache_switched_during_a_write)
{
	disk.slow = true;
	request(T_OUT, 1, rig_alloc(&rig, 512), 512);
	rig_write(&rig, rig.config + 32, 0, 1);
	disk_finish(0);
	cr_expect_eq(rig_used_count(&rig, 0), 0);
	disk_finish(1);
	cr_expect_eq(rig_used_count(&rig, 0), 1);
	cr_expect_eq(disk.flushes, 1);
}

/* Read before DRIVER_OK too: Linux does. */
PROVES("V14-BLK-002", "V14-BLK-030")
Test(blk_space, no_cache_without_flush)
{
	cr_assert(rig_start(&rig, F_CONFIG_WCE));
	cr_expect_eq(field(32, 1), 0);
	write_once();
	cr_expect_eq(disk.flushes, 1);
	rig_reset(&rig);
	cr_expect_eq(field(32, 1), 1);
}

static void set_status(uint8_t status)
{
	virtio_set_status(&blk.device, status);
}

PROVES("V14-BLK-002")
Test(blk_space, no_cache_without_flush_from_features_ok_on)
{
	rig_reset(&rig);
	set_status(VIRTIO_ACKNOWLEDGE);
	set_status(VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	virtio_set_features(&blk.device, VIRTIO_F_VERSION_1 | F_CONFIG_WCE);
	cr_expect_eq(field(32, 1), 1);
	set_status(VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK);
	cr_expect_eq(field(32, 1), 0);
}

Test(blk_space, only_the_cache_field_can_be_written)
{
	uint8_t before[96], after[96];

	virtio_config_read(&blk.device, 0, before, sizeof(before));
	for (unsigned at = 0; at < 96; at++)
		for (int value = 0x5a; at != 32 && value >= 0; value -= 0x5a)
			rig_write(&rig, rig.config + at, (unsigned)value, 1);
	rig_write(&rig, rig.config + 32, 0, 2);
	rig_write(&rig, rig.config + 32, 0, 4);
	virtio_config_read(&blk.device, 0, after, sizeof(after));
	cr_expect_arr_eq(before, after, sizeof(after));
}

Test(blk_space, the_size_of_buffers_is_the_owners_choice)
{
	static struct virtio_blk small;

	cr_expect_eq(field(8, 4), VIRTIO_BLK_SIZE_MAX);
	virtio_blk_init(&small, &(struct virtio_blk_config){.name = "small",
	                                                    .mem = &rig.mem.mem,
	                                                    .backend = &disk.backend,
	                                                    .size_max = 4096});
	cr_expect_eq(small.space[8] | small.space[9] << 8 | small.space[10] << 16, 4096);
}

/* --- size --- */

PROVES("V14-BLK-020", "V14-BLK-021")
Test(blk_space, resized_while_running)
{
	unsigned told = rig.interrupts[rig.config_vector];
	uint64_t data = rig_alloc(&rig, 512);

	disk.backend.capacity = DISK_SIZE / 2;
	virtio_blk_resized(&blk);
	cr_expect_eq(rig.interrupts[rig.config_vector], told + 1);
	cr_expect_eq(field(0, 4), DISK_SIZE / 1024);
	cr_expect_eq(request(T_IN, DISK_SIZE / 1024, data, 512).status, S_IOERR);
	cr_expect_eq(request(T_IN, DISK_SIZE / 1024 - 1, data, 512).status, S_OK);
	disk.backend.capacity = DISK_SIZE;
	virtio_blk_resized(&blk);
	cr_expect_eq(rig.interrupts[rig.config_vector], told + 2);
	cr_expect_eq(request(T_IN, DISK_SIZE / 512 - 1, data, 512).status, S_OK);
}

/* --- queues --- */

static struct outcome read_on(unsigned queue)
{
	uint64_t status = status_at();

	return run_chain_on(queue,
	                    (struct rig_buffer[]){{header_at(T_IN, queue), 16, false},
	                                          {rig_alloc(&rig, 512), 512, true},
	                                          {status, 1, true}},
	                    3, status);
}

Test(blk_space, every_queue_works)
{
	cr_expect_eq(field(34, 2), QUEUES);
	for (unsigned i = 0; i < QUEUES; i++) {
		struct outcome outcome = read_on(i);

		cr_expect(outcome.used && outcome.status == S_OK);
		cr_expect_eq(rig.interrupts[i], 1);
	}
}

/* What one queue has in the back-end is not taken from another one. */
Test(blk_space, a_busy_queue_leaves_the_others_their_share)
{
	struct rig_buffer buffers[] = {{header_at(T_IN, 0), 16, false},
	                               {rig_alloc(&rig, 512), 512, true},
	                               {status_at(), 1, true}};
	const unsigned share = VIRTIO_BLK_IN_FLIGHT / QUEUES;

	disk.slow = true;
	for (unsigned i = 0; i < 80; i++)
		rig_offer(&rig, 1, buffers, 3);
	rig_kick(&rig, 1);
	cr_expect_eq(disk.held_count, share);
	read_on(2);
	cr_assert_eq(disk.held_count, share + 1);
	disk_finish(share);
	cr_expect_eq(rig_used_count(&rig, 2), 1);
	cr_expect_eq(rig_used_count(&rig, 1), 0);
	disk_finish(0); /* the busy queue goes on, by one */
	cr_expect_eq(disk.held_count, share + 2);
	for (unsigned i = 1; i < disk.held_count; i++)
		if (disk.held[i])
			disk_finish(i);
	cr_expect_eq(rig_used_count(&rig, 1), 80);
	cr_expect(virtio_idle(&blk.device));
}

/* Not negotiated: the other queues are not there, and the first one has all of the back-end. */
Test(blk_space, one_queue_without_the_feature)
{
	cr_assert(rig_start(&rig, F_FLUSH));
	cr_expect(!blk.rings[1].enabled);
	rig_kick(&rig, 1);
	cr_expect_eq(disk.submits, 0);
	cr_expect(read_on(0).used);
	cr_expect_eq(blk.share, VIRTIO_BLK_IN_FLIGHT);
	cr_assert(rig_start(&rig, F_FLUSH | F_MQ));
	cr_expect(read_on(QUEUES - 1).used);
}
