/* SPDX-License-Identifier: BSD-2-Clause */
/* What a friendly driver sees. */
#include <string.h>

#include "tests/unit/blk/fixture.h"

TestSuite(blk, .init = blk_setup, .fini = blk_teardown, .timeout = 60);

#define CHECK_OUTCOME(o, s, w)                                                                     \
	do {                                                                                       \
		struct outcome got = (o);                                                          \
		cr_expect(got.used);                                                               \
		cr_expect_eq(got.status, (s), "status %u", got.status);                            \
		cr_expect_eq(got.written, (w), "written %u", got.written);                         \
	} while (0)

Test(blk, reads_what_the_disk_holds)
{
	uint64_t data = rig_alloc(&rig, 4096);

	CHECK_OUTCOME(request(T_IN, 3, data, 4096), S_OK, 4097);
	cr_expect(memcmp(rig_at(&rig, data, 4096), disk.data + 3 * 512, 4096) == 0);
	cr_expect_eq(rig.interrupts[0], 1);
}

Test(blk, writes_to_the_disk)
{
	uint64_t data = rig_alloc(&rig, 1024);

	memset(rig_at(&rig, data, 1024), 0x5a, 1024);
	CHECK_OUTCOME(request(T_OUT, 100, data, 1024), S_OK, 1);
	cr_expect(memcmp(rig_at(&rig, data, 1024), disk.data + 51200, 1024) == 0);
	cr_expect_neq(disk.data[51199], 0x5a);
	cr_expect_neq(disk.data[52224], 0x5a);
	cr_expect_eq(disk.flushes, 0);
}

Test(blk, flush_reaches_the_disk)
{
	CHECK_OUTCOME(request(T_FLUSH, 0, 0, 0), S_OK, 1);
	cr_expect_eq(disk.flushes, 1);
}

Test(blk, id_is_the_serial)
{
	uint64_t data = rig_alloc(&rig, 20);

	CHECK_OUTCOME(request(T_GET_ID, 0, data, 20), S_OK, 21);
	cr_expect_str_eq(rig_at(&rig, data, 20), "disk-serial");
}

Test(blk, configuration_space)
{
	cr_expect_eq(rig_read(&rig, rig.config, 4), DISK_SIZE / 512);
	cr_expect_eq(rig_read(&rig, rig.config + 8, 4), VIRTIO_BLK_SIZE_MAX);
	cr_expect_eq(rig_read(&rig, rig.config + 12, 4), VIRTIO_BLK_SEG_MAX);
	cr_expect_eq(rig_read(&rig, rig.config + 20, 4), 512);
	rig_write(&rig, rig.config, 0xffffffff, 4);
	cr_expect_eq(rig_read(&rig, rig.config, 4), DISK_SIZE / 512);
	cr_expect(rig_features(&rig) & F_FLUSH);
	cr_expect(!(rig_features(&rig) & F_RO));
}

PROVES("V14-BLK-030")
Test(blk, without_flush_every_write_is_stable)
{
	blk_setup_on(false, 0);
	uint64_t data = rig_alloc(&rig, 512);

	CHECK_OUTCOME(request(T_OUT, 1, data, 512), S_OK, 1);
	cr_expect_eq(disk.flushes, 1);
	CHECK_OUTCOME(request(T_IN, 1, data, 512), S_OK, 513);
	cr_expect_eq(disk.flushes, 1);
}

/* Completed only when the flush behind the write is. */
PROVES("V14-BLK-030")
Test(blk, without_flush_a_write_waits_for_the_disk)
{
	blk_setup_on(false, 0);
	disk.slow = true;
	cr_expect(!request(T_OUT, 1, rig_alloc(&rig, 512), 512).used);
	disk_finish(0);
	cr_expect_eq(rig_used_count(&rig, 0), 0);
	disk_finish(1);
	cr_expect_eq(rig_used_count(&rig, 0), 1);
}

Test(blk, one_notification_for_a_batch)
{
	uint64_t data = rig_alloc(&rig, 512);

	for (unsigned i = 0; i < 8; i++) {
		struct rig_buffer buffers[] = {
		    {header_at(T_IN, i), 16, false}, {data, 512, true}, {status_at(), 1, true}};
		rig_offer(&rig, 0, buffers, 3);
	}
	rig_kick(&rig, 0);
	cr_expect_eq(rig_used_count(&rig, 0), 8);
	cr_expect_eq(rig.interrupts[0], 1);
}

/* Cut the device-readable and the device-writable bytes of one request at the given places. */
static unsigned cut(struct rig_buffer *out, uint64_t at, uint32_t size, const uint32_t *places,
                    bool write)
{
	unsigned count = 0;
	uint32_t from = 0;

	for (unsigned i = 0; i < 3; i++) {
		uint32_t to = i < 2 && places[i] < size ? places[i] : size;

		if (to > from)
			out[count++] = (struct rig_buffer){at + from, to - from, write};
		from = to > from ? to : from;
	}
	return count;
}

static void check_read_cut(uint64_t in, uint64_t out, const uint32_t *head, const uint32_t *tail)
{
	struct rig_buffer buffers[6];
	unsigned count = cut(buffers, in, 16, head, false);
	struct outcome outcome;

	memset(rig_at(&rig, out, 513), S_NONE, 513);
	count += cut(buffers + count, out, 513, tail, true);
	outcome = run_chain(buffers, count, out + 512);
	cr_assert(outcome.used && outcome.status == S_OK && outcome.written == 513);
	cr_assert(memcmp(rig_at(&rig, out, 512), disk.data + 5 * 512, 512) == 0);
}

