/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hostile split rings, a test for each row of the catalogue, named by its id. Proven to find bugs:
 * each check of vq_check.c and virtqueue.c was taken out in turn, and a test failed each time.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/virtqueue/fixture.h"

TestSuite(vq_split, .init = ring_setup, .fini = ring_teardown, .timeout = 20);

/* A single buffer of queue 0, offered. */
static void offer(uint64_t addr, uint32_t len, uint16_t flags)
{
	raw_desc(&ring, 0, addr, len, flags, 0);
	raw_offer(&ring, 0);
}

static void offer_table(unsigned entries, uint16_t flags)
{
	offer(TABLE, entries * 16, RAW_INDIRECT | flags);
}

Test(vq_split, SR_001_next_points_at_itself)
{
	offer(DATA, 16, RAW_NEXT);
	expect_broken("RING_LOOP");
}

Test(vq_split, SR_002_two_descriptors_point_at_each_other)
{
	raw_desc(&ring, 1, DATA, 16, RAW_NEXT, 0);
	raw_desc(&ring, 0, DATA, 16, RAW_NEXT, 1);
	raw_offer(&ring, 0);
	expect_broken("RING_LOOP");
}

Test(vq_split, SR_003_loop_entered_late)
{
	for (uint16_t i = 0; i < SIZE - 1; i++)
		raw_desc(&ring, i, DATA, 16, RAW_NEXT, i < SIZE - 2 ? (uint16_t)(i + 1) : 3);
	raw_offer(&ring, 0);
	expect_broken("RING_LOOP");
	cr_assert_leq(probe.chain.readable, SIZE, "the bound is the queue size");
}

Test(vq_split, SR_004_self_loop_of_empty_buffers)
{
	for (uint16_t i = 0; i < SIZE; i++)
		raw_desc(&ring, i, DATA, 0, RAW_NEXT, i);
	raw_offer(&ring, 0);
	expect_broken("RING_LOOP");
}

Test(vq_split, SR_006_head_beyond_the_table)
{
	raw_offer(&ring, SIZE);
	expect_broken("RING_HEAD_RANGE");
}

Test(vq_split, SR_006_head_ffff)
{
	raw_offer(&ring, 0xffff);
	expect_broken("RING_HEAD_RANGE");
}

Test(vq_split, next_beyond_the_table)
{
	raw_desc(&ring, 0, DATA, 16, RAW_NEXT, SIZE);
	raw_offer(&ring, 0);
	expect_broken("RING_NEXT_RANGE");
}

Test(vq_split, avail_idx_jumps_ahead)
{
	raw_set_avail_idx(&ring, SIZE + 1);
	expect_broken("RING_AVAIL_JUMP");
	cr_assert_eq(probe.chains, 1, "only the request after the reset");
}

Test(vq_split, SR_008_avail_idx_moves_backwards)
{
	expect_works();
	raw_set_avail_idx(&ring, 0);
	expect_broken("RING_AVAIL_JUMP");
	cr_assert_eq(probe.chains, 2, "one before, one after the reset");
}

Test(vq_split, more_chains_than_the_queue_can_hold)
{
	probe.hold = true;
	for (unsigned i = 0; i < SIZE; i++)
		raw_offer(&ring, 0);
	raw_desc(&ring, 0, DATA, 16, RAW_WRITE, 0);
	kick();
	cr_assert_eq(probe.held_count, SIZE);
	raw_offer(&ring, 0);
	kick();
	cr_assert(strstr(fake_port.log, "RING_AVAIL_JUMP"), "%s", fake_port.log);
	for (unsigned i = 0; i < SIZE; i++)
		probe_complete(&probe, i);
	cr_assert_eq(raw_used_idx(&ring), 0);
	cr_assert(virtio_idle(&probe.device));
}

Test(vq_split, SR_009_avail_idx_wraps)
{
	for (unsigned i = 0; i < 70000; i++)
		expect_works();
	cr_assert_eq(probe.chains, 70000);
	cr_assert_eq(probe.device.status & VIRTIO_NEEDS_RESET, 0);
}

