/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows BK of the catalogue of hostile guests. */
#include <string.h>

#include "tests/unit/blk/fixture.h"

TestSuite(blk_hostile, .init = blk_setup, .fini = blk_teardown, .timeout = 60);

static uint8_t before[DISK_SIZE];

static void remember_disk(void)
{
	memcpy(before, disk.data, DISK_SIZE);
}

static bool disk_unchanged(void)
{
	return memcmp(before, disk.data, DISK_SIZE) == 0;
}

/* The device still does what it should: the end of every test. */
static void still_works(void)
{
	struct outcome outcome = request(T_IN, 9, rig_alloc(&rig, 512), 512);

	cr_expect(outcome.used && outcome.status == S_OK && outcome.written == 513);
	cr_expect(disk.slow || virtio_idle(&blk.device));
	cr_expect(!(rig_status(&rig) & VIRTIO_NEEDS_RESET));
}

static void expect(struct outcome outcome, uint8_t status, uint32_t written)
{
	cr_expect(outcome.used);
	cr_expect_eq(outcome.status, status, "status %u", outcome.status);
	cr_expect_eq(outcome.written, written, "written %u", outcome.written);
}

Test(blk_hostile, BK_001_beyond_capacity)
{
	static const uint64_t sectors[] = {DISK_SIZE / 512 - 1, DISK_SIZE / 512, 1ull << 63,
	                                   (1ull << 55) - 1,    1ull << 55,      UINT64_MAX};
	uint64_t data = rig_alloc(&rig, 1024);

	remember_disk();
	for (unsigned i = 0; i < sizeof(sectors) / sizeof(sectors[0]); i++) {
		expect(request(T_OUT, sectors[i], data, 1024), S_IOERR, 1);
		expect(request(T_IN, sectors[i], data, 1024), S_IOERR, 0);
	}
	cr_expect(disk_unchanged());
	cr_expect_eq(disk.submits, 0);
	expect(request(T_OUT, DISK_SIZE / 512 - 2, data, 1024), S_OK, 1);
	still_works();
}

Test(blk_hostile, BK_002_length_is_no_multiple_of_512)
{
	static const uint32_t sizes[] = {1, 511, 513, 1000};
	uint64_t data = rig_alloc(&rig, 1024);

	remember_disk();
	for (unsigned i = 0; i < 4; i++) {
		expect(request(T_OUT, 0, data, sizes[i]), S_IOERR, 1);
		expect(request(T_IN, 0, data, sizes[i]), S_IOERR, 0);
	}
	cr_expect(disk_unchanged());
	still_works();
}

Test(blk_hostile, BK_003_parts_missing)
{
	uint64_t status = status_at(), data = rig_alloc(&rig, 512);
	struct rig_buffer header = {header_at(T_IN, 0), 16, false};
	struct rig_buffer out = {header_at(T_OUT, 0), 16, false};
	struct rig_buffer stump = {header_at(T_IN, 0), 15, false};
	struct rig_buffer tail = {status, 1, true}, payload = {data, 512, false};

	remember_disk();
	expect(run_chain(&header, 1, 0), S_NONE, 0);
	expect(run_chain((struct rig_buffer[]){header, tail}, 2, status), S_IOERR, 0);
	expect(run_chain((struct rig_buffer[]){out, payload}, 2, 0), S_NONE, 0);
	expect(run_chain((struct rig_buffer[]){out, tail}, 2, status), S_IOERR, 0);
	expect(run_chain((struct rig_buffer[]){stump, tail}, 2, status), S_IOERR, 0);
	expect(run_chain(&tail, 1, status), S_IOERR, 0);
	cr_expect(disk_unchanged());
	still_works();
}

Test(blk_hostile, BK_004_status_in_the_last_writable_byte)
{
	uint64_t data = rig_alloc(&rig, 512), wide = rig_alloc(&rig, 4096), status = status_at();
	struct rig_buffer header = {header_at(T_OUT, 4), 16, false};
	struct rig_buffer payload = {data, 512, false};

	/* readable: there is no status byte */
	expect(run_chain((struct rig_buffer[]){header, payload, {status, 1, false}}, 3, status),
	       S_NONE, 0);
	expect(run_chain((struct rig_buffer[]){header, payload, {status, 0, true}}, 3, status),
	       S_NONE, 0);
	memset(rig_at(&rig, wide, 4096), S_NONE, 4096);
	expect(
	    run_chain((struct rig_buffer[]){header, payload, {wide, 4096, true}}, 3, wide + 4095),
	    S_OK, 0);
	for (unsigned i = 0; i < 4095; i++)
		cr_assert_eq(*(uint8_t *)rig_at(&rig, wide + i, 1), S_NONE);
	still_works();
}

