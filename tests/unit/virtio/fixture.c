/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/virtio/fixture.h"

struct fake_mem fake;
struct probe probe;
struct raw_ring ring;
struct virtio_device *const device = &probe.device;

void setup(void)
{
	fake_port_reset();
	fake_mem_init(&fake);
	probe_init(&probe, &fake.mem, 64);
	raw_ring_init(&ring, &fake, FAKE_HIGH, SIZE);
}

void teardown(void)
{
	fake_mem_free(&fake);
}

void start_with(uint64_t features)
{
	probe_negotiate(&probe, features);
	raw_ring_init(&ring, &fake, FAKE_HIGH, SIZE);
	cr_assert(raw_ring_attach(&ring, device, 0));
	probe_go(&probe);
	cr_assert_eq(device->status, ALL);
}

void start(void)
{
	start_with(0);
}

static void put(uint16_t head)
{
	raw_desc(&ring, head, DATA, 4, RAW_NEXT, (uint16_t)(head + 1));
	raw_desc(&ring, head + 1u, DATA + 0x100, 4, RAW_WRITE, 0);
	raw_offer(&ring, head);
}

void offer(void)
{
	put((uint16_t)(2 * ring.avail_idx % SIZE));
}

void request(void)
{
	put(0);
	virtio_kick(device, 0);
}

void expect_works(void)
{
	start();
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}
