/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver's side of virtio against the project's own entropy device, through PCI. */
#include <criterion/criterion.h>
#include <string.h>

#include <arch/err.h>

#include "arch/hosted/hosted.h"
#include "guest-devices/virtio/rng.h"
#include "tests/lib/driver_fixture.h"
#include "tests/lib/fake_port.h"

static struct driver_fixture f;
static struct virtio_rng rng;

static size_t fill(struct rng_backend *backend, void *to, size_t size)
{
	(void)backend;
	memset(to, 0x5a, size);
	return size;
}

static struct rng_backend source = {.read = fill};

static void set_up(void)
{
	static struct virtio_rng_config config = {
	    .name = "test rng", .mem = &f.mem, .backend = &source};

	driver_fixture_init(&f);
	virtio_rng_init(&rng, &config);
	driver_fixture_plug(&f, &rng.device);
}

static void tear_down(void)
{
	driver_fixture_free(&f);
}

TestSuite(driver_port, .init = set_up, .fini = tear_down);

static int read_random(uint8_t *buffer, size_t size, uint32_t *written)
{
	struct blk_span span = {buffer, size};

	return driver_fixture_call(&f, 0, &span, 0, 1, written);
}

Test(driver_port, negotiates_and_fetches_bytes)
{
	uint32_t written = 0;
	uint8_t *buffer;

	cr_assert_eq(driver_fixture_start(&f, RING_FEATURES), 0);
	cr_assert_eq(f.port.port.features, RING_FEATURES | VIRTIO_F_VERSION_1);
	cr_assert_eq(f.queues, 1);
	buffer = driver_fixture_alloc(&f, 64);
	cr_assert_eq(read_random(buffer, 64, &written), 0);
	cr_assert_eq(written, 64);
	cr_assert_eq(buffer[63], 0x5a);
	cr_assert_eq(f.queue_interrupts, 1);
}

Test(driver_port, without_ring_features)
{
	uint8_t *buffer;

	cr_assert_eq(driver_fixture_start(&f, 0), 0);
	cr_assert_eq(f.port.port.features, VIRTIO_F_VERSION_1);
	buffer = driver_fixture_alloc(&f, 64);
	cr_assert_eq(read_random(buffer, 64, NULL), 0);
	cr_assert_eq(buffer[0], 0x5a);
}

static void go_round(uint64_t features, unsigned times)
{
	uint8_t *buffer;

	cr_assert_eq(driver_fixture_start(&f, features), 0);
	buffer = driver_fixture_alloc(&f, 8);
	for (unsigned i = 0; i < times; i++) {
		uint32_t written = 0;

		memset(buffer, 0, 8);
		fake_port_advance(VIRTIO_RNG_SLICE_NS);
		cr_assert_eq(read_random(buffer, 8, &written), 0, "round %u", i);
		cr_assert_eq(written, 8);
		cr_assert_eq(buffer[7], 0x5a);
		if (i % 1000 == 0)
			cr_assert_eq(f.rings[0].free_count, FIXTURE_RING_SIZE);
	}
	cr_assert_eq(f.queue_interrupts, times);
}

/* 16-bit indices wrap after 65,536 chains. */
Test(driver_port, ring_wraps_with_event_index)
{
	go_round(VIRTIO_F_EVENT_IDX, 66000);
}

Test(driver_port, ring_wraps_without)
{
	go_round(0, 66000);
}

Test(driver_port, ring_wraps_with_indirect)
{
	go_round(RING_FEATURES, 66000);
}

/* The device offers packed rings; the driver takes them if it was asked to. */
static void go_round_packed(uint64_t features)
{
	tear_down();
	set_up();
	virtio_offer(&rng.device, VIRTIO_F_RING_PACKED);
	go_round(features | VIRTIO_F_RING_PACKED, 5000);
	cr_assert(rng.device.queues[0].packed);
	cr_assert_eq(rng.device.misuse, 0);
}

Test(driver_port, packed_ring_wraps_with_event_index)
{
	go_round_packed(VIRTIO_F_EVENT_IDX);
}

Test(driver_port, packed_ring_wraps_without)
{
	go_round_packed(0);
}

Test(driver_port, packed_ring_wraps_with_indirect)
{
	go_round_packed(RING_FEATURES);
}

Test(driver_port, no_interrupt_when_not_asked_for)
{
	uint8_t *buffer;

	cr_assert_eq(driver_fixture_start(&f, RING_FEATURES), 0);
	buffer = driver_fixture_alloc(&f, 8);
	ring_want_interrupts(&f.rings[0], false);
	for (unsigned i = 0; i < 100; i++)
		cr_assert_eq(read_random(buffer, 8, NULL), 0);
	cr_assert_eq(f.queue_interrupts, 0);
	ring_want_interrupts(&f.rings[0], true);
	cr_assert_eq(read_random(buffer, 8, NULL), 0);
	cr_assert_eq(f.queue_interrupts, 1);
}

Test(driver_port, reset_and_start_again)
{
	uint8_t *buffer;

	cr_assert_eq(driver_fixture_start(&f, RING_FEATURES), 0);
	cr_assert_eq(virtio_port_reset(&f.port.port), 0);
	cr_assert_eq(driver_fixture_negotiate(&f, 0), 0);
	cr_assert_eq(virtio_port_go(&f.port.port), 0);
	buffer = driver_fixture_alloc(&f, 8);
	cr_assert_eq(read_random(buffer, 8, NULL), 0);
}

Test(driver_port, configuration_outside_reads_as_ones)
{
	cr_assert_eq(driver_fixture_start(&f, 0), 0);
	cr_assert_eq(f.port.port.ops->config_read(&f.port.port, 0x10000, 4), ~0u);
	cr_assert_eq(f.port.port.ops->config_read(&f.port.port, ~0u - 1, 4), ~0u);
}

Test(driver_port, NW_008_device_is_gone)
{
	cr_assert_eq(driver_fixture_start(&f, 0), 0);
	f.gone = true;
	cr_assert(virtio_port_ill(&f.port.port));
	cr_assert_eq(virtio_port_begin(&f.port.port, 0, 0), ERR_IO);
	cr_assert(hosted_log_has("nothing answers"));
}

Test(driver_port, missing_feature_is_named)
{
	cr_assert_eq(driver_fixture_open(&f), 0);
	cr_assert_eq(virtio_port_begin(&f.port.port, 1, 1), ERR_UNSUPPORTED);
	cr_assert(hosted_log_has("fixture 00:03.0: the device lacks features 0x1"));
	cr_assert(rng.device.status & VIRTIO_FAILED);
}