Test(blk_hostile, BK_005_data_in_the_wrong_direction)
{
	uint64_t data = rig_alloc(&rig, 512), status = status_at();
	struct rig_buffer tail = {status, 1, true};

	remember_disk();
	expect(run_chain(
	           (struct rig_buffer[]){{header_at(T_IN, 0), 16, false}, {data, 512, false}, tail},
	           3, status),
	       S_IOERR, 0);
	expect(run_chain(
	           (struct rig_buffer[]){{header_at(T_OUT, 0), 16, false}, {data, 512, true}, tail},
	           3, status),
	       S_IOERR, 0);
	/* both ways at once */
	expect(run_chain((struct rig_buffer[]){{header_at(T_IN, 0), 16, false},
	                                       {data, 512, false},
	                                       {data, 512, true},
	                                       tail},
	                 4, status),
	       S_IOERR, 0);
	cr_expect(disk_unchanged());
	for (unsigned i = 0; i < 512; i++)
		cr_assert_eq(*(uint8_t *)rig_at(&rig, data + i, 1), 0);
	still_works();
}

Test(blk_hostile, BK_006_unknown_types)
{
	static const uint32_t types[] = {2,  3,  5,  6,          7,          9,
	                                 10, 12, 99, 0x80000000, 0x80000001, 0xffffffff};
	uint64_t data = rig_alloc(&rig, 512);

	remember_disk();
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		expect(request(types[i], 0, data, 512), S_UNSUPP, 0);
		expect(request(types[i], 0, 0, 0), S_UNSUPP, 1);
	}
	cr_expect(disk_unchanged());
	cr_expect_eq(disk.submits, 0);
	still_works();
}

PROVES("V14-BLK-022")
Test(blk_hostile, BK_007_write_to_a_read_only_disk)
{
	blk_setup_on(true, F_FLUSH); /* RO need not be negotiated */
	remember_disk();
	cr_expect(rig_features(&rig) & F_RO);
	expect(request(T_OUT, 0, rig_alloc(&rig, 512), 512), S_IOERR, 1);
	cr_expect(disk_unchanged());
	cr_expect_eq(disk.submits, 0);
	still_works();
}

Test(blk_hostile, BK_008_more_and_larger_segments_than_allowed)
{
	struct rig_buffer buffers[256];
	uint64_t data = rig_alloc(&rig, 512), status = status_at();
	unsigned n = VIRTIO_BLK_SEG_MAX + 1;

	remember_disk();
	buffers[0] = (struct rig_buffer){header_at(T_IN, 0), 16, false};
	for (unsigned i = 1; i <= n; i++)
		buffers[i] = (struct rig_buffer){data, 512, true};
	buffers[n + 1] = (struct rig_buffer){status, 1, true};
	expect(run_chain(buffers, n + 2, status), S_IOERR, 0);
	/* the same with one less is fine, and so is one large piece */
	buffers[n] = buffers[n + 1];
	expect(run_chain(buffers, n + 1, status), S_OK, (n - 1) * 512 + 1);
	expect(request(T_IN, 0, rig_alloc(&rig, 256 << 10), 256 << 10), S_OK, (256 << 10) + 1);
	/* more bytes than any legal request has */
	buffers[0] = (struct rig_buffer){header_at(T_OUT, 0), 16, false};
	for (unsigned i = 1; i <= 20; i++)
		buffers[i] = (struct rig_buffer){FAKE_HIGH, 1 << 20, false};
	buffers[21] = (struct rig_buffer){status, 1, true};
	expect(run_chain(buffers, 22, status), S_IOERR, 1);
	cr_expect(disk_unchanged());
	still_works();
}

enum { BUFFERS = 32 };

