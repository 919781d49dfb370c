/* SPDX-License-Identifier: BSD-2-Clause */
/* What a good driver sees (VIRTIO 1.4, 4.3). */
#include "tests/unit/virtio_ccw/fixture.h"

TestSuite(ccw, .init = ccw_setup, .fini = ccw_teardown);
TestSuite(ccw_legacy, .init = ccw_setup_legacy, .fini = ccw_teardown);

Test(ccw, sense_id_says_what_it_is)
{
	uint8_t id[256];

	memset(id, 0x55, sizeof(id));
	raw_ccw_command(&raw, CCW_SENSE_ID, id, 256, 0);
	cr_assert(raw_ccw_ok(&raw));
	cr_assert_eq(id[0], 0xff);
	cr_assert_eq(be16_get(id + 1), 0x3832);
	cr_assert_eq(id[3], 4, "an entropy device");
	for (unsigned i = 4; i < 256; i++)
		cr_assert_eq(id[i], 0);
	memset(id, 0x55, sizeof(id));
	raw_ccw_command(&raw, CCW_SENSE_ID, id, 7, 0);
	cr_assert(raw_ccw_ok(&raw), "fewer are fine");
	cr_assert_eq(id[7], 0x55);
}

Test(ccw, nop_and_sense)
{
	uint8_t bytes[32];

	raw_ccw_command(&raw, CCW_NOP, bytes, 1, CCW_SUPPRESS_LENGTH);
	cr_assert(raw_ccw_ok(&raw));
	raw_ccw_command(&raw, 0xff, bytes, 1, 0);
	cr_assert(raw_ccw_rejected(&raw));
	raw_ccw_command(&raw, CCW_SENSE, bytes, 32, 0);
	cr_assert_eq(bytes[0], 0x80, "command reject");
	raw_ccw_command(&raw, CCW_SENSE, bytes, 32, 0);
	cr_assert_eq(bytes[0], 0, "told once");
}

PROVES("V14-CCW-011")
Test(ccw, a_request_and_classic_interrupts)
{
	expect_works();
	cr_assert_eq(raw.interrupts, 1);
	cr_assert_eq(be64_get(at(IND)), 1, "bit of queue 0");
	request();
	cr_assert_eq(raw.interrupts, 1, "one is pending already");
	cr_assert_eq(virtio_ccw_test(&ccw, &raw.status), CCW_CC_DONE);
	cr_assert_eq(raw.status.function, 0, "unsolicited");
	cr_assert_eq(virtio_ccw_test(&ccw, &raw.status), CCW_CC_STATUS_PENDING, "and taken");
	request();
	cr_assert_eq(raw.interrupts, 2);
	cr_assert_eq(probe.device.misuse, 0);
}

Test(ccw, bits_of_other_queues)
{
	struct raw_ring other;

	negotiate(0);
	raw_ring_init(&other, &mem, FAKE_HIGH + 0x4000, SIZE);
	cr_assert(raw_ccw_queue(&raw, 2, SIZE, other.desc, other.avail, other.used));
	memset(at(IND), 0, 8);
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_IND, IND));
	cr_assert(raw_ccw_set_status(&raw, RUNNING));
	raw_desc(&other, 0, DATA, 4, 0, 0);
	raw_offer(&other, 0);
	cr_assert_eq(notify(2), 0);
	cr_assert_eq(be64_get(at(IND)), 4);
}

Test(ccw, configuration_changes)
{
	start();
	virtio_config_changed(&probe.device);
	cr_assert_eq(be64_get(at(CONF_IND)), 1);
	cr_assert_eq(raw.interrupts, 1);
	cr_assert_eq(be64_get(at(IND)), 0);
}

PROVES("V14-CCW-015")
Test(ccw, adapter_interrupts)
{
	negotiate(0);
	raw_ring_init(&ring, &mem, FAKE_HIGH, SIZE);
	cr_assert(raw_ccw_queue(&raw, 0, SIZE, ring.desc, ring.avail, ring.used));
	cr_assert(raw_ccw_adapter(&raw, SUMMARY, AREA, 13, 5));
	cr_assert(raw_ccw_set_status(&raw, RUNNING));
	raw.interrupts = 0;
	request();
	cr_assert_eq(raw.adapter_interrupts, 1);
	cr_assert_eq(raw.isc, 5);
	cr_assert_eq(raw.interrupts, 0, "no interrupt of the subchannel");
	cr_assert_eq(*at(SUMMARY), 1);
	cr_assert_eq(*at(AREA + 1), 0x80 >> 5, "bit 13, counted from the left");
	cr_assert_eq(*at(AREA), 0);
	request();
	cr_assert_eq(raw.adapter_interrupts, 1, "the summary was not cleared yet");
	*at(SUMMARY) = 0;
	request();
	cr_assert_eq(raw.adapter_interrupts, 2);
}

