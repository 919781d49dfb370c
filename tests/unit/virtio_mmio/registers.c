/* SPDX-License-Identifier: BSD-2-Clause */
/* Every row of the register table (VIRTIO 1.4, 4.2.2) and every device requirement (4.2.2.1), whose
 * numbers stand in the names. */
#include "tests/unit/virtio_mmio/fixture.h"

TestSuite(mmio, .init = mmio_setup, .fini = mmio_teardown);

PROVES("V14-MMIO-001", "V14-MMIO-002")
Test(mmio, MMIO_001_magic_MMIO_002_version_and_identity)
{
	cr_assert_eq(get(MAGIC), 0x74726976);
	cr_assert_eq(get(VERSION), 2);
	cr_assert_eq(get(DEVICE_ID), 4);
	cr_assert_neq(get(VENDOR_ID), 0);
}

Test(mmio, identity_cannot_be_written)
{
	for (unsigned offset = MAGIC; offset <= DEVICE_FEATURES; offset += 4)
		set(offset, 0xffffffff);
	cr_assert_eq(probe.device.misuse, 5);
	cr_assert_eq(get(MAGIC), 0x74726976);
	cr_assert_eq(get(VERSION), 2);
	cr_assert_eq(get(DEVICE_ID), 4);
	cr_assert_eq(get(DEVICE_FEATURES), 1 | 3u << 28);
}

Test(mmio, write_only_registers_read_0)
{
	static const unsigned offsets[] = {
	    DEVICE_FEATURES_SEL, DRIVER_FEATURES, DRIVER_FEATURES_SEL, QUEUE_SEL,      QUEUE_SIZE,
	    QUEUE_NOTIFY,        INTERRUPT_ACK,   QUEUE_DESC,          QUEUE_DESC + 4, QUEUE_DRIVER,
	    QUEUE_DRIVER + 4,    QUEUE_DEVICE,    QUEUE_DEVICE + 4,    SHM_SEL,
	};

	negotiate(1);
	set(QUEUE_SEL, 1);
	set(QUEUE_SIZE, 8);
	set(QUEUE_DESC, 0x1000);
	for (unsigned i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
		cr_assert_eq(get(offsets[i]), 0, "offset %x", offsets[i]);
	cr_assert_eq(probe.device.misuse, sizeof(offsets) / sizeof(offsets[0]));
}

Test(mmio, features_in_halves)
{
	set(DEVICE_FEATURES_SEL, 0);
	cr_assert_eq(get(DEVICE_FEATURES), 1 | 3u << 28);
	set(DEVICE_FEATURES_SEL, 1);
	cr_assert_eq(get(DEVICE_FEATURES), 0x94b, "without NOTIF_CONFIG_DATA");
	negotiate(1 | 1ull << 33);
	cr_assert_eq(get(STATUS), 11);
	cr_assert_eq(probe.device.features, 1 | 3ull << 32);
}

Test(mmio, feature_words_above_63_read_0_and_take_nothing)
{
	static const uint32_t selects[] = {2, 3, 31, 32, 0x80000000, 0xffffffff};

	for (unsigned i = 0; i < 6; i++) {
		set(DEVICE_FEATURES_SEL, selects[i]);
		set(DRIVER_FEATURES_SEL, selects[i]);
		cr_assert_eq(get(DEVICE_FEATURES), 0);
		set(DRIVER_FEATURES, 0xffffffff);
	}
	cr_assert_eq(probe.device.driver_features, 0);
	expect_works();
}

Test(mmio, a_queue_and_its_registers)
{
	struct virtqueue *vq = &probe.queues[1];

	negotiate(0);
	set(QUEUE_SEL, 1);
	cr_assert_eq(get(QUEUE_SIZE_MAX), SIZE_MAX_OF_QUEUE);
	cr_assert_eq(get(QUEUE_READY), 0);
	set(QUEUE_SIZE, 16);
	cr_assert_eq(vq->size, 16);
	cr_assert_eq(get(QUEUE_SIZE_MAX), SIZE_MAX_OF_QUEUE, "it is not what the driver wrote");
	for (unsigned i = 0; i < 3; i++) {
		set(QUEUE_DESC + 0x10 * i, 0x11111110 * (i + 1));
		set(QUEUE_DESC + 0x10 * i + 4, 0xa0 + i);
	}
	cr_assert_eq(vq->desc, 0xa011111110);
	cr_assert_eq(vq->driver, 0xa122222220);
	cr_assert_eq(vq->device, 0xa233333330);
	cr_assert_eq(probe.queues[0].desc | probe.queues[2].desc, 0);
	cr_assert_eq(probe.device.misuse, 0);
}

Test(mmio, a_request_and_its_interrupt)
{
	start();
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert(line);
	cr_assert_eq(get(INTERRUPT_STATUS), 1);
	cr_assert_eq(get(INTERRUPT_STATUS), 1, "reading acknowledges nothing");
	set(INTERRUPT_ACK, 1);
	cr_assert_not(line);
	cr_assert_eq(get(INTERRUPT_STATUS), 0);
	cr_assert_eq(probe.device.misuse, 0);
}

PROVES("V14-MMIO-003", "V14-MMIO-004")
Test(mmio, MMIO_003_events_stay_until_acknowledged_MMIO_004_others_are_0)
{
	start();
	cr_assert_eq(get(INTERRUPT_STATUS), 0);
	virtio_config_changed(&probe.device);
	cr_assert_eq(get(INTERRUPT_STATUS), 2);
	request();
	cr_assert_eq(get(INTERRUPT_STATUS), 3);
	set(INTERRUPT_ACK, 2);
	cr_assert_eq(get(INTERRUPT_STATUS), 1);
	cr_assert(line);
	set(INTERRUPT_ACK, 1);
	cr_assert_eq(get(INTERRUPT_STATUS), 0);
	cr_assert_not(line);
	cr_assert_eq(line_changes, 2);
}

PROVES("V14-MMIO-005")
Test(mmio, MMIO_005_reset_clears_interrupts_and_ready)
{
	start();
	attach(1);
	request();
	virtio_config_changed(&probe.device);
	set(STATUS, 0);
	cr_assert_eq(get(STATUS), 0);
	cr_assert_eq(get(INTERRUPT_STATUS), 0);
	cr_assert_not(line);
	for (unsigned i = 0; i < PROBE_QUEUES; i++) {
		set(QUEUE_SEL, i);
		cr_assert_eq(get(QUEUE_READY), 0);
	}
	cr_assert_eq(probe.queues[0].desc, 0);
	expect_works();
}

PROVES("V14-MMIO-006")
Test(mmio, MMIO_006_generation_moves_with_the_configuration)
{
	uint32_t before = get(GENERATION);

	cr_assert_eq(get(GENERATION), before);
	for (unsigned i = 0; i < 256; i++)
		virtio_config_changed(&probe.device);
	cr_assert_neq(get(GENERATION), before);
}

PROVES("V14-MMIO-007")
Test(mmio, MMIO_007_nothing_is_touched_while_not_ready)
{
	start();
	set(QUEUE_READY, 0);
	cr_assert_eq(get(QUEUE_READY), 0);
	request();
	cr_assert_eq(raw_used_idx(&ring), 0);
	cr_assert_eq(probe.notifies, 0);
	raw_ring_init(&ring, &mem, FAKE_HIGH, SIZE);
	attach(0);
	cr_assert_eq(get(QUEUE_READY), 1);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1, "it can be made ready again");
}