/* A write of as much as two turns take, on a slow disk. */
static void write_two_turns(void)
{
	struct rig_buffer buffers[BUFFERS + 2] = {{header_at(T_OUT, 8), 16, false}};
	uint64_t status = status_at();

	disk.backend.capacity = 1u << 30;
	disk.slow = true;
	for (unsigned i = 1; i <= BUFFERS; i++)
		buffers[i] =
		    (struct rig_buffer){FAKE_SEAM, 2 * (VIRTIO_BLK_DATA_MAX / BUFFERS), false};
	buffers[BUFFERS + 1] = (struct rig_buffer){status, 1, true};
	cr_assert_not(run_chain(buffers, BUFFERS + 2, status).used);
	cr_assert_eq(disk.submits, 1);
	cr_assert_eq(disk.held[0]->size, VIRTIO_BLK_DATA_MAX);
}

static void end_piece(enum blk_result result)
{
	disk.held[disk.held_count - 1]->done(disk.held[disk.held_count - 1], result);
}

Test(blk_hostile, BK_008_more_data_than_is_moved_at_once)
{
	write_two_turns();
	end_piece(BLK_OK);
	cr_assert_eq(disk.submits, 1, "it has to wait for its turn");
	fake_port_advance(1);
	cr_assert_eq(disk.submits, 2);
	cr_assert_eq(disk.held[1]->offset, 8 * 512 + VIRTIO_BLK_DATA_MAX);
	cr_assert_eq(disk.held[1]->size, VIRTIO_BLK_DATA_MAX);
	cr_assert_eq(blk.device.held, 1);
	end_piece(BLK_OK);
	cr_assert_eq(blk.device.held, 0);
	cr_assert_eq(blk.stats.written_bytes, 2 * VIRTIO_BLK_DATA_MAX);
	fake_port_advance(1);
	cr_assert_eq(disk.submits, 2);
}

Test(blk_hostile, BK_008_a_piece_that_fails_is_the_last)
{
	write_two_turns();
	end_piece(BLK_IO_ERROR);
	cr_assert_eq(blk.device.held, 0);
	cr_assert_eq(blk.stats.errors, 1);
	fake_port_advance(1);
	cr_assert_eq(disk.submits, 1);
}

Test(blk_hostile, BK_008_a_reset_between_two_pieces_ends_the_request)
{
	write_two_turns();
	end_piece(BLK_OK);
	virtio_set_status(&blk.device, 0);
	cr_assert_eq(virtio_status(&blk.device), 0);
	cr_assert_eq(blk.device.held, 0);
	fake_port_advance(1);
	cr_assert_eq(disk.submits, 1);
}

Test(blk_hostile, BK_008_a_reset_during_a_piece_ends_the_request)
{
	write_two_turns();
	virtio_set_status(&blk.device, 0);
	cr_assert_neq(virtio_status(&blk.device), 0);
	end_piece(BLK_OK);
	fake_port_advance(1);
	cr_assert_eq(disk.submits, 1);
	cr_assert_eq(virtio_status(&blk.device), 0);
}

Test(blk_hostile, BK_008_two_requests_in_pieces)
{
	write_two_turns();
	disk.submits = 0;
	write_two_turns();
	disk.held[0]->done(disk.held[0], BLK_OK);
	disk.held[1]->done(disk.held[1], BLK_OK);
	fake_port_advance(10);
	cr_assert_eq(disk.submits, 3, "each goes on");
	disk.held[2]->done(disk.held[2], BLK_OK);
	disk.held[3]->done(disk.held[3], BLK_OK);
	cr_assert_eq(blk.device.held, 0);
	cr_assert_eq(rig_used_count(&rig, 0), 2);
}

Test(blk_hostile, BK_008_a_driver_that_gave_up_between_two_pieces)
{
	write_two_turns();
	end_piece(BLK_OK);
	virtio_set_status(&blk.device, blk.device.status | VIRTIO_FAILED);
	fake_port_advance(10);
	cr_assert_eq(disk.submits, 1);
	cr_assert_eq(blk.device.held, 0);
}

/* The slot is the same; what is left of the first request is not the second one's. */
Test(blk_hostile, BK_008_a_flush_after_a_piece_that_failed)
{
	write_two_turns();
	end_piece(BLK_IO_ERROR);
	rig.seen[0]++;
	disk.slow = false;
	expect(request(T_FLUSH, 0, 0, 0), S_OK, 1);
	cr_assert_eq(disk.flushes, 1);
}