PROVES("V14-CCW-014", "V14-CCW-S01")
Test(ccw, classic_and_adapter_indicators_exclude_each_other)
{
	cr_assert(raw_ccw_revision(&raw, 1));
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_IND, IND));
	cr_assert_not(raw_ccw_adapter(&raw, SUMMARY, AREA, 0, 0));
	cr_assert(raw_ccw_rejected(&raw));
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_IND, 0), "given back");
	cr_assert(raw_ccw_adapter(&raw, SUMMARY, AREA, 0, 0));
	cr_assert_not(raw_ccw_indicator(&raw, CCW_SET_IND, IND));
	cr_assert(raw_ccw_rejected(&raw));
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_CONF_IND, CONF_IND), "for changes always");
}

PROVES("V14-CCW-005", "V14-CCW-006", "V14-CCW-007", "V14-CCW-009", "V14-CCW-010")
Test(ccw, TC_002_revisions)
{
	uint8_t bad[8] = {0, 1, 0, 4};

	cr_assert_not(raw_ccw_revision(&raw, 3));
	cr_assert(raw_ccw_rejected(&raw));
	cr_assert_not(raw_ccw_revision(&raw, 0xffff));
	cr_assert_not(raw_ccw_revision(&raw, 0), "not transitional");
	cr_assert(raw_ccw_rejected(&raw));
	raw_ccw_command(&raw, CCW_SET_VIRTIO_REV, bad, 8, CCW_SUPPRESS_LENGTH);
	cr_assert(raw_ccw_rejected(&raw), "data that revision 1 does not have");
	cr_assert_eq(ccw.revision, -1);
	cr_assert(raw_ccw_revision(&raw, 1));
	cr_assert_not(raw_ccw_revision(&raw, 2));
	cr_assert(raw_ccw_rejected(&raw));
	cr_assert_not(raw_ccw_revision(&raw, 1));
	cr_assert_eq(ccw.revision, 1);
	cr_assert_eq(virtio_ccw_enable(&ccw, false), CCW_CC_DONE);
	cr_assert_eq(virtio_ccw_enable(&ccw, true), CCW_CC_DONE);
	cr_assert(raw_ccw_revision(&raw, 2), "forgotten");
}

PROVES("V14-CCW-L01")
Test(ccw, no_command_without_a_revision)
{
	static const uint8_t codes[] = {CCW_SET_VQ,       CCW_VDEV_RESET,      CCW_SET_IND,
	                                CCW_SET_CONF_IND, CCW_SET_IND_ADAPTER, CCW_READ_FEAT,
	                                CCW_WRITE_FEAT,   CCW_READ_CONF,       CCW_WRITE_CONF,
	                                CCW_WRITE_STATUS, CCW_READ_VQ_CONF,    CCW_READ_STATUS};

	for (unsigned i = 0; i < sizeof(codes); i++) {
		uint8_t data[64] = {0};

		raw_ccw_command(&raw, codes[i], data, 64, CCW_SUPPRESS_LENGTH);
		cr_assert(raw_ccw_rejected(&raw), "%x", codes[i]);
	}
	cr_assert_eq(ccw.revision, -1);
	cr_assert_eq(probe.resets, 0);
}

PROVES("V14-CCW-008", "V14-CCW-013")
Test(ccw, read_status_is_of_revision_2)
{
	cr_assert(raw_ccw_revision(&raw, 1));
	raw_ccw_get_status(&raw);
	cr_assert(raw_ccw_rejected(&raw));
	virtio_ccw_enable(&ccw, true);
	cr_assert(raw_ccw_revision(&raw, 2));
	cr_assert(raw_ccw_set_status(&raw, ACK));
	cr_assert_eq(raw_ccw_get_status(&raw), ACK);
}

