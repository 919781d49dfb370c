/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packed rings of well-behaved drivers (V14-PACKED-001 to 007). Proven: each check of vq_packed.c
 * and of the packed part of vq_check.c was taken out in turn, and a test of this folder failed each
 * time.
 */
#include <criterion/criterion.h>

#include "tests/unit/vq_packed/fixture.h"

TestSuite(vq_packed, .init = ring_setup, .fini = ring_teardown, .timeout = 20);

static void offer(uint16_t id)
{
	raw_packed_offer1(&ring, id, DATA, 16, RAW_WRITE);
}

Test(vq_packed, a_request_is_answered_and_the_driver_told)
{
	expect_works();
	cr_assert_eq(probe.queue_interrupts, 1);
	cr_assert_eq(vq_in_flight(vq()), 0);
}

Test(vq_packed, offered_only_when_the_owner_says_so)
{
	probe_init(&probe, &fake.mem, VQ_SIZE_MAX);
	cr_assert_eq(probe.device.offered & VIRTIO_F_RING_PACKED, 0);
	probe_negotiate(&probe, VIRTIO_F_RING_PACKED);
	cr_assert_eq(probe.device.status & VIRTIO_FEATURES_OK, 0);
}

Test(vq_packed, split_stays_possible_and_wants_a_power_of_two)
{
	struct raw_ring split;

	probe_negotiate(&probe, 0);
	virtio_set_queue_size(&probe.device, 0, 3);
	cr_assert_neq(vq()->size, 3, "V14-PCI-026");
	raw_ring_init(&split, &fake, RING, 8);
	cr_assert(raw_ring_attach(&split, &probe.device, 0));
	probe_go(&probe);
	raw_desc(&split, 2, DATA, 4, RAW_WRITE, 0);
	raw_offer(&split, 2);
	pop_push(4);
	cr_assert_eq(raw_used_id(&split, 0), 2);
}

/* Every size, chains of every length at every place: many laps. */
Test(vq_packed, PR_010_every_small_size_wraps)
{
	const uint16_t sizes[] = {1, 2, 3, 4, 5, 6, 7, 8, 100, 255, 256};
	struct raw_piece pieces[8];

	for (unsigned i = 0; i < 8; i++)
		pieces[i] = (struct raw_piece){DATA + 16 * i, 16, RAW_WRITE};
	for (unsigned s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		ring_start(sizes[s], 0);
		for (unsigned i = 0; i < 2000; i++) {
			unsigned count = 1 + i % (sizes[s] < 8 ? sizes[s] : 8);

			raw_packed_offer(&ring, (uint16_t)i, pieces, count);
			cr_assert(vq_pop(vq(), &chain));
			cr_assert_eq(chain.writable, count);
			cr_assert_not(vq_pop(vq(), &chain));
			cr_assert(vq_empty(vq()));
			vq_push(vq(), &chain, i % 16);
			expect_used((uint16_t)i, i % 16);
		}
	}
}

Test(vq_packed, seventy_thousand_requests)
{
	for (unsigned i = 0; i < 70000; i++) {
		offer((uint16_t)(i % SIZE));
		pop_push(i % 17);
		expect_used((uint16_t)(i % SIZE), i % 17);
		cr_assert(vq_should_notify(vq()));
	}
	cr_assert_eq(vq()->chains, 70000);
}

PROVES("V14-PACKED-002")
Test(vq_packed, chains_may_be_used_out_of_order)
{
	static struct vq_chain chains[3];

	for (unsigned round = 0; round < 20; round++) {
		for (uint16_t i = 0; i < 3; i++) {
			offer(i);
			cr_assert(vq_pop(vq(), &chains[i]));
		}
		for (unsigned i = 0; i < 3; i++)
			vq_push(vq(), &chains[(2 * i + 1) % 3], i);
		expect_used(1, 0);
		expect_used(0, 1);
		expect_used(2, 2);
		expect_nothing_used();
	}
}

Test(vq_packed, used_len_and_write_flag)
{
	offer(1);
	pop_push(1000);
	cr_assert(raw_packed_flags(&ring, 0) & RAW_WRITE);
	expect_used(1, 16);
	offer(1);
	pop_push(0);
	cr_assert_not(raw_packed_flags(&ring, 1) & RAW_WRITE);
	expect_used(1, 0);
}

