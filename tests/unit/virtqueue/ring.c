/* SPDX-License-Identifier: BSD-2-Clause */
/* Split rings of well-behaved drivers. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/virtqueue/fixture.h"

TestSuite(vq_ring, .init = ring_setup, .fini = ring_teardown);

static struct vq_chain chain;

static struct virtqueue *vq(void)
{
	return &probe.queues[0];
}

/* One writable buffer offered without a kick. */
static void offer(void)
{
	raw_desc(&ring, 0, DATA, 16, RAW_WRITE, 0);
	raw_offer(&ring, 0);
}

static void pop_push(void)
{
	cr_assert(vq_pop(vq(), &chain));
	vq_push(vq(), &chain, 0);
}

Test(vq_ring, a_request_is_answered_and_the_driver_told)
{
	expect_works();
	cr_assert_eq(probe.queue_interrupts, 1);
	cr_assert_eq(probe.chains, 1);
	cr_assert_eq(vq_in_flight(vq()), 0);
}

Test(vq_ring, a_queue_of_one_entry)
{
	ring_start(1, VIRTIO_F_INDIRECT_DESC);
	for (unsigned i = 0; i < 3; i++) {
		offer();
		pop_push();
		cr_assert_eq(raw_used_idx(&ring), i + 1);
	}
}

Test(vq_ring, full_ring_is_used_in_order)
{
	for (uint16_t i = 0; i < SIZE; i++) {
		raw_desc(&ring, i, DATA + 0x10u * i, 16, RAW_WRITE, 0);
		raw_offer(&ring, (uint16_t)(SIZE - 1 - i));
	}
	kick();
	cr_assert_eq(raw_used_idx(&ring), SIZE);
	for (uint16_t i = 0; i < SIZE; i++)
		cr_assert_eq(raw_used_id(&ring, i), SIZE - 1u - i);
}

Test(vq_ring, chains_may_be_used_out_of_order)
{
	static struct vq_chain first, second;

	raw_desc(&ring, 3, DATA, 16, RAW_WRITE, 0);
	raw_desc(&ring, 5, DATA, 16, RAW_WRITE, 0);
	raw_offer(&ring, 3);
	raw_offer(&ring, 5);
	cr_assert(vq_pop(vq(), &first));
	cr_assert(vq_pop(vq(), &second));
	vq_push(vq(), &second, 2);
	vq_push(vq(), &first, 1);
	cr_assert_eq(raw_used_id(&ring, 0), 5);
	cr_assert_eq(raw_used_len(&ring, 0), 2);
	cr_assert_eq(raw_used_id(&ring, 1), 3);
	cr_assert_eq(raw_used_len(&ring, 1), 1);
}

PROVES("V14-SPLIT-014")
Test(vq_ring, used_len_never_claims_more_than_there_is_room)
{
	offer();
	cr_assert(vq_pop(vq(), &chain));
	vq_push(vq(), &chain, 1000);
	cr_assert_eq(raw_used_len(&ring, 0), 16);
}

Test(vq_ring, chains_given_back_come_again)
{
	offer();
	raw_desc(&ring, 1, DATA, 1, RAW_WRITE, 0);
	raw_offer(&ring, 1);
	struct vq_mark mark = vq_mark(vq());
	cr_assert(vq_pop(vq(), &chain));
	cr_assert(vq_pop(vq(), &chain));
	cr_assert(vq_empty(vq()));
	vq_rewind(vq(), mark);
	cr_assert_not(vq_empty(vq()));
	cr_assert(vq_pop(vq(), &chain));
	cr_assert_eq(chain.head, 0);
	cr_assert(vq_pop(vq(), &chain));
	cr_assert_eq(chain.head, 1);
	cr_assert_not(vq_pop(vq(), &chain));
}