Test(blk_hostile, BK_009_chain_of_queue_size_in_single_bytes)
{
	struct rig_buffer buffers[256];
	uint64_t in = header_at(T_IN, 0), out = rig_alloc(&rig, 256);

	for (unsigned i = 0; i < 256; i++)
		buffers[i] = (struct rig_buffer){i < 16 ? in + i : out + i - 16, 1, i >= 16};
	expect(run_chain(buffers, 256, out + 239), S_IOERR, 0);
	still_works();
}

Test(blk_hostile, BK_010_get_id_buffers)
{
	uint64_t data = rig_alloc(&rig, 512 << 10);
	uint8_t *bytes = rig_at(&rig, data, 512 << 10);

	memset(bytes, 0x77, 512 << 10);
	expect(request(T_GET_ID, 0, data, 1), S_OK, 2);
	cr_expect(bytes[0] == 'd' && bytes[1] == 0x77);
	expect(request(T_GET_ID, 0, data, 19), S_OK, 20);
	cr_expect(bytes[18] == 0 && bytes[19] == 0x77);
	expect(request(T_GET_ID, 0, data, 21), S_OK, 20);
	cr_expect(bytes[19] == 0 && bytes[20] == 0x77);
	expect(request(T_GET_ID, 0, data, 512 << 10), S_OK, 20);
	for (unsigned i = 20; i < 512 << 10; i++)
		cr_assert_eq(bytes[i], 0x77);
	expect(request(T_GET_ID, 0, 0, 0), S_OK, 1);
	still_works();
}

/* Not offered: unsupported, whatever the segments say. */
Test(blk_hostile, BK_011_discard_and_write_zeroes_without_the_feature)
{
	static const uint32_t types[] = {11, 13};
	uint64_t data = rig_alloc(&rig, 64), status = status_at();

	remember_disk();
	memset(rig_at(&rig, data, 64), 0xff, 64);
	for (unsigned i = 0; i < 2; i++)
		for (uint32_t size = 1; size <= 64; size++)
			expect(run_chain((struct rig_buffer[]){{header_at(types[i], 0), 16, false},
			                                       {data, size, false},
			                                       {status, 1, true}},
			                 3, status),
			       S_UNSUPP, 1);
	cr_expect(disk_unchanged());
	still_works();
}

/* Any range, any number of them, any flags: no work is done for it. */
Test(blk_hostile, BK_012_discard_and_write_zeroes_of_impossible_ranges)
{
	static const struct {
		uint64_t sector;
		uint32_t count, flags;
	} ranges[] = {{UINT64_MAX, 1, 0}, {UINT64_MAX - 7, 8, 1},     {DISK_SIZE / 512, 1, 0},
	              {0, UINT32_MAX, 0}, {1ull << 55, 1u << 31, 1},  {0, 8, 0},
	              {4, 8, UINT32_MAX}, {DISK_SIZE / 512 - 1, 2, 0}};
	uint64_t data = rig_alloc(&rig, sizeof(ranges) * 64), status = status_at();

	remember_disk();
	for (unsigned i = 0; i < 64; i++)
		memcpy(rig_at(&rig, data + i * sizeof(ranges), sizeof(ranges)), ranges,
		       sizeof(ranges));
	for (uint32_t type = 11; type <= 13; type += 2)
		for (unsigned i = 0; i < 8; i++)
			for (unsigned n = 1; i + n <= 64 * 8; n *= 2)
				expect(
				    run_chain((struct rig_buffer[]){{header_at(type, i), 16, false},
				                                    {data + i * 16, n * 16, false},
				                                    {status, 1, true}},
				              3, status),
				    S_UNSUPP, 1);
	cr_expect(disk_unchanged());
	cr_expect_eq(disk.submits, 0);
	still_works();
}

PROVES("V14-BLK-035")
Test(blk_hostile, BK_013_zones_secure_erase_and_lifetime_without_the_feature)
{
	static const uint32_t types[] = {10, 14, 15, 16, 18, 20, 22, 24, 26};

	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		expect(request(types[i], 0, 0, 0), S_UNSUPP, 1);
	still_works();
}

