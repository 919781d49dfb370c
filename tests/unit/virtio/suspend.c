/* SPDX-License-Identifier: BSD-2-Clause */
/* VIRTIO_F_SUSPEND (VIRTIO 1.4, 3.4). */
#include "tests/unit/virtio/fixture.h"

enum { SUS = VIRTIO_SUSPEND, ASLEEP = ACK | DRV | FOK | SUS };

TestSuite(virtio_suspend, .init = setup, .fini = teardown);

static void start_suspend(void)
{
	start_with(VIRTIO_F_SUSPEND);
	virtio_set_status(device, ALL | SUS);
	cr_assert_eq(virtio_status(device), ASLEEP);
}

PROVES("V14-CORE-014")
Test(virtio_suspend, LC_030_ignored_before_driver_ok_and_without_the_feature)
{
	virtio_set_status(device, ACK | SUS);
	cr_assert_eq(virtio_status(device), ACK);
	probe_negotiate(&probe, VIRTIO_F_SUSPEND);
	virtio_set_status(device, ACK | DRV | FOK | SUS);
	cr_assert_eq(virtio_status(device), ACK | DRV | FOK);
	virtio_set_status(device, ALL | SUS);
	cr_assert_eq(virtio_status(device), ALL, "not together with DRIVER_OK");
	start();
	virtio_set_status(device, ALL | SUS);
	cr_assert_eq(virtio_status(device), ALL, "not negotiated");
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

PROVES("V14-CORE-019", "V14-CORE-020")
Test(virtio_suspend, and_resumes)
{
	start_suspend();
	virtio_set_status(device, ALL);
	cr_assert_eq(virtio_status(device), ALL);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
	virtio_set_status(device, ALL | SUS);
	cr_assert_eq(virtio_status(device), ASLEEP);
	virtio_set_status(device, ALL | SUS);
	cr_assert_eq(virtio_status(device), ALL, "whatever it writes into SUSPEND");
	cr_assert_eq(probe.starts, 1, "what was set up stays");
}

PROVES("V14-CORE-016", "V14-CORE-021")
Test(virtio_suspend, nothing_is_consumed_or_told_while_suspended)
{
	start_suspend();
	offer();
	virtio_kick(device, 0);
	device->ops->notify(device, 0); /* a device's own timer */
	cr_assert_eq(probe.chains, 0);
	cr_assert_not(vq_pop(&probe.queues[0], &probe.chain));
	cr_assert(vq_empty(&probe.queues[0]));
	cr_assert_eq(probe.queue_interrupts, 0);
	cr_assert_not(virtio_running(device));
	virtio_set_status(device, ALL);
	cr_assert_eq(raw_used_idx(&ring), 1, "what waited is served without a kick");
	cr_assert_eq(probe.notifies, 2, "of the queue that is in use");
	cr_assert_eq(probe.queue_interrupts, 1);
}

PROVES("V14-CORE-022", "V14-CORE-023")
Test(virtio_suspend, LC_030_waits_for_requests_in_flight_and_tells_of_them)
{
	start_with(VIRTIO_F_SUSPEND);
	probe.hold = true;
	request();
	virtio_set_status(device, ALL | SUS);
	cr_assert_eq(virtio_status(device), ALL, "not yet");
	cr_assert_not(virtio_running(device));
	cr_assert_eq(probe.drains, 1);
	offer();
	virtio_kick(device, 0);
	cr_assert_eq(probe.chains, 1, "but it begins nothing");
	probe_complete(&probe, 0);
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert_eq(probe.queue_interrupts, 1);
	cr_assert_eq(virtio_status(device), ASLEEP);
}

PROVES("V14-CORE-023")
Test(virtio_suspend, what_was_used_silently_is_told_before)
{
	start_with(VIRTIO_F_SUSPEND);
	offer();
	cr_assert(vq_pop(&probe.queues[0], &probe.chain));
	vq_push(&probe.queues[0], &probe.chain, 4);
	cr_assert_eq(probe.queue_interrupts, 0);
	virtio_set_status(device, ALL | SUS);
	cr_assert_eq(probe.queue_interrupts, 1);
	cr_assert_eq(virtio_status(device), ASLEEP);
}

PROVES("V14-CORE-015", "V14-CORE-016")
Test(virtio_suspend, the_configuration_is_frozen)
{
	uint8_t byte = 0x77, seen;

	start_suspend();
	virtio_config_write(device, 8, &byte, 1);
	cr_assert_eq(probe.config[8], 0xa8, "the driver's write is ignored");
	probe.config[9] = 0x55;
	virtio_config_changed(device);
	virtio_config_read(device, 9, &seen, 1);
	cr_assert_eq(seen, 0xa9, "and the device's change is not seen");
	virtio_set_status(device, ALL);
	virtio_config_read(device, 9, &seen, 1);
	cr_assert_eq(seen, 0x55);
	virtio_config_write(device, 8, &byte, 1);
	cr_assert_eq(probe.config[8], 0x77);
}

PROVES("V14-CORE-017", "V14-CORE-018")
Test(virtio_suspend, a_change_is_told_when_it_resumes)
{
	start_suspend();
	virtio_config_changed(device);
	virtio_config_changed(device);
	cr_assert_eq(probe.config_interrupts, 0);
	virtio_set_status(device, ALL);
	cr_assert_eq(probe.config_interrupts, 1);
	virtio_set_status(device, ALL | SUS);
	virtio_set_status(device, ALL);
	cr_assert_eq(probe.config_interrupts, 1, "once");
}

PROVES("V14-CORE-019")
Test(virtio_suspend, one_that_fails_while_it_suspends_needs_a_reset)
{
	start_with(VIRTIO_F_SUSPEND);
	probe.hold = true;
	request();
	virtio_set_status(device, ALL | SUS);
	virtio_fail(device, 0, "MEM_RANGE");
	cr_assert_eq(virtio_status(device), ALL | BAD);
	probe_complete(&probe, 0);
	cr_assert_eq(virtio_status(device), ALL | BAD);
	probe.hold = false;
	expect_works();
}

Test(virtio_suspend, a_driver_that_gives_up_meanwhile)
{
	start_with(VIRTIO_F_SUSPEND);
	probe.hold = true;
	request();
	virtio_set_status(device, ALL | SUS);
	virtio_set_status(device, ALL | VIRTIO_FAILED);
	probe_complete(&probe, 0);
	cr_assert_eq(virtio_status(device), ALL | VIRTIO_FAILED);
}

Test(virtio_suspend, a_reset_ends_it)
{
	start_suspend();
	virtio_set_status(device, 0);
	cr_assert_eq(virtio_status(device), 0);
	expect_works();
}

Test(virtio_suspend, bits_cannot_be_cleared_instead)
{
	start_suspend();
	virtio_set_status(device, ACK | DRV | FOK);
	virtio_set_status(device, DOK);
	cr_assert_eq(virtio_status(device), ASLEEP);
}

/* A ring that broke stops the device before the next queue is looked at. */
Test(virtio_suspend, one_that_fails_as_it_resumes_serves_no_other_queue)
{
	struct raw_ring other;

	probe_negotiate(&probe, VIRTIO_F_SUSPEND);
	raw_ring_init(&other, &fake, FAKE_HIGH + 0x4000, SIZE);
	cr_assert(raw_ring_attach(&ring, device, 0));
	cr_assert(raw_ring_attach(&other, device, 1));
	probe_go(&probe);
	virtio_set_status(device, ALL | SUS);
	raw_offer(&ring, 0xffff);
	virtio_set_status(device, ALL);
	cr_assert(device->status & BAD);
	cr_assert_eq(probe.notifies, 1);
}

Test(virtio_suspend, it_resumes_while_dma_is_off)
{
	start_suspend();
	offer();
	virtio_allow_dma(device, false);
	virtio_set_status(device, ALL);
	cr_assert_eq(probe.notifies, 0);
	virtio_allow_dma(device, true);
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(virtio_suspend, a_device_that_tells_late_tells_nothing)
{
	struct vq_chain chain;

	start_with(VIRTIO_F_SUSPEND);
	offer();
	cr_assert(vq_pop(&probe.queues[0], &chain));
	vq_push(&probe.queues[0], &chain, 0);
	virtio_allow_dma(device, false); /* so that it cannot be told before */
	virtio_set_status(device, ALL | SUS);
	cr_assert_eq(virtio_status(device), ASLEEP);
	virtio_allow_dma(device, true);
	virtio_notify_queue(device, 0);
	cr_assert_eq(probe.queue_interrupts, 0);
}
