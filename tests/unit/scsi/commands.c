/* SPDX-License-Identifier: BSD-2-Clause */
/* The command set, byte for byte. */
#include <stdio.h>
#include <string.h>

#include "guest-devices/bytes.h"
#include "tests/unit/scsi/fixture.h"

TestSuite(scsi, .init = scsi_setup, .fini = scsi_teardown, .timeout = 60);

PROVES("V14-SCSI-005", "V14-SCSI-006")
Test(scsi, a_good_command_and_one_that_is_not)
{
	struct reply reply = run_plain("00 00 00 00 00 00");

	cr_expect(good(reply));
	cr_expect_eq(reply.written, RESPONSE);
	cr_expect(check(run_plain("02"), 0x52000));
	cr_expect(check(run_plain("7f"), 0x52000));
	cr_expect(good(run_plain("00")));
}

/* Groups 3, 6 and 7 have no command here, whatever length of theirs the next bytes claim. */
Test(scsi, SC_001_groups_without_commands)
{
	static const uint8_t groups[] = {0x60, 0xc0, 0xe0};
	char cdb[40];

	for (unsigned i = 0; i < 0x60; i++) {
		snprintf(cdb, sizeof(cdb), "%02x ff ff ff ff ff ff ff", groups[i / 32] + i % 32);
		cr_expect(check(run_plain(cdb), 0x52000), "%s", cdb);
		cr_expect(check(run_in(cdb, 512), 0x52000), "%s", cdb);
	}
	cr_expect_eq(disks[0].submits, 0);
	cr_expect(good(run_plain("00")));
}

Test(scsi, inquiry)
{
	struct reply reply = run_in("12 00 00 00 60 00", 96);
	uint8_t *data = bytes_of(reply, 96);

	cr_assert(good(reply));
	cr_expect_eq(reply.residual, 0);
	cr_expect_eq(reply.written, RESPONSE + 96);
	cr_expect(data[0] == 0 && data[2] == 6 && data[3] == 0x12 && data[4] == 91 && data[7] == 2);
	cr_expect(memcmp(data + 8, "VIREO   DISK            1   ", 28) == 0);
	cr_expect(check(run_in("12 00 01 00 60 00", 96), 0x52400));
	cr_expect(check(run_in("12 02 00 00 60 00", 96), 0x52400));
}

Test(scsi, vital_product_data)
{
	struct reply reply = run_in("12 01 00 00 ff 00", 255);
	static const uint8_t list[] = {0, 0, 0, 6, 0, 0x80, 0x83, 0xb0, 0xb1, 0xb2};

	cr_assert(good(reply));
	cr_expect(memcmp(bytes_of(reply, 10), list, 10) == 0);
	cr_expect_eq(reply.residual, 245);
	reply = run_in("12 01 80 00 ff 00", 255);
	cr_assert(good(reply));
	cr_expect(memcmp(bytes_of(reply, 12), "\0\x80\0\x08serial-0", 12) == 0);
	reply = run_in("12 01 83 00 ff 00", 255);
	cr_assert(good(reply));
	cr_expect(memcmp(bytes_of(reply, 24), "\0\x83\0\x20\x02\x01\0\x10VIREO   serial-0", 24) ==
	          0);
	cr_expect(memcmp(bytes_of(reply, 36) + 24, "\x01\x03\0\x08\x30\0\0\0\0\0\0\x64", 12) == 0);
	reply = run_in("12 01 b0 00 ff 00", 255);
	cr_assert(good(reply));
	cr_expect_eq(be32_get(bytes_of(reply, 64) + 8), SCSI_BLOCKS_MAX);
	cr_expect_eq(be32_get(bytes_of(reply, 64) + 20), SCSI_CLEAR_MAX);
	cr_expect_eq(be32_get(bytes_of(reply, 64) + 24), SCSI_RANGES);
	reply = run_in("12 01 b1 00 ff 00", 255);
	cr_expect(good(reply) && be16_get(bytes_of(reply, 6) + 4) == 1);
	reply = run_in("12 01 b2 00 ff 00", 255);
	cr_expect(good(reply) && bytes_of(reply, 8)[5] == 0xe4 && bytes_of(reply, 8)[6] == 2);
	disks[0].backend.unmaps = false;
	cr_expect_eq(bytes_of(run_in("12 01 b2 00 ff 00", 255), 8)[5], 0xe0);
	disks[0].backend.operations = 0;
	reply = run_in("12 01 b2 00 ff 00", 255);
	cr_expect(bytes_of(reply, 8)[5] == 0 && bytes_of(reply, 8)[6] == 1);
	cr_expect(check(run_plain("42 00 00 00 00 00 00 00 18 00"), 0x52000));
}