PROVES("V14-CCW-012")
Test(ccw, a_status_that_is_not_taken_changes_nothing)
{
	negotiate(0);
	cr_assert_not(raw_ccw_set_status(&raw, ACK | DRV | FOK | DOK | 64));
	cr_assert(raw_ccw_rejected(&raw));
	cr_assert_eq(raw_ccw_get_status(&raw), ACK | DRV | FOK);
	cr_assert_not(raw_ccw_set_status(&raw, ACK), "bits are not cleared");
	cr_assert_eq(raw_ccw_get_status(&raw), ACK | DRV | FOK);
	cr_assert(raw_ccw_set_status(&raw, 0));
	cr_assert(raw_ccw_set_status(&raw, ACK | DRV));
	/* all of it or nothing: FEATURES_OK without VERSION_1 */
	cr_assert_not(raw_ccw_set_status(&raw, ACK | DRV | FOK));
	cr_assert_eq(raw_ccw_get_status(&raw), ACK | DRV);
	cr_assert(raw_ccw_set_status(&raw, 0));
	cr_assert_not(raw_ccw_set_status(&raw, ACK | DRV | FOK | DOK));
	cr_assert_eq(raw_ccw_get_status(&raw), 0);
}

Test(ccw, features)
{
	cr_assert(raw_ccw_revision(&raw, 1));
	cr_assert_eq(raw_ccw_features(&raw, 0), 1 | 3u << 28);
	cr_assert_eq(raw_ccw_features(&raw, 1), 0x84b, "no RING_RESET, no NOTIF_CONFIG_DATA here");
	for (unsigned i = 2; i < 256; i++)
		cr_assert_eq(raw_ccw_features(&raw, (uint8_t)i), 0);
	cr_assert(raw_ccw_set_features(&raw, 200, 0));
	cr_assert_not(raw_ccw_set_features(&raw, 200, 1));
}

Test(ccw, queue_sizes)
{
	uint8_t data[4] = {0, 1, 0xee, 0xee};

	cr_assert(raw_ccw_revision(&raw, 1));
	raw_ccw_command(&raw, CCW_READ_VQ_CONF, data, 4, 0);
	cr_assert(raw_ccw_ok(&raw));
	cr_assert_eq(be16_get(data), 1);
	cr_assert_eq(be16_get(data + 2), QUEUE_MAX);
	be16_put(data, 0xffff);
	raw_ccw_command(&raw, CCW_READ_VQ_CONF, data, 4, 0);
	cr_assert_eq(be16_get(data + 2), 0);
}

Test(ccw, TC_011_configuration)
{
	uint8_t data[64];

	cr_assert(raw_ccw_revision(&raw, 1));
	memset(data, 0x55, sizeof(data));
	raw_ccw_command(&raw, CCW_READ_CONF, data, 16, 0);
	cr_assert(raw_ccw_ok(&raw));
	for (unsigned i = 0; i < 16; i++)
		cr_assert_eq(data[i], 0xa0 + i);
	memset(data, 0x55, sizeof(data));
	raw_ccw_command(&raw, CCW_READ_CONF, data, 40, CCW_SUPPRESS_LENGTH);
	cr_assert(raw_ccw_ok(&raw));
	cr_assert_eq(raw.status.residual, 24);
	cr_assert_eq(data[16], 0x55, "not written");
	data[8] = 0x42;
	raw_ccw_command(&raw, CCW_WRITE_CONF, data, 16, 0);
	cr_assert_eq(probe.config[8], 0x42);
	cr_assert_not(virtio_legacy(&probe.device));
	cr_assert_eq(probe.device.misuse, 0, "what did not change was not written");
	data[16] = data[17] = 0x77;
	raw_ccw_command(&raw, CCW_WRITE_CONF, data, 40, CCW_SUPPRESS_LENGTH);
	cr_assert(raw_ccw_ok(&raw));
	cr_assert_eq(raw.status.residual, 24);
	raw_ccw_command(&raw, CCW_WRITE_CONF, data, 40, 0);
	cr_assert_eq(raw.status.channel, CCW_INCORRECT_LENGTH);
}

Test(ccw, a_part_of_the_configuration)
{
	uint8_t data[16];

	cr_assert(raw_ccw_revision(&raw, 1));
	virtio_config_read(&probe.device, 0, data, 16);
	memset(data + 12, 0x77, 4);
	raw_ccw_command(&raw, CCW_WRITE_CONF, data, 16, 0);
	cr_assert_eq(probe.device.misuse, 1, "these bytes are not a driver's");
	data[11] = 0x42;
	raw_ccw_command(&raw, CCW_WRITE_CONF, data, 12, 0);
	cr_assert(raw_ccw_ok(&raw));
	cr_assert_eq(probe.config[11], 0x42);
	cr_assert_eq(probe.device.misuse, 1, "what was not sent is not written");
}

