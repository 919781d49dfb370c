/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packed rings against an independent model (VIRTIO 1.4, 2.8), exhaustively: for sizes 1, 2 and 3,
 * from every place in both laps, all combinations of NEXT, WRITE, INDIRECT, AVAIL and USED of every
 * descriptor, two ids, lengths 0 and not 0 (for size 3: by two patterns). All chains that are there
 * are popped, then used in order and in the other order; every descriptor is looked at afterwards.
 * Indirect tables of one and two entries, all flags and lengths, at size 3.
 *
 * Found when planted: a lap's end not seen inside a chain, WRITE of a used descriptor without
 * bytes, the wrong lap in a used descriptor, a chain into descriptors that are out.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/virtio/virtqueue.h"
#include "tests/lib/fake_mem.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/proves.h"
#include "tests/lib/raw_packed.h"

enum { SIZES = 3, RING = 0x10000, DATA = 0x20000, TABLE = 0x30000, LEN = 16, FLAGS = 32 };

static struct fake_mem mem;
static struct virtqueue vq;
static struct vq_chain chains[SIZES];
static unsigned long tried, good;

/* What is in the ring, and in the indirect table that all INDIRECT descriptors refer to. */
struct entry {
	uint32_t len;
	uint16_t id, flags;
};
static struct entry ring[SIZES], table[2];
static unsigned size, entries;

static void setup(void)
{
	fake_port_reset();
	fake_mem_init(&mem);
	memset(&vq, 0, sizeof(vq));
	vq.mem = &mem.mem;
	vq.size_max = SIZES;
}

static void teardown(void)
{
	fake_mem_free(&mem);
}

TestSuite(ring_model_packed, .init = setup, .fini = teardown, .timeout = 200);

/* --- the model: places are counted over two laps, so that the lap is place / size --- */

struct chain {
	enum vq_error error;
	unsigned slots, buffers; /* of the ring; with bytes */
	uint16_t id;
	uint32_t sizes[2]; /* readable, writable */
	bool written;
};

static bool available(unsigned place)
{
	uint16_t flags = ring[place % size].flags;
	bool first_lap = place % (2 * size) < size;

	return !!(flags & RAW_AVAIL) == first_lap && !!(flags & RAW_USED) != first_lap;
}

static void add(struct chain *chain, const struct entry *entry)
{
	bool write = entry->flags & RAW_WRITE;

	if (chain->written && !write)
		chain->error = VQ_ORDER;
	chain->written |= write;
	chain->sizes[write] += entry->len;
	chain->buffers += entry->len > 0;
}

static void add_table(struct chain *chain, const struct entry *from)
{
	if (from->flags & RAW_NEXT)
		chain->error = VQ_INDIRECT_NEXT;
	else if (from->len == 0)
		chain->error = VQ_INDIRECT_LEN;
	for (unsigned i = 0; i < entries && !chain->error; i++) {
		if (table[i].flags & RAW_INDIRECT)
			chain->error = VQ_INDIRECT_NEST;
		else
			add(chain, &table[i]);
	}
}

/* The chain at a place, of which room descriptors are not out already. */
static struct chain model(unsigned place, unsigned room)
{
	struct chain chain = {0};
	bool more = true;

	while (more && !chain.error) {
		const struct entry *entry = &ring[(place + chain.slots) % size];

		if (chain.slots == room) {
			/* it goes on in descriptors that are out, or round the whole ring */
			chain.error = room == size ? VQ_LOOP : VQ_AVAIL_JUMP;
			break;
		}
		if (!available(place + chain.slots)) {
			chain.error = VQ_WRAP;
			break;
		}
		chain.slots++;
		chain.id = entry->id;
		more = entry->flags & RAW_NEXT;
		if (entry->flags & RAW_INDIRECT) {
			add_table(&chain, entry);
			break;
		}
		add(&chain, entry);
	}
	return chain;
}

/* --- the device --- */

