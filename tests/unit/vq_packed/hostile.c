/* SPDX-License-Identifier: BSD-2-Clause */
/* Hostile packed rings, named by the rows of the catalogue. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/vq_packed/fixture.h"

TestSuite(vq_packed_hostile, .init = ring_setup, .fini = ring_teardown, .timeout = 20);

static void offer(uint64_t addr, uint32_t len, uint16_t flags)
{
	raw_packed_offer1(&ring, 1, addr, len, flags);
}

Test(vq_packed_hostile, PR_002_indirect_together_with_next)
{
	offer(TABLE, 16, RAW_INDIRECT | RAW_NEXT);
	expect_broken("RING_INDIRECT_NEXT");
}

Test(vq_packed_hostile, PR_004_duplicate_id_in_flight)
{
	probe.hold = true;
	offer(DATA, 16, RAW_WRITE);
	virtio_kick(&probe.device, 0);
	offer(DATA, 16, RAW_WRITE);
	virtio_kick(&probe.device, 0);
	cr_assert(strstr(fake_port.log, "RING_DUP_ID"), "log: %s", fake_port.log);
	cr_assert(probe.device.status & VIRTIO_NEEDS_RESET);
	probe_complete(&probe, 0); /* late: dropped, and nothing leaks */
	expect_nothing_used();
	cr_assert_eq(probe.device.held, 0);
	probe.hold = false;
	ring_start(SIZE, VIRTIO_F_INDIRECT_DESC);
	expect_works();
	offer(DATA, 16, RAW_WRITE); /* once it is back, an id may come again */
	pop_push(1);
	offer(DATA, 16, RAW_WRITE);
	pop_push(1);
}

Test(vq_packed_hostile, PR_004_duplicate_of_any_that_is_out)
{
	static struct vq_chain chains[SIZE];

	for (unsigned twin = 0; twin < SIZE - 1; twin++) {
		ring_start(SIZE, 0);
		for (unsigned i = 0; i < SIZE; i++)
			raw_packed_offer1(&ring, (uint16_t)(1000 * (i < SIZE - 1 ? i : twin)), DATA,
			                  16, 0);
		for (unsigned i = 0; i < SIZE - 1; i++)
			cr_assert(vq_pop(vq(), &chains[i]));
		cr_assert_not(vq_pop(vq(), &chain));
		cr_assert_eq(vq()->broken, VQ_DUP_ID);
	}
}

PROVES("V14-PACKED-005")
Test(vq_packed_hostile, PR_005_bits_of_the_wrong_lap)
{
	const uint16_t wrong[] = {0, RAW_USED, RAW_AVAIL | RAW_USED};
	const uint16_t wrong_odd[] = {0, RAW_AVAIL, RAW_AVAIL | RAW_USED};

	for (unsigned i = 0; i < 3; i++) {
		raw_packed_entry(&ring, RING, 0, DATA, 16, 1, wrong[i]);
		cr_assert(vq_empty(vq()));
		cr_assert_not(vq_pop(vq(), &chain));
	}
	for (unsigned i = 0; i < SIZE; i++) {
		offer(DATA, 16, 0);
		pop_push(0);
		expect_used(1, 0);
	}
	for (unsigned i = 0; i < 3; i++) {
		raw_packed_entry(&ring, RING, 0, DATA, 16, 1, wrong_odd[i]);
		cr_assert_not(vq_pop(vq(), &chain));
	}
	cr_assert_eq(vq()->broken, VQ_OK);
	expect_works();
}

Test(vq_packed_hostile, PR_006_wrap_flipped_in_a_chain)
{
	const uint16_t second[] = {0, RAW_USED, RAW_AVAIL | RAW_USED};

	for (unsigned i = 0; i < 3; i++) {
		ring_start(SIZE, VIRTIO_F_INDIRECT_DESC);
		raw_packed_entry(&ring, RING, 1, DATA, 16, 1, second[i]);
		raw_packed_entry(&ring, RING, 0, DATA, 16, 1, RAW_NEXT | RAW_AVAIL);
		expect_broken("RING_WRAP");
		probe.config_interrupts = fake_port.log_lines = 0;
	}
}