Test(scsi, SC_004_allocation_lengths)
{
	struct reply reply = run_in("12 00 00 00 05 00", 96);

	cr_expect(good(reply));
	cr_expect_eq(reply.residual, 91);
	cr_expect_eq(bytes_of(reply, 96)[8], 0);
	cr_expect_eq(reply.written, RESPONSE + 5);
	reply = run_in("12 00 00 ff ff 00", 96);
	cr_expect(good(reply) && reply.residual == 0);
	reply = run_in("12 00 00 00 00 00", 0);
	cr_expect(good(reply) && reply.residual == 0);
	reply = run_in("9e 10 00 00 00 00 00 00 00 00 01 00 00 00 00 00", 64);
	cr_expect(good(reply) && reply.residual == 32);
}

PROVES("V14-SCSI-007")
Test(scsi, overrun)
{
	struct reply reply = run_in("12 00 00 00 60 00", 95);

	cr_expect_eq(reply.response, VIRTIO_SCSI_S_OVERRUN);
	cr_expect_eq(reply.written, RESPONSE);
	cr_expect_eq(run_in("28 00 00 00 00 00 00 00 02 00", 512).response, VIRTIO_SCSI_S_OVERRUN);
	cr_expect_eq(run("2a 00 00 00 00 00 00 00 02 00", NULL, 1023, 0).response,
	             VIRTIO_SCSI_S_OVERRUN);
	cr_expect_eq(run("93 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00", NULL, 511, 0).response,
	             VIRTIO_SCSI_S_OVERRUN);
	cr_expect_eq(run("42 00 00 00 00 00 00 00 18 00", NULL, 23, 0).response,
	             VIRTIO_SCSI_S_OVERRUN);
	cr_expect_eq(disks[0].submits, 0);
}

Test(scsi, SC_005_odd_sizes_of_answers)
{
	char cdb[64];

	for (unsigned n = 0; n < 256; n++) {
		sprintf(cdb, "12 01 %02x 00 ff 00", n);
		run_in(cdb, 255);
		sprintf(cdb, "1a 00 3f 00 %02x 00", n);
		cr_expect(good(run_in(cdb, 255)));
		sprintf(cdb, "a0 00 00 00 00 00 00 00 00 %02x 00 00", n);
		cr_expect_eq(good(run_in(cdb, 255)), n >= 16);
	}
	cr_expect(check(run_in("12 01 b3 00 ff 00", 255), 0x52400));
	cr_expect(check(run_in("a0 00 00 00 00 00 00 00 00 0f 00 00", 255), 0x52400));
}

Test(scsi, report_luns)
{
	struct reply reply = run_in("a0 00 00 00 00 00 00 00 10 00 00 00", 64);
	static const uint8_t two[24] = {0, 0, 0, 16, [17] = 3};

	cr_assert(good(reply));
	cr_expect(memcmp(bytes_of(reply, 24), two, 24) == 0);
	cr_expect_eq(reply.residual, 40);
	reply = run_in("a0 00 02 00 00 00 00 00 10 00 00 00", 64);
	cr_expect_eq(be16_get(bytes_of(reply, 64) + 24), SCSI_LUN_REPORT);
	reply = run_in("a0 00 01 00 00 00 00 00 10 00 00 00", 64);
	cr_expect_eq(be16_get(bytes_of(reply, 64) + 8), SCSI_LUN_REPORT);
	cr_expect(check(run_in("a0 00 03 00 00 00 00 00 10 00 00 00", 64), 0x52400));
}

