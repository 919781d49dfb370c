/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands that move, clear or save blocks. */
#include <string.h>

#include "guest-devices/bytes.h"
#include "tests/unit/scsi/fixture.h"

TestSuite(scsi_blocks, .init = scsi_setup, .fini = scsi_teardown, .timeout = 60);

Test(scsi_blocks, reads_of_every_length)
{
	static const char *const reads[] = {"08 00 00 05 02 00", "28 00 00 00 00 05 00 00 02 00",
	                                    "a8 00 00 00 00 05 00 00 00 02 00 00",
	                                    "88 00 00 00 00 00 00 00 00 05 00 00 00 02 00 00"};

	for (unsigned i = 0; i < 4; i++) {
		struct reply reply = run_in(reads[i], 1200);

		cr_assert(good(reply), "%s", reads[i]);
		cr_expect(memcmp(bytes_of(reply, 1024), disks[0].data + 5 * 512, 1024) == 0);
		cr_expect_eq(reply.residual, 176);
		cr_expect_eq(reply.written, RESPONSE + 1024);
	}
	cr_expect_eq(run_in("08 00 00 00 00 00", 256 * 512).residual, 0, "0 is 256 blocks");
}

Test(scsi_blocks, writes_of_every_length)
{
	static const char *const writes[] = {"0a 00 00 05 01 00", "2a 00 00 00 00 05 00 00 01 00",
	                                     "aa 00 00 00 00 05 00 00 00 01 00 00",
	                                     "8a 00 00 00 00 00 00 00 00 05 00 00 00 01 00 00"};
	uint8_t block[512];

	for (unsigned i = 0; i < 4; i++) {
		struct reply reply;

		memset(block, (int)(0x40 + i), sizeof(block));
		reply = run(writes[i], block, 512, 0);
		cr_assert(good(reply), "%s", writes[i]);
		cr_expect(memcmp(disks[0].data + 5 * 512, block, 512) == 0);
		cr_expect_eq(reply.residual, 0);
	}
	cr_expect_eq(disks[0].flushes, 0);
	cr_expect(good(run("2a 08 00 00 00 05 00 00 01 00", block, 512, 0)));
	cr_expect_eq(disks[0].flushes, 1, "FUA");
	cr_expect_eq(disks[1].submits, 0);
}

Test(scsi_blocks, SC_006_beyond_the_end)
{
	static const char *const beyond[] = {
	    "08 00 0f ff 02 00",
	    "0a 1f ff ff 01 00",
	    "28 00 00 00 10 00 00 00 01 00",
	    "28 00 ff ff ff ff 00 00 01 00",
	    "2a 00 00 00 0f ff 00 00 02 00",
	    "a8 00 ff ff ff ff 00 00 00 02 00 00",
	    "88 00 ff ff ff ff ff ff ff ff 00 00 00 02 00 00",
	    "8a 00 00 80 00 00 00 00 00 00 00 00 00 01 00 00",
	    "35 00 00 00 10 00 00 00 01 00",
	    "91 00 ff ff ff ff ff ff ff ff 00 00 00 02 00 00",
	    "2f 00 00 00 10 00 00 00 01 00",
	    "8f 00 ff ff ff ff ff ff ff ff 00 00 00 02 00 00",
	    "93 01 ff ff ff ff ff ff ff ff 00 00 00 02 00 00",
	};

	for (unsigned i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++)
		cr_expect(check(run(beyond[i], NULL, 1024, 0), 0x52100), "%s", beyond[i]);
	cr_expect_eq(disks[0].submits, 0);
	cr_expect(good(run_in("28 00 00 00 0f ff 00 00 01 00", 512)), "the last block is there");
	cr_expect(good(run_plain("28 00 00 00 10 00 00 00 00 00")), "nothing at the end");
	cr_expect(check(run_in("a8 00 00 00 00 00 00 00 04 01 00 00", 512), 0x52400), "too long");
	cr_expect(check(run_in("28 20 00 00 00 00 00 00 01 00", 512), 0x52400), "protection");
}