Test(vq_packed, chains_given_back_come_again)
{
	static struct vq_chain second;

	for (unsigned round = 0; round < 20; round++) {
		offer(3);
		offer(4);
		struct vq_mark mark = vq_mark(vq());
		cr_assert(vq_pop(vq(), &chain));
		cr_assert(vq_pop(vq(), &second));
		vq_fill(vq(), &chain, 9, 0);
		vq_fill(vq(), &second, 9, 1);
		expect_nothing_used();
		vq_rewind(vq(), mark);
		cr_assert_eq(vq_in_flight(vq()), 0);
		pop_push(5);
		cr_assert_eq(chain.head, 3);
		pop_push(6);
		expect_used(3, 5);
		expect_used(4, 6);
		expect_nothing_used();
	}
}

PROVES("V14-PACKED-003")
Test(vq_packed, chains_filled_are_seen_when_published)
{
	static struct vq_chain chains[3];
	const struct raw_piece pieces[] = {{DATA, 8, RAW_WRITE}, {DATA, 8, RAW_WRITE}};

	for (unsigned round = 0; round < 20; round++) {
		raw_packed_offer(&ring, 0, pieces, 2);
		offer(1);
		raw_packed_offer(&ring, 2, pieces, 2);
		for (uint16_t i = 0; i < 3; i++) {
			cr_assert(vq_pop(vq(), &chains[i]));
			vq_fill(vq(), &chains[i], i, i);
		}
		expect_nothing_used();
		vq_publish(vq(), 4);
		expect_nothing_used();
		vq_publish(vq(), 3);
		for (uint16_t i = 0; i < 3; i++)
			expect_used(i, i);
		expect_nothing_used();
	}
}

/* A device that counts wrongly shows the driver nothing that it did not mean. */
Test(vq_packed, only_what_was_filled_is_published)
{
	static struct vq_chain first, second;

	offer(1);
	offer(2);
	cr_assert(vq_pop(vq(), &first));
	cr_assert(vq_pop(vq(), &second));
	vq_publish(vq(), 1);
	expect_nothing_used();
	vq_fill(vq(), &second, 4, 1); /* nothing is at 0 */
	vq_publish(vq(), 2);
	expect_nothing_used();
	vq_fill(vq(), &first, 4, 0);
	vq_fill(vq(), &first, 4, 1); /* twice the same */
	vq_publish(vq(), 2);
	expect_nothing_used();
	vq_push(vq(), &second, 5);
	expect_used(2, 5);
	vq_fill(vq(), &first, 4, 0);
	vq_push(vq(), &second, 5); /* is back already */
	expect_nothing_used();
	vq_push(vq(), &first, 6);
	expect_used(1, 6);
}

Test(vq_packed, what_was_published_or_given_back_is_not_filled)
{
	static struct vq_chain first, second;

	offer(1);
	offer(2);
	struct vq_mark mark = vq_mark(vq());
	cr_assert(vq_pop(vq(), &first));
	vq_fill(vq(), &first, 4, 0);
	vq_rewind(vq(), mark);
	cr_assert(vq_pop(vq(), &first));
	cr_assert(vq_pop(vq(), &second));
	vq_publish(vq(), 1);
	expect_nothing_used();
	vq_fill(vq(), &first, 4, 0);
	vq_publish(vq(), 1);
	vq_publish(vq(), 1);
	expect_used(1, 4);
	expect_nothing_used();
}

Test(vq_packed, a_stale_chain_is_dropped)
{
	static struct vq_chain fresh;

	offer(1);
	cr_assert(vq_pop(vq(), &chain));
	ring_start(SIZE, 0);
	offer(1);
	cr_assert(vq_pop(vq(), &fresh));
	vq_push(vq(), &chain, 4);
	expect_nothing_used();
	cr_assert_eq(vq_in_flight(vq()), 1);
}

Test(vq_packed, indirect_tables)
{
	struct raw_piece pieces[] = {{DATA, 4, 0}, {TABLE, 48, RAW_INDIRECT | RAW_WRITE}};

	raw_packed_entry(&ring, TABLE, 0, DATA, 4, 0, 0);
	raw_packed_entry(&ring, TABLE, 1, DATA + 4, 8, 0, RAW_WRITE);
	raw_packed_entry(&ring, TABLE, 2, DATA + 12, 16, 0, RAW_WRITE);
	for (unsigned i = 0; i < 20; i++) {
		raw_packed_offer(&ring, 9, i % 2 ? pieces : pieces + 1, i % 2 ? 2 : 1);
		cr_assert(vq_pop(vq(), &chain));
		cr_assert_eq(chain.read_size, i % 2 ? 8 : 4);
		cr_assert_eq(chain.write_size, 24);
		vq_push(vq(), &chain, 24);
		expect_used(9, 24);
		expect_nothing_used();
	}
}

