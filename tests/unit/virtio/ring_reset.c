/* SPDX-License-Identifier: BSD-2-Clause */
/* VIRTIO_F_RING_RESET (VIRTIO 1.4, 2.6.1). */
#include "tests/unit/virtio/fixture.h"

TestSuite(virtio_ring_reset, .init = setup, .fini = teardown);

static struct raw_ring other;

static void start_two(void)
{
	probe_negotiate(&probe, VIRTIO_F_RING_RESET);
	raw_ring_init(&ring, &fake, FAKE_HIGH, SIZE);
	raw_ring_init(&other, &fake, FAKE_HIGH + 0x4000, SIZE);
	cr_assert(raw_ring_attach(&ring, device, 0));
	cr_assert(raw_ring_attach(&other, device, 1));
	probe_go(&probe);
}

PROVES("V14-CORE-012")
Test(virtio_ring_reset, the_queue_is_as_before_set_up)
{
	start_two();
	request();
	virtio_queue_reset(device, 0);
	cr_assert_not(virtio_queue_ready(device, 0));
	cr_assert_not(virtio_queue_resetting(device, 0));
	cr_assert_eq(probe.queues[0].size, probe.queues[0].size_max);
	cr_assert_eq(probe.queues[0].desc | probe.queues[0].driver | probe.queues[0].device, 0);
	cr_assert_eq(probe.queue_resets, 1);
	/* the same memory, from index 0: both indices were forgotten */
	raw_ring_init(&ring, &fake, FAKE_HIGH, SIZE);
	cr_assert(raw_ring_attach(&ring, device, 0));
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert_eq(raw_used_id(&ring, 0), 0);
}

PROVES("V14-CORE-013")
Test(virtio_ring_reset, it_comes_back_with_another_size_and_place)
{
	start_two();
	virtio_queue_reset(device, 0);
	raw_ring_init(&ring, &fake, FAKE_HIGH + 0x10000, 2);
	cr_assert(raw_ring_attach(&ring, device, 0));
	for (unsigned i = 0; i < 5; i++)
		request();
	cr_assert_eq(raw_used_idx(&ring), 5, "entries wrap at 2");
	cr_assert_eq(device->status, ALL);
}

PROVES("V14-CORE-011")
Test(virtio_ring_reset, LC_024_only_that_queue_drains_and_others_continue)
{
	start_two();
	probe.hold = true;
	request();
	probe.hold = false;
	cr_assert_eq(probe.held_count, 1);
	virtio_queue_reset(device, 0);
	cr_assert(virtio_queue_resetting(device, 0), "a back-end has its chain");
	cr_assert_eq(probe.drains, 1);
	cr_assert_eq(probe.queue_resets, 0, "not yet");
	request();
	cr_assert_eq(probe.chains, 1, "nothing more is executed");
	raw_desc(&other, 0, DATA, 4, 0, 0);
	raw_offer(&other, 0);
	virtio_kick(device, 1);
	cr_assert_eq(raw_used_idx(&other), 1, "the other queue works");
	cr_assert_eq(probe.queue_interrupts, 1);
	probe_complete(&probe, 0);
	cr_assert_eq(probe.queue_interrupts, 1, "no notification for a queue that is reset");
	cr_assert_not(virtio_queue_resetting(device, 0));
	cr_assert_not(virtio_queue_ready(device, 0));
	cr_assert_eq(probe.queue_resets, 1);
}

Test(virtio_ring_reset, while_it_goes_on_nothing_can_be_set_up)
{
	start_two();
	probe.hold = true;
	request();
	virtio_queue_reset(device, 0);
	cr_assert_not(virtio_queue_configurable(device, 0));
	cr_assert_not(raw_ring_attach(&ring, device, 0));
	virtio_queue_reset(device, 0);
	cr_assert(virtio_queue_resetting(device, 0), "twice is once");
	virtio_set_status(device, 0);
	probe_complete(&probe, 0);
	cr_assert_not(virtio_queue_resetting(device, 0));
	probe.hold = false;
	expect_works();
}

Test(virtio_ring_reset, not_negotiated_or_not_there)
{
	start();
	virtio_queue_reset(device, 0);
	cr_assert(virtio_queue_ready(device, 0));
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
	start_two();
	uint64_t before = device->misuse;
	virtio_queue_reset(device, 2);
	virtio_queue_reset(device, PROBE_QUEUES);
	virtio_queue_reset(device, 0xffffffff);
	cr_assert_eq(device->misuse, before + 3);
}