/* V14-SCSI-S10, V14-SCSI-S11 */
Test(scsi, the_well_known_unit_reports_luns)
{
	static const uint8_t report[8] = {0xc1, 1}, of_target[8] = {1, 2, 0xc1, 1};
	struct reply reply;

	memcpy(lun, report, 8);
	reply = run_in("a0 00 00 00 00 00 00 00 10 00 00 00", 64);
	cr_expect(good(reply) && be32_get(bytes_of(reply, 64)) == 16);
	cr_expect(check(run_plain("00"), 0x52000));
	memcpy(lun, of_target, 8);
	reply = run_in("a0 00 00 00 00 00 00 00 10 00 00 00", 64);
	cr_expect(good(reply) && be32_get(bytes_of(reply, 64)) == 8);
}

Test(scsi, a_unit_that_is_not_there)
{
	struct reply reply;

	set_lun(0, 1);
	reply = run_in("12 00 00 00 60 00", 96);
	cr_expect(good(reply) && bytes_of(reply, 96)[0] == 0x7f);
	cr_expect(check(run_plain("00"), 0x52500));
	cr_expect(check(run_in("12 01 00 00 60 00", 96), 0x52400));
	cr_expect(good(run_in("a0 00 00 00 00 00 00 00 10 00 00 00", 64)));
	reply = run_in("03 00 00 00 12 00", 18);
	cr_expect(good(reply) && bytes_of(reply, 18)[2] == 5 && bytes_of(reply, 18)[12] == 0x25);
	set_lun(0, 300);
	cr_expect(check(run_plain("00"), 0x52500));
}

Test(scsi, capacity)
{
	struct reply reply = run_in("25 00 00 00 00 00 00 00 00 00", 8);

	cr_expect(good(reply));
	cr_expect(memcmp(bytes_of(reply, 8), "\0\0\x0f\xff\0\0\x02\0", 8) == 0);
	reply = run_in("9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00", 32);
	cr_expect(good(reply));
	cr_expect_eq(be64_get(bytes_of(reply, 32)), BLOCKS - 1);
	cr_expect(bytes_of(reply, 32)[13] == 3 && bytes_of(reply, 32)[14] == 0xc0);
	cr_expect(check(run_in("9e 11 00 00", 32), 0x52400));
	cr_expect(check(run_in("25 00 00 00 00 01 00 00 00 00", 8), 0x52400));
	disks[0].backend.capacity = 3ull << 41;
	cr_expect_eq(be32_get(bytes_of(run_in("25", 8), 8)), UINT32_MAX);
	disks[0].backend.capacity = 0;
	cr_expect(check(run_in("25", 8), 0x23a00));
	cr_expect(check(run_plain("00"), 0x23a00));
}

Test(scsi, mode_pages)
{
	struct reply reply = run_in("1a 08 3f 00 ff 00", 255);
	const uint8_t *data = bytes_of(reply, 64);

	cr_assert(good(reply));
	cr_expect(data[0] == 3 + 20 + 12 && data[2] == 0x10 && data[3] == 0);
	cr_expect(data[4] == 8 && data[5] == 18 && data[6] == 4 && data[24] == 10);
	reply = run_in("1a 08 48 00 ff 00", 255);
	data = bytes_of(reply, 64);
	cr_expect(good(reply) && data[4] == 8 && data[6] == 0, "nothing can be changed");
	reply = run_in("5a 00 0a 00 00 00 00 00 ff 00", 255);
	data = bytes_of(reply, 64);
	cr_expect(good(reply) && be16_get(data) == 6 + 8 + 12 && data[7] == 8);
	cr_expect(be32_get(data + 8) == BLOCKS && be32_get(data + 12) == 512 && data[16] == 10);
	disks[0].backend.read_only = true;
	cr_expect_eq(bytes_of(run_in("1a 08 3f 00 ff 00", 255), 64)[2], 0x90);
	cr_expect(check(run_in("1a 08 c8 00 ff 00", 255), 0x53900));
	cr_expect(check(run_in("1a 08 01 00 ff 00", 255), 0x52400));
	cr_expect(check(run_in("1a 08 08 01 ff 00", 255), 0x52400));
}

