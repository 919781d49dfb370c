/* SPDX-License-Identifier: BSD-2-Clause */
/* A device type and a transport that have only what each must have. */
#include "tests/unit/virtio/fixture.h"

static struct virtio_device bare;
static struct virtqueue queues[2];
static struct vq_chain chain;
static unsigned resets, wire_resets, wire_done, notified;

static void reset_bare(struct virtio_device *none)
{
	(void)none;
	resets++;
}

static void notify(struct virtio_device *none, unsigned queue)
{
	(void)none;
	notified++;
	if (vq_pop(&queues[queue], &chain))
		virtio_used(&bare, queue, &chain, 0);
}

static const struct virtio_ops ops = {.reset = reset_bare, .notify = notify};

static void set_up(void)
{
	setup();
	bare = (struct virtio_device){
	    .ops = &ops, .name = "bare", .type = 4, .queues = queues, .queue_count = 2};
	virtio_init(&bare, &fake.mem, 64);
}

TestSuite(virtio_bare, .init = set_up, .fini = teardown);

static void go(uint64_t features)
{
	virtio_set_status(&bare, 0);
	virtio_set_status(&bare, ACK);
	virtio_set_status(&bare, ACK | DRV);
	virtio_set_features(&bare, features | VIRTIO_F_VERSION_1);
	virtio_set_status(&bare, ACK | DRV | FOK);
	raw_ring_init(&ring, &fake, FAKE_HIGH, SIZE);
	cr_assert(raw_ring_attach(&ring, &bare, 0));
	virtio_set_status(&bare, ALL);
	cr_assert_eq(bare.status, ALL);
}

static void ask(void)
{
	offer();
	virtio_kick(&bare, 0);
}

Test(virtio_bare, a_whole_life)
{
	uint8_t byte = 1;

	go(VIRTIO_F_RING_RESET | VIRTIO_F_SUSPEND);
	ask();
	cr_assert_eq(raw_used_idx(&ring), 1);
	virtio_config_write(&bare, 0, &byte, 1);
	virtio_config_changed(&bare);
	virtio_set_status(&bare, ALL | VIRTIO_SUSPEND);
	cr_assert_eq(virtio_status(&bare), ACK | DRV | FOK | VIRTIO_SUSPEND);
	virtio_set_status(&bare, ALL);
	ask();
	cr_assert_eq(raw_used_idx(&ring), 2);
	virtio_queue_reset(&bare, 0);
	cr_assert_not(virtio_queue_ready(&bare, 0));
	virtio_set_status(&bare, 0);
	cr_assert_eq(bare.status, 0);
	cr_assert_eq(resets, 2);
}

Test(virtio_bare, an_old_drivers_life)
{
	virtio_legacy_set_status(&bare, ACK);
	virtio_legacy_set_status(&bare, ACK | DRV);
	virtio_legacy_set_queue(&bare, 0, FAKE_HIGH);
	virtio_legacy_set_status(&bare, ACK | DRV | DOK);
	cr_assert_eq(bare.status, ACK | DRV | DOK);
	virtio_legacy_kick(&bare, 0);
	cr_assert_eq(notified, 1);
}

Test(virtio_bare, a_configuration_that_nobody_takes_is_not_written)
{
	static uint8_t config[4] = {1, 2, 3, 4};
	uint8_t byte = 9;

	bare.config = config;
	bare.config_size = sizeof(config);
	virtio_config_write(&bare, 1, &byte, 1);
	cr_assert_eq(config[1], 2);
	cr_assert_eq(bare.misuse, 1);
}

Test(virtio_bare, no_queues_at_all)
{
	bare.queues = NULL;
	bare.queue_count = 0;
	virtio_allow_dma(&bare, false);
	virtio_allow_dma(&bare, true);
	cr_assert_eq(notified, 0);
}

static void count_reset(void *context)
{
	(void)context;
	wire_resets++;
}

static void count_done(void *context)
{
	(void)context;
	wire_done++;
}

Test(virtio_bare, a_transport_hears_of_a_reset_and_of_its_end)
{
	const struct virtio_wires wires = {.reset = count_reset, .reset_done = count_done};

	virtio_connect(&bare, &wires);
	go(0);
	cr_assert_eq(wire_resets, 1);
	cr_assert_eq(wire_done, 1);
	virtio_hold(&bare);
	virtio_set_status(&bare, 0);
	cr_assert_eq(wire_resets, 2);
	cr_assert_eq(wire_done, 1);
	virtio_release(&bare);
	cr_assert_eq(wire_done, 2);
}
