/* SPDX-License-Identifier: BSD-2-Clause */
/* What each check of the SCSI host and its disks is for, where the larger tests pass without it. */
#include <string.h>

#include "guest-devices/bytes.h"
#include "tests/unit/scsi/fixture.h"

enum { ABORT_TASK, NEXUS_RESET = 4, LUN_RESET, QUERY_TASK };
#define READ     "28 00 00 00 00 00 00 00 01 00"
#define TERABYTE (1ull << 40)

TestSuite(scsi_edges, .init = scsi_setup, .fini = scsi_teardown, .timeout = 60);

static void operations(uint32_t which, bool unmaps)
{
	disks[0].backend.operations = which;
	disks[0].backend.unmaps = unmaps;
}

static uint8_t thin(void)
{
	return bytes_of(run_in("9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00", 32), 32)[14];
}

/* --- what a back-end can --- */

Test(scsi_edges, zeroes_are_promised_only_by_who_can_write_them)
{
	static const uint8_t list[24] = {0, 22, 0, 16, [19] = 1};

	operations(1u << BLK_DISCARD, true);
	cr_expect_eq(thin(), 0x80);
	disks[0].slow = true;
	run("42 00 00 00 00 00 00 00 18 00", list, 24, 0);
	cr_assert_eq(disks[0].held_count, 1);
	cr_expect_eq(disks[0].held[0]->op, BLK_DISCARD);
	disk_finish(&disks[0]);
	disks[0].slow = false;
	operations(1u << BLK_WRITE_ZEROES, true);
	cr_expect_eq(thin(), 0xc0);
	operations(1u << BLK_WRITE_ZEROES, false);
	cr_expect_eq(thin(), 0);
}

Test(scsi_edges, zeroes_are_written_as_blocks_where_there_is_no_other_way)
{
	static const uint8_t zeroes[512];

	operations(0, false);
	disks[0].slow = true;
	run("41 00 00 00 00 00 00 00 02 00", zeroes, 512, 0);
	cr_assert_eq(disks[0].held_count, 1);
	cr_expect_eq(disks[0].held[0]->op, BLK_WRITE);
}

Test(scsi_edges, a_list_longer_than_any_is_there_or_is_not)
{
	static uint8_t list[8 + 16 * 8 + 64];

	cr_expect_eq(run("42 00 00 00 00 00 00 00 ff 00", list, 8 + 16 * 8, 0).response,
	             VIRTIO_SCSI_S_OVERRUN);
	cr_expect(good(run("42 00 00 00 00 00 00 00 c8 00", list, sizeof(list), 0)));
}

/* --- what is told --- */

Test(scsi_edges, sizes_beyond_32_bits)
{
	struct reply reply;

	disks[0].backend.capacity = 4 * TERABYTE;
	reply = run_in("25", 8);
	cr_expect(good(reply) && be32_get(bytes_of(reply, 8)) == UINT32_MAX);
	reply = run_in("5a 00 0a 00 00 00 00 00 ff 00", 255);
	cr_expect(good(reply) && be32_get(bytes_of(reply, 16) + 8) == UINT32_MAX);
	disks[0].backend.capacity = 3 * TERABYTE;
	reply = run_in("25", 8);
	cr_expect(good(reply) && be32_get(bytes_of(reply, 8)) == UINT32_MAX);
	disks[0].backend.capacity = 2 * TERABYTE;
	reply = run_in("25", 8);
	cr_expect(good(reply) && be32_get(bytes_of(reply, 8)) == UINT32_MAX);
	disks[0].backend.capacity = 2 * TERABYTE - 512;
	reply = run_in("25", 8);
	cr_expect(good(reply) && be32_get(bytes_of(reply, 8)) == UINT32_MAX - 1);
	disks[0].backend.capacity = DISK_SIZE;
}