Test(vq_packed_hostile, PR_006_chain_over_the_end_in_the_old_lap)
{
	for (unsigned i = 0; i < SIZE - 1; i++) {
		offer(DATA, 16, 0);
		pop_push(0);
		expect_used(1, 0);
	}
	raw_packed_entry(&ring, RING, 0, DATA, 16, 1, RAW_AVAIL);
	raw_packed_entry(&ring, RING, SIZE - 1, DATA, 16, 1, RAW_NEXT | RAW_AVAIL);
	expect_broken("RING_WRAP");
}

PROVES("V14-PACKED-005")
Test(vq_packed_hostile, PR_007_driver_marks_descriptors_used)
{
	offer(DATA, 16, RAW_WRITE);
	cr_assert(vq_pop(vq(), &chain));
	for (unsigned i = 0; i < SIZE; i++)
		raw_packed_entry(&ring, RING, i, DATA, 16, 99, RAW_AVAIL | RAW_USED);
	cr_assert(vq_empty(vq()));
	vq_push(vq(), &chain, 3);
	expect_used(1, 3);
	offer(DATA, 16, RAW_WRITE);
	pop_push(4);
	expect_used(1, 4);
}

Test(vq_packed_hostile, PR_008_descriptor_rewritten_after_it_was_taken)
{
	offer(DATA, 16, RAW_WRITE);
	cr_assert(vq_pop(vq(), &chain));
	raw_packed_entry(&ring, RING, 0, FAKE_REGISTERS, 4096, 77, RAW_AVAIL | RAW_NEXT);
	cr_assert_eq(vq_write(&chain, 0, "0123456789abcdefg", 17), 16);
	cr_assert_eq(memcmp(fake_mem_at(&fake, DATA, 16), "0123456789abcdef", 16), 0);
	vq_push(vq(), &chain, 4096);
	expect_used(1, 16);
}

Test(vq_packed_hostile, PR_009_queue_of_one)
{
	ring_start(1, VIRTIO_F_INDIRECT_DESC);
	raw_packed_entry(&ring, TABLE, 0, DATA, 8, 0, RAW_WRITE);
	for (unsigned i = 0; i < 20; i++) {
		offer(i % 2 ? TABLE : DATA, 16, i % 2 ? RAW_INDIRECT : RAW_WRITE);
		pop_push(5);
		expect_used(1, 5);
	}
	offer(DATA, 16, RAW_NEXT);
	expect_broken("RING_LOOP");
}

Test(vq_packed_hostile, PR_009_more_than_the_queue_holds)
{
	probe.hold = true;
	for (unsigned i = 0; i < SIZE; i++)
		raw_packed_offer1(&ring, (uint16_t)i, DATA, 16, 0);
	virtio_kick(&probe.device, 0);
	raw_packed_offer1(&ring, 40, DATA, 16, 0); /* over one that is not back yet */
	virtio_kick(&probe.device, 0);
	cr_assert(strstr(fake_port.log, "RING_AVAIL_JUMP"), "log: %s", fake_port.log);
	for (unsigned i = 0; i < SIZE; i++)
		probe_complete(&probe, i);
	expect_nothing_used();
	probe.hold = false;
	ring_start(SIZE, 0);
	expect_works();
}

Test(vq_packed_hostile, PR_009_chain_into_descriptors_that_are_out)
{
	const struct raw_piece pieces[] = {{DATA, 4, 0}, {DATA, 4, 0}, {DATA, 4, 0}};

	raw_packed_offer(&ring, 1, pieces, 3);
	cr_assert(vq_pop(vq(), &chain));
	raw_packed_offer(&ring, 2, pieces, 3);
	cr_assert_not(vq_pop(vq(), &chain));
	cr_assert_eq(vq()->broken, VQ_AVAIL_JUMP);
}

PROVES("V14-PACKED-008")
Test(vq_packed_hostile, PR_009_chain_without_an_end)
{
	for (unsigned i = 0; i < SIZE; i++)
		raw_packed_entry(&ring, RING, i, DATA, 0, 1, RAW_NEXT | RAW_AVAIL);
	expect_broken("RING_LOOP");
}

