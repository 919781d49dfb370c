/* SPDX-License-Identifier: BSD-2-Clause */
/* Double fetches in packed rings: the guest changes a descriptor before each access to it. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/lib/watch.h"
#include "tests/unit/vq_packed/fixture.h"

TestSuite(vq_packed_fetch, .init = ring_setup, .fini = ring_teardown, .timeout = 20);

struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t id, flags;
};

/* The two faces of one descriptor, shown in turn from read number first on. */
struct faces {
	struct desc face[2];
	unsigned place, first, seen;
};

static void toggle(struct watch *watch, size_t offset)
{
	struct faces *faces = watch->context;

	(void)offset;
	if (faces->seen++ >= faces->first)
		memcpy(watch->start + 16 * faces->place,
		       &faces->face[(faces->seen - faces->first) % 2], 16);
}

/* What the device makes of it. */
struct verdict {
	enum vq_error error;
	bool got;
	uint32_t read, written;
	uint16_t id;
	uint8_t *data;
};

static struct verdict verdict(struct faces faces)
{
	struct watch watch = {.start = fake_mem_at(&fake, RING, 0x1000),
	                      .size = 0x1000,
	                      .before = toggle,
	                      .context = &faces};

	ring_start(SIZE, VIRTIO_F_INDIRECT_DESC);
	raw_packed_entry(&ring, TABLE, 0, DATA + 0x300, 0x40, 0, RAW_WRITE);
	for (unsigned i = 0; i < 3; i++)
		raw_packed_entry(&ring, RING, i, DATA + 0x100 * i, 0x10, (uint16_t)(20 + i),
		                 RAW_AVAIL | (i < 2 ? RAW_NEXT : 0));
	memcpy(watch.start + 16 * faces.place, &faces.face[0], 16);
	memset(&chain, 0, sizeof(chain));
	watch_start(&watch);
	bool got = vq_pop(vq(), &chain);
	watch_stop();
	if (!got)
		return (struct verdict){.error = vq()->broken};
	return (struct verdict){VQ_OK,           got,
	                        chain.read_size, chain.write_size,
	                        chain.head,      chain.buffers[faces.place].data};
}

static bool same(struct verdict a, struct verdict b)
{
	return memcmp(&a, &b, sizeof(a)) == 0 ||
	       (a.error == b.error && a.got == b.got && a.read == b.read &&
	        a.written == b.written && a.id == b.id && a.data == b.data);
}

/* Two descriptors that differ in one of their words: each word is read once, so one of the two. */
static void expect_one_of_two(struct desc a, struct desc b)
{
	for (unsigned place = 0; place < 3; place++) {
		struct verdict first = verdict((struct faces){{a, a}, place, 0, 0}),
		               second = verdict((struct faces){{b, b}, place, 0, 0});

		cr_assert_not(same(first, second), "the test would prove nothing");
		for (unsigned k = 0; k < 12; k++) {
			struct verdict got = verdict((struct faces){{a, b}, place, k % 6, 0});

			cr_assert(same(got, first) || same(got, second), "a third outcome");
		}
	}
}

Test(vq_packed_fetch, DF_001_addr_flips)
{
	expect_one_of_two((struct desc){DATA, 0x1000, 1, RAW_AVAIL},
	                  (struct desc){FAKE_HIGH_END - 1, 0x1000, 1, RAW_AVAIL});
}

Test(vq_packed_fetch, DF_001_len_flips)
{
	expect_one_of_two((struct desc){DATA, 16, 1, RAW_AVAIL},
	                  (struct desc){DATA, UINT32_MAX, 1, RAW_AVAIL});
	expect_one_of_two((struct desc){DATA, 16, 1, RAW_AVAIL},
	                  (struct desc){DATA, 0, 1, RAW_AVAIL});
}

Test(vq_packed_fetch, DF_001_flags_flip)
{
	const uint16_t flags[] = {RAW_AVAIL, RAW_AVAIL | RAW_WRITE, RAW_AVAIL | RAW_INDIRECT,
	                          RAW_USED};

	for (unsigned i = 0; i < 4; i++)
		for (unsigned j = 0; j < i; j++)
			expect_one_of_two((struct desc){TABLE, 16, 1, flags[i]},
			                  (struct desc){TABLE, 16, 1, flags[j]});
}

Test(vq_packed_fetch, DF_001_id_flips)
{
	expect_one_of_two((struct desc){DATA, 16, 1, RAW_AVAIL},
	                  (struct desc){DATA, 16, 2, RAW_AVAIL});
}

/* Two words a descriptor; one store a used one; one load of the event structure. */
Test(vq_packed_fetch, DF_006_every_load_is_a_single_access)
{
	const struct raw_piece pieces[] = {{DATA, 16, 0}, {DATA, 16, 0}, {DATA, 16, 0}};
	struct watch watch = {.start = fake_mem_at(&fake, RING, 0x1000), .size = 0x1000};

	raw_packed_offer(&ring, 1, pieces, 3);
	watch_start(&watch);
	cr_assert(vq_pop(vq(), &chain));
	watch_stop();
	cr_assert_eq(watch.accesses, 3 * 2);
	watch.accesses = 0;
	watch_start(&watch);
	vq_push(vq(), &chain, 0);
	vq_should_notify(vq());
	watch_stop();
	cr_assert_eq(watch.accesses, 2);
}