Test(scsi_edges, mode_pages_now_and_changeable)
{
	struct reply reply = run_in("1a 08 0a 00 ff 00", 255);

	cr_expect(good(reply) && bytes_of(reply, 16)[4] == 0x0a && bytes_of(reply, 16)[7] == 0x10);
	reply = run_in("1a 08 4a 00 ff 00", 255);
	cr_expect(good(reply) && bytes_of(reply, 16)[4] == 0x0a && bytes_of(reply, 16)[7] == 0);
	cr_expect(good(run_in("1a 08 0a ff ff 00", 255)), "with all its subpages");
	reply = run_in("5a 08 0a 00 00 00 00 00 ff 00", 255);
	cr_expect(good(reply) && bytes_of(reply, 16)[3] == 0x10 && bytes_of(reply, 16)[2] == 0);
}

Test(scsi_edges, fields_that_must_be_zero)
{
	static const char *const commands[] = {
	    "25 00 00 00 00 00 00 00 01 00",
	    "4d 01 00 00 00 00 00 00 ff 00",
	    "4d 00 00 01 00 00 00 00 ff 00",
	    "1d 05 00 00 00 00",
	    "1d 04 00 00 01 00",
	    "41 01 00 00 00 00 00 00 01 00",
	    "28 20 00 00 00 00 00 00 01 00",
	    "9e 10 00 00 00 00 00 00 00 00 00 00 00 20 01 00",
	    "9e 10 00 00 00 00 00 00 00 01 00 00 00 20 00 00",
	    "a3 0c 08 00 00 00 00 00 04 00 00 00",
	};

	for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		cr_expect(check(run_in(commands[i], 512), 0x52400), "%s", commands[i]);
	cr_expect(good(run_plain("1d 04 00 00 00 00")));
	cr_expect(good(run_in("4d 00 00 00 00 00 00 00 ff 00", 512)));
}

/* One entry of the list of commands, by its code and service action. */
static const uint8_t *entry(const uint8_t *data, unsigned size, uint8_t code, uint16_t action)
{
	for (const uint8_t *at = data + 4; at < data + 4 + be32_get(data); at += size)
		if (at[0] == code && be16_get(at + 2) == action)
			return at;
	cr_assert(false, "no %x/%x", code, action);
	return NULL;
}

Test(scsi_edges, commands_are_listed_with_their_actions_and_timeouts)
{
	const uint8_t *data = bytes_of(run_in("a3 0c 00 00 00 00 00 00 04 00 00 00", 1024), 1024);

	cr_expect_eq(entry(data, 8, 0x28, 0)[5], 0);
	cr_expect_eq(entry(data, 8, 0x9e, 0x12)[5], 1);
	data = bytes_of(run_in("a3 0c 80 00 00 00 00 00 04 00 00 00", 1024), 1024);
	cr_expect_eq(entry(data, 20, 0x28, 0)[5], 2);
	cr_expect_eq(entry(data, 20, 0x9e, 0x12)[5], 3);
	cr_expect_eq(entry(data, 20, 0x28, 0)[9], 10);
}

Test(scsi_edges, a_command_is_described_with_or_without_an_action)
{
	struct reply reply = run_in("a3 0c 03 28 00 00 00 00 04 00 00 00", 1024);

	cr_expect(good(reply) && bytes_of(reply, 4)[1] == 3 && reply.residual == 1024 - 4 - 10);
	reply = run_in("a3 0c 03 9e 00 12 00 00 04 00 00 00", 1024);
	cr_expect(good(reply) && bytes_of(reply, 4)[1] == 3 && reply.residual == 1024 - 4 - 16);
	cr_expect_eq(bytes_of(reply, 8)[5], 0x12, "this one, not another of its code");
	reply = run_in("a3 0c 81 28 00 00 00 00 04 00 00 00", 1024);
	cr_expect(good(reply) && bytes_of(reply, 4)[1] == 0x83);
	cr_expect_eq(reply.residual, 1024 - 4 - 10 - 12);
}