/* Every place in the header, and every place in data and status, and both pieces small. */
Test(blk, a_read_may_be_cut_anywhere)
{
	uint64_t in = header_at(T_IN, 5), out = rig_alloc(&rig, 513);

	for (uint32_t a = 1; a <= 16; a++)
		for (uint32_t b = a; b <= 16; b++)
			check_read_cut(in, out, (uint32_t[]){a, b}, (uint32_t[]){a * 30, b * 32});
	for (uint32_t a = 1; a <= 513; a++)
		for (uint32_t b = a; b <= 513; b += a < 8 || a > 505 ? 1 : 61)
			check_read_cut(in, out, (uint32_t[]){a % 16, 15}, (uint32_t[]){a, b});
}

static void check_write_cut(uint64_t in, const uint32_t *places)
{
	struct rig_buffer buffers[4];
	unsigned count = cut(buffers, in, 528, places, false);
	uint64_t status = in + 528;
	struct outcome outcome;

	memset(disk.data + 7 * 512, 0, 512);
	*(uint8_t *)rig_at(&rig, status, 1) = S_NONE;
	buffers[count++] = (struct rig_buffer){status, 1, true};
	outcome = run_chain(buffers, count, status);
	cr_assert(outcome.used && outcome.status == S_OK && outcome.written == 1);
	cr_assert(memcmp(rig_at(&rig, in + 16, 512), disk.data + 7 * 512, 512) == 0);
}

Test(blk, a_write_may_be_cut_anywhere)
{
	uint64_t in = rig_alloc(&rig, 529);
	uint32_t header[4] = {T_OUT, 0, 7, 0};

	memset(rig_at(&rig, in, 528), 0xc3, 528);
	memcpy(rig_at(&rig, in, 16), header, 16);
	for (uint32_t a = 1; a <= 528; a++)
		for (uint32_t b = a; b <= 528; b += a < 20 || a > 520 ? 1 : 67)
			check_write_cut(in, (uint32_t[]){a, b});
}

Test(blk, more_requests_than_slots_wait_in_the_ring)
{
	uint64_t data = rig_alloc(&rig, 512);
	struct rig_buffer buffers[] = {
	    {header_at(T_IN, 0), 16, false}, {data, 512, true}, {status_at(), 1, true}};

	disk.slow = true;
	for (unsigned i = 0; i < VIRTIO_BLK_IN_FLIGHT + 10; i++)
		rig_offer(&rig, 0, buffers, 3);
	rig_kick(&rig, 0);
	cr_assert_eq(disk.held_count, VIRTIO_BLK_IN_FLIGHT);
	disk_finish(5); /* in any order */
	cr_expect_eq(disk.held_count, VIRTIO_BLK_IN_FLIGHT + 1);
	for (unsigned i = 0; i < disk.held_count; i++)
		if (disk.held[i])
			disk_finish(i);
	cr_expect_eq(rig_used_count(&rig, 0), VIRTIO_BLK_IN_FLIGHT + 10);
	cr_expect(virtio_idle(&blk.device));
}

/* A queue that was not full has nothing waiting: what is new there is the next kick's. */
Test(blk, a_completion_takes_nothing_that_was_not_kicked)
{
	struct rig_buffer buffers[] = {{header_at(T_IN, 0), 16, false},
	                               {rig_alloc(&rig, 512), 512, true},
	                               {status_at(), 1, true}};

	disk.slow = true;
	rig_offer(&rig, 0, buffers, 3);
	rig_kick(&rig, 0);
	rig_offer(&rig, 0, buffers, 3);
	disk_finish(0);
	cr_expect_eq(disk.submits, 1);
	rig_kick(&rig, 0);
	cr_expect_eq(disk.submits, 2);
	disk_finish(1);
}

Test(blk, a_driver_that_gave_up_is_served_no_more)
{
	struct rig_buffer buffers[] = {{header_at(T_IN, 0), 16, false},
	                               {rig_alloc(&rig, 512), 512, true},
	                               {status_at(), 1, true}};

	disk.slow = true;
	for (unsigned i = 0; i < VIRTIO_BLK_IN_FLIGHT + 1; i++)
		rig_offer(&rig, 0, buffers, 3);
	rig_kick(&rig, 0);
	virtio_set_status(&blk.device, blk.device.status | VIRTIO_FAILED);
	disk_finish(0);
	cr_expect_eq(disk.submits, VIRTIO_BLK_IN_FLIGHT);
	for (unsigned i = 1; i < disk.held_count; i++)
		disk_finish(i);
	cr_expect_eq(rig_used_count(&rig, 0), 0);
}

Test(blk, counts)
{
	uint64_t data = rig_alloc(&rig, 2048);

	request(T_IN, 0, data, 512);
	request(T_OUT, 0, data, 2048);
	request(T_OUT, 0, data, 1024);
	request(T_FLUSH, 0, 0, 0);
	cr_expect_eq(blk.stats.reads, 1);
	cr_expect_eq(blk.stats.read_bytes, 512);
	cr_expect_eq(blk.stats.writes, 2);
	cr_expect_eq(blk.stats.written_bytes, 3072);
	cr_expect_eq(blk.stats.flushes, 1);
	cr_expect_eq(blk.stats.errors, 0);
}