PROVES("V14-CCW-018", "V14-CCW-019", "V14-CORE-008", "V14-CORE-009")
Test(ccw, the_reset_command_ends_with_the_reset)
{
	start();
	probe.hold = true;
	request();
	raw_ccw_put(&raw, 0, CCW_VDEV_RESET, CCW_CHAIN_COMMAND, 0, 0);
	raw_ccw_put(&raw, 1, CCW_READ_STATUS, 0, 1, RAW_CCW_DATA);
	*at(RAW_CCW_DATA) = 0xee;
	cr_assert_eq(raw_ccw_go(&raw), CCW_CC_DONE);
	cr_assert_eq(raw.status.function, 0, "no status yet");
	cr_assert_eq(raw.interrupts, 0);
	cr_assert_eq(raw_ccw_go(&raw), CCW_CC_BUSY);
	probe_complete(&probe, 0);
	cr_assert_eq(raw.interrupts, 1);
	cr_assert_eq(virtio_ccw_test(&ccw, &raw.status), CCW_CC_DONE);
	cr_assert(raw_ccw_ok(&raw));
	cr_assert_eq(*at(RAW_CCW_DATA), 0, "and the program went on");
	cr_assert_eq(raw_used_idx(&ring), 0);
	cr_assert_eq(be64_get(at(IND)), 0);
	virtio_config_changed(&probe.device);
	cr_assert_eq(raw.interrupts, 1);
	probe.hold = false;
	expect_works();
}

PROVES("V14-CCW-018")
Test(ccw, a_status_of_0_ends_with_the_reset_too)
{
	start();
	probe.hold = true;
	request();
	virtio_ccw_test(&ccw, &raw.status);
	*at(RAW_CCW_DATA) = 0;
	raw_ccw_put(&raw, 0, CCW_WRITE_STATUS, 0, 1, RAW_CCW_DATA);
	raw_ccw_go(&raw);
	cr_assert_eq(raw.status.function, 0, "no status yet");
	probe_complete(&probe, 0);
	cr_assert_eq(virtio_ccw_test(&ccw, &raw.status), CCW_CC_DONE);
	cr_assert(raw_ccw_ok(&raw));
}

Test(ccw, a_disabled_subchannel_interrupts_nobody)
{
	start();
	cr_assert_eq(virtio_ccw_enable(&ccw, false), CCW_CC_DONE);
	raw_desc(&ring, 0, DATA, 4, 0, 0);
	raw_offer(&ring, 0);
	virtio_kick(&probe.device, 0);
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert_eq(raw.interrupts, 0);
}

PROVES("V14-CCW-016", "V14-CCW-017")
Test(ccw, notifications_and_the_cookie)
{
	struct virtio_ccw other = ccw, *all[] = {&other, &ccw};
	int64_t cookie;

	other.config.subchannel = SUBCHANNEL + 1;
	start();
	raw_desc(&ring, 0, DATA, 4, 0, 0);
	raw_offer(&ring, 0);
	cookie =
	    virtio_ccw_diagnose(all, 2, (uint64_t[]){3, 0xdeadbeef00000000 | SUBCHANNEL, 0, 0});
	cr_assert_eq(cookie, 1);
	cr_assert_eq(raw_used_idx(&ring), 1);
	raw_offer(&ring, 0);
	cr_assert_eq(virtio_ccw_diagnose(all, 2, (uint64_t[]){3, SUBCHANNEL, 0, 1}), 1);
	cr_assert_eq(raw_used_idx(&ring), 2);
}

Test(ccw, notification_data)
{
	negotiate(1ull << 38);
	raw_ring_init(&ring, &mem, FAKE_HIGH, SIZE);
	cr_assert(raw_ccw_queue(&raw, 0, SIZE, ring.desc, ring.avail, ring.used));
	cr_assert(raw_ccw_set_status(&raw, RUNNING));
	raw_desc(&ring, 0, DATA, 4, 0, 0);
	raw_offer(&ring, 0);
	cr_assert_eq(notify(0x80010000), 0);
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(ccw, a_queue_is_given_back)
{
	start();
	cr_assert(raw_ccw_queue(&raw, 0, 0, 0, 0, 0));
	cr_assert_not(virtio_queue_ready(&probe.device, 0));
	cr_assert(raw_ccw_queue(&raw, 1, 0, 0, 0, 0), "one that never ran");
	expect_works();
}

/* What is used while a program runs is told with the program's own status. */
Test(ccw, one_interrupt_for_a_program_and_what_it_starts)
{
	const uint64_t suspend = VIRTIO_F_SUSPEND;

	negotiate(suspend);
	raw_ring_init(&ring, &mem, FAKE_HIGH, SIZE);
	cr_assert(raw_ccw_queue(&raw, 0, SIZE, ring.desc, ring.avail, ring.used));
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_IND, IND));
	cr_assert(raw_ccw_set_status(&raw, RUNNING));
	cr_assert(raw_ccw_set_status(&raw, RUNNING | VIRTIO_SUSPEND));
	raw_desc(&ring, 0, DATA, 4, 0, 0);
	raw_offer(&ring, 0);
	raw.interrupts = 0;
	cr_assert(raw_ccw_set_status(&raw, RUNNING));
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert_eq(raw.interrupts, 1);
	cr_assert_eq(raw.status.function, CCW_START);
}