Test(scsi_edges, the_well_known_unit_of_a_target_has_few_commands)
{
	static const uint8_t unit[8] = {1, 0, 0xc1, 1};

	memcpy(lun, unit, sizeof(unit));
	cr_expect(check(run_plain("00"), 0x52000));
}

/* --- blocks --- */

Test(scsi_edges, short_commands_have_no_flags)
{
	cr_expect(good(run_in("08 e0 00 00 01 00", 512)), "an old way to say the unit");
	disks[0].backend.capacity = TERABYTE;
	disks[0].slow = true;
	run("0a 08 00 00 01 00", NULL, 512, 0); /* FUA elsewhere, here the block's number */
	cr_assert_eq(disks[0].held_count, 1);
	cr_expect_eq(disks[0].held[0]->offset, 512ull << 19);
	disks[0].held_count = 0;
	disks[0].held[0]->done(disks[0].held[0], BLK_OK);
	cr_expect_eq(disks[0].held_count, 0, "nothing is flushed");
}

Test(scsi_edges, reads_flush_nothing_and_need_no_leave_to_write)
{
	disks[0].backend.read_only = true;
	cr_expect(good(run_in("28 08 00 00 00 00 00 00 01 00", 512)));
	cr_expect_eq(disks[0].flushes, 0);
}

Test(scsi_edges, no_blocks_at_all)
{
	unsigned before = disks[0].submits;

	cr_expect(good(run_plain("28 00 00 00 00 00 00 00 00 00")));
	cr_expect(good(run_plain("2a 00 00 00 00 00 00 00 00 00")));
	cr_expect_eq(disks[0].submits, before);
}

/* Data in pieces that lie apart. */
Test(scsi_edges, answers_and_parameters_in_pieces)
{
	static const uint8_t list[24] = {0, 22, 0, 16, [15] = 5, [19] = 1};
	uint64_t header = rig_alloc(&rig, HEADER), reply = rig_alloc(&rig, RESPONSE);
	uint64_t far = rig_alloc(&rig, 0x1000);
	struct rig_buffer in[] = {{header, HEADER, false},
	                          {reply, RESPONSE, true},
	                          {far, 3, true},
	                          {far + 0x100, 40, true}};
	struct rig_buffer out[] = {{header, HEADER, false},
	                           {far + 0x200, 11, false},
	                           {far + 0x300, 13, false},
	                           {reply, RESPONSE, true}};
	uint8_t *bytes = rig_at(&rig, header, HEADER), *data = rig_at(&rig, far, 0x1000);

	memcpy(bytes, lun, 8);
	bytes[19] = 0x12; /* INQUIRY */
	bytes[19 + 4] = 36;
	memset(data, 0xcc, 0x1000);
	rig_offer(&rig, REQUESTS, in, 4);
	rig_kick(&rig, REQUESTS);
	cr_expect_eq(response_at(reply), VIRTIO_SCSI_S_OK);
	cr_expect_eq(data[2], 6);
	cr_expect_eq(data[3], 0xcc);
	cr_expect_eq(memcmp(data + 0x100 + 8 - 3, "VIREO", 5), 0);

	bytes[19] = 0x42; /* UNMAP */
	bytes[19 + 4] = 0;
	bytes[19 + 8] = 24;
	memcpy(data + 0x200, list, 11);
	memcpy(data + 0x300, list + 11, 13);
	memset(disks[0].data + 5 * 512, 0xaa, 512);
	rig_offer(&rig, REQUESTS, out, 4);
	rig_kick(&rig, REQUESTS);
	cr_expect_eq(response_at(reply), VIRTIO_SCSI_S_OK);
	cr_expect_eq(disks[0].data[5 * 512], 0);
	cr_expect_eq(disks[0].data[5 * 512 + 511], 0);
}

/* --- requests --- */

