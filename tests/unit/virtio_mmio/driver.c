/* SPDX-License-Identifier: BSD-2-Clause */
/* The project's own driver over MMIO, with the entropy device; the disk's tests are in
 * tests/unit/blk/driver.c. */
#include <criterion/criterion.h>
#include <string.h>

#include <arch/err.h>

#include "arch/hosted/hosted.h"
#include "guest-devices/virtio/rng.h"
#include "guest-devices/virtio/virtio_mmio_registers.h"
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
	driver_fixture_plug_mmio(&f, &rng.device);
}

static void tear_down(void)
{
	driver_fixture_free(&f);
}

TestSuite(mmio_driver, .init = set_up, .fini = tear_down, .timeout = 60);

static void fetch(uint64_t features, unsigned times)
{
	uint8_t *buffer;

	cr_assert_eq(driver_fixture_start(&f, features), 0);
	buffer = driver_fixture_alloc(&f, 64);
	for (unsigned i = 0; i < times; i++) {
		uint32_t written = 0;

		memset(buffer, 0, 64);
		fake_port_advance(VIRTIO_RNG_SLICE_NS);
		cr_assert_eq(
		    driver_fixture_call(&f, 0, &(struct blk_span){buffer, 64}, 0, 1, &written), 0);
		cr_assert_eq(written, 64);
		cr_assert_eq(buffer[63], 0x5a);
	}
	cr_assert_eq(f.queue_interrupts, times);
	cr_assert_eq(f.config_interrupts, 0);
	cr_assert_eq(rng.device.misuse, 0);
}

Test(mmio_driver, negotiates_and_fetches_bytes)
{
	fetch(RING_FEATURES, 1);
	cr_assert_eq(f.port.port.features, RING_FEATURES | VIRTIO_F_VERSION_1);
	cr_assert_eq(f.queues, 1);
}

Test(mmio_driver, ring_wraps)
{
	fetch(RING_FEATURES, 66000);
}

Test(mmio_driver, ring_wraps_without_features)
{
	fetch(0, 66000);
}

Test(mmio_driver, reset_and_start_again)
{
	fetch(RING_FEATURES, 3);
	cr_assert_eq(virtio_port_reset(&f.port.port), 0);
	f.queue_interrupts = 0;
	fetch(0, 3);
}

Test(mmio_driver, a_queue_in_use_is_not_set_up_again)
{
	struct ring ring;

	cr_assert_eq(driver_fixture_start(&f, 0), 0);
	ring = f.rings[0];
	cr_assert_eq(f.port.port.ops->queue_enable(&f.port.port, 0, &ring), ERR_INVALID);
}

Test(mmio_driver, V14_MMIO_D012_configuration_changes)
{
	cr_assert_eq(driver_fixture_start(&f, 0), 0);
	virtio_config_changed(&rng.device);
	cr_assert_eq(f.config_interrupts, 1);
	cr_assert_eq(virtio_mmio_port_interrupt(&f.port.mmio), 0, "somebody else's interrupt");
}

Test(mmio_driver, NW_008_device_is_gone)
{
	cr_assert_eq(driver_fixture_start(&f, 0), 0);
	f.gone = true;
	cr_assert(virtio_port_ill(&f.port.port));
	cr_assert_eq(virtio_port_begin(&f.port.port, 0, 0), ERR_IO);
}

/* --- what may be found instead of a device --- */

static uint32_t words[VIRTIO_MMIO_CONFIG / 4];
static unsigned last_read;

static uint64_t word_read(void *context, uint64_t address, unsigned size)
{
	(void)context;
	cr_assert_eq(size, 4);
	last_read = (unsigned)(address - FIXTURE_MMIO);
	return words[last_read / 4];
}

static int open_words(uint32_t magic, uint32_t version, uint32_t id)
{
	struct virtio_mmio_port port;

	words[0] = magic;
	words[1] = version;
	words[2] = id;
	hosted_io.mmio_read = word_read;
	return virtio_mmio_port_open(&port, FIXTURE_MMIO, VIRTIO_MMIO_SIZE, "test");
}

Test(mmio_driver, V14_MMIO_D004_D005_wrong_magic_or_version)
{
	cr_assert_eq(open_words(0x74726977, 2, 1), ERR_UNSUPPORTED);
	cr_assert_eq(open_words(0xffffffff, 0xffffffff, 0xffffffff), ERR_UNSUPPORTED);
	cr_assert_eq(open_words(VIRTIO_MMIO_MAGIC_VALUE, 1, 1), ERR_UNSUPPORTED);
	cr_assert(hosted_log_has("test d0000000: magic 74726976 and version 1 are not virtio's"));
}

Test(mmio_driver, V14_MMIO_D006_D018_a_placeholder_is_left_alone)
{
	cr_assert_eq(open_words(VIRTIO_MMIO_MAGIC_VALUE, 2, 0), ERR_NOT_FOUND);
	cr_assert_eq(last_read, VIRTIO_MMIO_DEVICE_ID, "no other register was touched");
	cr_assert_not(hosted_log_has("test d0000000"), "and nothing said");
}