/* 4.2.2.2: the driver reads QueueReady back to know that the queue is not in use any more. */
Test(mmio, a_queue_is_ready_until_its_requests_are_through)
{
	start();
	probe.hold = true;
	request();
	set(QUEUE_READY, 0);
	cr_assert_eq(get(QUEUE_READY), 1);
	request();
	cr_assert_eq(probe.held_count, 1, "nothing new is begun");
	set(QUEUE_SIZE, 4);
	set(QUEUE_DESC, 0);
	cr_assert_eq(probe.queues[0].size, SIZE, "the registers stay fixed");
	probe_complete(&probe, 0);
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert_eq(get(QUEUE_READY), 0);
	probe.hold = false;
	raw_ring_init(&ring, &mem, FAKE_HIGH, SIZE);
	attach(0);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(mmio, stopping_one_queue_leaves_the_others)
{
	struct raw_ring other;

	start();
	other = ring;
	raw_ring_init(&ring, &mem, FAKE_HIGH + 0x4000, SIZE);
	attach(1);
	set(QUEUE_READY, 0);
	ring = other;
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(mmio, queue_reset_does_nothing_unless_negotiated)
{
	start();
	set(QUEUE_RESET, 1);
	cr_assert_eq(get(QUEUE_RESET), 0);
	cr_assert_eq(get(QUEUE_READY), 1);
	cr_assert_eq(probe.device.misuse, 1);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

static void start_with(uint64_t features)
{
	negotiate(features);
	raw_ring_init(&ring, &mem, FAKE_HIGH, SIZE);
	attach(0);
	set(STATUS, RUNNING);
}

PROVES("V14-MMIO-008", "V14-MMIO-009", "V14-MMIO-010", "V14-MMIO-012")
Test(mmio, queue_reset)
{
	start_with(1ull << 40);
	cr_assert_eq(get(QUEUE_RESET), 0, "after QueueReady");
	request();
	set(QUEUE_RESET, 1);
	cr_assert_eq(get(QUEUE_RESET), 0);
	cr_assert_eq(get(QUEUE_READY), 0);
	raw_ring_init(&ring, &mem, FAKE_HIGH, SIZE);
	attach(0);
	cr_assert_eq(get(QUEUE_READY), 1);
	cr_assert_eq(get(QUEUE_RESET), 0);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1, "from index 0 again");
	set(QUEUE_RESET, 2);
	cr_assert_eq(get(QUEUE_READY), 1, "only bit 0 means something");
}

PROVES("V14-MMIO-008", "V14-MMIO-011", "V14-MMIO-012")
Test(mmio, queue_reset_reads_1_while_it_goes_on)
{
	start_with(1ull << 40);
	probe.hold = true;
	request();
	set(QUEUE_RESET, 1);
	cr_assert_eq(get(QUEUE_RESET), 1);
	set(QUEUE_SEL, 1);
	cr_assert_eq(get(QUEUE_RESET), 0, "of that queue only");
	set(QUEUE_SEL, 0);
	probe_complete(&probe, 0);
	cr_assert_eq(get(INTERRUPT_STATUS), 0, "and tells nothing");
	cr_assert_eq(get(QUEUE_RESET), 0);
	cr_assert_eq(get(QUEUE_READY), 0);
	probe.hold = false;
	start_with(1ull << 40);
	probe.hold = true;
	probe.held_count = 0;
	request();
	set(QUEUE_RESET, 1);
	set(STATUS, 0);
	cr_assert_eq(get(QUEUE_RESET), 0, "on reset");
	probe_complete(&probe, 0);
}

Test(mmio, notification_data)
{
	start_with(1ull << 38);
	raw_desc(&ring, 0, DATA, 4, 0, 0);
	raw_offer(&ring, 0);
	set(QUEUE_NOTIFY, 0x80050001);
	cr_assert_eq(raw_used_idx(&ring), 0, "queue 1");
	set(QUEUE_NOTIFY, 0x80050000);
	cr_assert_eq(raw_used_idx(&ring), 1);
	start_with(0);
	raw_desc(&ring, 0, DATA, 4, 0, 0);
	raw_offer(&ring, 0);
	set(QUEUE_NOTIFY, 0x80050000);
	cr_assert_eq(raw_used_idx(&ring), 0, "the whole value is the index");
}

Test(mmio, registers_are_fixed_while_the_queue_is_ready)
{
	start();
	set(QUEUE_SIZE, 4);
	set(QUEUE_DESC, 0x1000);
	set(QUEUE_DEVICE + 4, 1);
	cr_assert_eq(probe.queues[0].size, SIZE);
	cr_assert_eq(probe.queues[0].desc, FAKE_HIGH);
	cr_assert_eq(probe.queues[0].device, ring.used);
	cr_assert_eq(probe.device.misuse, 3);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

PROVES("V14-CORE-008", "V14-CORE-009")
Test(mmio, status_reads_0_when_the_reset_is_done)
{
	start();
	probe.hold = true;
	request();
	set(STATUS, 0);
	cr_assert_neq(get(STATUS), 0);
	probe_complete(&probe, 0);
	cr_assert_eq(get(STATUS), 0);
	cr_assert_not(line);
	cr_assert_eq(raw_used_idx(&ring), 0);
}

Test(mmio, configuration_by_any_width)
{
	cr_assert_eq(get_wide(CONFIG, 1), 0xa0);
	cr_assert_eq(get_wide(CONFIG + 1, 1), 0xa1);
	cr_assert_eq(get_wide(CONFIG + 2, 2), 0xa3a2);
	cr_assert_eq(get(CONFIG + 4), 0xa7a6a5a4);
	set(CONFIG + 8, 0x01020304);
	cr_assert_eq(get(CONFIG + 8), 0x01020304);
	set_wide(CONFIG + 9, 1, 0xee);
	cr_assert_eq(get(CONFIG + 8), 0x0102ee04);
	set(CONFIG, 0);
	cr_assert_eq(get_wide(CONFIG, 1), 0xa0, "read-only");
}

PROVES("V14-CORE-002", "V14-CORE-003")
Test(mmio, a_ring_error_reaches_the_driver)
{
	start();
	raw_offer(&ring, 0xffff);
	set(QUEUE_NOTIFY, 0);
	cr_assert_eq(get(STATUS), RUNNING | VIRTIO_NEEDS_RESET);
	cr_assert_eq(get(INTERRUPT_STATUS), 2);
	cr_assert(line);
	expect_works();
}

static void share_set(void *context, unsigned source, bool level)
{
	irq_share_set(context, source, level);
}

static void count_line(void *context, unsigned number, bool level)
{
	(void)context;
	(void)number;
	line = level;
	line_changes++;
}

Test(mmio, a_shared_line_stays_up_until_the_last_device_lets_go)
{
	static struct probe second;
	static struct virtio_mmio other;
	struct irq_share share = {.line = {count_line, NULL, 20}};

	start();
	probe_init(&second, &mem.mem, SIZE_MAX_OF_QUEUE);
	virtio_mmio_init(&other, &second.device, BASE + 0x200,
	                 (struct irq_line){share_set, &share, 1});
	cr_assert_eq(bus_add(&mem.bus, &other.region), 0);
	transport.line = (struct irq_line){share_set, &share, 0};
	probe_negotiate(&second, 0);
	probe_go(&second);
	virtio_config_changed(&probe.device);
	virtio_config_changed(&second.device);
	cr_assert(line);
	set(INTERRUPT_ACK, 2);
	cr_assert(line);
	set(0x200 + INTERRUPT_ACK, 2);
	cr_assert_not(line);
	cr_assert_eq(line_changes, 2);
}