static void put(uint64_t address, const struct entry *entry, uint64_t buffer)
{
	uint8_t *at = fake_mem_at(&mem, address, 16);
	uint64_t words[2] = {buffer,
	                     entry->len | (uint64_t)entry->id << 32 | (uint64_t)entry->flags << 48};

	memcpy(at, words, 16);
}

static void write_ring(void)
{
	for (unsigned i = 0; i < size; i++) {
		struct entry entry = ring[i];
		bool indirect = entry.flags & RAW_INDIRECT;

		if (indirect && entry.len > 0)
			entry.len = 16 * entries;
		put(RING + 16 * i, &entry, indirect ? TABLE : DATA + 64 * i);
	}
	for (unsigned i = 0; i < entries; i++)
		put(TABLE + 16 * i, &table[i], DATA + 0x1000 + 64 * i);
}

static void enable(unsigned place)
{
	vq_reset(&vq);
	vq.size = (uint16_t)size;
	vq.indirect = vq.packed = true;
	vq.desc = RING;
	vq.driver = RING + 0x100;
	vq.device = RING + 0x200;
	cr_assert_eq(vq_enable(&vq), VQ_OK);
	vq.avail_at = vq.used_at = (struct vq_place){(uint16_t)(place % size), place < size};
}

static void expect_chain(const struct vq_chain *chain, const struct chain *want)
{
	cr_assert_eq(chain->head, want->id);
	cr_assert_eq(chain->read_size, want->sizes[0]);
	cr_assert_eq(chain->write_size, want->sizes[1]);
	cr_assert_eq(chain->readable + chain->writable, want->buffers);
}

/* The used descriptor at a place; the others of the chain stay as they were. */
static void expect_used(unsigned place, const struct chain *chain, struct entry *seen)
{
	bool first_lap = place % (2 * size) < size;
	uint32_t len = chain->sizes[1];

	seen[place % size] = (struct entry){
	    len, chain->id,
	    (uint16_t)((first_lap ? RAW_AVAIL | RAW_USED : 0) | (len ? RAW_WRITE : 0))};
}

static void compare_ring(const struct entry *want)
{
	for (unsigned i = 0; i < size; i++) {
		uint64_t word;

		memcpy(&word, (uint8_t *)fake_mem_at(&mem, RING, 64) + 16 * i + 8, 8);
		uint32_t len = want[i].len;
		if (want == ring && want[i].flags & RAW_INDIRECT && len)
			len = 16 * entries;
		cr_assert_eq((uint32_t)word, len);
		cr_assert_eq((uint16_t)(word >> 32), want[i].id);
		cr_assert_eq((uint16_t)(word >> 48), want[i].flags);
	}
}

static void use_all(const struct chain *want, unsigned count, unsigned place, bool backwards)
{
	struct entry seen[SIZES];

	memcpy(seen, ring, sizeof(seen));
	for (unsigned i = 0; i < size; i++)
		if (seen[i].flags & RAW_INDIRECT && seen[i].len)
			seen[i].len = 16 * entries;
	for (unsigned i = 0; i < count; i++) {
		unsigned n = backwards ? count - 1 - i : i;

		vq_push(&vq, &chains[n], UINT32_MAX);
		expect_used(place, &want[n], seen);
		place += want[n].slots;
		compare_ring(seen);
	}
	cr_assert_eq(vq_in_flight(&vq), 0);
}

static bool has_id(const struct chain *want, unsigned count, uint16_t id)
{
	for (unsigned i = 0; i < count; i++)
		if (want[i].id == id)
			return true;
	return false;
}