Test(vq_ring, chains_filled_are_seen_when_published)
{
	static struct vq_chain chains[3];

	for (uint16_t i = 0; i < 3; i++) {
		raw_desc(&ring, i, DATA, 16, RAW_WRITE, 0);
		raw_offer(&ring, i);
		cr_assert(vq_pop(vq(), &chains[i]));
		vq_fill(vq(), &chains[i], 16, i);
	}
	cr_assert_eq(raw_used_idx(&ring), 0);
	vq_publish(vq(), 4);
	cr_assert_eq(raw_used_idx(&ring), 0, "more than are out");
	vq_publish(vq(), 3);
	cr_assert_eq(raw_used_idx(&ring), 3);
	for (uint16_t i = 0; i < 3; i++)
		cr_assert_eq(raw_used_id(&ring, i), i);
}

Test(vq_ring, a_stale_chain_is_dropped)
{
	offer();
	cr_assert(vq_pop(vq(), &chain));
	ring_start(SIZE, 0);
	offer();
	static struct vq_chain fresh;
	cr_assert(vq_pop(vq(), &fresh));
	vq_push(vq(), &chain, 4);
	cr_assert_eq(raw_used_idx(&ring), 0);
	cr_assert_eq(vq_in_flight(vq()), 1);
}

PROVES("V14-SPLIT-001")
Test(vq_ring, bytes_by_offset_whatever_the_cut)
{
	uint8_t bytes[64];
	struct blk_span spans[4];

	for (unsigned i = 0; i < 6; i++)
		memset(fake_mem_at(&fake, DATA + 0x100 * i, 16), (int)i + 1, 16);
	raw_desc(&ring, 0, DATA, 3, RAW_NEXT, 1);
	raw_desc(&ring, 1, DATA + 0x100, 0, RAW_NEXT, 2); /* empty: left out */
	raw_desc(&ring, 2, DATA + 0x200, 5, RAW_NEXT, 3);
	raw_desc(&ring, 3, DATA + 0x300, 2, RAW_NEXT | RAW_WRITE, 4);
	raw_desc(&ring, 4, DATA + 0x400, 4, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	cr_assert(vq_pop(vq(), &chain));
	cr_assert_eq(chain.readable, 2);
	cr_assert_eq(chain.writable, 2);
	cr_assert_eq(chain.read_size, 8);
	cr_assert_eq(chain.write_size, 6);

	cr_assert_eq(vq_read(&chain, 2, bytes, 64), 6, "short at the end");
	cr_assert_eq(memcmp(bytes, "\1\3\3\3\3\3", 6), 0);
	cr_assert_eq(vq_read(&chain, 8, bytes, 1), 0);
	cr_assert_eq(vq_read(&chain, UINT32_MAX, bytes, 1), 0);
	cr_assert_eq(vq_write(&chain, 1, "abc", 3), 3);
	cr_assert_eq(memcmp(fake_mem_at(&fake, DATA + 0x300, 3), "\4a\4", 3), 0);
	cr_assert_eq(memcmp(fake_mem_at(&fake, DATA + 0x400, 3), "bc\5", 3), 0);

	cr_assert_eq(vq_read_spans(&chain, 1, 7, spans, 4), 2);
	cr_assert_eq(spans[0].size, 2);
	cr_assert_eq(spans[1].size, 5);
	cr_assert_eq(vq_read_spans(&chain, 3, 5, spans, 1), 1);
	cr_assert_eq(spans[0].data, fake_mem_at(&fake, DATA + 0x200, 1));
	cr_assert_eq(vq_read_spans(&chain, 1, 7, spans, 1), 0, "too few spans");
	cr_assert_eq(vq_read_spans(&chain, 1, 8, spans, 4), 0, "too many bytes");
	cr_assert_eq(vq_write_spans(&chain, UINT32_MAX, 2, spans, 4), 0);
	cr_assert_eq(vq_write_spans(&chain, 0, 6, spans, 4), 2);
}

Test(vq_ring, a_buffer_may_cross_the_seam)
{
	memset(fake_mem_at(&fake, FAKE_SEAM - 4, 4), 'a', 4);
	memset(fake_mem_at(&fake, FAKE_SEAM, 4), 'b', 4);
	raw_desc(&ring, 0, FAKE_SEAM - 4, 8, 0, 0);
	raw_offer(&ring, 0);

	char bytes[8];
	cr_assert(vq_pop(vq(), &chain));
	cr_assert_eq(chain.readable, 2);
	cr_assert_eq(vq_read(&chain, 0, bytes, 8), 8);
	cr_assert_eq(memcmp(bytes, "aaaabbbb", 8), 0);
}

PROVES("V14-SPLIT-006")
Test(vq_ring, indirect_table)
{
	raw_table(&ring, TABLE, 0, DATA, 4, RAW_NEXT, 2);
	raw_table(&ring, TABLE, 2, DATA + 0x100, 4, RAW_NEXT | RAW_WRITE, 1);
	raw_table(&ring, TABLE, 1, DATA + 0x200, 4, RAW_WRITE, 0);
	raw_desc(&ring, 7, TABLE, 3 * 16, RAW_INDIRECT, 0);
	raw_offer(&ring, 7);
	cr_assert(vq_pop(vq(), &chain));
	cr_assert_eq(chain.head, 7);
	cr_assert_eq(chain.readable, 1);
	cr_assert_eq(chain.writable, 2);
	cr_assert_eq(chain.buffers[1].data, fake_mem_at(&fake, DATA + 0x100, 1));
	cr_assert_eq(chain.buffers[2].data, fake_mem_at(&fake, DATA + 0x200, 1));
}

Test(vq_ring, largest_chain)
{
	ring_start(VQ_SIZE_MAX, VIRTIO_F_INDIRECT_DESC);
	for (unsigned i = 0; i < VQ_SIZE_MAX; i++)
		raw_table(&ring, TABLE, i, DATA + i, 1, i < 255 ? RAW_NEXT : 0, (uint16_t)(i + 1));
	raw_desc(&ring, 0, TABLE, VQ_SIZE_MAX * 16, RAW_INDIRECT, 0);
	raw_offer(&ring, 0);
	cr_assert(vq_pop(vq(), &chain));
	cr_assert_eq(chain.readable, VQ_SIZE_MAX);
	cr_assert_eq(chain.read_size, VQ_SIZE_MAX);
}

PROVES("V14-SPLIT-007", "V14-SPLIT-008", "V14-SPLIT-009")
Test(vq_ring, interrupts_without_event_idx_follow_the_flag)
{
	offer();
	pop_push();
	cr_assert(vq_should_notify(vq()));
	cr_assert_not(vq_should_notify(vq()), "nothing new");
	raw_set_avail_flags(&ring, 1);
	raw_set_used_event(&ring, 1);
	offer();
	pop_push();
	cr_assert_not(vq_should_notify(vq()), "used_event has no meaning");
}

/* 2.7.10: notify exactly when the entry that used_event names was passed. */
PROVES("V14-SPLIT-010", "V14-SPLIT-011", "V14-SPLIT-012")
Test(vq_ring, interrupts_with_event_idx)
{
	ring_start(SIZE, VIRTIO_F_EVENT_IDX);
	raw_set_avail_flags(&ring, 1); /* has no meaning now */
	for (unsigned i = 0; i < 3; i++) {
		raw_set_used_event(&ring, 2);
		offer();
		pop_push();
		cr_assert_eq(vq_should_notify(vq()), i == 2, "entry %u", i);
	}
	raw_set_used_event(&ring, 4);
	for (unsigned i = 3; i < 7; i++) { /* 4 lies in the middle of a batch */
		offer();
		pop_push();
	}
	cr_assert(vq_should_notify(vq()));
	raw_set_used_event(&ring, 6); /* already passed */
	offer();
	pop_push();
	cr_assert_not(vq_should_notify(vq()));
}

PROVES("V14-SPLIT-011", "V14-SPLIT-012")
Test(vq_ring, event_idx_over_the_wrap)
{
	unsigned told = 0;

	ring_start(SIZE, VIRTIO_F_EVENT_IDX);
	for (unsigned i = 0; i < 70000; i++) {
		raw_set_used_event(&ring, (uint16_t)(i / 5 * 5)); /* every fifth */
		offer();
		pop_push();
		told += vq_should_notify(vq());
	}
	/* i / 5 * 5 mod 65536 is passed exactly once for each multiple of five */
	cr_assert_eq(told, 14000);
}

PROVES("V14-SPLIT-016", "V14-SPLIT-017")
Test(vq_ring, kicks_without_event_idx)
{
	vq_want_kicks(vq(), false);
	cr_assert_eq(raw_used_flags(&ring), 1);
	vq_want_kicks(vq(), true);
	cr_assert_eq(raw_used_flags(&ring), 0);
}

PROVES("V14-SPLIT-018", "V14-SPLIT-019")
Test(vq_ring, kicks_with_event_idx)
{
	ring_start(SIZE, VIRTIO_F_EVENT_IDX);
	for (unsigned i = 1; i <= 20; i++) {
		offer();
		pop_push();
		vq_want_kicks(vq(), false);
		cr_assert_eq(raw_avail_event(&ring), i - 1);
		vq_want_kicks(vq(), true);
		cr_assert_eq(raw_avail_event(&ring), i);
		cr_assert_eq(raw_used_flags(&ring), 0);
	}
}

Test(vq_ring, event_idx_bytes_are_part_of_the_areas)
{
	struct raw_ring end = ring;

	/* the ring would fit, its event field would not */
	probe_negotiate(&probe, 0);
	end.used = FAKE_HIGH_END - (4 + 8 * SIZE);
	cr_assert_not(raw_ring_attach(&end, &probe.device, 0));
	end.used -= 4;
	cr_assert(raw_ring_attach(&end, &probe.device, 0));
	end = ring;
	end.avail = FAKE_HIGH_END - (4 + 2 * SIZE);
	cr_assert_not(raw_ring_attach(&end, &probe.device, 1));
	end.avail -= 2;
	cr_assert(raw_ring_attach(&end, &probe.device, 1));
}

/* Readable buffers and descriptors after anything a device can do with a chain. */
PROVES("V14-SPLIT-003", "V14-SPLIT-004")
Test(vq_ring, readable_buffers_and_descriptors_are_never_written)
{
	uint8_t junk[4096], before[16 * SIZE];

	memset(junk, 0xdd, sizeof(junk));
	for (unsigned cut = 1; cut < 64; cut++) {
		memset(fake_mem_at(&fake, DATA, 64), 0x11, 64);
		raw_desc(&ring, 0, DATA, cut, RAW_NEXT, 1);
		raw_desc(&ring, 1, DATA + cut, 64 - cut, RAW_NEXT, 2);
		raw_desc(&ring, 2, DATA + 64, cut, RAW_WRITE | RAW_NEXT, 3);
		raw_desc(&ring, 3, DATA + 64 + cut, 64 - cut, RAW_WRITE, 0);
		memcpy(before, fake_mem_at(&fake, ring.desc, sizeof(before)), sizeof(before));
		raw_offer(&ring, 0);
		cr_assert(vq_pop(vq(), &chain));
		for (uint32_t offset = 0; offset < 130; offset++)
			cr_assert_eq(vq_write(&chain, offset, junk, sizeof(junk)),
			             offset < 64 ? 64 - offset : 0);
		vq_push(vq(), &chain, 64);
		for (unsigned i = 0; i < 64; i++)
			cr_assert_eq(*(uint8_t *)fake_mem_at(&fake, DATA + i, 1), 0x11);
		cr_assert_eq(*(uint8_t *)fake_mem_at(&fake, DATA + 128, 1), 0);
		cr_assert_eq(
		    memcmp(before, fake_mem_at(&fake, ring.desc, sizeof(before)), sizeof(before)),
		    0);
	}
}