Test(vq_packed_hostile, PR_010_no_size_needs_a_power_of_two)
{
	const uint16_t refused[] = {0, 257, 1000, 32769, 65535};

	for (uint16_t size = 1; size <= VQ_SIZE_MAX; size++) {
		ring_start(size, 0);
		offer(DATA, 4, RAW_WRITE);
		pop_push(4);
		expect_used(1, 4);
	}
	for (unsigned i = 0; i < 5; i++) { /* our maximum is 256 */
		probe_negotiate(&probe, VIRTIO_F_RING_PACKED);
		raw_packed_init(&ring, &fake, RING, refused[i]);
		cr_assert_not(raw_packed_attach(&ring, &probe.device, 0));
	}
}

Test(vq_packed_hostile, PR_012_reserved_event_flags)
{
	ring_start(SIZE, VIRTIO_F_EVENT_IDX);
	raw_packed_event(&ring, 0xffff, 3);
	for (unsigned i = 0; i < 20; i++) {
		offer(DATA, 4, 0);
		pop_push(0);
		cr_assert(vq_should_notify(vq()), "as ENABLE");
		cr_assert_not(vq_should_notify(vq()));
	}
	raw_packed_event(&ring, 0, 0xfffc | RAW_EVENT_DISABLE); /* other bits are reserved */
	offer(DATA, 4, 0);
	pop_push(0);
	cr_assert_not(vq_should_notify(vq()));
}

Test(vq_packed_hostile, PR_014_event_place_changes_all_the_time)
{
	uint32_t noise = 1;

	ring_start(SIZE, VIRTIO_F_EVENT_IDX);
	for (unsigned i = 0; i < 10000; i++) {
		noise = noise * 1664525 + 1013904223;
		raw_packed_event(&ring, (uint16_t)(noise >> 16), RAW_EVENT_DESC);
		offer(DATA, 4, 0);
		pop_push(0);
		vq_should_notify(vq());
		cr_assert_not(vq_should_notify(vq()), "at most one a batch");
	}
	for (unsigned i = 0; i < 0x10000; i++) { /* a place that cannot be never loses one */
		if ((i & 0x7fff) < SIZE)
			continue;
		raw_packed_event(&ring, (uint16_t)i, RAW_EVENT_DESC);
		offer(DATA, 4, 0);
		pop_push(0);
		cr_assert(vq_should_notify(vq()));
	}
}

Test(vq_packed_hostile, PR_015_length_of_an_indirect_table)
{
	const uint32_t lens[] = {0, 1, 15, 17, 16 * SIZE + 16, UINT32_MAX, 0xfffffff0};

	for (unsigned i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		offer(TABLE, lens[i], RAW_INDIRECT);
		expect_broken("RING_INDIRECT_LEN");
		probe.config_interrupts = fake_port.log_lines = 0;
	}
}

Test(vq_packed_hostile, PR_015_table_that_was_not_negotiated)
{
	ring_start(SIZE, 0);
	offer(TABLE, 16, RAW_INDIRECT);
	expect_broken("RING_INDIRECT_OFF");
}

Test(vq_packed_hostile, PR_016_indirect_in_an_indirect_table)
{
	raw_packed_entry(&ring, TABLE, 0, DATA, 4, 0, 0);
	raw_packed_entry(&ring, TABLE, 1, TABLE, 16, 0, RAW_INDIRECT);
	offer(TABLE, 32, RAW_INDIRECT);
	expect_broken("RING_INDIRECT_NEST");
}