Test(vq_split, SR_010_chain_of_queue_size)
{
	for (uint16_t i = 0; i < SIZE; i++)
		raw_desc(&ring, i, DATA + i, 1, i < SIZE - 1 ? RAW_NEXT : 0, (uint16_t)(i + 1));
	raw_offer(&ring, 0);
	kick();
	cr_assert_eq(probe.bytes, SIZE);
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(vq_split, SR_012_two_heads_share_a_tail)
{
	raw_desc(&ring, 0, DATA, 4, RAW_NEXT, 2);
	raw_desc(&ring, 1, DATA, 8, RAW_NEXT, 2);
	raw_desc(&ring, 2, DATA + 0x100, 16, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	raw_offer(&ring, 1);
	kick();
	cr_assert_eq(raw_used_idx(&ring), 2);
	cr_assert_eq(raw_used_len(&ring, 0), 4);
	cr_assert_eq(raw_used_len(&ring, 1), 8);
}

Test(vq_split, SR_013_readable_after_writable)
{
	raw_desc(&ring, 0, DATA, 4, RAW_NEXT | RAW_WRITE, 1);
	raw_desc(&ring, 1, DATA, 4, 0, 0);
	raw_offer(&ring, 0);
	expect_broken("RING_ORDER");
}

Test(vq_split, SR_015_buffer_beyond_ram)
{
	offer(0x100000000, 16, RAW_WRITE);
	expect_broken("MEM_RANGE");
}

Test(vq_split, SR_016_buffer_ends_one_byte_beyond_ram)
{
	memset(fake_mem_at(&fake, FAKE_HIGH_END - 16, 16), 0x77, 16);
	offer(FAKE_HIGH_END - 15, 16, RAW_WRITE);
	expect_broken("MEM_RANGE");
	cr_assert_eq(*(uint8_t *)fake_mem_at(&fake, FAKE_HIGH_END - 1, 1), 0x77);
}

Test(vq_split, SR_017_buffer_spans_the_hole)
{
	offer(FAKE_LOW_END - 0x1000, FAKE_HIGH - FAKE_LOW_END + 0x2000, 0);
	expect_broken("MEM_RANGE");
}

Test(vq_split, SR_018_buffer_in_registers)
{
	offer(FAKE_REGISTERS, 16, RAW_WRITE);
	expect_broken("MEM_NOT_RAM");
}

Test(vq_split, SR_019_writable_buffer_in_rom)
{
	offer(FAKE_ROM, 16, RAW_WRITE);
	expect_broken("MEM_RO");
	cr_assert_eq(*(uint8_t *)fake_mem_at(&fake, FAKE_ROM, 1), 0x90);
}

Test(vq_split, SR_019_readable_buffer_in_rom_is_fine)
{
	offer(FAKE_ROM, 16, 0);
	kick();
	cr_assert_eq(probe.bytes, 16);
}

Test(vq_split, SR_020_host_address_of_the_hypervisor)
{
	uint64_t before = probe.device.offered;

	offer((uint64_t)(uintptr_t)&probe.device.offered, 8, RAW_WRITE);
	expect_broken("MEM_RANGE");
	cr_assert_eq(probe.device.offered, before);
}

Test(vq_split, SR_019_rom_read_first_then_written)
{
	raw_desc(&ring, 0, FAKE_ROM, 4, RAW_NEXT, 1);
	raw_desc(&ring, 1, FAKE_ROM + 4, 4, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	expect_broken("MEM_RO");
	cr_assert_eq(*(uint8_t *)fake_mem_at(&fake, FAKE_ROM + 4, 1), 0x90);
}

Test(vq_split, SR_016_second_buffer_of_the_same_memory_ends_beyond_it)
{
	raw_desc(&ring, 0, FAKE_HIGH_END - 64, 4, RAW_NEXT, 1);
	raw_desc(&ring, 1, FAKE_HIGH_END - 15, 16, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	expect_broken("MEM_RANGE");
}

Test(vq_split, SR_021_single_empty_buffer)
{
	offer(DATA, 0, 0);
	kick();
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert_eq(raw_used_len(&ring, 0), 0);
	cr_assert_eq(probe.device.status & VIRTIO_NEEDS_RESET, 0);
}

Test(vq_split, SR_022_len_ffffffff)
{
	offer(DATA, 0xffffffff, RAW_WRITE);
	expect_broken("MEM_RANGE");
}

Test(vq_split, address_wraps)
{
	offer(UINT64_MAX - 7, 16, RAW_WRITE);
	expect_broken("MEM_RANGE");
}

/* A slot that claims more size than there are pages behind it; they are never touched. */
Test(vq_split, SR_023_total_beyond_32_bits)
{
	enum { BIG = 1 << 30 };

	fake.mem.slots[3].size = BIG + 1ull;
	for (uint16_t i = 0; i < 4; i++)
		raw_desc(&ring, i, FAKE_ROM, BIG, RAW_NEXT, (uint16_t)(i + 1));
	raw_desc(&ring, 4, FAKE_ROM, 1, 0, 0);
	raw_offer(&ring, 0);
	expect_broken("RING_TOTAL");
	fake.mem.slots[3].size = FAKE_ROM_SIZE;
}

Test(vq_split, SR_025_indirect_in_indirect)
{
	raw_table(&ring, TABLE, 0, TABLE, 16, RAW_INDIRECT, 0);
	offer_table(1, 0);
	expect_broken("RING_INDIRECT_NEST");
}

Test(vq_split, SR_026_indirect_with_next)
{
	raw_table(&ring, TABLE, 0, DATA, 16, 0, 0);
	offer_table(1, RAW_NEXT);
	expect_broken("RING_INDIRECT_NEXT");
}

Test(vq_split, SR_027_indirect_table_of_length_0)
{
	offer_table(0, 0);
	expect_broken("RING_INDIRECT_LEN");
}

Test(vq_split, indirect_table_of_odd_length)
{
	offer(TABLE, 17, RAW_INDIRECT);
	expect_broken("RING_INDIRECT_LEN");
}

Test(vq_split, indirect_table_larger_than_the_queue)
{
	offer_table(SIZE + 1, 0);
	expect_broken("RING_INDIRECT_LEN");
}

Test(vq_split, indirect_not_negotiated)
{
	ring_start(SIZE, 0);
	raw_table(&ring, TABLE, 0, DATA, 16, 0, 0);
	offer_table(1, 0);
	expect_broken("RING_INDIRECT_OFF");
}

Test(vq_split, SR_030_indirect_table_straddles_the_end_of_ram)
{
	offer(FAKE_HIGH_END - 16, 32, RAW_INDIRECT);
	expect_broken("MEM_RANGE");
}

Test(vq_split, SR_031_indirect_table_crosses_to_other_host_memory)
{
	struct raw_desc desc = {DATA, 5, RAW_NEXT, 1};
	uint64_t table = FAKE_SEAM - 8; /* the first entry itself is cut */

	guest_mem_write(&fake.mem, table, &desc, 16);
	raw_table(&ring, table + 16, 0, DATA, 6, 0, 0);
	offer(table, 32, RAW_INDIRECT);
	kick();
	cr_assert_eq(probe.bytes, 11);
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(vq_split, SR_032_loop_in_the_indirect_table)
{
	raw_table(&ring, TABLE, 0, DATA, 16, RAW_NEXT, 1);
	raw_table(&ring, TABLE, 1, DATA, 16, RAW_NEXT, 0);
	offer_table(2, 0);
	expect_broken("RING_LOOP");
}

Test(vq_split, SR_033_indirect_next_beyond_the_table)
{
	raw_table(&ring, TABLE, 0, DATA, 16, RAW_NEXT, 2);
	offer_table(2, 0);
	expect_broken("RING_NEXT_RANGE");
}

PROVES("V14-SPLIT-005")
Test(vq_split, SR_034_write_flag_on_the_indirect_descriptor)
{
	raw_table(&ring, TABLE, 0, DATA, 16, 0, 0);
	offer_table(1, RAW_WRITE);
	kick();
	cr_assert_eq(probe.bytes, 16);
}

PROVES("V14-SPLIT-006")
Test(vq_split, SR_035_normal_descriptors_then_one_indirect)
{
	raw_desc(&ring, 0, DATA, 4, RAW_NEXT, 1);
	raw_desc(&ring, 1, TABLE, 32, RAW_INDIRECT, 0);
	raw_table(&ring, TABLE, 0, DATA, 8, RAW_NEXT, 1);
	raw_table(&ring, TABLE, 1, DATA + 0x100, 64, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	kick();
	cr_assert_eq(raw_used_len(&ring, 0), 12);
}

Test(vq_split, SR_035_two_indirect_in_one_chain)
{
	raw_desc(&ring, 0, TABLE, 16, RAW_INDIRECT | RAW_NEXT, 1);
	raw_desc(&ring, 1, TABLE, 16, RAW_INDIRECT, 0);
	raw_table(&ring, TABLE, 0, DATA, 8, 0, 0);
	raw_offer(&ring, 0);
	expect_broken("RING_INDIRECT_NEXT");
}

PROVES("V14-SPLIT-002")
Test(vq_split, chain_longer_than_any_chain)
{
	ring_start(VQ_SIZE_MAX, VIRTIO_F_INDIRECT_DESC);
	for (uint16_t i = 0; i < VQ_SIZE_MAX; i++)
		raw_table(&ring, TABLE, i, DATA, 1, i < 255 ? RAW_NEXT : 0, (uint16_t)(i + 1));
	raw_desc(&ring, 0, DATA, 1, RAW_NEXT, 1);
	raw_desc(&ring, 1, TABLE, VQ_SIZE_MAX * 16, RAW_INDIRECT, 0);
	raw_offer(&ring, 0);
	expect_broken("RING_CHAIN_LONG");
}

Test(vq_split, SR_036_indirect_table_is_the_descriptor_table)
{
	raw_desc(&ring, 1, DATA, 16, 0, 0);
	raw_desc(&ring, 0, ring.desc + 16, 16, RAW_INDIRECT, 0);
	raw_offer(&ring, 0);
	kick();
	cr_assert_eq(probe.bytes, 16);
	raw_desc(&ring, 0, ring.desc, 16, RAW_INDIRECT, 0);
	raw_offer(&ring, 0);
	kick();
	cr_assert(strstr(fake_port.log, "RING_INDIRECT_NEST"), "%s", fake_port.log);
}

Test(vq_split, SR_036_indirect_table_is_the_used_ring)
{
	for (unsigned i = 0; i < 3; i++)
		expect_works(); /* so that there is something in it */
	offer((ring.used + 15) & ~15ull, 64, RAW_INDIRECT);
	kick();
	cr_assert(raw_used_idx(&ring) == 4 || (probe.device.status & VIRTIO_NEEDS_RESET));
}

Test(vq_split, SR_037_writable_buffer_over_the_rings)
{
	const uint64_t over[] = {ring.desc, ring.avail, ring.used};

	for (unsigned i = 0; i < 3; i++) {
		memset(fake_mem_at(&fake, DATA, 64), 0xff, 64);
		raw_desc(&ring, 0, DATA, 64, RAW_NEXT, 1);
		raw_desc(&ring, 1, over[i], 64, RAW_WRITE, 0);
		raw_offer(&ring, 0);
		unsigned chains = probe.chains;
		kick();
		cr_assert_leq(probe.chains - chains, SIZE);
		ring_start(SIZE, VIRTIO_F_INDIRECT_DESC);
		expect_works();
	}
}

Test(vq_split, SR_038_reserved_flags)
{
	raw_desc(&ring, 0, DATA, 4, 0xfff8 | RAW_NEXT, 1);
	raw_desc(&ring, 1, DATA + 0x100, 4, 0xfff8 | RAW_WRITE, 0);
	raw_offer(&ring, 0);
	kick();
	cr_assert_eq(raw_used_len(&ring, 0), 4);
}

Test(vq_split, SR_039_guest_overwrites_the_used_ring)
{
	for (uint16_t i = 0; i < 3 * SIZE; i++) {
		raw_desc(&ring, 0, DATA, 1, RAW_NEXT, 1);
		raw_desc(&ring, 1, DATA + 0x100, 1, RAW_WRITE, 0);
		memset(fake_mem_at(&fake, ring.used, 4 + 8 * SIZE), 0xa5, 4 + 8 * SIZE);
		raw_offer(&ring, 0);
		kick();
		cr_assert_eq(raw_used_idx(&ring), i + 1, "the device counts for itself");
		cr_assert_eq(raw_used_len(&ring, i), 1);
	}
}

Test(vq_split, SR_040_avail_flags_ffff)
{
	raw_set_avail_flags(&ring, 0xfffe);
	expect_works();
	cr_assert_eq(probe.queue_interrupts, 1);
	raw_set_avail_flags(&ring, 0xffff);
	expect_works();
	cr_assert_eq(probe.queue_interrupts, 1);
}

PROVES("V14-SPLIT-020")
Test(vq_split, SR_042_kicks_on_an_empty_ring_do_nothing)
{
	for (unsigned i = 0; i < 100000; i++)
		kick();
	cr_assert_eq(probe.chains, 0);
	cr_assert_eq(probe.queue_interrupts, 0);
	expect_works();
}

PROVES("V14-SPLIT-020")
Test(vq_split, SR_044_kick_of_a_queue_that_is_not_there)
{
	const unsigned queues[] = {0xffff, UINT32_MAX, PROBE_QUEUES, 1 /* not enabled */};

	for (unsigned i = 0; i < 4; i++)
		virtio_kick(&probe.device, queues[i]);
	cr_assert_eq(probe.notifies, 0);
	cr_assert_eq(probe.device.misuse, 4);
	expect_works();
}

PROVES("V14-SPLIT-001")
Test(vq_split, SR_045_header_in_one_byte_pieces)
{
	static struct vq_chain chain;
	char header[4] = "";

	memcpy(fake_mem_at(&fake, DATA, 3), "abc", 3);
	for (uint16_t i = 0; i < 3; i++)
		raw_desc(&ring, i, DATA + i, 1, i < 2 ? RAW_NEXT : 0, (uint16_t)(i + 1));
	raw_offer(&ring, 0);
	cr_assert(vq_pop(&probe.queues[0], &chain));
	cr_assert_eq(vq_read(&chain, 0, header, 2), 2);
	cr_assert_eq(vq_read(&chain, 0, header, 16), 3, "too short, and said so");
	cr_assert_str_eq(header, "abc");
}

Test(vq_split, SR_046_all_ones)
{
	memset(fake_mem_at(&fake, ring.desc, 16 * SIZE), 0xff, 16 * SIZE);
	raw_offer(&ring, 0);
	expect_broken("RING_INDIRECT_NEXT");
}

Test(vq_split, DF_007_used_ring_in_registers)
{
	probe_negotiate(&probe, 0);
	ring.used = FAKE_REGISTERS;
	cr_assert_not(raw_ring_attach(&ring, &probe.device, 0));
	cr_assert(strstr(fake_port.log, "MEM_NOT_RAM"), "%s", fake_port.log);
}

Test(vq_split, DF_007_buffer_in_registers)
{
	offer(FAKE_REGISTERS + 0x10, 1, RAW_WRITE);
	expect_broken("MEM_NOT_RAM");
}

/* The walk happens outside an access: a back-end takes a chain when it has something to say. */
Test(vq_split, DF_008_buffer_in_registers_from_a_completion)
{
	static struct vq_chain chain;

	offer(FAKE_REGISTERS + 0x10, 1, RAW_WRITE);
	cr_assert_not(vq_pop(&probe.queues[0], &chain));
	expect_broken("MEM_NOT_RAM");
}

/* Descriptors of random but interesting values: the verdict may be anything, the rules hold. */
static uint32_t random_next(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state = state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(state >> 33);
}

static uint64_t random_of(const uint64_t *values, unsigned count)
{
	return values[random_next() % count] + random_next() % 3u - 1u;
}

static void random_desc(uint64_t table, unsigned i)
{
	const uint64_t addresses[] = {DATA,      TABLE,     RING,           FAKE_HIGH_END,
	                              FAKE_SEAM, FAKE_ROM,  FAKE_REGISTERS, FAKE_LOW_END,
	                              1,         UINT64_MAX};
	const uint64_t sizes[] = {1, 16, 32, 16 * SIZE, 4096, UINT32_MAX, 1u << 31};
	uint32_t flags = random_next() % 4 ? random_next() % 4 : random_next();

	raw_table(&ring, table, i, random_of(addresses, 10), (uint32_t)random_of(sizes, 7),
	          (uint16_t)flags, (uint16_t)(random_next() % (SIZE + 1u)));
}

Test(vq_split, random_rings_never_hurt)
{
	unsigned good = 0, broken = 0;

	for (unsigned round = 0; round < 30000; round++) {
		if (probe.device.status & VIRTIO_NEEDS_RESET) {
			ring_start(SIZE, VIRTIO_F_INDIRECT_DESC);
			broken++;
		}
		for (unsigned i = 0; i < SIZE; i++) {
			random_desc(ring.desc, i);
			random_desc(TABLE, i);
		}
		unsigned chains = probe.chains;
		raw_offer(&ring,
		          (uint16_t)(random_next() % (random_next() % 8 ? SIZE : SIZE + 1u)));
		kick();
		cr_assert_leq(probe.chains - chains, SIZE);
		good += probe.chains != chains;
	}
	cr_assert_gt(good, 1000, "both kinds must occur");
	cr_assert_gt(broken, 1000);
	ring_start(SIZE, VIRTIO_F_INDIRECT_DESC);
	expect_works();
}