PROVES("V14-CCW-L02", "V14-CCW-L03", "V14-SPLIT-L01")
Test(ccw_legacy, a_driver_that_sets_no_revision_is_a_legacy_one)
{
	cr_assert(raw_ccw_set_status(&raw, ACK));
	cr_assert_eq(ccw.revision, 0);
	cr_assert_not(raw_ccw_revision(&raw, 1));
	cr_assert(raw_ccw_rejected(&raw), "too late");
	raw_ccw_get_status(&raw);
	cr_assert(raw_ccw_rejected(&raw), "not of revision 0");
	cr_assert(raw_ccw_set_status(&raw, ACK | DRV));
	cr_assert_eq(raw_ccw_features(&raw, 0), 1 | 1u << 27 | 3u << 28);
	cr_assert_eq(raw_ccw_features(&raw, 1), 0);
	cr_assert(raw_ccw_set_features(&raw, 0, 1));
	cr_assert_eq(probe.device.features, 1);
	cr_assert_not(raw_ccw_set_features(&raw, 1, 1));
	cr_assert(raw_ccw_set_features(&raw, 1, 0));
	cr_assert_eq(probe.device.features, 1, "another word");
	raw_legacy_ring_init(&ring, &mem, FAKE_HIGH, SIZE, 4096);
	cr_assert(raw_ccw_queue_legacy(&raw, 0, SIZE, FAKE_HIGH, 4096));
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_IND, IND));
	cr_assert(raw_ccw_set_status(&raw, ACK | DRV | DOK));
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert(virtio_legacy(&probe.device));
	virtio_ccw_test(&ccw, &raw.status);
	cr_assert(raw_ccw_queue_legacy(&raw, 0, 0, 0, 0), "given back");
	cr_assert_not(virtio_queue_ready(&probe.device, 0));
}

Test(ccw_legacy, a_legacy_queue_is_checked_too)
{
	cr_assert(raw_ccw_revision(&raw, 0));
	cr_assert_not(raw_ccw_queue_legacy(&raw, 0, 3, FAKE_HIGH, 4096));
	cr_assert_not(raw_ccw_queue_legacy(&raw, 0, SIZE, FAKE_HIGH, 3));
	cr_assert_not(raw_ccw_queue_legacy(&raw, 0, SIZE, FAKE_REGISTERS, 4096));
	cr_assert_not(raw_ccw_queue_legacy(&raw, 0, SIZE, UINT64_MAX - 15, 4096));
	cr_assert_not(raw_ccw_queue_legacy(&raw, PROBE_QUEUES, SIZE, FAKE_HIGH, 4096));
	cr_assert(raw_ccw_queue_legacy(&raw, 0, SIZE, FAKE_HIGH, 4096));
	cr_assert_not(raw_ccw_queue_legacy(&raw, 0, SIZE, FAKE_HIGH, 4096), "it runs");
}

PROVES("V14-CORE-L08")
Test(ccw_legacy, used_before_driver_ok)
{
	cr_assert(raw_ccw_set_status(&raw, ACK));
	raw_legacy_ring_init(&ring, &mem, FAKE_HIGH, SIZE, 4096);
	cr_assert(raw_ccw_queue_legacy(&raw, 0, SIZE, FAKE_HIGH, 4096));
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

PROVES("V14-CORE-L07")
Test(ccw_legacy, configuration_before_features)
{
	uint8_t data[16];

	memcpy(data, probe.config, 16);
	data[8] = 0x42;
	raw_ccw_command(&raw, CCW_WRITE_CONF, data, 16, 0);
	cr_assert_eq(probe.config[8], 0x42);
	cr_assert(virtio_legacy(&probe.device));
}

Test(ccw_legacy, a_modern_driver_has_the_modern_interface)
{
	expect_works();
	cr_assert_not(virtio_legacy(&probe.device));
}
