/* SPDX-License-Identifier: BSD-2-Clause */
/* The disk under the project's own driver, with each set of ring features: the driver kicks only
 * when it is asked to, and the ring goes round many times. */
#include <string.h>

#include "hv/blk/ram_disk.h"
#include "tests/lib/driver_fixture.h"
#include "tests/unit/blk/fixture.h"

enum { DEPTH = 12, ROUNDS = 40 };

static struct driver_fixture f;
static uint8_t image[DISK_SIZE], shadow[DISK_SIZE];
static struct ram_disk ram;

static void setup_over(void (*plug)(struct driver_fixture *, struct virtio_device *))
{
	driver_fixture_init(&f);
	ram_disk_init(&ram, image, DISK_SIZE, false, "driver");
	virtio_blk_init(&blk, &(struct virtio_blk_config){
	                          .name = "test blk0", .mem = &f.mem, .backend = &ram.backend});
	plug(&f, &blk.device);
	memset(image, 0, DISK_SIZE);
	memset(shadow, 0, DISK_SIZE);
}

static void setup(void)
{
	setup_over(driver_fixture_plug);
}

static void setup_mmio(void)
{
	setup_over(driver_fixture_plug_mmio);
}

static void teardown(void)
{
	driver_fixture_free(&f);
}

TestSuite(blk_driver, .init = setup, .fini = teardown, .timeout = 60);
TestSuite(blk_driver_mmio, .init = setup_mmio, .fini = teardown, .timeout = 60);

struct call {
	uint32_t header[4];
	uint8_t data[2048];
	uint8_t status;
};

static uint32_t random_number(void)
{
	static uint32_t state = 1;

	state = state * 1664525 + 1013904223;
	return state >> 8;
}

static void add(struct call *call)
{
	uint32_t sectors = 1 + random_number() % 4, sector = random_number() % 2044;
	bool write = random_number() & 1;
	size_t cut = random_number() % (sectors * 512 - 1) + 1;
	struct blk_span spans[] = {{call->header, 16},
	                           {call->data, cut},
	                           {call->data + cut, sectors * 512 - cut},
	                           {&call->status, 1}};

	*call = (struct call){.header = {write, sectors, sector, 0}, .status = S_NONE};
	for (size_t i = 0; write && i < sectors * 512; i++)
		call->data[i] = (uint8_t)random_number();
	if (write)
		memcpy(shadow + sector * 512, call->data, sectors * 512);
	cr_assert_eq(ring_add(&f.rings[0], spans, write ? 3 : 1, write ? 1 : 3, call), 0);
}

static void check(struct call *call, uint32_t written)
{
	uint32_t size = call->header[1] * 512;

	cr_assert_eq(call->status, S_OK);
	cr_assert_eq(written, call->header[0] ? 1 : size + 1);
}

static void run(uint64_t features)
{
	struct call *calls = driver_fixture_alloc(&f, DEPTH * sizeof(*calls)), *call;
	uint32_t written;

	cr_assert_eq(driver_fixture_start(&f, features), 0);
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned back = 0;

		for (unsigned i = 0; i < DEPTH; i++)
			add(&calls[i]);
		virtio_port_kick(&f.port.port, 0, &f.rings[0]);
		while ((call = ring_reap(&f.rings[0], &written))) {
			check(call, written);
			back++;
		}
		cr_assert_eq(back, DEPTH);
	}
	cr_expect(memcmp(image, shadow, DISK_SIZE) == 0);
	cr_expect_eq(f.queue_interrupts, ROUNDS);
	cr_expect_eq(blk.stats.errors, 0);
}

Test(blk_driver, plain_ring)
{
	run(F_FLUSH);
}

Test(blk_driver, event_index)
{
	run(F_FLUSH | VIRTIO_F_EVENT_IDX);
}

Test(blk_driver, indirect)
{
	run(F_FLUSH | VIRTIO_F_INDIRECT_DESC);
}

Test(blk_driver, event_index_and_indirect)
{
	run(VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC);
}

Test(blk_driver_mmio, plain_ring)
{
	run(F_FLUSH);
}

Test(blk_driver_mmio, event_index_and_indirect)
{
	run(VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC);
}

/* 8 bytes of capacity, read in halves between two looks at the generation. */
Test(blk_driver_mmio, configuration)
{
	cr_assert_eq(driver_fixture_start(&f, F_FLUSH), 0);
	cr_expect_eq(virtio_port_config(&f.port.port, 0, 8), DISK_SIZE / 512);
	cr_expect_eq(f.port.port.ops->config_read(&f.port.port, 0x100, 1), ~0u);
}