Test(vq_packed_hostile, PR_017_flags_without_meaning_in_a_table)
{
	const uint16_t bits[] = {0, RAW_NEXT, RAW_AVAIL, RAW_USED,
	                         RAW_NEXT | RAW_AVAIL | RAW_USED | 0x7f78};

	for (unsigned i = 0; i < 5; i++) {
		raw_packed_entry(&ring, TABLE, 0, DATA, 4, 500, bits[i]);
		raw_packed_entry(&ring, TABLE, 1, DATA + 4, 4, 501, RAW_WRITE | bits[4 - i]);
		offer(TABLE, 32, RAW_INDIRECT);
		cr_assert(vq_pop(vq(), &chain));
		cr_assert_eq(chain.readable, 1);
		cr_assert_eq(chain.writable, 1);
		vq_push(vq(), &chain, 4);
		expect_used(1, 4);
	}
}

/* Where a split table has next, a packed one has flags. */
Test(vq_packed_hostile, PR_018_table_of_split_descriptors)
{
	struct raw_ring split = {.mem = &fake};

	raw_table(&split, TABLE, 0, DATA, 16, RAW_NEXT, 1);
	raw_table(&split, TABLE, 1, DATA, 16, RAW_NEXT | RAW_WRITE, 2);
	raw_table(&split, TABLE, 2, DATA, 16, RAW_WRITE, 0);
	offer(TABLE, 48, RAW_INDIRECT);
	expect_broken("RING_ORDER");
}

Test(vq_packed_hostile, PR_018_readable_after_writable)
{
	const struct raw_piece pieces[] = {{DATA, 4, RAW_WRITE}, {DATA, 4, 0}};

	raw_packed_offer(&ring, 1, pieces, 2);
	expect_broken("RING_ORDER");
}

struct place {
	uint64_t addr;
	uint32_t len;
	const char *code;
};

static const struct place places[] = {
    {UINT64_MAX - 7, 16, "MEM_RANGE"},       {FAKE_HIGH_END - 8, 16, "MEM_RANGE"},
    {FAKE_LOW_END - 8, 16, "MEM_RANGE"},     {FAKE_LOW_END + 0x1000, 16, "MEM_RANGE"},
    {FAKE_REGISTERS, 16, "MEM_NOT_RAM"},     {FAKE_ROM, 16, "MEM_RO"},
    {0xffffffff80000000ull, 16, "MEM_RANGE"}};

Test(vq_packed_hostile, PR_020_buffers_that_are_no_memory)
{
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		offer(places[i].addr, places[i].len, RAW_WRITE);
		expect_broken(places[i].code);
		probe.config_interrupts = fake_port.log_lines = 0;
		raw_packed_entry(&ring, TABLE, 0, places[i].addr, places[i].len, 0, RAW_WRITE);
		offer(TABLE, 16, RAW_INDIRECT);
		expect_broken(places[i].code);
		probe.config_interrupts = fake_port.log_lines = 0;
	}
}

Test(vq_packed_hostile, PR_020_tables_that_are_no_memory)
{
	for (unsigned i = 0; i < 5; i++) {
		offer(places[i].addr, places[i].len, RAW_INDIRECT);
		expect_broken(places[i].code);
		probe.config_interrupts = fake_port.log_lines = 0;
	}
}

/* Moves one area of the ring; is the queue refused? */
static bool refused(unsigned area, uint64_t address)
{
	struct raw_packed moved = ring;
	uint64_t *areas[] = {&moved.desc, &moved.driver, &moved.device};

	*areas[area] = address;
	probe_negotiate(&probe, VIRTIO_F_RING_PACKED);
	return !raw_packed_attach(&moved, &probe.device, 0);
}

Test(vq_packed_hostile, PR_022_areas_misaligned)
{
	for (unsigned shift = 1; shift < 16; shift++)
		cr_assert(refused(0, RING + shift));
	for (unsigned area = 1; area <= 2; area++)
		for (unsigned shift = 0; shift <= 8; shift++)
			cr_assert_eq(refused(area, DATA + shift), shift % 4 != 0);
	ring_start(SIZE, VIRTIO_F_INDIRECT_DESC);
	expect_works();
}

