/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Split rings against an independent model (VIRTIO 1.4, 2.7.5), exhaustively: for sizes 1, 2 and 4,
 * every head (one beyond the table too) and, for each descriptor that the walk can reach, every
 * combination of NEXT, WRITE and INDIRECT, every next (one beyond too) and lengths 0 and not 0.
 * Descriptors that it cannot reach are all ones, which no walk survives. Indirect tables the same
 * way, with one and two entries. For sizes 1 and 2 also literally all contents of the table.
 *
 * The model knows loops by what it has visited, where the device counts steps.
 *
 * Found when planted: `>` for `>=` in the check of next, NEXT taken for WRITE, a table inside a
 * table, read_size not set without writable buffers.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/virtio/virtqueue.h"
#include "tests/lib/fake_mem.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/proves.h"
#include "tests/lib/raw_ring.h"

enum { SIZES = 4, RING = 0x10000, DATA = 0x20000, TABLE = 0x30000, LEN = 16 };

static struct fake_mem mem;
static struct virtqueue vq;
static struct raw_ring ring;
static struct vq_chain chain;
static struct raw_desc table[2 * SIZES]; /* of the ring, then the indirect one */
static bool reached[2 * SIZES];
static unsigned size, entries; /* of the two */
static uint16_t head;
static unsigned long tried, good;

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

TestSuite(ring_model_split, .init = setup, .fini = teardown, .timeout = 120);

/* --- the model --- */

struct answer {
	enum vq_error error;
	bool again;     /* a descriptor was visited twice: what comes first may be said */
	unsigned waits; /* 1 + the descriptor that has to be chosen first; 0: none */
	unsigned count; /* buffers */
	unsigned from[2 * SIZES];
	bool write[2 * SIZES];
};

static bool visited[2 * SIZES];

static struct answer model(void)
{
	struct answer answer = {0};
	unsigned base = 0, limit = size, i = head;
	bool written = false;

	memset(visited, 0, sizeof(visited));
	for (;;) {
		if (i >= limit) {
			answer.error = base == 0 && answer.count == 0 && i == head && !visited[0]
			                   ? VQ_HEAD_RANGE
			                   : VQ_NEXT_RANGE;
			return answer;
		}
		if (visited[base + i]) {
			answer.error = VQ_LOOP;
			answer.again = true;
			return answer;
		}
		visited[base + i] = true;
		if (!reached[base + i]) {
			answer.waits = 1 + base + i;
			return answer;
		}
		const struct raw_desc *d = &table[base + i];
		if (d->flags & RAW_INDIRECT) {
			answer.error = base                  ? VQ_INDIRECT_NEST
			               : !vq.indirect        ? VQ_INDIRECT_OFF
			               : d->flags & RAW_NEXT ? VQ_INDIRECT_NEXT
			               : d->len == 0         ? VQ_INDIRECT_LEN
			                                     : VQ_OK;
			if (answer.error)
				return answer;
			base = SIZES;
			limit = entries;
			i = 0;
			continue;
		}
		if (written && !(d->flags & RAW_WRITE)) {
			answer.error = VQ_ORDER;
			return answer;
		}
		written = d->flags & RAW_WRITE;
		if (d->len > 0) {
			answer.from[answer.count] = base + i;
			answer.write[answer.count++] = written;
		}
		if (!(d->flags & RAW_NEXT))
			return answer;
		i = d->next;
	}
}

/* --- the device --- */

static void write_tables(void)
{
	raw_ring_init(&ring, &mem, RING, (uint16_t)size);
	for (unsigned i = 0; i < 2 * SIZES; i++) {
		struct raw_desc d = table[i];

		if (!reached[i])
			memset(&d, 0xff, sizeof(d));
		if (i < size)
			raw_desc(&ring, i, d.addr, d.len, d.flags, d.next);
		else if (i >= SIZES)
			raw_table(&ring, TABLE, i - SIZES, d.addr, d.len, d.flags, d.next);
	}
	raw_offer(&ring, head);
}

static void enable(bool indirect)
{
	vq_reset(&vq);
	vq.size = (uint16_t)size;
	vq.indirect = indirect;
	vq.desc = ring.desc;
	vq.driver = ring.avail;
	vq.device = ring.used;
	cr_assert_eq(vq_enable(&vq), VQ_OK);
}

