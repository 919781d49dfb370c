/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's own side: addresses, responses, task management, events, configuration. */
#include <string.h>

#include "tests/unit/scsi/fixture.h"

enum {
	ABORT_TASK,
	ABORT_TASK_SET,
	CLEAR_ACA,
	CLEAR_TASK_SET,
	NEXUS_RESET,
	LUN_RESET,
	QUERY_TASK,
	QUERY_TASK_SET
};
#define READ "28 00 00 00 00 00 00 00 01 00"

TestSuite(scsi_host, .init = scsi_setup, .fini = scsi_teardown, .timeout = 60);

static uint32_t space(unsigned offset)
{
	return (uint32_t)rig_read(&rig, rig.config + offset, 4);
}

/* V14-SCSI-S05, V14-SCSI-S06 */
PROVES("V14-SCSI-001")
Test(scsi_host, sizes_are_back_after_a_reset)
{
	cr_expect_eq(space(20), 96);
	cr_expect_eq(space(24), 32);
	rig_write(&rig, rig.config + 20, 252, 4);
	rig_write(&rig, rig.config + 24, 260, 4);
	cr_expect_eq(space(20), 252);
	cr_expect_eq(space(24), 260);
	rig_reset(&rig);
	cr_expect_eq(space(20), 96);
	cr_expect_eq(space(24), 32);
}

Test(scsi_host, SC_002_sizes_that_cannot_be_are_ignored)
{
	static const uint32_t cdb[] = {0, 1, 31, 261, 0xffffffff}, sense[] = {253, 0xffffffff};

	for (unsigned i = 0; i < 5; i++)
		rig_write(&rig, rig.config + 24, cdb[i], 4);
	for (unsigned i = 0; i < 2; i++)
		rig_write(&rig, rig.config + 20, sense[i], 4);
	cr_expect_eq(space(20), 96);
	cr_expect_eq(space(24), 32);
	rig_write(&rig, rig.config, 77, 4);
	cr_expect_eq(space(0), QUEUES);
	cr_expect(good(run_plain("00")));
	rig_write(&rig, rig.config + 20, 0, 4);
	cr_expect_eq(space(20), 0);
}

/* V14-SCSI-S07, V14-SCSI-S08, V14-SCSI-S09 */
Test(scsi_host, hints_of_what_there_is)
{
	cr_expect_eq(rig_read(&rig, rig.config + 28, 2), 0);
	cr_expect_leq(rig_read(&rig, rig.config + 30, 2), 255);
	cr_expect_leq(space(32), 16383);
	cr_expect_geq(rig_read(&rig, rig.config + 30, 2), 2);
	cr_expect_geq(space(32), 3);
	cr_expect_eq(space(16), 16);
}

PROVES("V14-SCSI-009")
Test(scsi_host, SC_008_addresses_that_are_none)
{
	static const uint8_t none[][8] = {{1, 1, 0x40, 0}, {1, 9, 0x40, 0},    {1, 255, 0x40, 0},
	                                  {0, 0, 0x40, 0}, {2, 0, 0x40, 0},    {1, 0, 0x80, 0},
	                                  {1, 0, 1, 0},    {1, 0, 0x40, 0, 1}, {1, 0, 0xc1, 2},
	                                  {0xc1, 1, 0, 1}, {0xc1, 2},          {1, 0, 0xff, 0xff}};

	for (unsigned i = 0; i < sizeof(none) / 8; i++) {
		memcpy(lun, none[i], 8);
		cr_expect_eq(run_in("12 00 00 00 60 00", 96).response, VIRTIO_SCSI_S_BAD_TARGET,
		             "%u", i);
	}
	memcpy(lun, (uint8_t[8]){1, 0, 0, 3}, 8);
	cr_expect(good(run_plain("00")), "peripheral device addressing");
}

Test(scsi_host, SC_003_truncated_requests)
{
	uint64_t at = rig_alloc(&rig, 256);
	uint16_t head;
	uint32_t written;

	for (uint32_t size = 0; size <= HEADER; size++) {
		for (uint32_t room = 0; room <= 12; room += 12) {
			rig_offer(&rig, REQUESTS,
			          (struct rig_buffer[]){{at, size, false}, {at + 64, room, true}},
			          2);
			rig_kick(&rig, REQUESTS);
			cr_assert(rig_used(&rig, REQUESTS, &head, &written));
			cr_expect_eq(written, size == HEADER ? room : 0);
		}
	}
	cr_expect(good(run_plain("00")));
}