Test(vq_packed_hostile, LC_007_areas_outside_ram)
{
	const uint64_t bad[] = {FAKE_HIGH_END, FAKE_LOW_END, FAKE_REGISTERS, UINT64_MAX - 15};

	for (unsigned area = 0; area < 3; area++)
		for (unsigned i = 0; i < 4; i++)
			cr_assert(refused(area, bad[i] & ~15ull), "area %u, %u", area, i);
	cr_assert(refused(0, FAKE_HIGH_END - 16 * SIZE + 16), "crosses the end");
	cr_assert(refused(0, FAKE_ROM), "the device writes the ring");
	cr_assert(refused(2, FAKE_ROM));
	cr_assert_not(refused(1, FAKE_ROM), "only read");
	cr_assert_not(refused(0, FAKE_HIGH_END - 16 * SIZE));
	cr_assert_not(refused(1, FAKE_HIGH_END - 4));
	cr_assert_not(refused(2, FAKE_HIGH_END - 4));
}

Test(vq_packed_hostile, PR_023_areas_overlap)
{
	for (unsigned driver = 0; driver < 16 * SIZE; driver += 4)
		for (unsigned device = 0; device < 16 * SIZE; device += 4) {
			if (refused(1, RING + driver) || refused(2, RING + device))
				continue;
			probe_negotiate(&probe, VIRTIO_F_RING_PACKED | VIRTIO_F_EVENT_IDX);
			raw_packed_init(&ring, &fake, RING, SIZE);
			ring.driver = RING + driver;
			ring.device = RING + device;
			cr_assert(raw_packed_attach(&ring, &probe.device, 0));
			probe_go(&probe);
			for (unsigned i = 0; i < 3; i++) {
				unsigned before = probe.chains;

				offer(DATA, 16, RAW_WRITE);
				virtio_kick(&probe.device, 0);
				cr_assert_leq(probe.chains - before, SIZE, "bounded");
			}
		}
	ring_start(SIZE, VIRTIO_F_INDIRECT_DESC);
	expect_works();
}

Test(vq_packed_hostile, PR_026_total_of_more_than_32_bits)
{
	static struct fake_mem big;
	static uint8_t byte[16];
	const struct raw_piece pieces[] = {{1ull << 40, 1u << 31, 0}, {1ull << 40, 1u << 31, 0}};

	/* a slot that is only measured */
	big = fake;
	big.mem.slots[big.mem.count - 1] =
	    (struct guest_mem_slot){1ull << 40, 1ull << 32, byte, false, NULL};
	for (unsigned i = 0; i < PROBE_QUEUES; i++)
		probe.queues[i].mem = &big.mem;
	raw_packed_offer(&ring, 1, pieces, 2);
	expect_broken("RING_TOTAL");
}

Test(vq_packed_hostile, LC_004_size_after_enable)
{
	virtio_set_queue_size(&probe.device, 0, 3);
	virtio_set_queue_size(&probe.device, 0, 0);
	cr_assert_eq(vq()->size, SIZE);
	expect_works();
}

Test(vq_packed_hostile, LC_021_packed_toggled_between_resets)
{
	struct raw_ring split;

	for (unsigned i = 0; i < 10; i++) {
		offer(DATA, 16, RAW_WRITE);
		cr_assert(vq_pop(vq(), &chain)); /* stays out over the reset */
		probe_negotiate(&probe, 0);
		raw_ring_init(&split, &fake, RING, 8);
		cr_assert(raw_ring_attach(&split, &probe.device, 0));
		probe_go(&probe);
		raw_desc(&split, 0, DATA, 4, RAW_WRITE, 0);
		raw_offer(&split, 0);
		vq_push(vq(), &chain, 1);
		cr_assert_eq(raw_used_idx(&split), 0);
		pop_push(4);
		cr_assert_eq(raw_used_idx(&split), 1);
		ring_start(SIZE, VIRTIO_F_INDIRECT_DESC);
		expect_works();
	}
}

Test(vq_packed_hostile, SR_completion_while_dma_is_forbidden)
{
	offer(DATA, 16, RAW_WRITE);
	cr_assert(vq_pop(vq(), &chain));
	virtio_allow_dma(&probe.device, false);
	vq_push(vq(), &chain, 1);
	cr_assert_eq(vq()->broken, VQ_BUS_MASTER_OFF);
	expect_nothing_used();
}