Test(scsi_blocks, read_only)
{
	disks[0].backend.read_only = true;
	cr_expect(check(run("2a 00 00 00 00 05 00 00 01 00", NULL, 512, 0), 0x72700));
	cr_expect(check(run_plain("93 01 00 00 00 00 00 00 00 00 00 00 00 02 00 00"), 0x72700));
	cr_expect(check(run("42 00 00 00 00 00 00 00 18 00", NULL, 24, 0), 0x72700));
	cr_expect_eq(disks[0].submits, 0);
}

Test(scsi_blocks, errors_of_the_disk)
{
	disks[0].result = BLK_IO_ERROR;
	cr_expect(check(run_in("28 00 00 00 00 00 00 00 01 00", 512), 0x31100));
	cr_expect(check(run("2a 00 00 00 00 00 00 00 01 00", NULL, 512, 0), 0x30c00));
	cr_expect(check(run_plain("35"), 0x30c00));
	disks[0].result = BLK_NOT_SUPPORTED;
	cr_expect(check(run_plain("93 01 00 00 00 00 00 00 00 00 00 00 00 02 00 00"), 0x52000));
}

Test(scsi_blocks, flushes)
{
	cr_expect(good(run_plain("35 00 00 00 00 00 00 00 00 00")));
	cr_expect(good(run_plain("91 00 00 00 00 00 00 00 00 00 00 00 10 00 00 00")));
	cr_expect_eq(disks[0].flushes, 2);
	cr_expect(good(run_plain("1b 00 00 00 01 00")));
	cr_expect_eq(disks[0].flushes, 2);
	cr_expect(good(run_plain("1b 00 00 00 00 00")));
	cr_expect_eq(disks[0].flushes, 3, "a disk that stops has an empty cache");
	cr_expect(check(run_plain("1b 00 00 00 30 00"), 0x52400), "there are no power conditions");
	cr_expect_eq(disks[0].flushes, 3);
}

Test(scsi_blocks, verify)
{
	cr_expect(good(run_plain("2f 00 00 00 00 05 00 00 01 00")));
	cr_expect(check(run("2f 02 00 00 00 05 00 00 01 00", NULL, 512, 0), 0x52400));
}

Test(scsi_blocks, state_of_blocks)
{
	struct reply reply = run_in("9e 12 00 00 00 00 00 00 0f f0 00 00 00 18 00 00", 24);
	const uint8_t *data = bytes_of(reply, 24);

	cr_assert(good(reply));
	cr_expect(be32_get(data) == 20 && be64_get(data + 8) == 0xff0);
	cr_expect(be32_get(data + 16) == BLOCKS - 0xff0 && data[20] == 0);
	cr_expect(check(run_in("9e 12 00 00 00 00 00 00 10 00 00 00 00 18 00 00", 24), 0x52100));
	cr_expect(check(run_in("9e 11 00 00 00 00 00 00 00 00 00 00 00 18 00 00", 24), 0x52400));
}

static bool cleared(uint64_t first, uint64_t count)
{
	for (uint64_t i = first * 512; i < (first + count) * 512; i++)
		if (disks[0].data[i])
			return false;
	return true;
}

static struct reply unmap(uint16_t described, uint64_t block, uint32_t blocks)
{
	uint8_t list[24] = {0};

	be16_put(list, 22);
	be16_put(list + 2, described);
	be64_put(list + 8, block);
	be32_put(list + 16, blocks);
	return run("42 00 00 00 00 00 00 00 18 00", list, 24, 0);
}

Test(scsi_blocks, unmap)
{
	cr_expect(good(unmap(16, 7, 3)));
	cr_expect(cleared(7, 3) && !cleared(6, 1) && !cleared(10, 1));
	cr_expect_eq(disks[0].unmaps, 1);
	cr_expect(good(unmap(16, 7, 0)));
	cr_expect(good(unmap(0, 7, 3)));
	cr_expect_eq(disks[0].submits, 1);
	cr_expect(check(run_plain("42 01 00 00 00 00 00 00 18 00"), 0x52400));
	cr_expect(good(run_plain("42 00 00 00 00 00 00 00 00 00")));
	cr_expect(check(run("42 00 00 00 00 00 00 00 07 00", NULL, 7, 0), 0x51a00));
	disks[0].backend.unmaps = false;
	cr_expect(good(unmap(16, 20, 3)));
	cr_expect_eq(disks[0].unmaps, 1, "discarded");
}

