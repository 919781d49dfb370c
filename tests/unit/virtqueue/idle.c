/* SPDX-License-Identifier: BSD-2-Clause */
/* A device's hands on a queue that does not run: nothing happens, in guest memory least of all. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/virtqueue/fixture.h"

TestSuite(vq_idle, .init = ring_setup, .fini = ring_teardown);

static struct vq_chain chain, second;

static struct virtqueue *vq(void)
{
	return &probe.queues[0];
}

static void offer(void)
{
	raw_desc(&ring, 0, DATA, 16, RAW_WRITE, 0);
	raw_offer(&ring, 0);
}

/* All that a device can do to a queue leaves the device area as it is. */
static void expect_idle(void)
{
	uint8_t before[6 + 8 * SIZE];
	struct vq_chain none;
	void *used = fake_mem_at(&fake, ring.used, sizeof(before));

	memcpy(before, used, sizeof(before));
	cr_assert(vq_empty(vq()));
	cr_assert_not(vq_pop(vq(), &none));
	vq_fill(vq(), &chain, 1, 0);
	vq_publish(vq(), 1);
	vq_want_kicks(vq(), false);
	cr_assert_not(vq_should_notify(vq()));
	cr_assert_eq(memcmp(before, used, sizeof(before)), 0);
}

Test(vq_idle, not_enabled)
{
	struct virtqueue *never = &probe.queues[1];

	chain = (struct vq_chain){.epoch = never->epoch};
	cr_assert(vq_empty(never));
	cr_assert_not(vq_pop(never, &second));
	chain.epoch = never->epoch;
	vq_fill(never, &chain, 1, 0);
	vq_publish(never, 0);
	vq_push(never, &chain, 1);
	vq_want_kicks(never, true);
	cr_assert_not(vq_should_notify(never));
}

Test(vq_idle, broken)
{
	offer();
	offer();
	cr_assert(vq_pop(vq(), &chain));
	vq_break(vq(), VQ_LOOP);
	expect_idle();
	vq_push(vq(), &chain, 1);
	cr_assert_eq(raw_used_idx(&ring), 0);
}

Test(vq_idle, paused)
{
	offer();
	offer();
	cr_assert(vq_pop(vq(), &chain));
	vq()->paused = true;
	expect_idle();
}

Test(vq_idle, used_before_it_paused)
{
	offer();
	cr_assert(vq_pop(vq(), &chain));
	vq_push(vq(), &chain, 1);
	vq()->paused = true;
	cr_assert_not(vq_should_notify(vq()));
	vq()->paused = false;
	cr_assert(vq_should_notify(vq()), "it is told later");
}

Test(vq_idle, stopping_or_suspended)
{
	offer();
	offer();
	cr_assert(vq_pop(vq(), &chain));
	vq()->suspended = true;
	cr_assert(vq_empty(vq()));
	cr_assert_not(vq_pop(vq(), &second));
	vq()->suspended = false;
	vq_stop(vq());
	cr_assert(vq_empty(vq()));
	cr_assert_not(vq_pop(vq(), &second));
	vq_push(vq(), &chain, 1);
	cr_assert_eq(raw_used_idx(&ring), 1, "what is out comes back");
}

Test(vq_idle, silent)
{
	offer();
	cr_assert(vq_pop(vq(), &chain));
	vq_push(vq(), &chain, 1);
	vq()->silent = true;
	cr_assert_not(vq_should_notify(vq()));
}

Test(vq_idle, a_chain_of_an_earlier_life)
{
	offer();
	cr_assert(vq_pop(vq(), &chain));
	ring_start(SIZE, 0);
	offer();
	cr_assert(vq_pop(vq(), &second));
	vq_fill(vq(), &chain, 7, 0);
	vq_push(vq(), &chain, 7);
	cr_assert_eq(raw_used_idx(&ring), 0);
	cr_assert_eq(raw_used_len(&ring, 0), 0);
}

