/* SPDX-License-Identifier: BSD-2-Clause */
/* Status, features, reset, configuration of a device without a transport; hostile rows by id. */
#include "tests/unit/virtio/fixture.h"

TestSuite(virtio, .init = setup, .fini = teardown);

Test(virtio, the_usual_way_up)
{
	expect_works();
	cr_assert_eq(probe.starts, 1);
	cr_assert_eq(probe.negotiations, 1);
	cr_assert_eq(probe.queue_interrupts, 1);
	cr_assert_eq(device->misuse, 0);
	cr_assert(virtio_has(device, VIRTIO_F_VERSION_1));
}

/* as U-Boot's until 2026.04 */
Test(virtio, a_driver_that_does_not_acknowledge_again_after_its_reset_is_served)
{
	virtio_set_status(device, ACK);
	virtio_set_status(device, 0);
	virtio_set_status(device, DRV);
	cr_assert_eq(device->status, DRV);
	virtio_set_features(device, VIRTIO_F_VERSION_1);
	virtio_set_status(device, DRV | FOK);
	cr_assert(raw_ring_attach(&ring, device, 0));
	virtio_set_status(device, DRV | FOK | VIRTIO_DRIVER_OK);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

PROVES("V14-CORE-001")
Test(virtio, nothing_is_consumed_before_driver_ok)
{
	probe_negotiate(&probe, 0);
	cr_assert(raw_ring_attach(&ring, device, 0));
	request();
	cr_assert_eq(probe.notifies, 0);
	probe_go(&probe);
	virtio_kick(device, 0);
	cr_assert_eq(raw_used_idx(&ring), 1);
}

PROVES("V14-CORE-024", "V14-CORE-025")
Test(virtio, version_1_is_required)
{
	virtio_set_status(device, ACK | DRV);
	virtio_set_features(device, 1);
	virtio_set_status(device, ACK | DRV | FOK);
	cr_assert_eq(device->status, ACK | DRV);
	virtio_set_features(device, VIRTIO_F_VERSION_1);
	virtio_set_status(device, ACK | DRV | FOK);
	cr_assert_eq(device->status, ACK | DRV | FOK, "a second try is fine");
}

PROVES("V14-CORE-005")
Test(virtio, a_device_type_may_refuse_a_subset)
{
	probe.refuse_event = true;
	probe_negotiate(&probe, VIRTIO_F_EVENT_IDX);
	cr_assert_eq(device->status & FOK, 0);
	cr_assert_eq(device->features, 0);
	probe_negotiate(&probe, 0);
	cr_assert_eq(device->status & FOK, FOK);
}

Test(virtio, failed_stops_it)
{
	start();
	virtio_set_status(device, ALL | VIRTIO_FAILED);
	request();
	cr_assert_eq(probe.notifies, 0);
	cr_assert_eq(device->status, ALL | VIRTIO_FAILED);
}

Test(virtio, a_driver_that_gave_up_is_told_nothing)
{
	start();
	probe.hold = true;
	request();
	virtio_set_status(device, ALL | VIRTIO_FAILED);
	probe_complete(&probe, 0);
	virtio_config_changed(device);
	cr_assert_eq(probe.queue_interrupts + probe.config_interrupts, 0);
}

PROVES("V14-CORE-001")
Test(virtio, a_driver_that_did_not_begin_is_told_nothing)
{
	probe_negotiate(&probe, 0);
	virtio_config_changed(device);
	cr_assert_eq(probe.config_interrupts, 0);
	probe_go(&probe);
	virtio_config_changed(device);
	cr_assert_eq(probe.config_interrupts, 1);
}

Test(virtio, a_driver_that_gave_up_gets_no_further)
{
	probe_negotiate(&probe, 0);
	virtio_set_status(device, ACK | DRV | FOK | VIRTIO_FAILED);
	cr_assert_not(raw_ring_attach(&ring, device, 0));
	virtio_set_status(device, ALL | VIRTIO_FAILED);
	cr_assert_eq(device->status, ACK | DRV | FOK | VIRTIO_FAILED);
	cr_assert_eq(probe.starts, 0);
	expect_works();
}

Test(virtio, dma_comes_back_for_queues_that_run)
{
	probe_negotiate(&probe, 0);
	cr_assert(raw_ring_attach(&ring, device, 0));
	virtio_allow_dma(device, false);
	virtio_allow_dma(device, true);
	cr_assert_eq(probe.notifies, 0, "not before DRIVER_OK");
	probe_go(&probe);
	virtio_allow_dma(device, false);
	virtio_allow_dma(device, true);
	cr_assert_eq(probe.notifies, 1, "queue 0 alone");
	virtio_allow_dma(device, true);
	cr_assert_eq(probe.notifies, 1, "it was allowed already");
}

Test(virtio, a_bit_that_is_not_the_drivers_is_misuse)
{
	start();
	virtio_set_status(device, ALL | BAD);
	cr_assert_eq(device->status, ALL);
	cr_assert_eq(device->misuse, 1);
	virtio_queue_stop(device, 1);
	cr_assert_eq(probe.drains, 0, "a queue that is not in use");
}

Test(virtio, wires_may_be_missing)
{
	virtio_connect(device, &(struct virtio_wires){0});
	start();
	request();
	virtio_config_changed(device);
	virtio_set_status(device, 0);
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert_eq(device->status, 0);
}

Test(virtio, LC_001_queue_size_0_then_enable)
{
	probe_negotiate(&probe, 0);
	ring.size = 0;
	cr_assert_not(raw_ring_attach(&ring, device, 0));
	cr_assert_eq(device->status, ACK | DRV | FOK);
	probe_go(&probe);
	virtio_kick(device, 0);
	cr_assert_eq(probe.notifies, 0);
	expect_works();
}

Test(virtio, LC_002_queue_size_not_a_power_of_two)
{
	const uint16_t sizes[] = {3, 6, 63};

	for (unsigned i = 0; i < 3; i++) {
		virtio_set_queue_size(device, 0, sizes[i]);
		cr_assert_eq(probe.queues[0].size, 64);
	}
	cr_assert_eq(device->misuse, 3);
}

Test(virtio, LC_003_queue_size_above_the_maximum)
{
	const uint16_t sizes[] = {128, 1000, 32768, 32769, 65535};

	virtio_set_queue_size(device, 0, 32);
	for (unsigned i = 0; i < 5; i++) {
		virtio_set_queue_size(device, 0, sizes[i]);
		cr_assert_eq(probe.queues[0].size, 32);
	}
}

Test(virtio, LC_004_queue_size_after_enable)
{
	const uint16_t sizes[] = {4, 16, 0};

	start();
	for (unsigned i = 0; i < 3; i++)
		virtio_set_queue_size(device, 0, sizes[i]);
	cr_assert_eq(probe.queues[0].size, SIZE);
	cr_assert_eq(device->misuse, 3);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(virtio, LC_005_ring_addresses_after_enable)
{
	start();
	cr_assert_not(virtio_queue_configurable(device, 0));
	cr_assert(virtio_queue_configurable(device, 1));
	/* even if a transport let it through: the areas were fixed when the queue was enabled */
	probe.queues[0].desc = FAKE_REGISTERS;
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert_eq(fake.register_accesses, 0);
}

/* Each of the three areas in each bad place. */
static void expect_refused(uint64_t place, const char *code)
{
	for (unsigned area = 0; area < 3; area++) {
		struct raw_ring bad = ring;

		*(area == 0 ? &bad.desc : area == 1 ? &bad.avail : &bad.used) = place;
		probe_negotiate(&probe, 0);
		fake_port_reset();
		cr_assert_not(raw_ring_attach(&bad, device, 0), "area %u", area);
		cr_assert_eq(fake_port.log_lines, 1);
		cr_assert(strstr(fake_port.log, code), "%s", fake_port.log);
		cr_assert_eq(device->status, ACK | DRV | FOK);
		cr_assert_eq(fake.register_accesses, 0);
	}
	expect_works();
}

Test(virtio, LC_007_ring_beyond_ram)
{
	expect_refused(0x10000000, "MEM_RANGE");
}

Test(virtio, LC_007_ring_crosses_the_end_of_ram)
{
	expect_refused(FAKE_HIGH_END - 16, "MEM_RANGE");
}

Test(virtio, LC_007_ring_in_the_hole)
{
	expect_refused(FAKE_LOW_END + 0x1000, "MEM_RANGE");
}

Test(virtio, LC_007_ring_in_registers)
{
	expect_refused(FAKE_REGISTERS, "MEM_NOT_RAM");
}

Test(virtio, LC_007_used_ring_in_rom)
{
	probe_negotiate(&probe, 0);
	ring.used = FAKE_ROM;
	cr_assert_not(raw_ring_attach(&ring, device, 0));
	cr_assert(strstr(fake_port.log, "MEM_RO"), "%s", fake_port.log);
	cr_assert_eq(*(uint8_t *)fake_mem_at(&fake, FAKE_ROM, 1), 0x90);
}

Test(virtio, LC_008_ring_wraps)
{
	expect_refused(UINT64_MAX - 15, "MEM_RANGE");
}

Test(virtio, a_misaligned_ring_is_refused)
{
	expect_refused(FAKE_HIGH + 0x1001, "RING_ALIGN");
}

Test(virtio, LC_010_areas_overlap)
{
	probe_negotiate(&probe, 0);
	ring.avail = ring.used = ring.desc;
	cr_assert(raw_ring_attach(&ring, device, 0));
	probe_go(&probe);
	for (unsigned i = 0; i < 100; i++) {
		raw_offer(&ring, 0);
		virtio_kick(device, 0);
	}
	cr_assert_leq(probe.chains, 100 * SIZE);
	ring.size = SIZE;
	expect_works();
}

Test(virtio, LC_011_two_queues_share_one_ring)
{
	probe_negotiate(&probe, 0);
	cr_assert(raw_ring_attach(&ring, device, 0));
	cr_assert(raw_ring_attach(&ring, device, 1));
	probe_go(&probe);
	request();
	cr_assert_eq(probe.chains, 1);
	virtio_kick(device, 1);
	cr_assert_eq(probe.chains, 2, "each counts for itself");
	virtio_kick(device, 0);
	virtio_kick(device, 1);
	cr_assert_eq(probe.chains, 2);
}

Test(virtio, LC_016_bits_out_of_order)
{
	virtio_set_status(device, DOK);
	cr_assert_eq(device->status, 0);
	virtio_set_features(device, VIRTIO_F_VERSION_1);
	virtio_set_status(device, ACK | FOK);
	cr_assert_eq(device->status, ACK);
	virtio_set_status(device, ACK | DRV | DOK);
	cr_assert_eq(device->status, ACK | DRV);
	cr_assert_not(virtio_running(device));
	cr_assert_eq(probe.starts, 0);
	cr_assert_gt(device->misuse, 0);
	expect_works();
}

Test(virtio, LC_017_bits_cleared_one_by_one)
{
	start();
	for (unsigned bit = 1; bit <= 8; bit *= 2)
		virtio_set_status(device, (uint8_t)(ALL & ~bit));
	cr_assert_eq(device->status, ALL);
	cr_assert_eq(device->misuse, 4);
	cr_assert_eq(probe.starts, 1);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(virtio, LC_017_a_write_that_clears_bits_sets_none)
{
	virtio_set_status(device, ACK | DRV);
	virtio_set_features(device, VIRTIO_F_VERSION_1);
	virtio_set_status(device, FOK);
	cr_assert_eq(device->status, ACK | DRV);
	virtio_set_status(device, VIRTIO_FAILED);
	cr_assert_eq(device->status, ACK | DRV);
}

Test(virtio, LC_018_status_ff)
{
	virtio_set_status(device, 0xff);
	cr_assert_eq(device->status & (BAD | 0x30), 0);
	cr_assert_not(virtio_running(device));
	expect_works();
	virtio_set_status(device, 0xff);
	cr_assert_eq(device->status & (BAD | 0x30), 0);
	cr_assert_not(virtio_running(device));
	expect_works();
}

PROVES("V14-CORE-005")
Test(virtio, LC_019_features_not_offered)
{
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t feature = 1ull << bit;

		probe_negotiate(&probe, feature);
		cr_assert_eq((device->status & FOK) != 0, (device->offered & feature) != 0,
		             "bit %u", bit);
	}
	expect_works();
}

Test(virtio, LC_020_features_after_features_ok)
{
	probe_negotiate(&probe, 1);
	virtio_set_features(device, VIRTIO_F_VERSION_1 | VIRTIO_F_EVENT_IDX);
	cr_assert_eq(device->features, VIRTIO_F_VERSION_1 | 1);
	cr_assert_eq(device->driver_features, VIRTIO_F_VERSION_1 | 1);
	cr_assert_eq(device->misuse, 1);
}

Test(virtio, LC_021_features_toggled_between_resets)
{
	for (unsigned i = 0; i < 100; i++) {
		probe_negotiate(&probe, i % 2 ? VIRTIO_F_EVENT_IDX : VIRTIO_F_INDIRECT_DESC);
		raw_ring_init(&ring, &fake, FAKE_HIGH, SIZE);
		cr_assert(raw_ring_attach(&ring, device, 0));
		probe_go(&probe);
		cr_assert_eq(probe.queues[0].event_idx, i % 2);
		cr_assert_eq(probe.queues[0].indirect, !(i % 2));
		request();
		cr_assert_eq(raw_used_idx(&ring), 1);
	}
}

PROVES("V14-CORE-008", "V14-CORE-009")
Test(virtio, LC_022_reset_waits_for_work_in_flight)
{
	start();
	probe.hold = true;
	request();
	request();
	cr_assert_eq(probe.held_count, 2);
	virtio_set_status(device, 0);
	cr_assert_neq(device->status, 0, "the back-end may still write");
	cr_assert_not(virtio_running(device));
	virtio_set_status(device, ALL | VIRTIO_FAILED);
	cr_assert_eq(device->status, ALL, "nothing else happens meanwhile");
	virtio_set_features(device, 1);
	cr_assert_eq(device->driver_features, 0);
	cr_assert_not(virtio_queue_configurable(device, 0));
	virtio_config_write(device, 8, "x", 1);
	cr_assert_eq(probe.config[8], 0xa8);
	virtio_config_changed(device);
	cr_assert_eq(probe.config_interrupts, 0);
	probe_complete(&probe, 0);
	cr_assert_neq(device->status, 0);
	probe_complete(&probe, 1);
	cr_assert_eq(device->status, 0);
	cr_assert_eq(raw_used_idx(&ring), 0, "late completions are dropped");
	cr_assert_eq(probe.queue_interrupts, 0);
	cr_assert(virtio_idle(device));
	probe.hold = false;
	expect_works();
}

Test(virtio, LC_022_a_reset_during_a_reset)
{
	start();
	probe.hold = true;
	request();
	virtio_set_status(device, 0);
	virtio_set_status(device, 0);
	cr_assert_neq(device->status, 0);
	probe_complete(&probe, 0);
	cr_assert_eq(device->status, 0);
}

PROVES("V14-CORE-002", "V14-CORE-003")
Test(virtio, LC_026_needs_reset_and_no_reset)
{
	uint8_t bytes[4];

	start();
	virtio_fail(device, 0, "MEM_RANGE");
	cr_assert_eq(probe.config_interrupts, 1);
	request();
	virtio_set_status(device, ALL);
	virtio_config_changed(device);
	virtio_fail(device, 0, "MEM_RANGE");
	cr_assert_eq(device->status, ALL | BAD);
	cr_assert_eq(probe.notifies, 0);
	cr_assert_eq(probe.config_interrupts, 1);
	cr_assert_eq(fake_port.log_lines, 1);
	virtio_config_read(device, 0, bytes, 4);
	cr_assert_eq(bytes[1], 0xa1);
	expect_works();
}

Test(virtio, a_completion_after_the_failure_writes_nothing)
{
	start();
	probe.hold = true;
	request();
	virtio_fail(device, 0, "MEM_RANGE");
	probe_complete(&probe, 0);
	cr_assert_eq(raw_used_idx(&ring), 0);
	cr_assert_eq(probe.queue_interrupts, 0);
}

PROVES("V14-CORE-002")
Test(virtio, one_queue_breaks_and_the_whole_device_stops)
{
	struct raw_ring other;

	probe_negotiate(&probe, 0);
	raw_ring_init(&other, &fake, FAKE_HIGH + 0x1000, SIZE);
	cr_assert(raw_ring_attach(&ring, device, 0));
	cr_assert(raw_ring_attach(&other, device, 1));
	probe_go(&probe);
	raw_offer(&ring, 0xffff);
	virtio_kick(device, 0);
	raw_desc(&other, 0, DATA, 4, 0, 0);
	raw_offer(&other, 0);
	virtio_kick(device, 1);
	cr_assert_eq(raw_used_idx(&other), 0);
	cr_assert_not(vq_pop(&probe.queues[1], &probe.chain));
}

Test(virtio, no_interrupt_for_a_failure_before_driver_ok)
{
	probe_negotiate(&probe, 0);
	virtio_fail(device, 0, "MEM_RANGE");
	cr_assert_eq(device->status & BAD, BAD);
	cr_assert_eq(probe.config_interrupts, 0);
}

/* The machine is torn down: whoever frees RAM asks virtio_idle first. */
Test(virtio, LC_027_destroyed_with_work_in_flight)
{
	start();
	probe.hold = true;
	request();
	virtio_reset(device);
	cr_assert_not(virtio_idle(device));
	probe_complete(&probe, 0);
	cr_assert(virtio_idle(device));
	cr_assert_eq(raw_used_idx(&ring), 0);
}

/* A driver reads generation, low half, high half, generation; the host changes the field between
 * any two of them, 256 times too. A torn value is never taken for a good one. */
PROVES("V14-PCI-017", "V14-MMIO-006")
Test(virtio, LC_029_torn_configuration_is_detectable)
{
	for (unsigned changes = 0; changes <= 512; changes++) {
		for (unsigned when = 0; when < 3; when++) {
			uint8_t before, after, low, high;

			memset(probe.config, 0x11, 2);
			virtio_config_changed(device);
			before = virtio_generation(device) & 0xff;
			for (unsigned i = 0; when == 0 && i < changes; i++)
				memset(probe.config, 0x22, 2), virtio_config_changed(device);
			virtio_config_read(device, 0, &low, 1);
			for (unsigned i = 0; when == 1 && i < changes; i++)
				memset(probe.config, 0x22, 2), virtio_config_changed(device);
			virtio_config_read(device, 1, &high, 1);
			for (unsigned i = 0; when == 2 && i < changes; i++)
				memset(probe.config, 0x22, 2), virtio_config_changed(device);
			after = virtio_generation(device) & 0xff;
			cr_assert_eq(before == after, changes == 0);
			cr_assert(before != after || low == high);
		}
	}
}

PROVES("V14-CORE-010")
Test(virtio, configuration_reads_before_features_ok)
{
	uint8_t bytes[16];

	virtio_config_read(device, 0, bytes, 16);
	cr_assert_eq(memcmp(bytes, probe.config, 16), 0);
}

Test(virtio, TP_014_configuration_offset_wraps)
{
	const uint64_t offsets[] = {16, 15, UINT32_MAX, UINT64_MAX, UINT64_MAX - 3};
	uint8_t bytes[8];

	for (unsigned i = 0; i < 5; i++) {
		memset(bytes, 0xee, 8);
		virtio_config_read(device, offsets[i], bytes, 8);
		cr_assert_eq(bytes[1], 0);
		virtio_config_write(device, offsets[i], bytes, 8);
	}
	cr_assert_eq(device->misuse, 10);
	cr_assert_eq(probe.config[15], 0xaf);
}

Test(virtio, TP_015_configuration_is_read_only)
{
	uint32_t value = 0;

	virtio_config_write(device, 0, &value, 4);
	virtio_config_write(device, 6, &value, 4);
	cr_assert_eq(probe.config[0], 0xa0);
	cr_assert_eq(probe.config[8], 0xa8);
	virtio_config_write(device, 8, &value, 4);
	cr_assert_eq(probe.config[8], 0);
	cr_assert_eq(device->misuse, 2);
}

Test(virtio, dma_off_pauses_and_dma_on_resumes)
{
	start();
	virtio_allow_dma(device, false);
	request();
	cr_assert_eq(raw_used_idx(&ring), 0);
	cr_assert_eq(probe.chains, 0);
	virtio_allow_dma(device, true);
	cr_assert_eq(raw_used_idx(&ring), 1);
	virtio_allow_dma(device, true);
	cr_assert_eq(probe.chains, 1);
}

Test(virtio, a_completion_while_dma_is_off_fails_the_device)
{
	start();
	probe.hold = true;
	request();
	virtio_allow_dma(device, false);
	probe_complete(&probe, 0);
	cr_assert_eq(raw_used_idx(&ring), 0);
	cr_assert_eq(device->status & BAD, BAD);
	virtio_allow_dma(device, true);
	probe.hold = false;
	expect_works();
}

Test(virtio, during_a_reset_nothing_is_set)
{
	start();
	probe.hold = true;
	request();
	virtio_set_status(device, 0);
	cr_assert(device->resetting);
	uint64_t before = device->misuse;
	virtio_set_features(device, VIRTIO_F_VERSION_1);
	virtio_queue_stop(device, 0);
	cr_assert_eq(device->misuse, before + 2);
	cr_assert_eq(device->driver_features, 0);
	probe_complete(&probe, 0);
}

Test(virtio, queues_that_are_not_there)
{
	start();
	uint64_t before = device->misuse;
	virtio_queue_stop(device, PROBE_QUEUES);
	virtio_kick(device, PROBE_QUEUES);
	virtio_set_queue_size(device, PROBE_QUEUES, 8);
	cr_assert_not(virtio_queue_enable(device, PROBE_QUEUES));
	cr_assert_eq(device->misuse, before + 4);
	cr_assert_eq(probe.notifies, 0);
}

Test(virtio, what_is_stopped_is_not_reset)
{
	start();
	probe.hold = true;
	request();
	virtio_queue_stop(device, 0);
	cr_assert(virtio_queue_ready(device, 0), "its chain is out");
	cr_assert_not(virtio_queue_resetting(device, 0));
	probe_complete(&probe, 0);
}

Test(virtio, dma_off_twice_is_dma_off)
{
	start();
	virtio_allow_dma(device, false);
	virtio_allow_dma(device, false);
	cr_assert_eq(probe.notifies, 0);
	virtio_allow_dma(device, true);
	cr_assert_eq(probe.notifies, 1);
}

/* --- one that was driven by an old driver since its reset --- */

Test(virtio, an_old_driver_does_not_turn_modern)
{
	virtio_set_features(device, VIRTIO_F_VERSION_1);
	virtio_legacy_set_status(device, ACK);
	virtio_legacy_set_status(device, ACK | DRV);
	cr_assert(device->legacy);
	uint64_t before = device->misuse;
	virtio_set_features(device, VIRTIO_F_VERSION_1 | 1);
	cr_assert_eq(device->misuse, before + 1);
	cr_assert_eq(device->driver_features, VIRTIO_F_VERSION_1);
	virtio_set_status(device, ACK | DRV | FOK);
	cr_assert_eq(device->status, ACK | DRV);
}

Test(virtio, an_old_driver_begins_once)
{
	virtio_legacy_set_status(device, ACK);
	virtio_legacy_set_status(device, ACK | DRV);
	virtio_legacy_set_queue(device, 0, FAKE_HIGH);
	virtio_legacy_kick(device, 0);
	cr_assert_eq(probe.starts, 1, "before DRIVER_OK, as such drivers do");
	virtio_legacy_set_status(device, ACK | DRV | DOK);
	cr_assert_eq(probe.starts, 1);
	cr_assert_eq(probe.negotiations, 1);
}

Test(virtio, a_modern_driver_does_not_turn_old)
{
	probe_negotiate(&probe, 0);
	cr_assert(raw_ring_attach(&ring, device, 0));
	virtio_legacy_set_align(device, 1, 64);
	cr_assert_eq(probe.queues[1].align, VQ_ALIGN_LEGACY);
	virtio_legacy_kick(device, 0);
	cr_assert_eq(probe.starts + probe.notifies, 0);
	cr_assert_not(device->legacy);
}

Test(virtio, an_old_driver_that_kicks_nothing_does_not_begin)
{
	virtio_legacy_set_status(device, ACK);
	virtio_legacy_kick(device, 0);
	virtio_legacy_kick(device, PROBE_QUEUES);
	cr_assert_eq(probe.starts, 0);
}

Test(virtio, all_or_nothing_of_a_status)
{
	cr_assert(virtio_try_status(device, ACK | DRV));
	cr_assert_not(virtio_try_status(device, ACK | DRV | FOK | DOK), "no features yet");
	cr_assert_eq(device->status, ACK | DRV);
	cr_assert_not(virtio_try_status(device, ACK));
	cr_assert_eq(device->misuse, 2);
	cr_assert(virtio_try_status(device, 0));
	cr_assert_eq(device->status, 0);
	cr_assert_eq(device->misuse, 2);
}

/* Nothing but the reset itself stands in the way of its features then. */
Test(virtio, an_old_driver_that_is_reset_sets_nothing_either)
{
	virtio_legacy_set_status(device, ACK);
	virtio_legacy_set_status(device, ACK | DRV);
	virtio_hold(device);
	virtio_legacy_set_status(device, 0);
	cr_assert(device->resetting);
	virtio_set_features(device, VIRTIO_F_VERSION_1);
	cr_assert_eq(device->driver_features, 0);
	virtio_release(device);
	virtio_set_features(device, VIRTIO_F_VERSION_1);
	cr_assert_eq(device->driver_features, VIRTIO_F_VERSION_1);
}
