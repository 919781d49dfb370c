/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vq_packed/fixture.h"

#include <criterion/criterion.h>
#include <string.h>

struct fake_mem fake;
struct probe probe;
struct raw_packed ring;
struct vq_chain chain;

struct virtqueue *vq(void)
{
	return &probe.queues[0];
}

void ring_start(uint16_t size, uint64_t features)
{
	raw_packed_init(&ring, &fake, RING, size);
	probe_negotiate(&probe, features | VIRTIO_F_RING_PACKED);
	cr_assert(raw_packed_attach(&ring, &probe.device, 0));
	probe_go(&probe);
}

void ring_setup(void)
{
	fake_port_reset();
	fake_mem_init(&fake);
	probe_init(&probe, &fake.mem, VQ_SIZE_MAX);
	virtio_offer(&probe.device, VIRTIO_F_RING_PACKED);
	ring_start(SIZE, VIRTIO_F_INDIRECT_DESC);
}

void ring_teardown(void)
{
	cr_expect_eq(fake.register_accesses, 0, "no register is ever a target of DMA");
	fake_mem_free(&fake);
}

void pop_push(uint32_t written)
{
	cr_assert(vq_pop(vq(), &chain));
	vq_push(vq(), &chain, written);
}

void expect_used(uint16_t id, uint32_t len)
{
	uint16_t got_id;
	uint32_t got_len;

	cr_assert(raw_packed_used(&ring, &got_id, &got_len), "nothing was used");
	cr_assert_eq(got_id, id);
	cr_assert_eq(got_len, len);
}

void expect_nothing_used(void)
{
	uint16_t id;
	uint32_t len;

	cr_assert_not(raw_packed_used(&ring, &id, &len), "id %u was used", id);
}

void expect_works(void)
{
	const struct raw_piece pieces[] = {{DATA, 1, 0}, {DATA + 0x100, 1, RAW_WRITE}};
	uint8_t *out = fake_mem_at(&fake, DATA, 1), *in = fake_mem_at(&fake, DATA + 0x100, 1);

	*out = 0x5a;
	*in = 0;
	raw_packed_offer(&ring, 7, pieces, 2);
	virtio_kick(&probe.device, 0);
	expect_used(7, 1);
	expect_nothing_used();
	cr_assert_eq(*in, 0x5a);
}

void expect_broken(const char *code)
{
	unsigned interrupts = probe.queue_interrupts;

	for (unsigned i = 0; i < 2; i++) {
		virtio_kick(&probe.device, 0);
		cr_assert(probe.device.status & VIRTIO_NEEDS_RESET, "NEEDS_RESET is not set");
		cr_assert_eq(probe.config_interrupts, 1);
		cr_assert_eq(fake_port.log_lines, 1);
		cr_assert(strstr(fake_port.log, code), "log: %s", fake_port.log);
	}
	expect_nothing_used();
	cr_assert_eq(probe.queue_interrupts, interrupts);
	ring_start(SIZE, VIRTIO_F_INDIRECT_DESC);
	expect_works();
}