Test(vq_idle, no_more_than_is_out)
{
	offer();
	cr_assert(vq_pop(vq(), &chain));
	vq_fill(vq(), &chain, 7, 1);
	cr_assert_eq(raw_used_len(&ring, 1), 0);
	vq_publish(vq(), 2);
	cr_assert_eq(raw_used_idx(&ring), 0);
	vq_push(vq(), &chain, 1);
	vq_push(vq(), &chain, 1);
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(vq_idle, sizes_that_no_queue_has)
{
	struct virtqueue *other = &probe.queues[1];

	other->size_max = 64;
	other->desc = DATA;
	other->driver = DATA + 0x1000;
	other->device = DATA + 0x2000;
	static const uint16_t wrong[] = {0, 3, 96, 128, 0xffff};
	for (unsigned i = 0; i < 5; i++) {
		other->size = wrong[i];
		cr_assert_eq(vq_enable(other), VQ_SIZE, "%u", wrong[i]);
	}
	other->size = 64;
	cr_assert_eq(vq_enable(other), VQ_OK);
}

/* What was seen in avail idx once is not read again: a driver cannot take it back. */
Test(vq_idle, the_index_is_read_once_for_many)
{
	offer();
	offer();
	cr_assert(vq_pop(vq(), &chain));
	raw_set_avail_idx(&ring, 0x4000);
	cr_assert(vq_pop(vq(), &second));
	cr_assert_not(vq()->broken);
	cr_assert_not(vq_pop(vq(), &second));
	cr_assert_eq(vq()->broken, VQ_AVAIL_JUMP);
}

/* Also after a buffer that was rightly read there. */
Test(vq_idle, a_rom_is_not_written_after_it_was_read)
{
	raw_desc(&ring, 0, FAKE_ROM, 16, RAW_NEXT, 1);
	raw_desc(&ring, 1, FAKE_ROM + 64, 16, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	cr_assert_not(vq_pop(vq(), &chain));
	cr_assert_eq(vq()->broken, VQ_MEM_RO);
}

Test(vq_idle, a_broken_queue_that_is_stopped_waits_for_nobody)
{
	offer();
	cr_assert(vq_pop(vq(), &chain));
	vq_stop(vq());
	cr_assert(vq_ready(vq()), "its chain is out");
	vq_break(vq(), VQ_LOOP);
	cr_assert_not(vq_ready(vq()));
}

Test(vq_idle, spans_end_with_what_is_asked_for)
{
	struct blk_span spans[2];

	raw_desc(&ring, 0, DATA, 16, RAW_WRITE | RAW_NEXT, 1);
	raw_desc(&ring, 1, DATA + 64, 16, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	cr_assert(vq_pop(vq(), &chain));
	cr_assert_eq(vq_write_spans(&chain, 2, 3, spans, 2), 1);
	cr_assert_eq(spans[0].size, 3);
	cr_assert_eq(vq_write_spans(&chain, 2, 20, spans, 2), 2);
	cr_assert_eq(spans[0].size, 14);
	cr_assert_eq(spans[1].size, 6);
	cr_assert_eq(vq_write_spans(&chain, 2, 20, spans, 1), 0);
}

/* What was done out of turn before a reset is not done now. */
Test(vq_idle, turns_are_forgotten)
{
	ring_start(SIZE, VIRTIO_F_IN_ORDER);
	for (unsigned round = 0; round < 2; round++) {
		offer();
		offer();
		cr_assert(vq_pop(vq(), &chain));
		cr_assert(vq_pop(vq(), &second));
		if (round == 0) {
			vq_push(vq(), &second, 0);
			cr_assert_eq(raw_used_idx(&ring), 0);
			ring_start(SIZE, VIRTIO_F_IN_ORDER);
		}
	}
	vq_push(vq(), &chain, 0);
	cr_assert_eq(raw_used_idx(&ring), 1);
}

/* RAM whose pages come one by one: each buffer is where its page is, the second in a slot too. */
Test(vq_idle, buffers_in_pages_that_lie_apart)
{
	static uint8_t *table[(FAKE_SEAM - FAKE_HIGH) / GUEST_PAGE], elsewhere[GUEST_PAGE];
	struct guest_mem_slot *slot = &fake.mem.slots[1];
	const unsigned page = (DATA - FAKE_HIGH) / GUEST_PAGE;

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		table[i] = slot->host + (size_t)i * GUEST_PAGE;
	table[page] = elsewhere;
	slot->pages = table;
	raw_desc(&ring, 0, DATA, 16, RAW_WRITE | RAW_NEXT, 1);
	raw_desc(&ring, 1, DATA + 64, 16, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	cr_assert(vq_pop(vq(), &chain));
	cr_assert_eq(vq_write(&chain, 15, "ab", 2), 2);
	cr_assert_eq(elsewhere[15], 'a');
	cr_assert_eq(elsewhere[64], 'b');
}