Test(scsi_blocks, SC_007_lists_that_lie)
{
	uint8_t list[8 + 9 * 16] = {0};

	cr_expect(check(unmap(32, 0, 1), 0x52600));
	cr_expect(check(unmap(0xfff0, 0, 1), 0x52600));
	cr_expect(check(unmap(15, 0, 1), 0x52600));
	cr_expect(check(unmap(16, BLOCKS, 1), 0x52100));
	cr_expect(check(unmap(16, UINT64_MAX, 2), 0x52100));
	cr_expect(check(unmap(16, 0, UINT32_MAX), 0x52100));
	be16_put(list + 2, 9 * 16);
	cr_expect(check(run("42 00 00 00 00 00 00 00 98 00", list, sizeof(list), 0), 0x52600));
	be16_put(list + 2, 3 * 16);
	for (unsigned i = 0; i < 3; i++)
		be32_put(list + 8 + i * 16 + 8, BLOCKS);
	cr_expect(check(run("42 00 00 00 00 00 00 00 98 00", list, sizeof(list), 0), 0x52600));
	cr_expect(
	    check(run("93 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", NULL, 512, 0), 0x52400));
	cr_expect(
	    check(run("93 00 00 00 00 00 00 00 00 00 ff ff ff ff 00 00", NULL, 512, 0), 0x52400));
	cr_expect_eq(disks[0].submits, 0);
}

Test(scsi_blocks, write_same)
{
	uint8_t block[512];

	memset(block, 0x5c, sizeof(block));
	cr_expect(good(run("41 00 00 00 00 14 00 00 25 00", block, 512, 0)));
	for (unsigned i = 0; i < 0x25; i++)
		cr_assert(memcmp(disks[0].data + (0x14 + i) * 512, block, 512) == 0);
	cr_expect(disks[0].data[(0x14 + 0x25) * 512] != 0x5c ||
	          disks[0].data[(0x14 + 0x25) * 512 + 1] != 0x5c);
	memset(block, 0, sizeof(block));
	cr_expect(good(run("93 08 00 00 00 00 00 00 00 14 00 00 00 03 00 00", block, 512, 0)));
	cr_expect(cleared(0x14, 3) && !cleared(0x17, 1));
	cr_expect_eq(disks[0].unmaps, 1);
	cr_expect(good(run_plain("93 01 00 00 00 00 00 00 00 17 00 00 00 01 00 00")));
	cr_expect(cleared(0x17, 1));
	cr_expect_eq(disks[0].unmaps, 1);
	cr_expect(
	    check(run("93 10 00 00 00 00 00 00 00 17 00 00 00 01 00 00", block, 512, 0), 0x52400));
	disks[0].backend.operations = 0;
	cr_expect(good(run("41 00 00 00 00 20 00 00 02 00", block, 512, 0)));
	cr_expect(cleared(0x20, 2), "zeroes are written where nothing else clears");
}

/* A cancelled command begins no further step. */
Test(scsi_blocks, a_long_write_stops_when_it_is_cancelled)
{
	uint8_t block[512];
	uint64_t reply;

	memset(block, 0x5c, sizeof(block));
	memcpy(rig_at(&rig, FAKE_SEAM - 512, 512), block, 512);
	disks[0].slow = true;
	reply = start(REQUESTS, "41 00 00 00 00 00 00 01 00 00", 512, 0);
	cr_expect_eq(disks[0].held_count, 1);
	cr_expect_eq(manage(0, tag - 1), NONE);
	disk_finish(&disks[0]);
	cr_expect_eq(disks[0].held_count, 0);
	cr_expect_eq(response_at(reply), VIRTIO_SCSI_S_ABORTED);
}
