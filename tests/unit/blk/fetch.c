/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DF-003 for the block device: request header and descriptor change under it. Proven: the header
 * read again between the look at its type and transfer() fails the types' test; the sector read
 * again after the check of its bounds fails the sectors'.
 */
#include <string.h>

#include "tests/lib/flip.h"
#include "tests/unit/blk/fixture.h"

TestSuite(blk_fetch, .timeout = 120);

static uint64_t header, data, status;

static void new_world(void)
{
	blk_setup();
	rig.heap = RIG_HEAP + 0x1000;
	data = rig_alloc(&rig, 4096);
	status = status_at();
	memset(rig_at(&rig, data, 4096), 0x77, 4096);
	header = RIG_HEAP;
}

static void offer(bool out, uint32_t size)
{
	rig_offer(&rig, 0,
	          (struct rig_buffer[]){{header, 16, false}, {data, size, !out}, {status, 1, true}},
	          3);
}

static uint8_t *setup_in(void)
{
	new_world();
	offer(false, 512);
	return rig_at(&rig, header, 16);
}

static uint8_t *setup_out(void)
{
	new_world();
	offer(true, 512);
	return rig_at(&rig, header, 16);
}

static void kick(void)
{
	rig_kick(&rig, 0);
}

/* Used element, status, what the back-end saw, data and disk. */
static void outcome(uint8_t *out)
{
	uint16_t head = 0;
	uint32_t written = 0, sum = 0;
	bool used = rig_used(&rig, 0, &head, &written);

	for (unsigned i = 0; i < DISK_SIZE; i++)
		sum = sum * 31 + disk.data[i];
	out[0] = used;
	out[1] = *(uint8_t *)rig_at(&rig, status, 1);
	out[2] = rig_status(&rig);
	memcpy(out + 4, (uint32_t[]){head, written, sum, disk.submits, disk.flushes}, 20);
	memcpy(out + 24, &blk.stats, sizeof(blk.stats));
	memcpy(out + 128, rig_at(&rig, data, 4096), 4096);
}

static void expect_one_of_two(uint8_t *(*setup)(void), const void *a, const void *b, size_t size)
{
	struct flip flip = {setup, kick, outcome, blk_teardown, {a, b}, size};
	struct flip_report report = flip_everywhere(&flip);

	cr_assert(report.differ, "the test would prove nothing");
	cr_assert_gt(report.accesses, 0);
	cr_expect_eq(report.strange, 0, "%u of %u runs", report.strange, report.runs);
}

struct request_header {
	uint32_t type, reserved;
	uint64_t sector;
};

static void expect_headers(struct request_header a, struct request_header b)
{
	expect_one_of_two(setup_in, &a, &b, sizeof(a));
	expect_one_of_two(setup_out, &a, &b, sizeof(a));
}

Test(blk_fetch, DF_003_type_flips)
{
	expect_headers((struct request_header){.type = T_IN},
	               (struct request_header){.type = T_OUT});
	expect_headers((struct request_header){.type = T_OUT},
	               (struct request_header){.type = T_FLUSH});
	expect_headers((struct request_header){.type = T_IN}, (struct request_header){.type = 99});
	expect_headers((struct request_header){.type = T_GET_ID},
	               (struct request_header){.type = T_IN});
}

Test(blk_fetch, DF_003_sector_flips)
{
	static const uint64_t sectors[] = {5, DISK_SIZE / 512, 1ull << 63, UINT64_MAX};

	for (unsigned i = 0; i < 4; i++) {
		struct request_header a = {T_IN, 0, 1}, b = {T_IN, 0, sectors[i]};

		expect_one_of_two(setup_in, &a, &b, sizeof(a));
		a.type = b.type = T_OUT;
		expect_one_of_two(setup_out, &a, &b, sizeof(a));
	}
}

/* The data descriptor; the header stays. */
static uint8_t *setup_descriptor(void)
{
	setup_in();
	memset(rig_at(&rig, header, 16), 0, 16);
	return rig_at(&rig, rig.rings[0].desc + sizeof(struct raw_desc), sizeof(struct raw_desc));
}

Test(blk_fetch, DF_003_length_of_the_data_flips)
{
	static const uint32_t sizes[] = {1024, 0, 1, 513, UINT32_MAX};

	for (unsigned i = 0; i < 5; i++) {
		struct raw_desc a = {RIG_HEAP + 0x1000, 512, RAW_WRITE | RAW_NEXT, 2}, b = a;

		b.len = sizes[i];
		expect_one_of_two(setup_descriptor, &a, &b, sizeof(a));
	}
}

Test(blk_fetch, DF_003_direction_of_the_data_flips)
{
	struct raw_desc a = {RIG_HEAP + 0x1000, 512, RAW_WRITE | RAW_NEXT, 2}, b = a;

	b.flags = RAW_NEXT;
	expect_one_of_two(setup_descriptor, &a, &b, sizeof(a));
}

/* One range of a discard; the header is elsewhere. */
static uint8_t *setup_range(void)
{
	blk_setup_full(F_FLUSH | F_DISCARD);
	rig.heap = RIG_HEAP + 0x1000;
	header = header_at(T_DISCARD, 0);
	data = rig_alloc(&rig, 4096);
	status = status_at();
	rig_offer(
	    &rig, 0,
	    (struct rig_buffer[]){{header, 16, false}, {RIG_HEAP, 16, false}, {status, 1, true}},
	    3);
	return rig_at(&rig, RIG_HEAP, 16);
}

Test(blk_fetch, DF_003_ranges_flip)
{
	static const struct {
		uint64_t sector;
		uint32_t count, flags;
	} good = {8, 8, 0}, others[] = {{DISK_SIZE / 512, 8, 0}, {8, UINT32_MAX, 0}, {8, 8, 1},
	                                {UINT64_MAX, 8, 0},      {16, 8, 0},         {8, 0, 0}};

	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		expect_one_of_two(setup_range, &good, &others[i], sizeof(good));
}
