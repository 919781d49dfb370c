/* SPDX-License-Identifier: BSD-2-Clause */
/* Random legal work on both sides, compared with a list of what was offered and used. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/vq_packed/fixture.h"

TestSuite(vq_packed_model, .init = ring_setup, .fini = ring_teardown, .timeout = 60);

#define MOST 16

static uint64_t seed;

static unsigned any(unsigned below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(seed >> 33) % below;
}

/* A request as the driver knows it. */
struct request {
	uint16_t id, slots, buffers;
	uint32_t size, written;
};

struct list {
	struct request at[MOST];
	unsigned count;
};

static struct request take(struct list *list, unsigned i)
{
	struct request request = list->at[i];

	memmove(&list->at[i], &list->at[i + 1], (--list->count - i) * sizeof(request));
	return request;
}

static struct list offered, popped, used;
static struct vq_chain chains[MOST]; /* of popped, in the same order */
static unsigned free_slots;

static bool id_is_free(uint16_t id)
{
	const struct list *lists[] = {&offered, &popped, &used};

	for (unsigned l = 0; l < 3; l++)
		for (unsigned i = 0; i < lists[l]->count; i++)
			if (lists[l]->at[i].id == id)
				return false;
	return true;
}

static void offer_some(void)
{
	struct raw_piece pieces[MOST];
	struct request request = {.id = (uint16_t)any(65536)};

	if (free_slots == 0 || !id_is_free(request.id))
		return;
	request.slots = (uint16_t)(1 + any(free_slots));
	for (unsigned i = 0; i < request.slots; i++) {
		pieces[i] = (struct raw_piece){DATA + 64 * i, 1 + any(60), RAW_WRITE};
		request.size += pieces[i].len;
	}
	request.buffers = request.slots;
	if (any(3) == 0) { /* the last one becomes a table of two */
		struct raw_piece *last = &pieces[request.slots - 1];
		uint64_t table = TABLE + 64ull * ring.avail;

		raw_packed_entry(&ring, table, 0, last->addr, last->len, 1, RAW_WRITE);
		raw_packed_entry(&ring, table, 1, DATA, 3, 2, RAW_WRITE | RAW_NEXT);
		*last = (struct raw_piece){table, ring.size > 1 ? 32 : 16, RAW_INDIRECT};
		request.size += ring.size > 1 ? 3 : 0;
		request.buffers = (uint16_t)(request.buffers + (ring.size > 1));
	}
	raw_packed_offer(&ring, request.id, pieces, request.slots);
	free_slots -= request.slots;
	offered.at[offered.count++] = request;
}

static void pop_one(void)
{
	struct vq_chain *got = &chains[popped.count];

	cr_assert_eq(vq_empty(vq()), offered.count == 0);
	cr_assert_eq(vq_pop(vq(), got), offered.count > 0);
	if (offered.count == 0)
		return;
	struct request request = take(&offered, 0);
	cr_assert_eq(got->head, request.id);
	cr_assert_eq(got->write_size, request.size);
	cr_assert_eq(got->writable, request.buffers);
	popped.at[popped.count++] = request;
}

static void move_to_used(unsigned i, uint32_t written)
{
	struct request request = take(&popped, i);

	memmove(&chains[i], &chains[i + 1], (popped.count - i) * sizeof(chains[0]));
	request.written = written < request.size ? written : request.size;
	used.at[used.count++] = request;
}

static void push_any(void)
{
	if (popped.count == 0)
		return;
	unsigned i = any(popped.count);
	uint32_t written = any(200);
	vq_push(vq(), &chains[i], written);
	move_to_used(i, written);
}

/* Some of the oldest, in reverse order. */
static void publish_some(void)
{
	unsigned count = popped.count ? 1 + any(popped.count) : 0;

	for (unsigned i = 0; i < count; i++)
		vq_fill(vq(), &chains[count - 1 - i], 100 + i, i);
	if (any(4) == 0)
		return; /* forgotten */
	vq_publish(vq(), count);
	for (unsigned i = 0; i < count; i++)
		move_to_used(count - 1 - i, 100 + i);
}

static void give_back(void)
{
	struct vq_mark mark = vq_mark(vq());
	unsigned back;

	if (popped.count > 0)
		return;
	for (back = any(4); back > 0 && offered.count > 0; back--)
		pop_one();
	for (unsigned i = 0; i < popped.count; i++)
		vq_fill(vq(), &chains[i], 1, i);
	vq_rewind(vq(), mark);
	memmove(&offered.at[popped.count], offered.at, offered.count * sizeof(offered.at[0]));
	memcpy(offered.at, popped.at, popped.count * sizeof(popped.at[0]));
	offered.count += popped.count;
	popped.count = 0;
}

static void collect(void)
{
	while (used.count > 0) {
		struct request request = take(&used, 0);

		expect_used(request.id, request.written);
		free_slots += request.slots;
	}
	expect_nothing_used();
}

static void run(uint16_t size, unsigned steps)
{
	static void (*const moves[])(void) = {offer_some,   offer_some, pop_one, pop_one,
	                                      push_any,     push_any,   collect, give_back,
	                                      publish_some, collect};

	ring_start(size, VIRTIO_F_INDIRECT_DESC);
	offered.count = popped.count = used.count = 0;
	free_slots = size;
	while (steps-- > 0) {
		moves[any(10)]();
		cr_assert_eq(vq()->broken, VQ_OK);
		cr_assert_eq(vq_in_flight(vq()), popped.count);
	}
}

Test(vq_packed_model, random_legal_work)
{
	for (seed = 0; seed < 20; seed++)
		for (uint16_t size = 1; size <= 11; size++) {
			uint64_t keep = seed;

			seed = keep * 64 + size;
			run(size, 3000);
			seed = keep;
		}
}