Test(scsi_host, SC_015_less_room_than_sense_data)
{
	uint64_t at = rig_alloc(&rig, 256);
	uint8_t *header = rig_at(&rig, at, 256);
	uint16_t head;
	uint32_t written;

	memcpy(header, lun, 8);
	header[19] = 0xff;
	memset(header + 64, NONE, 64);
	rig_offer(&rig, REQUESTS,
	          (struct rig_buffer[]){{at, HEADER, false}, {at + 64, 12 + 5, true}}, 2);
	rig_kick(&rig, REQUESTS);
	cr_assert(rig_used(&rig, REQUESTS, &head, &written));
	cr_expect_eq(written, 17);
	cr_expect(header[64] == 5 && header[64 + 12] == 0x70 && header[64 + 14] == 5 &&
	          header[64 + 17] == NONE);
}

/* V14-SCSI-S12, V14-SCSI-S13 */
Test(scsi_host, SC_016_attributes_priority_and_reference_numbers_mean_nothing)
{
	uint64_t at = rig_alloc(&rig, 64 + RESPONSE);
	uint8_t *header = rig_at(&rig, at, 64 + RESPONSE);
	uint16_t head;
	uint32_t written;

	for (unsigned i = 0; i < 256; i++) {
		memcpy(header, lun, 8);
		memset(header + 16, (int)i, 3);
		memset(header + 19 + 16, (int)i, 16); /* behind the command */
		rig_offer(&rig, REQUESTS,
		          (struct rig_buffer[]){{at, HEADER, false}, {at + 64, RESPONSE, true}}, 2);
		rig_kick(&rig, REQUESTS);
		cr_assert(rig_used(&rig, REQUESTS, &head, &written));
		cr_expect(header[64 + 10] == 0 && header[64 + 11] == 0);
	}
}

PROVES("V14-SCSI-015")
Test(scsi_host, data_both_ways_needs_the_feature)
{
	struct reply reply = run("12 00 00 00 60 00", NULL, 16, 96);

	cr_expect(good(reply), "INOUT was negotiated");
	cr_assert(rig_start(&rig, 0));
	cr_expect_eq(run("12 00 00 00 60 00", NULL, 16, 96).response, VIRTIO_SCSI_S_FAILURE);
	cr_expect(good(run_in("12 00 00 00 60 00", 96)));
}

PROVES("V14-SCSI-011", "V14-SCSI-012", "V14-SCSI-013")
Test(scsi_host, trouble_of_the_path_and_the_target)
{
	static const uint8_t responses[] = {VIRTIO_SCSI_S_TRANSPORT_FAILURE,
	                                    VIRTIO_SCSI_S_TARGET_FAILURE,
	                                    VIRTIO_SCSI_S_NEXUS_FAILURE};
	struct virtio_scsi_address address = {0, 0};

	for (unsigned i = 0; i < 3; i++) {
		virtio_scsi_trouble(scsi, address, responses[i]);
		cr_expect_eq(run_in(READ, 512).response, responses[i]);
	}
	cr_expect_eq(disks[0].submits, 0);
	virtio_scsi_trouble(scsi, address, VIRTIO_SCSI_S_OK);
	cr_expect(good(run_in(READ, 512)));
}

/* V14-SCSI-S20 */
PROVES("V14-SCSI-011")
Test(scsi_host, a_disk_that_is_pulled_out)
{
	struct virtio_scsi_address address = {0, 0};
	uint64_t reply;

	disks[0].slow = true;
	reply = start(REQUESTS, READ, 0, 512);
	virtio_scsi_detach(scsi, address);
	cr_expect(virtio_scsi_busy(scsi, address));
	disk_finish(&disks[0]);
	cr_expect(!virtio_scsi_busy(scsi, address));
	cr_expect_eq(response_at(reply), VIRTIO_SCSI_S_TRANSPORT_FAILURE);
	cr_expect_eq(rig_used_count(&rig, REQUESTS), 1);
}