Test(blk_hostile, BK_014_header_rewritten_while_in_flight)
{
	uint64_t header = header_at(T_OUT, 1), data = rig_alloc(&rig, 512), status = status_at();
	uint32_t other[4] = {T_IN, 0, 2, 0};
	struct outcome outcome;

	remember_disk();
	memset(rig_at(&rig, data, 512), 0xab, 512);
	disk.slow = true;
	outcome = run_chain(
	    (struct rig_buffer[]){{header, 16, false}, {data, 512, false}, {status, 1, true}}, 3,
	    status);
	cr_expect(!outcome.used);
	memcpy(rig_at(&rig, header, 16), other, 16);
	disk_finish(0);
	cr_expect_eq(rig_used_count(&rig, 0), 1);
	cr_expect_eq(*(uint8_t *)rig_at(&rig, status, 1), S_OK);
	cr_expect_eq(disk.data[512], 0xab);
	memset(before + 512, 0xab, 512);
	cr_expect(disk_unchanged());
}

Test(blk_hostile, BK_015_read_over_the_next_request)
{
	uint64_t area = rig_alloc(&rig, 1024);
	uint64_t first = header_at(T_IN, 2), status = status_at();
	uint32_t second[4] = {T_IN, 0, 3, 0};

	memset(disk.data + 1024, 0xff, 512); /* no request type */
	memcpy(rig_at(&rig, area, 16), second, 16);
	rig_offer(&rig, 0,
	          (struct rig_buffer[]){{first, 16, false}, {area, 512, true}, {status, 1, true}},
	          3);
	rig_offer(
	    &rig, 0,
	    (struct rig_buffer[]){{area, 16, false}, {area + 512, 512, true}, {area + 1, 1, true}},
	    3);
	rig_kick(&rig, 0);
	cr_expect_eq(rig_used_count(&rig, 0), 2);
	cr_expect_eq(*(uint8_t *)rig_at(&rig, status, 1), S_OK);
	cr_expect_eq(*(uint8_t *)rig_at(&rig, area + 1, 1), S_UNSUPP);
	rig.seen[0] = (uint16_t)(rig.seen[0] + 2);
	still_works();
}

Test(blk_hostile, BK_016_the_disk_fails)
{
	uint64_t data = rig_alloc(&rig, 512);

	disk.result = BLK_IO_ERROR;
	expect(request(T_IN, 0, data, 512), S_IOERR, 0);
	expect(request(T_OUT, 0, data, 512), S_IOERR, 1);
	expect(request(T_FLUSH, 0, 0, 0), S_IOERR, 1);
	disk.result = BLK_NOT_SUPPORTED;
	expect(request(T_FLUSH, 0, 0, 0), S_UNSUPP, 1);
	disk.result = BLK_OK;
	for (unsigned i = 0; i < 512; i++)
		cr_assert_eq(*(uint8_t *)rig_at(&rig, data + i, 1), 0);
	still_works();
}

Test(blk_hostile, BK_017_ring_full_of_large_requests)
{
	uint64_t header = header_at(T_IN, 0), status = status_at();
	struct rig_buffer buffers[] = {
	    {header, 16, false}, {FAKE_HIGH + 0x1000, 0x80000, true}, {status, 1, true}};

	disk.slow = true;
	for (unsigned i = 0; i < RIG_RING_SIZE; i++)
		rig_offer(&rig, 0, buffers, 3);
	rig_kick(&rig, 0);
	fake_port_advance(1000000000);
	cr_expect_eq(disk.submits, VIRTIO_BLK_IN_FLIGHT);
	rig_reset(&rig);
	cr_expect_neq(rig_status(&rig), 0);
	for (unsigned i = 0; i < disk.held_count; i++)
		disk_finish(i);
	cr_expect_eq(rig_status(&rig), 0);
	cr_expect_eq(disk.submits, VIRTIO_BLK_IN_FLIGHT);
	disk.slow = false;
	cr_assert(rig_start(&rig, F_FLUSH));
	still_works();
}

/* One kick does bounded work; the timer does the rest. */
Test(blk_hostile, BK_018_work_for_one_kick_is_bounded)
{
	uint64_t header = header_at(T_IN, 0), status = status_at();
	struct rig_buffer buffers[] = {
	    {header, 16, false}, {FAKE_HIGH + 0x1000, 0x80000, true}, {status, 1, true}};

	for (unsigned i = 0; i < 80; i++)
		rig_offer(&rig, 0, buffers, 3);
	rig_kick(&rig, 0);
	cr_expect_leq(disk.submits, 9);
	cr_expect_geq(disk.submits, 8);
	fake_port_advance(1000);
	cr_expect_eq(disk.submits, 80);
	cr_expect_eq(rig_used_count(&rig, 0), 80);
	rig.seen[0] = 80;
	still_works();
	cr_expect_eq(blk.stats.reads, 81);
}