static void truncate(uint32_t room)
{
	uint64_t header = rig_alloc(&rig, HEADER), reply = rig_alloc(&rig, RESPONSE);
	uint8_t *bytes = rig_at(&rig, header, HEADER);

	memcpy(bytes, lun, 8);
	bytes[19] = 0x35; /* SYNCHRONIZE CACHE */
	rig_offer(&rig, REQUESTS,
	          (struct rig_buffer[]){{header, HEADER, false}, {reply, room, true}}, 2);
	rig_kick(&rig, REQUESTS);
}

Test(scsi_edges, SC_003_without_room_for_an_answer_nothing_is_done)
{
	truncate(11);
	cr_expect_eq(disks[0].flushes, 0);
	truncate(12);
	cr_expect_eq(disks[0].flushes, 1);
}

Test(scsi_edges, data_one_way_needs_no_feature)
{
	scsi_teardown();
	scsi_setup_with(0);
	cr_expect(good(run("2a 00 00 00 00 05 00 00 01 00", NULL, 512, 0)));
	cr_expect(good(run_in(READ, 512)));
}

Test(scsi_edges, an_answer_of_before_the_reset_is_not_written)
{
	uint64_t reply;

	disks[0].slow = true;
	reply = start(REQUESTS, READ, 0, 512);
	rig_reset(&rig);
	disk_finish(&disks[0]);
	cr_expect_eq(response_at(reply), NONE);
}

Test(scsi_edges, a_slow_disk_interrupts_when_it_is_done_and_quick_ones_once)
{
	rig.interrupts[REQUESTS] = 0;
	disks[0].slow = true;
	start(REQUESTS, READ, 0, 512);
	cr_expect_eq(rig.interrupts[REQUESTS], 0);
	disk_finish(&disks[0]);
	cr_expect_eq(rig.interrupts[REQUESTS], 1);
}

static void give_up(void)
{
	virtio_set_status(&scsi->device, scsi->device.status | VIRTIO_FAILED);
}

static uint16_t offer_unkicked(void)
{
	uint64_t header = rig_alloc(&rig, HEADER), reply = rig_alloc(&rig, RESPONSE + 512);
	uint8_t *bytes = rig_at(&rig, header, HEADER);

	memcpy(bytes, lun, 8);
	memcpy(bytes + 8, &tag, 8);
	bytes[19] = 0x28;
	bytes[19 + 8] = 1;
	return rig_offer(
	    &rig, REQUESTS,
	    (struct rig_buffer[]){{header, HEADER, false}, {reply, RESPONSE + 512, true}}, 2);
}

Test(scsi_edges, work_put_off_is_done_later_or_never)
{
	unsigned before = disks[0].submits;

	offer_unkicked();
	scsi->queues[0].later.fire(&scsi->queues[0]);
	cr_expect_eq(disks[0].submits, before + 1);
	offer_unkicked();
	give_up();
	scsi->queues[0].later.fire(&scsi->queues[0]);
	cr_expect_eq(disks[0].submits, before + 1);
}

static void offer_function(void)
{
	uint64_t at = rig_alloc(&rig, 32);

	memcpy(rig_at(&rig, at + 8, 8), lun, 8);
	*(uint8_t *)rig_at(&rig, at + 4, 1) = LUN_RESET;
	rig_offer(&rig, CONTROL, (struct rig_buffer[]){{at, 24, false}, {at + 24, 1, true}}, 2);
}

Test(scsi_edges, functions_put_off_are_done_later_or_never)
{
	offer_function();
	scsi->control_later.fire(scsi);
	cr_expect_eq(rig_used_count(&rig, CONTROL), 1);
	offer_function();
	give_up();
	scsi->control_later.fire(scsi);
	cr_expect_eq(rig_used_count(&rig, CONTROL), 1);
}

/* --- disks and functions that concern others --- */

