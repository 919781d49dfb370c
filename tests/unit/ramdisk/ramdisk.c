/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "hv/blk/ram_disk.h"
#include "tests/lib/proves.h"

#define SIZE 8192

static uint8_t memory[SIZE + 512];
static struct ram_disk disk;
static unsigned done_count;
static enum blk_result last;

static void done(struct blk_request *request, enum blk_result result)
{
	(void)request;
	done_count++;
	last = result;
}

static enum blk_result run(enum blk_op op, uint64_t offset, struct blk_span *spans, unsigned count)
{
	struct blk_request request = {
	    .op = op, .offset = offset, .spans = spans, .span_count = count, .done = done};

	for (unsigned i = 0; i < count; i++)
		request.size += spans[i].size;
	done_count = 0;
	disk.backend.submit(&disk.backend, &request);
	cr_expect_eq(done_count, 1);
	return last;
}

static void setup(void)
{
	for (unsigned i = 0; i < sizeof(memory); i++)
		memory[i] = (uint8_t)(i ^ i >> 8);
	ram_disk_init(&disk, memory, SIZE + 511, false, "a serial that is longer than twenty");
}

TestSuite(ramdisk, .init = setup);

Test(ramdisk, capacity_and_serial)
{
	cr_expect_eq(disk.backend.capacity, SIZE);
	cr_expect_str_eq(disk.backend.id, "a serial that is lon");
}

Test(ramdisk, reads_and_writes_in_pieces)
{
	uint8_t a[100], b[412], expected[512];
	struct blk_span spans[] = {{a, sizeof(a)}, {b, sizeof(b)}};

	memcpy(expected, memory + 1024, 512);
	cr_expect_eq(run(BLK_READ, 1024, spans, 2), BLK_OK);
	cr_expect(memcmp(a, expected, 100) == 0 && memcmp(b, expected + 100, 412) == 0);
	cr_expect_eq(run(BLK_WRITE, SIZE - 512, spans, 2), BLK_OK);
	cr_expect(memcmp(memory + SIZE - 512, expected, 512) == 0);
	cr_expect_eq(run(BLK_FLUSH, 0, NULL, 0), BLK_OK);
}

Test(ramdisk, refuses_what_lies_outside)
{
	uint8_t data[1024] = {0}, before[sizeof(memory)];
	struct blk_span span = {data, sizeof(data)};

	memcpy(before, memory, sizeof(memory));
	cr_expect_eq(run(BLK_WRITE, SIZE - 512, &span, 1), BLK_IO_ERROR);
	cr_expect_eq(run(BLK_WRITE, SIZE + 512, &span, 1), BLK_IO_ERROR);
	cr_expect_eq(run(BLK_READ, UINT64_MAX - 511, &span, 1), BLK_IO_ERROR);
	cr_expect(memcmp(before, memory, sizeof(memory)) == 0);
}

Test(ramdisk, read_only)
{
	uint8_t data[512] = {0};
	struct blk_span span = {data, sizeof(data)};

	ram_disk_init(&disk, memory, SIZE, true, "ro");
	cr_expect_eq(run(BLK_WRITE, 0, &span, 1), BLK_IO_ERROR);
	cr_expect_eq(run(BLK_WRITE_ZEROES, 0, &span, 1), BLK_IO_ERROR);
	cr_expect_eq(run(BLK_READ, 0, &span, 1), BLK_OK);
	cr_expect_eq(data[3], 3);
}

static void check_cleared(enum blk_op op)
{
	struct blk_request request = {.op = op, .offset = 512, .size = 1024, .done = done};

	setup();
	cr_assert(disk.backend.operations & 1u << op);
	disk.backend.submit(&disk.backend, &request);
	cr_expect_eq(last, BLK_OK);
	cr_expect(memory[511] != 0 && memory[1537] != 0);
	for (unsigned i = 512; i < 1536; i++)
		cr_assert_eq(memory[i], 0);
}

/* None of the three leaves anything behind. */
PROVES("V14-BLK-025")
Test(ramdisk, write_zeroes_discard_and_secure_erase)
{
	check_cleared(BLK_WRITE_ZEROES);
	check_cleared(BLK_DISCARD);
	check_cleared(BLK_SECURE_ERASE);
}

Test(ramdisk, resizing_keeps_what_fits)
{
	static uint8_t larger[2 * SIZE], smaller[SIZE / 2];

	memset(larger, 0xff, sizeof(larger));
	ram_disk_resize(&disk, larger, sizeof(larger) + 100);
	cr_expect_eq(disk.backend.capacity, 2 * SIZE);
	cr_expect(memcmp(larger, memory, SIZE) == 0);
	for (unsigned i = SIZE; i < 2 * SIZE; i++)
		cr_assert_eq(larger[i], 0);
	ram_disk_resize(&disk, smaller, sizeof(smaller));
	cr_expect_eq(disk.backend.capacity, SIZE / 2);
	cr_expect(memcmp(smaller, memory, SIZE / 2) == 0);
}

/* What the guest writes never says what the disk is: sector 0 is sector 0 after a restart too. */
Test(ramdisk, BK_021_image_header_written_by_the_guest)
{
	uint8_t data[512] = "QFI\xfb", back[512];
	struct blk_span in = {data, sizeof(data)}, out = {back, sizeof(back)};

	cr_expect_eq(run(BLK_WRITE, 0, &in, 1), BLK_OK);
	ram_disk_init(&disk, memory, SIZE, false, "again");
	cr_expect_eq(disk.backend.capacity, SIZE);
	cr_expect_eq(run(BLK_READ, 0, &out, 1), BLK_OK);
	cr_expect(memcmp(data, back, 512) == 0);
}