static struct rig_buffer flush[2];

static void offer_flush(void)
{
	if (disk.submits < 100000)
		rig_offer(&rig, 0, flush, 2);
}

/* Another vCPU adds a flush for each that is taken: the kick ends all the same. */
Test(blk_hostile, SR_043_BK_018_flush_storm)
{
	flush[0] = (struct rig_buffer){header_at(T_FLUSH, 0), 16, false};
	flush[1] = (struct rig_buffer){status_at(), 1, true};
	disk.submitted = offer_flush;
	offer_flush();
	rig_kick(&rig, 0);
	cr_expect_leq(disk.submits, 1100);
	cr_expect_eq(rig.interrupts[0], 1);
	fake_port_advance(1000000);
	cr_expect_eq(disk.submits, 100000);
	disk.submitted = NULL;
	rig.seen[0] = raw_used_idx(&rig.rings[0]);
	still_works();
}

Test(blk_hostile, work_put_off_is_forgotten_at_reset)
{
	struct rig_buffer buffers[] = {{header_at(T_IN, 0), 16, false},
	                               {FAKE_HIGH + 0x1000, 0x80000, true},
	                               {status_at(), 1, true}};

	for (unsigned i = 0; i < 80; i++)
		rig_offer(&rig, 0, buffers, 3);
	rig_kick(&rig, 0);
	cr_expect_not_null(fake_port.timers);
	rig_reset(&rig);
	cr_expect_null(fake_port.timers);
	cr_assert(rig_start(&rig, F_FLUSH));
	still_works();
}

Test(blk_hostile, BK_019_write_cache_field_without_the_feature)
{
	rig_write(&rig, rig.config + 32, 0, 1);
	cr_expect_eq(rig_read(&rig, rig.config + 32, 1), 1);
	still_works();
}

Test(blk_hostile, BK_022_reserved_header_fields)
{
	uint64_t data = rig_alloc(&rig, 512), status = status_at(), header = header_at(T_IN, 1);

	memset(rig_at(&rig, header + 4, 4), 0xff, 4);
	expect(run_chain(
	           (struct rig_buffer[]){{header, 16, false}, {data, 512, true}, {status, 1, true}},
	           3, status),
	       S_OK, 513);
	still_works();
}

/* V14-CORE-009: after the reset nothing appears in guest memory and nobody is interrupted. */
Test(blk_hostile, completion_after_reset_is_dropped)
{
	uint64_t status = status_at();
	struct rig_buffer buffers[] = {{header_at(T_OUT, 1), 16, false},
	                               {rig_alloc(&rig, 512), 512, false},
	                               {status, 1, true}};

	disk.slow = true;
	run_chain(buffers, 3, status);
	rig_reset(&rig);
	cr_expect_neq(rig_status(&rig), 0); /* still busy */
	disk_finish(0);
	cr_expect_eq(rig_status(&rig), 0);
	cr_expect_eq(raw_used_idx(&rig.rings[0]), 0);
	cr_expect_eq(*(uint8_t *)rig_at(&rig, status, 1), S_NONE);
	cr_expect_eq(rig.interrupts[0], 0);
	disk.slow = false;
	cr_assert(rig_start(&rig, F_FLUSH));
	still_works();
}

/* A ring error while requests are out: they end, and write no used entry. */
Test(blk_hostile, completion_after_a_ring_error_is_dropped)
{
	uint64_t status = status_at();
	struct rig_buffer buffers[] = {
	    {header_at(T_IN, 1), 16, false}, {rig_alloc(&rig, 512), 512, true}, {status, 1, true}};

	disk.slow = true;
	run_chain(buffers, 3, status);
	raw_offer(&rig.rings[0], 0xffff);
	rig_kick(&rig, 0);
	cr_expect(rig_status(&rig) & VIRTIO_NEEDS_RESET);
	disk_finish(0);
	cr_expect_eq(raw_used_idx(&rig.rings[0]), 0);
	cr_expect_eq(*(uint8_t *)rig_at(&rig, status, 1), S_NONE);
	cr_expect_eq(rig.interrupts[rig.config_vector], 1);
	disk.slow = false;
	cr_assert(rig_start(&rig, F_FLUSH));
	still_works();
}