/* A read in each disk's hands. */
static void one_each(uint64_t replies[3])
{
	for (unsigned i = 0; i < 3; i++) {
		disks[i].slow = true;
		set_lun(i == 2 ? 2 : 0, i == 1 ? 3 : 0);
		replies[i] = start(REQUESTS, READ, 0, 512);
	}
	set_lun(0, 0);
}

Test(scsi_edges, a_disk_that_is_pulled_out_concerns_no_other)
{
	uint64_t replies[3];

	one_each(replies);
	virtio_scsi_detach(scsi, (struct virtio_scsi_address){0, 0});
	for (unsigned i = 0; i < 3; i++)
		disk_finish(&disks[i]);
	cr_expect_eq(response_at(replies[0]), VIRTIO_SCSI_S_TRANSPORT_FAILURE);
	cr_expect_eq(response_at(replies[1]), VIRTIO_SCSI_S_OK);
	cr_expect_eq(response_at(replies[2]), VIRTIO_SCSI_S_OK);
}

Test(scsi_edges, busy_is_who_has_a_request)
{
	uint64_t replies[3];

	one_each(replies);
	disk_finish(&disks[0]);
	cr_expect_not(virtio_scsi_busy(scsi, (struct virtio_scsi_address){0, 0}));
	cr_expect(virtio_scsi_busy(scsi, (struct virtio_scsi_address){0, 3}));
	cr_expect(virtio_scsi_busy(scsi, (struct virtio_scsi_address){2, 0}));
	cr_expect_not(virtio_scsi_busy(scsi, (struct virtio_scsi_address){2, 3}));
}

static uint8_t response_of(uint8_t target, uint16_t number)
{
	set_lun(target, number);
	return response_at(start(REQUESTS + 1, "a0 00 00 00 00 00 00 00 00 10 00 00", 0, 64));
}

static void expect_busy(bool first, bool second, bool other)
{
	cr_expect_eq(response_of(0, 0) == VIRTIO_SCSI_S_BUSY, first);
	cr_expect_eq(response_of(0, 3) == VIRTIO_SCSI_S_BUSY, second);
	cr_expect_eq(response_of(2, 0) == VIRTIO_SCSI_S_BUSY, other);
	set_lun(0, 0);
}

Test(scsi_edges, who_is_busy_while_a_unit_is_reset)
{
	uint64_t replies[3];

	one_each(replies);
	cr_expect_eq(manage(LUN_RESET, 0), NONE);
	expect_busy(true, false, false);
	disk_finish(&disks[0]);
	cr_expect_eq(rig_used_count(&rig, CONTROL), 1, "it waits for no other disk");
	cr_expect_eq(response_at(replies[0]), VIRTIO_SCSI_S_RESET);
	expect_busy(false, false, false);
}

Test(scsi_edges, who_is_busy_while_a_target_is_reset)
{
	uint64_t replies[3];

	one_each(replies);
	cr_expect_eq(manage(NEXUS_RESET, 0), NONE);
	expect_busy(true, true, false);
	disk_finish(&disks[0]);
	cr_expect_eq(rig_used_count(&rig, CONTROL), 0, "it waits for both disks");
	expect_busy(true, true, false);
	disk_finish(&disks[1]);
	cr_expect_eq(rig_used_count(&rig, CONTROL), 1);
	cr_expect_eq(response_at(replies[1]), VIRTIO_SCSI_S_RESET);
	disk_finish(&disks[2]);
	cr_expect_eq(response_at(replies[2]), VIRTIO_SCSI_S_OK);
}

Test(scsi_edges, nobody_is_busy_while_a_task_is_aborted)
{
	uint64_t replies[3];

	one_each(replies);
	cr_expect_eq(manage(ABORT_TASK, tag - 3), NONE);
	expect_busy(false, false, false);
}

