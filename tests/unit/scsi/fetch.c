/* SPDX-License-Identifier: BSD-2-Clause */
/* DF-003 for the SCSI host: request and parameters change under it. */
#include <string.h>

#include "tests/lib/flip.h"
#include "tests/unit/scsi/fixture.h"

TestSuite(scsi_fetch, .timeout = 120);

enum { LIST = RIG_HEAP + 0x1000, LIST_SIZE = 56, REPLY = RIG_HEAP + 0x3000 };

static uint8_t opcode;

/* A command with parameters of two descriptors; the reply is on another page. */
static uint8_t *world(void)
{
	uint8_t *header, *list;

	scsi_setup();
	header = rig_at(&rig, RIG_HEAP, HEADER);
	memset(header, 0, HEADER);
	memcpy(header, lun, 8);
	header[19] = opcode;
	header[19 + 8] = opcode == 0x42 ? LIST_SIZE : 1;
	list = rig_at(&rig, LIST, 4096);
	memset(list, 0, 4096);
	list[3] = 32;
	list[8 + 11] = 3;
	list[24 + 7] = 9;
	list[24 + 11] = 2;
	memset(rig_at(&rig, REPLY, RESPONSE), NONE, RESPONSE);
	rig_offer(&rig, REQUESTS,
	          (struct rig_buffer[]){{RIG_HEAP, HEADER, false},
	                                {LIST, opcode == 0x42 ? LIST_SIZE : 512, false},
	                                {REPLY, RESPONSE + 512, true}},
	          3);
	return header;
}

static uint8_t *list_world(void)
{
	world();
	return rig_at(&rig, LIST, LIST_SIZE);
}

static void kick(void)
{
	rig_kick(&rig, REQUESTS);
}

static void outcome(uint8_t *out)
{
	uint32_t written = 0, sums[3] = {0};
	uint16_t head = 0;
	bool used = rig_used(&rig, REQUESTS, &head, &written);

	for (unsigned n = 0; n < 3; n++)
		for (unsigned i = 0; i < DISK_SIZE; i++)
			sums[n] = sums[n] * 31 + disks[n].data[i];
	out[0] = used;
	out[1] = rig_status(&rig);
	memcpy(out + 4, &written, 4);
	memcpy(out + 8, sums, sizeof(sums));
	memcpy(out + 20, (unsigned[]){disks[0].submits, disks[1].submits, disks[0].flushes}, 12);
	memcpy(out + 64, rig_at(&rig, REPLY, RESPONSE + 512), RESPONSE + 512);
}

static void expect_one_of_two(uint8_t *(*setup)(void), const void *a, const void *b, size_t size)
{
	struct flip flip = {setup, kick, outcome, scsi_teardown, {a, b}, size};
	struct flip_report report = flip_everywhere(&flip);

	cr_assert(report.differ, "the test would prove nothing");
	cr_assert_gt(report.accesses, 0);
	cr_expect_eq(report.strange, 0, "%u of %u runs", report.strange, report.runs);
}

/* Two headers that differ in one byte. */
static void expect_headers(uint8_t op, unsigned at, uint8_t value)
{
	uint8_t a[HEADER], b[HEADER];

	opcode = op;
	memcpy(a, world(), HEADER);
	scsi_teardown();
	memcpy(b, a, HEADER);
	b[at] = value;
	expect_one_of_two(world, a, b, HEADER);
}

Test(scsi_fetch, DF_003_the_command_flips)
{
	expect_headers(0x28, 19, 0x2a);
	expect_headers(0x2a, 19, 0x35);
	expect_headers(0x2a, 19, 0xff);
}

Test(scsi_fetch, DF_003_block_and_count_flip)
{
	expect_headers(0x28, 19 + 2, 0xff);
	expect_headers(0x2a, 19 + 5, 7);
	expect_headers(0x2a, 19 + 7, 0xff);
}

Test(scsi_fetch, DF_003_the_unit_flips)
{
	expect_headers(0x2a, 3, 3);
	expect_headers(0x2a, 1, 9);
	expect_headers(0x2a, 0, 0);
}

Test(scsi_fetch, DF_003_a_list_flips)
{
	uint8_t a[LIST_SIZE], b[LIST_SIZE];

	opcode = 0x42;
	memcpy(a, list_world(), LIST_SIZE);
	scsi_teardown();
	memcpy(b, a, LIST_SIZE);
	b[3] = 16;
	expect_one_of_two(list_world, a, b, LIST_SIZE);
	b[3] = 64;
	expect_one_of_two(list_world, a, b, LIST_SIZE);
	b[3] = a[3];
	b[8 + 8] = 0xff;
	expect_one_of_two(list_world, a, b, LIST_SIZE);
}