Test(vq_packed, interrupts_without_event_idx)
{
	raw_packed_event(&ring, 0, RAW_EVENT_DISABLE);
	offer(0);
	pop_push(0);
	cr_assert_not(vq_should_notify(vq()));
	raw_packed_event(&ring, 3, RAW_EVENT_DESC); /* not negotiated: as ENABLE */
	cr_assert_not(vq_should_notify(vq()), "nothing new");
	offer(1);
	pop_push(0);
	cr_assert(vq_should_notify(vq()));
}

/* A driver that asks for each fifth slot, whatever the size: told once for each. */
Test(vq_packed, event_idx_over_the_wrap)
{
	for (uint16_t size = 1; size <= 8; size++) {
		unsigned told = 0, due = 0;

		ring_start(size, VIRTIO_F_EVENT_IDX);
		raw_packed_event(&ring, 0x8000, RAW_EVENT_DESC);
		for (unsigned i = 0; i < 5000; i++) {
			unsigned wrap = i / size % 2 ? 0 : 0x8000;

			if (i % 5 == 0) {
				raw_packed_event(&ring, (uint16_t)(i % size | wrap),
				                 RAW_EVENT_DESC);
				due++;
			} else if (size < 3) { /* too small to wait five */
				raw_packed_event(&ring, 0, RAW_EVENT_DISABLE);
			}
			offer(1);
			pop_push(0);
			bool now = vq_should_notify(vq());
			told += now;
			cr_assert(i % 5 != 0 || now, "size %u, request %u", size, i);
		}
		cr_assert_eq(told, due, "size %u: %u, not %u", size, told, due);
	}
}

Test(vq_packed, event_in_the_middle_of_a_batch_and_of_a_chain)
{
	const struct raw_piece pieces[] = {{DATA, 8, 0}, {DATA, 8, 0}, {DATA, 8, 0}};

	for (unsigned event = 0; event < 8; event++) {
		ring_start(8, VIRTIO_F_EVENT_IDX);
		raw_packed_event(&ring, (uint16_t)(event | 0x8000), RAW_EVENT_DESC);
		offer(0);
		pop_push(0);
		cr_assert_eq(vq_should_notify(vq()), event == 0);
		raw_packed_offer(&ring, 1, pieces, 3);
		offer(2);
		pop_push(0);
		pop_push(0);
		cr_assert_eq(vq_should_notify(vq()), event >= 1 && event < 5);
	}
}

Test(vq_packed, kicks)
{
	vq_want_kicks(vq(), false);
	cr_assert_eq(raw_packed_device_event(&ring) >> 16, RAW_EVENT_DISABLE);
	vq_want_kicks(vq(), true);
	cr_assert_eq(raw_packed_device_event(&ring) >> 16, RAW_EVENT_ENABLE);
	ring_start(SIZE, VIRTIO_F_EVENT_IDX);
	for (unsigned i = 1; i <= 20; i++) {
		uint32_t wrap = i / SIZE % 2 ? 0 : 0x8000;

		offer(0);
		pop_push(0);
		vq_want_kicks(vq(), true);
		cr_assert_eq(raw_packed_device_event(&ring),
		             (i % SIZE) | wrap | RAW_EVENT_DESC << 16);
		vq_want_kicks(vq(), false);
		cr_assert_eq(raw_packed_device_event(&ring) >> 16, RAW_EVENT_DISABLE);
	}
}

PROVES("V14-PACKED-004")
Test(vq_packed, readable_buffers_are_never_written)
{
	uint8_t junk[256];

	memset(junk, 0xdd, sizeof(junk));
	for (unsigned cut = 1; cut < 64; cut++) {
		const struct raw_piece pieces[] = {
		    {DATA, cut, 0}, {DATA + cut, 64 - cut, 0}, {DATA + 64, 64, RAW_WRITE}};

		memset(fake_mem_at(&fake, DATA, 64), 0x11, 64);
		raw_packed_offer(&ring, (uint16_t)cut, pieces, 3);
		cr_assert(vq_pop(vq(), &chain));
		for (uint32_t offset = 0; offset < 130; offset++)
			cr_assert_eq(vq_write(&chain, offset, junk, sizeof(junk)),
			             offset < 64 ? 64 - offset : 0);
		vq_push(vq(), &chain, 64);
		expect_used((uint16_t)cut, 64);
		for (unsigned i = 0; i < 64; i++)
			cr_assert_eq(*(uint8_t *)fake_mem_at(&fake, DATA + i, 1), 0x11);
		cr_assert_eq(*(uint8_t *)fake_mem_at(&fake, DATA + 128, 1), 0);
	}
}