Test(scsi, supported_commands)
{
	struct reply reply = run_in("a3 0c 00 00 00 00 00 00 04 00 00 00", 1024);
	uint32_t size = be32_get(bytes_of(reply, 4));

	cr_assert(good(reply));
	cr_expect(size % 8 == 0 && size > 25 * 8);
	reply = run_in("a3 0c 80 00 00 00 00 00 04 00 00 00", 1024);
	cr_expect_eq(be32_get(bytes_of(reply, 4)), size / 8 * 20);
	reply = run_in("a3 0c 01 28 00 00 00 00 04 00 00 00", 1024);
	cr_expect(good(reply) && bytes_of(reply, 14)[1] == 3 && bytes_of(reply, 14)[3] == 10 &&
	          bytes_of(reply, 14)[4] == 0x28);
	reply = run_in("a3 0c 02 9e 00 10 00 00 04 00 00 00", 1024);
	cr_expect(good(reply) && bytes_of(reply, 14)[1] == 3 && bytes_of(reply, 14)[3] == 16);
	reply = run_in("a3 0c 01 5e 00 00 00 00 04 00 00 00", 1024);
	cr_expect(good(reply) && bytes_of(reply, 14)[1] == 1);
	cr_expect(check(run_in("a3 0c 01 9e 00 00 00 00 04 00 00 00", 1024), 0x52400));
	cr_expect(check(run_in("a3 0c 04 28 00 00 00 00 04 00 00 00", 1024), 0x52400));
	cr_expect(check(run_in("a3 0e 00 00 00 00 00 00 04 00 00 00", 1024), 0x52400));
}

Test(scsi, supported_task_management)
{
	struct reply reply = run_in("a3 0d 00 00 00 00 00 00 04 00 00 00", 1024);

	cr_assert(good(reply) && reply.residual == 1024 - 4);
	cr_expect(bytes_of(reply, 4)[0] == 0xdc && bytes_of(reply, 4)[1] == 3);
	reply = run_in("a3 0d 80 00 00 00 00 00 04 00 00 00", 1024);
	cr_expect(good(reply) && reply.residual == 1024 - 16 && bytes_of(reply, 16)[3] == 12);
	cr_expect(check(run_in("a3 0d 01 00 00 00 00 00 04 00 00 00", 1024), 0x52400));
	cr_expect(check(run_in("a3 0d 00 00 00 00 00 00 00 03 00 00", 1024), 0x52400));
}

Test(scsi, there_is_no_auto_contingent_allegiance)
{
	cr_expect(check(run_plain("00 00 00 00 00 04"), 0x52400));
	cr_expect(check(run_in("12 00 00 00 60 04", 96), 0x52400));
	cr_expect(check(run_in("9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 04", 32), 0x52400));
	cr_expect(good(run_in("12 00 00 00 60 03", 96)), "not what means nothing");
	cr_expect_eq(bytes_of(run_in("a3 0c 01 12 00 00 00 00 04 00 00 00", 64), 10)[9], 4,
	             "and the bit counts as evaluated");
}

Test(scsi, what_is_not_there_is_refused_properly)
{
	static const char *const refused[] = {"5e 00 00", "5f 00 00", "16", "17", "15", "55",
	                                      "04",       "d0",       "7f", "60", "ff"};

	for (unsigned i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		cr_expect(check(run_plain(refused[i]), 0x52000), "%s", refused[i]);
	cr_expect(good(run_plain("1e 00 00 00 01 00")));
	cr_expect(good(run_plain("1d 04 00 00 00 00")));
	cr_expect(check(run_plain("1d 00 00 00 00 00"), 0x52400));
	cr_expect(good(run_in("4d 00 40 00 00 00 00 00 ff 00", 255)));
	cr_expect(check(run_in("4d 00 42 00 00 00 00 00 ff 00", 255), 0x52400));
}

Test(scsi, request_sense_tells_what_is_pending_once)
{
	struct reply reply;

	virtio_scsi_resized(scsi, (struct virtio_scsi_address){0, 0});
	reply = run_in("03 00 00 00 12 00", 18);
	cr_expect(good(reply) && bytes_of(reply, 18)[2] == 6 &&
	          be16_get(bytes_of(reply, 18) + 12) == 0x2a09);
	reply = run_in("03 01 00 00 12 00", 18);
	cr_expect(good(reply) && bytes_of(reply, 18)[0] == 0x72 && reply.residual == 10);
	cr_expect(check(run_in("03 02 00 00 12 00", 18), 0x52400));
}