static void compare(unsigned start, bool backwards)
{
	struct chain want[SIZES + 1];
	unsigned count = 0, place = start, room = size;
	enum vq_error error = VQ_OK;

	write_ring();
	enable(start);
	tried++;
	while (!error && room > 0 && available(place)) {
		want[count] = model(place, room);
		error = want[count].error;
		if (!error && has_id(want, count, want[count].id))
			error = VQ_DUP_ID;
		if (!error) {
			cr_assert(vq_pop(&vq, &chains[count]), "%s", vq_error_name(vq.broken));
			expect_chain(&chains[count], &want[count]);
			place += want[count].slots;
			room -= want[count++].slots;
		}
	}
	struct vq_chain *none = &chains[SIZES - 1];
	struct vq_chain kept = *none;
	cr_assert_not(vq_pop(&vq, none));
	*none = kept;
	cr_assert_eq(vq.broken, error, "%s, not %s", vq_error_name(vq.broken),
	             vq_error_name(error));
	compare_ring(ring);
	if (error)
		return;
	good += count > 0;
	use_all(want, count, start, backwards);
}

/* --- every content --- */

static uint16_t flags_of(unsigned n)
{
	return (uint16_t)((n & 7) | (n & 8 ? RAW_AVAIL : 0) | (n & 16 ? RAW_USED : 0));
}

static void from_every_place(void)
{
	for (unsigned place = 0; place < 2 * size; place++) {
		compare(place, false);
		compare(place, true);
	}
}

static void every_content(unsigned i, unsigned ids, bool lengths)
{
	if (i == size) {
		from_every_place();
		return;
	}
	for (unsigned n = 0; n < FLAGS; n++)
		for (uint16_t id = 0; id < ids; id++)
			for (unsigned len = 0; len < (lengths ? 2 : 1); len++) {
				ring[i] = (struct entry){
				    len ? 0 : LEN, ids > 1 ? id : (uint16_t)(7 * i), flags_of(n)};
				every_content(i + 1, ids, lengths);
			}
}

static void small_table(void)
{
	entries = 1;
	table[0] = (struct entry){LEN, 0, RAW_WRITE};
}

PROVES("V14-PACKED-001", "V14-PACKED-002", "V14-PACKED-005", "V14-PACKED-006", "V14-PACKED-007")
Test(ring_model_packed, every_content_of_one_and_two)
{
	small_table();
	for (size = 1; size <= 2; size++)
		every_content(0, 2, true);
	cr_assert_eq(tried, 2 * 2 * 128 + 2 * 4 * 128 * 128);
	cr_assert_gt(good, 1000);
}

PROVES("V14-PACKED-001", "V14-PACKED-002", "V14-PACKED-005", "V14-PACKED-006", "V14-PACKED-007")
Test(ring_model_packed, every_flag_of_three)
{
	small_table();
	size = 3;
	every_content(0, 1, false);
	cr_assert_eq(tried, 2ul * 6 * 32 * 32 * 32);
	cr_assert_gt(good, 1000);
}

/* One id for all: what is out twice. */
Test(ring_model_packed, every_availability_of_three_with_equal_ids_and_empty_buffers)
{
	small_table();
	size = 3;
	for (unsigned n = 0; n < 1u << 15; n++) {
		for (unsigned i = 0; i < 3; i++)
			ring[i] = (struct entry){n >> 5 * i & 1 ? LEN : 0, 40000,
			                         flags_of((n >> 5 * i & 31) | 1)};
		for (unsigned i = 0; i < 3; i++)
			ring[i].flags &= (uint16_t) ~(RAW_NEXT * !(n >> 5 * i & 2));
		from_every_place();
	}
}

PROVES("V14-PACKED-007")
Test(ring_model_packed, every_table)
{
	size = 3;
	for (entries = 1; entries <= 2; entries++)
		for (unsigned n = 0; n < 1u << 8 * entries; n++) {
			for (unsigned i = 0; i < entries; i++)
				table[i] = (struct entry){n >> 8 * i & 32 ? LEN : 0,
				                          (uint16_t)(n >> 8 * i & 192),
				                          flags_of(n >> 8 * i & 31)};
			for (unsigned at = 0; at < 3; at++) {
				for (unsigned i = 0; i < 3; i++)
					ring[i] = (struct entry){LEN, (uint16_t)i,
					                         (uint16_t)(RAW_AVAIL | RAW_WRITE)};
				ring[at].flags = RAW_AVAIL | RAW_INDIRECT;
				compare(0, n & 1);
			}
		}
}
