/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Double fetches. Every access to the ring's pages is seen as it happens, and the guest changes the
 * descriptor before each. Proven: a second read of desc.len in the validator fails DF_001 and
 * DF_006.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/lib/watch.h"
#include "tests/unit/virtqueue/fixture.h"

TestSuite(vq_fetch, .init = ring_setup, .fini = ring_teardown);

static struct vq_chain chain;

/* The two faces of descriptor 0, shown in turn. */
struct faces {
	struct raw_desc face[2];
	unsigned shown;
};

static void toggle(struct watch *watch, size_t offset)
{
	struct faces *faces = watch->context;

	(void)offset;
	faces->shown ^= 1;
	memcpy(watch->start, &faces->face[faces->shown], sizeof(struct raw_desc));
}

static struct watch ring_page(void *context)
{
	return (struct watch){.start = fake_mem_at(&fake, RING, 0x1000),
	                      .size = 0x1000,
	                      .before = context ? toggle : NULL,
	                      .context = context};
}

/* What the device makes of it: size in bytes read and written, or the error. */
struct verdict {
	enum vq_error error;
	uint32_t read, written;
	uint8_t *data;
};

static struct verdict verdict(struct watch *watch)
{
	ring_start(SIZE, VIRTIO_F_INDIRECT_DESC);
	raw_desc(&ring, 1, DATA + 0x100, 0x10, RAW_WRITE, 0);
	raw_desc(&ring, 2, DATA + 0x200, 0x20, RAW_WRITE, 0);
	raw_table(&ring, TABLE, 0, DATA + 0x300, 0x40, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	memset(&chain, 0, sizeof(chain));
	if (watch->context)
		memcpy(watch->start, &((struct faces *)watch->context)->face[0], 16);
	watch_start(watch);
	vq_pop(&probe.queues[0], &chain);
	watch_stop();
	if (probe.queues[0].broken)
		return (struct verdict){.error = probe.queues[0].broken};
	return (struct verdict){VQ_OK, chain.read_size, chain.write_size, chain.buffers[0].data};
}

static bool same(struct verdict a, struct verdict b)
{
	return a.error == b.error && a.read == b.read && a.written == b.written && a.data == b.data;
}

static void expect_one_of_two(struct raw_desc a, struct raw_desc b)
{
	struct faces fixed_a = {{a, a}, 0}, fixed_b = {{b, b}, 0},
	             both[2] = {{{a, b}, 0}, {{b, a}, 0}};
	struct watch watch_a = ring_page(&fixed_a), watch_b = ring_page(&fixed_b);
	struct verdict first = verdict(&watch_a), second = verdict(&watch_b);

	cr_assert_not(same(first, second), "the test would prove nothing");
	for (unsigned i = 0; i < 2; i++) {
		struct watch watch = ring_page(&both[i]);
		struct verdict got = verdict(&watch);

		cr_assert_gt(watch.accesses, 0);
		cr_assert(same(got, first) || same(got, second), "a third outcome");
	}
}

Test(vq_fetch, DF_001_addr_flips)
{
	expect_one_of_two((struct raw_desc){DATA, 0x1000, 0, 0},
	                  (struct raw_desc){FAKE_HIGH_END - 1, 0x1000, 0, 0});
}

Test(vq_fetch, DF_001_len_flips)
{
	expect_one_of_two((struct raw_desc){DATA, 16, 0, 0},
	                  (struct raw_desc){DATA, UINT32_MAX, 0, 0});
	expect_one_of_two((struct raw_desc){DATA, 16, 0, 0}, (struct raw_desc){DATA, 0, 0, 0});
}

Test(vq_fetch, DF_001_flags_flip)
{
	const uint16_t flags[] = {0, RAW_NEXT, RAW_WRITE, RAW_NEXT | RAW_WRITE, RAW_INDIRECT};

	for (unsigned i = 0; i < 5; i++)
		for (unsigned j = 0; j < i; j++)
			expect_one_of_two((struct raw_desc){TABLE, 16, flags[i], 1},
			                  (struct raw_desc){TABLE, 16, flags[j], 1});
}

Test(vq_fetch, DF_001_next_flips)
{
	expect_one_of_two((struct raw_desc){DATA, 16, RAW_NEXT, 1},
	                  (struct raw_desc){DATA, 16, RAW_NEXT, 2});
	expect_one_of_two((struct raw_desc){DATA, 16, RAW_NEXT, 1},
	                  (struct raw_desc){DATA, 16, RAW_NEXT, 0xffff});
}

/* The compiled code: avail idx and the entry once each, two words a descriptor. */
Test(vq_fetch, DF_006_every_load_is_a_single_access)
{
	struct watch watch = ring_page(NULL);

	raw_desc(&ring, 0, DATA, 16, RAW_NEXT, 1);
	raw_desc(&ring, 1, DATA, 16, RAW_NEXT, 2);
	raw_desc(&ring, 2, DATA, 16, 0, 0);
	raw_offer(&ring, 0);
	watch_start(&watch);
	cr_assert(vq_pop(&probe.queues[0], &chain));
	watch_stop();
	cr_assert_eq(watch.accesses, 2 + 3 * 2);
	watch_start(&watch);
	vq_push(&probe.queues[0], &chain, 0);
	vq_should_notify(&probe.queues[0]);
	watch_stop();
	cr_assert_leq(watch.accesses, 4, "entry, idx, flags: %u", watch.accesses);
}

Test(vq_fetch, DF_006_indirect_table_too)
{
	struct watch watch = {.start = fake_mem_at(&fake, TABLE, 0x1000), .size = 0x1000};

	raw_table(&ring, TABLE, 0, DATA, 16, RAW_NEXT, 1);
	raw_table(&ring, TABLE, 1, DATA, 16, 0, 0);
	raw_desc(&ring, 0, TABLE, 32, RAW_INDIRECT, 0);
	raw_offer(&ring, 0);
	watch_start(&watch);
	cr_assert(vq_pop(&probe.queues[0], &chain));
	watch_stop();
	cr_assert_eq(watch.accesses, 2 * 2);
}

/* When idx is written, what it shows is there: id, len, and the bytes that len speaks of. */
static unsigned idx_writes;

static void at_idx(struct watch *watch, size_t offset)
{
	(void)watch;
	if (offset != ring.used - RING + 2)
		return;
	idx_writes++;
	cr_assert_eq(raw_used_id(&ring, 0), 3);
	cr_assert_eq(raw_used_len(&ring, 0), 16);
	cr_assert_eq(*(uint8_t *)fake_mem_at(&fake, DATA + 15, 1), 0x77);
}

PROVES("V14-SPLIT-013", "V14-SPLIT-014")
Test(vq_fetch, len_and_data_are_there_before_idx)
{
	struct watch watch = ring_page(NULL);
	uint8_t bytes[16];

	memset(bytes, 0x77, sizeof(bytes));
	raw_desc(&ring, 3, DATA, 16, RAW_WRITE, 0);
	raw_offer(&ring, 3);
	cr_assert(vq_pop(&probe.queues[0], &chain));
	vq_write(&chain, 0, bytes, 16);
	watch.before = at_idx;
	watch_start(&watch);
	vq_push(&probe.queues[0], &chain, 16);
	watch_stop();
	cr_assert_eq(idx_writes, 1);
	cr_assert_eq(raw_used_idx(&ring), 1);
}