Test(scsi_edges, SC_009_a_task_that_was_not_kicked_is_aborted_too)
{
	disks[0].slow = true;
	offer_unkicked();
	cr_expect_eq(manage(ABORT_TASK, tag), NONE);
	cr_expect_eq(disks[0].held_count, 1);
	disk_finish(&disks[0]);
	cr_expect_eq(rig_used_count(&rig, CONTROL), 1);
}

Test(scsi_edges, SC_010_one_function_after_the_other)
{
	disks[0].slow = true;
	start(REQUESTS, READ, 0, 512);
	offer_function();
	offer_function();
	rig_kick(&rig, CONTROL);
	cr_expect_eq(rig_used_count(&rig, CONTROL), 0);
	disk_finish(&disks[0]);
	cr_expect_eq(rig_used_count(&rig, CONTROL), 2);
}

/* --- messages that are too short --- */

static uint32_t control(const uint8_t *request, uint32_t size, uint32_t room)
{
	uint64_t at = rig_alloc(&rig, 64);
	uint32_t written = UINT32_MAX;
	uint16_t head;

	memcpy(rig_at(&rig, at, 24), request, 24);
	rig_offer(&rig, CONTROL, (struct rig_buffer[]){{at, size, false}, {at + 32, room, true}},
	          2);
	rig_kick(&rig, CONTROL);
	cr_assert(rig_used(&rig, CONTROL, &head, &written));
	return written;
}

Test(scsi_edges, SC_011_messages_without_a_whole_type_or_address)
{
	uint8_t request[24] = {7};

	for (uint32_t size = 0; size < 4; size++)
		cr_expect_eq(control(request, size, 8), 0);
	cr_expect_eq(control(request, 4, 8), 1);
	request[0] = 1; /* an asynchronous notification */
	memcpy(request + 4, lun, 8);
	cr_expect_eq(control(request, 15, 8), 0);
	cr_expect_eq(control(request, 16, 4), 0);
	cr_expect_eq(control(request, 16, 5), 5);
}

Test(scsi_edges, SC_011_without_room_for_an_answer_nothing_is_reset)
{
	uint8_t request[24] = {0};

	request[4] = LUN_RESET;
	memcpy(request + 8, lun, 8);
	cr_expect_eq(control(request, 24, 0), 0);
	cr_expect(good(run_plain("00")));
}

/* --- a kick from inside --- */

static void (*submit_first)(struct blk_backend *backend, struct blk_request *request);
static unsigned depth, deepest;

static void submit_and_kick(struct blk_backend *backend, struct blk_request *request)
{
	static unsigned kicks;

	deepest = ++depth > deepest ? depth : deepest;
	if (kicks++ < 3) {
		offer_unkicked();
		rig_kick(&rig, REQUESTS);
	}
	submit_first(backend, request);
	depth--;
}

Test(scsi_edges, a_kick_while_requests_are_handed_over)
{
	submit_first = disks[0].backend.submit;
	disks[0].backend.submit = submit_and_kick;
	offer_unkicked();
	rig_kick(&rig, REQUESTS);
	cr_expect_eq(deepest, 1, "one after the other");
	cr_expect_eq(rig_used_count(&rig, REQUESTS), 4);
}

Test(scsi_edges, SC_011_units_beyond_those_of_a_target)
{
	for (uint16_t number = 8; number < 64; number++) {
		set_lun(0, number);
		cr_expect_eq(manage(LUN_RESET, 0), VIRTIO_SCSI_S_INCORRECT_LUN, "%u", number);
	}
}

/* What lies behind the two sizes is not the driver's (5.6.4). */
Test(scsi_edges, SC_002_fields_that_are_read_only)
{
	for (unsigned offset = 28; offset + 4 <= scsi->device.config_size; offset += 4) {
		uint64_t before = rig_read(&rig, rig.config + offset, 4);

		rig_write(&rig, rig.config + offset, CDB_SIZE, 4);
		cr_expect_eq(rig_read(&rig, rig.config + offset, 4), before, "%u", offset);
	}
	cr_expect(good(run_plain("00")));
}