/* V14-SCSI-S16, V14-SCSI-S17 */
PROVES("V14-SCSI-008")
Test(scsi_host, SC_009_abort_task)
{
	uint64_t first, second;

	disks[0].slow = true;
	first = start(REQUESTS, READ, 0, 512);
	second = start(REQUESTS + 1, READ, 0, 512);
	cr_expect_eq(manage(QUERY_TASK, tag - 2), VIRTIO_SCSI_S_FUNCTION_SUCCEEDED);
	cr_expect_eq(manage(QUERY_TASK, 999999), VIRTIO_SCSI_S_OK);
	cr_expect_eq(manage(ABORT_TASK, 999999), VIRTIO_SCSI_S_OK);
	cr_expect_eq(manage(ABORT_TASK, tag - 2), NONE, "it is still at work");
	cr_expect_eq(rig_used_count(&rig, CONTROL), 0);
	disk_finish(&disks[0]);
	cr_expect_eq(rig_used_count(&rig, CONTROL), 1);
	cr_expect_eq(response_at(first), VIRTIO_SCSI_S_ABORTED);
	cr_expect_eq(response_at(second), VIRTIO_SCSI_S_OK);
	cr_expect_eq(rig_used_count(&rig, REQUESTS), 1);
	rig.seen[CONTROL]++;
	cr_expect_eq(manage(ABORT_TASK, tag - 2), VIRTIO_SCSI_S_OK, "it is done already");
}

/* V14-SCSI-S15 */
PROVES("V14-SCSI-010", "V14-SCSI-014")
Test(scsi_host, logical_unit_reset)
{
	uint64_t here, there;

	disks[0].slow = disks[1].slow = true;
	here = start(REQUESTS, READ, 0, 512);
	set_lun(0, 3);
	there = start(REQUESTS, READ, 0, 512);
	set_lun(0, 0);
	cr_expect_eq(manage(LUN_RESET, 0), NONE);
	cr_expect_eq(response_at(start(REQUESTS, READ, 0, 512)), VIRTIO_SCSI_S_BUSY);
	disk_finish(&disks[0]);
	cr_expect_eq(response_at(here), VIRTIO_SCSI_S_RESET);
	cr_expect_eq(rig_used_count(&rig, CONTROL), 1);
	cr_expect_eq(response_at(there), NONE);
	disk_finish(&disks[1]);
	cr_expect_eq(response_at(there), VIRTIO_SCSI_S_OK);
	rig.seen[REQUESTS] = raw_used_idx(&rig.rings[REQUESTS]);
	cr_expect(check(run_plain("00"), 0x62903));
	disks[0].slow = false;
	cr_expect(good(run_in(READ, 512)));
}

Test(scsi_host, sets_of_tasks_and_the_whole_target)
{
	static const uint8_t functions[] = {ABORT_TASK_SET, CLEAR_TASK_SET, NEXUS_RESET};

	for (unsigned i = 0; i < 3; i++) {
		uint64_t replies[6];

		disks[0].slow = true;
		for (unsigned n = 0; n < 6; n++)
			replies[n] = start(REQUESTS + n % QUEUES, READ, 0, 512);
		cr_expect_eq(manage(QUERY_TASK_SET, 0), VIRTIO_SCSI_S_FUNCTION_SUCCEEDED);
		cr_expect_eq(manage(functions[i], 0), NONE);
		disk_finish(&disks[0]);
		for (unsigned n = 0; n < 6; n++)
			cr_expect_eq(response_at(replies[n]),
			             i == 2 ? VIRTIO_SCSI_S_RESET : VIRTIO_SCSI_S_ABORTED);
		cr_expect_eq(rig_used_count(&rig, CONTROL), 1);
		rig.seen[CONTROL]++;
		cr_expect_eq(manage(QUERY_TASK_SET, 0), VIRTIO_SCSI_S_OK);
	}
	disks[0].slow = false;
	rig.seen[REQUESTS] = raw_used_idx(&rig.rings[REQUESTS]);
	cr_expect(check(run_plain("00"), 0x62907));
	set_lun(0, 3);
	cr_expect(check(run_plain("00"), 0x62907));
	set_lun(2, 0);
	cr_expect(good(run_plain("00")));
}

Test(scsi_host, SC_010_resets_in_a_loop)
{
	for (unsigned round = 0; round < 50; round++) {
		disks[0].slow = true;
		for (unsigned n = 0; n < 32; n++) {
			start(REQUESTS + n % QUEUES, READ, 0, 512);
			rig.heap = RIG_HEAP;
		}
		cr_expect_eq(manage(LUN_RESET, 0), NONE);
		cr_expect_eq(manage(LUN_RESET, 0), NONE, "the second waits in the ring");
		disk_finish(&disks[0]);
		cr_assert_eq(rig_used_count(&rig, CONTROL), 2);
		rig.seen[CONTROL] = raw_used_idx(&rig.rings[CONTROL]);
	}
	for (unsigned i = 0; i < QUEUES; i++)
		cr_expect_eq(raw_used_idx(&rig.rings[REQUESTS + i]),
		             rig.rings[REQUESTS + i].avail_idx);
	cr_expect(virtio_idle(&scsi->device));
}