static void expect_chain(const struct answer *answer)
{
	uint32_t sizes[2] = {0, 0};
	unsigned counts[2] = {0, 0};

	for (unsigned i = 0; i < answer->count; i++) {
		const struct raw_desc *d = &table[answer->from[i]];

		cr_assert_eq(chain.buffers[i].size, d->len);
		cr_assert_eq(chain.buffers[i].data, fake_mem_at(&mem, d->addr, d->len));
		sizes[answer->write[i]] += d->len;
		counts[answer->write[i]]++;
	}
	cr_assert_eq(chain.head, head);
	cr_assert_eq(chain.readable, counts[0]);
	cr_assert_eq(chain.writable, counts[1]);
	cr_assert_eq(chain.read_size, sizes[0]);
	cr_assert_eq(chain.write_size, sizes[1]);
	vq_push(&vq, &chain, UINT32_MAX);
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert_eq(raw_used_id(&ring, 0), head);
	cr_assert_eq(raw_used_len(&ring, 0), sizes[1]);
}

static void compare(const struct answer *answer, bool indirect)
{
	write_tables();
	enable(indirect);
	tried++;
	if (vq_pop(&vq, &chain)) {
		cr_assert_eq(answer->error, VQ_OK, "head %u of %u", head, size);
		expect_chain(answer);
		good++;
	} else {
		bool same = vq.broken == answer->error;

		/* a loop with both kinds of buffers is out of order the second time round */
		cr_assert(same || (answer->again && vq.broken == VQ_ORDER),
		          "head %u of %u: %s, not %s", head, size, vq_error_name(vq.broken),
		          vq_error_name(answer->error));
		cr_assert_eq(raw_used_idx(&ring), 0);
	}
}

/* --- every content of what is reached --- */

static uint64_t address(unsigned i, uint16_t flags)
{
	return flags & RAW_INDIRECT && i < SIZES ? TABLE : DATA + 64ull * i;
}

static void enumerate(bool indirect)
{
	struct answer answer = model();
	unsigned i = answer.waits - 1, limit = i < SIZES ? size : entries;

	if (answer.waits == 0) {
		compare(&answer, indirect);
		return;
	}
	reached[i] = true;
	for (uint16_t flags = 0; flags < 8; flags++) {
		for (uint16_t next = 0; next <= limit; next++) {
			uint32_t full = flags & RAW_INDIRECT && i < SIZES ? 16 * entries : LEN;

			table[i] = (struct raw_desc){address(i, flags), full, flags, next};
			enumerate(indirect);
			table[i].len = 0;
			enumerate(indirect);
			if (!(flags & RAW_NEXT) && next > 0)
				break; /* next means nothing: two values are enough to see that */
		}
	}
	reached[i] = false;
}

static void enumerate_heads(bool indirect)
{
	memset(reached, 0, sizeof(reached));
	vq.indirect = indirect;
	for (head = 0; head <= size; head++)
		enumerate(indirect);
}

PROVES("V14-SPLIT-001", "V14-SPLIT-005", "V14-SPLIT-006", "V14-SPLIT-014")
Test(ring_model_split, every_reachable_content)
{
	/* with a table of n entries only where the ring may hold n: it is smaller than the queue */
	for (size = 1; size <= SIZES; size *= 2)
		for (entries = 1; entries <= (size < 2 ? size : 2); entries++)
			enumerate_heads(true);
	entries = 1;
	for (size = 1; size <= SIZES; size *= 2)
		enumerate_heads(false);
	cr_assert_gt(tried, 100000);
	cr_assert_gt(good, 10000);
}

/* Nothing is left out because the model does not look at it. */
static void every_content(unsigned i)
{
	if (i == size) {
		for (head = 0; head <= size; head++) {
			struct answer answer = model();

			compare(&answer, false);
		}
		return;
	}
	for (uint16_t flags = 0; flags < 8; flags++)
		for (uint16_t next = 0; next <= size; next++)
			for (uint32_t len = 0; len <= LEN; len += LEN) {
				table[i] = (struct raw_desc){DATA + 64ull * i, len, flags, next};
				every_content(i + 1);
			}
}

Test(ring_model_split, every_content_of_one_and_two)
{
	memset(reached, 1, sizeof(reached));
	vq.indirect = false;
	for (size = 1; size <= 2; size++)
		every_content(0);
	cr_assert_eq(tried, 2 * 2 * 16 + 3 * 48 * 48);
}

/* Of the 2.5 million contents of four descriptors, one in 97, all heads. */
Test(ring_model_split, a_sample_of_four)
{
	memset(reached, 1, sizeof(reached));
	vq.indirect = false;
	size = 4;
	for (unsigned long n = 0; n < 40ul * 40 * 40 * 40; n += 97) {
		unsigned long rest = n;

		for (unsigned i = 0; i < 4; i++, rest /= 40)
			table[i] = (struct raw_desc){DATA + 64ull * i, LEN, (uint16_t)(rest % 8),
			                             (uint16_t)(rest % 40 / 8)};
		for (head = 0; head <= size; head++) {
			struct answer answer = model();

			compare(&answer, false);
		}
	}
}
