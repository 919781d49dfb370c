/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/virtqueue/fixture.h"

#include <criterion/criterion.h>
#include <string.h>

struct fake_mem fake;
struct probe probe;
struct raw_ring ring;

void ring_start(uint16_t size, uint64_t features)
{
	raw_ring_init(&ring, &fake, RING, size);
	probe_negotiate(&probe, features);
	cr_assert(raw_ring_attach(&ring, &probe.device, 0));
	probe_go(&probe);
}

void ring_setup(void)
{
	fake_port_reset();
	fake_mem_init(&fake);
	probe_init(&probe, &fake.mem, VQ_SIZE_MAX);
	ring_start(SIZE, VIRTIO_F_INDIRECT_DESC);
}

void ring_teardown(void)
{
	cr_expect_eq(fake.register_accesses, 0, "no register is ever a target of DMA");
	fake_mem_free(&fake);
}

void kick(void)
{
	virtio_kick(&probe.device, 0);
}

void expect_works(void)
{
	uint16_t used = raw_used_idx(&ring);
	uint8_t *out = fake_mem_at(&fake, DATA, 1), *in = fake_mem_at(&fake, DATA + 0x100, 1);

	*out = 0x5a;
	*in = 0;
	raw_desc(&ring, 0, DATA, 1, RAW_NEXT, 1);
	raw_desc(&ring, 1, DATA + 0x100, 1, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	kick();
	cr_assert_eq(raw_used_idx(&ring), (uint16_t)(used + 1));
	cr_assert_eq(raw_used_id(&ring, used), 0);
	cr_assert_eq(raw_used_len(&ring, used), 1);
	cr_assert_eq(*in, 0x5a);
}

static void expect_told(const char *code, unsigned interrupts)
{
	cr_assert(probe.device.status & VIRTIO_NEEDS_RESET, "NEEDS_RESET is not set");
	cr_assert_eq(probe.config_interrupts, interrupts, "configuration interrupts");
	cr_assert_eq(fake_port.log_lines, interrupts, "log lines");
	cr_assert(strstr(fake_port.log, code), "log: %s", fake_port.log);
	cr_assert(strstr(fake_port.log, "alpha probe0 queue 0"), "log: %s", fake_port.log);
}

void expect_broken(const char *code)
{
	uint16_t used = raw_used_idx(&ring);
	unsigned interrupts = probe.queue_interrupts;

	kick();
	expect_told(code, 1);
	kick();
	raw_offer(&ring, 0);
	kick();
	expect_told(code, 1);
	cr_assert_eq(raw_used_idx(&ring), used, "a used entry was written");
	cr_assert_eq(probe.queue_interrupts, interrupts);
	cr_assert_eq(probe.device.held, 0);

	ring_start(SIZE, VIRTIO_F_INDIRECT_DESC);
	expect_works();
}