Test(scsi_host, SC_011_functions_that_are_none)
{
	uint64_t at = rig_alloc(&rig, 64);
	uint8_t *request = rig_at(&rig, at, 64);
	uint16_t head;
	uint32_t written;

	cr_expect_eq(manage(8, 0), VIRTIO_SCSI_S_FUNCTION_REJECTED);
	cr_expect_eq(manage(UINT32_MAX, 0), VIRTIO_SCSI_S_FUNCTION_REJECTED);
	cr_expect_eq(manage(CLEAR_ACA, 0), VIRTIO_SCSI_S_FUNCTION_REJECTED);
	set_lun(0, 1);
	cr_expect_eq(manage(LUN_RESET, 0), VIRTIO_SCSI_S_INCORRECT_LUN);
	cr_expect_eq(manage(NEXUS_RESET, 0), VIRTIO_SCSI_S_OK);
	set_lun(1, 0);
	cr_expect_eq(manage(LUN_RESET, 0), VIRTIO_SCSI_S_BAD_TARGET);
	for (uint32_t size = 0; size < 24; size++) {
		rig_offer(&rig, CONTROL,
		          (struct rig_buffer[]){{at, size, false}, {at + 32, 8, true}}, 2);
		rig_kick(&rig, CONTROL);
		cr_assert(rig_used(&rig, CONTROL, &head, &written));
		cr_expect_eq(written, 0);
	}
	request[0] = 3;
	rig_offer(&rig, CONTROL, (struct rig_buffer[]){{at, 4, false}, {at + 32, 8, true}}, 2);
	rig_kick(&rig, CONTROL);
	cr_assert(rig_used(&rig, CONTROL, &head, &written));
	cr_expect(written == 1 && request[32] == VIRTIO_SCSI_S_FAILURE);
}

Test(scsi_host, there_is_nothing_to_notify_of)
{
	uint64_t at = rig_alloc(&rig, 64);
	uint8_t *request = rig_at(&rig, at, 64);
	uint16_t head;
	uint32_t written;

	for (unsigned type = 1; type <= 2; type++) {
		request[0] = (uint8_t)type;
		memcpy(request + 4, lun, 8);
		memset(request + 12, 0xff, 4);
		memset(request + 32, NONE, 5);
		rig_offer(&rig, CONTROL, (struct rig_buffer[]){{at, 16, false}, {at + 32, 5, true}},
		          2);
		rig_kick(&rig, CONTROL);
		cr_assert(rig_used(&rig, CONTROL, &head, &written));
		cr_expect_eq(written, 5);
		cr_expect(memcmp(request + 32, "\0\0\0\0\0", 5) == 0);
	}
}

/* V14-SCSI-016: what a back-end has is over before the device reads as reset. */
PROVES("V14-SCSI-016")
Test(scsi_host, a_reset_waits_for_all_commands)
{
	disks[0].slow = true;
	start(REQUESTS, READ, 0, 512);
	manage(LUN_RESET, 0);
	rig_reset(&rig);
	cr_expect_neq(rig_status(&rig), 0);
	disk_finish(&disks[0]);
	cr_expect_eq(rig_status(&rig), 0);
	cr_expect(virtio_idle(&scsi->device));
	disks[0].slow = false;
	cr_assert(rig_start(&rig, 0));
	cr_expect(check(run_plain("00"), 0x62901));
	cr_expect(good(run_in(READ, 512)));
	cr_expect_eq(manage(LUN_RESET, 0), VIRTIO_SCSI_S_OK);
}

static uint64_t add_event(uint32_t size)
{
	uint64_t at = rig_alloc(&rig, 16);

	memset(rig_at(&rig, at, 16), NONE, 16);
	rig_offer(&rig, EVENTS, &(struct rig_buffer){at, size, true}, 1);
	rig_kick(&rig, EVENTS);
	return at;
}

static bool event_is(uint64_t at, uint32_t event, uint8_t target, uint8_t number, uint32_t reason)
{
	uint8_t bytes[16] = {0};

	memcpy(bytes, &event, 4);
	bytes[4] = 1;
	bytes[5] = target;
	bytes[7] = number;
	memcpy(bytes + 12, &reason, 4);
	return memcmp(rig_at(&rig, at, 16), bytes, 16) == 0;
}

/* V14-SCSI-S21 */
Test(scsi_host, a_change_of_size_is_told_twice)
{
	uint64_t event = add_event(16);

	cr_expect_eq(rig_used_count(&rig, EVENTS), 0);
	disks[0].backend.capacity /= 2;
	virtio_scsi_resized(scsi, (struct virtio_scsi_address){0, 0});
	cr_expect(event_is(event, 3, 0, 0, 0x092a));
	cr_expect_eq(rig.interrupts[EVENTS], 1);
	cr_expect(check(run_plain("00"), 0x62a09));
	cr_expect(good(run_plain("00")));
}

/* V14-SCSI-S20 */
Test(scsi_host, disks_come_and_go)
{
	struct virtio_scsi_address address = {5, 2};
	uint64_t came = add_event(16), went = add_event(16);

	virtio_scsi_attach(scsi, address, &disks[2].backend, 7);
	cr_expect(event_is(came, 1, 5, 2, 1));
	set_lun(5, 2);
	cr_expect(check(run_plain("00"), 0x62901));
	cr_expect(good(run_in(READ, 512)));
	virtio_scsi_detach(scsi, address);
	cr_expect(event_is(went, 1, 5, 2, 2));
	cr_expect_eq(run_plain("00").response, VIRTIO_SCSI_S_BAD_TARGET);
}

/* V14-SCSI-S19 */
PROVES("V14-SCSI-017")
Test(scsi_host, SC_013_events_without_buffers)
{
	struct virtio_scsi_address address = {5, 2};
	uint64_t event;

	for (unsigned i = 0; i < 100000; i++)
		virtio_scsi_resized(scsi, address);
	event = add_event(16);
	cr_expect_eq(*(uint32_t *)rig_at(&rig, event, 4), 0x80000000);
	cr_expect_eq(rig_used_count(&rig, EVENTS), 1);
	event = add_event(16);
	cr_expect_eq(rig_used_count(&rig, EVENTS), 1);
	virtio_scsi_resized(scsi, address);
	cr_expect_eq(*(uint32_t *)rig_at(&rig, event, 4), 3, "told once");
}

/* V14-SCSI-S18 */
Test(scsi_host, SC_013_short_buffers_of_events)
{
	uint64_t event;

	add_event(15);
	add_event(0);
	virtio_scsi_resized(scsi, (struct virtio_scsi_address){0, 0});
	cr_expect_eq(rig_used_count(&rig, EVENTS), 2);
	cr_expect_eq(raw_used_len(&rig.rings[EVENTS], 0), 0);
	event = add_event(16);
	cr_expect_eq(*(uint32_t *)rig_at(&rig, event, 4), 0x80000000);
}

PROVES("V14-SCSI-018")
Test(scsi_host, no_events_without_their_features)
{
	struct virtio_scsi_address address = {5, 2};

	cr_assert(rig_start(&rig, F_CHANGE));
	add_event(16);
	virtio_scsi_attach(scsi, address, &disks[2].backend, 7);
	virtio_scsi_detach(scsi, address);
	cr_expect_eq(rig_used_count(&rig, EVENTS), 0);
	cr_assert(rig_start(&rig, F_HOTPLUG));
	add_event(16);
	virtio_scsi_resized(scsi, address);
	cr_expect_eq(rig_used_count(&rig, EVENTS), 0);
}

PROVES("V14-SCSI-L01", "V14-SCSI-L02", "V14-SCSI-L03", "V14-SCSI-L04")
Test(scsi_host, a_legacy_guest_in_its_own_order)
{
	struct bus_access access = {.size = 2};
	uint64_t event;

	rig_start_legacy(&rig, F_HOTPLUG | F_CHANGE);
	virtio_legacy_config_access(&scsi->device, 30, &access);
	cr_expect_eq(access.value, VIRTIO_SCSI_TARGETS - 1);
	for (unsigned i = 0; i < 4; i++)
		rig_write_config_legacy(&rig, 20 + i, (uint8_t[]){64, 0, 0, 0}[i], 1);
	virtio_legacy_config_access(&scsi->device, 20, &access);
	cr_expect_eq(access.value, 64);
	for (unsigned i = 0; i < 4; i++)
		rig_write_config_legacy(&rig, 20 + i, (uint8_t[]){SENSE_SIZE, 0, 0, 0}[i], 1);
	cr_expect(check(run_plain("00"), 0x62901));
	cr_expect_eq(run_in("12 00 00 00 60 00", 100).residual, 4);
	cr_expect_eq(manage(8, 0), VIRTIO_SCSI_S_FUNCTION_REJECTED);
	event = add_event(16);
	virtio_scsi_resized(scsi, (struct virtio_scsi_address){0, 0});
	cr_expect(event_is(event, 3, 0, 0, 0x092a));
}
