/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nested page tables against a plain array of pages. Proved by planting mistakes in nested.c:
 * split() that keeps the large flag, and an unmap without split_at(), are each found.
 */
#include <arch/err.h>
#include <arch/pages.h>
#include <arch/stage2.h>
#include <criterion/criterion.h>

#include "arch/hosted/hosted.h"
#include "arch/x86_64/nested.h"

#define BASE  ((1ull << 39) - (3ull << 20)) /* the model lies across a table of every level */
#define PAGES 2048u
#define NONE  (~0ull)

static struct nested_format format = {.table = 0x27,
                                      .leaf = 0x65,
                                      .large = 0x80,
                                      .write = 2,
                                      .no_exec = 1ull << 63,
                                      .leaf_levels = 3};

static uint64_t model[PAGES];
static struct nested nested;
static uint64_t seed = 42;

static uint64_t rnd(uint64_t below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (seed >> 33) % below;
}

static void start(unsigned leaf_levels)
{
	format.leaf_levels = leaf_levels;
	for (unsigned i = 0; i < PAGES; i++)
		model[i] = NONE;
	cr_assert_eq(nested_init(&nested, &format), 0);
}

/* Every entry of the tables is in the format: flags of tables, of large and of small pages. */
static void check_format(const uint64_t *table, unsigned level)
{
	for (unsigned i = 0; i < 512; i++) {
		uint64_t flags = table[i] & 0xfff;
		if (!table[i])
			continue;
		if (level && !(flags & 0x80)) {
			cr_assert_eq(flags, 0x27);
			check_format((const uint64_t *)(uintptr_t)(table[i] & 0xffffffffff000),
			             level - 1);
		} else {
			cr_assert_eq(flags, level ? 0xe7u : 0x67u);
			cr_assert(level < format.leaf_levels);
		}
	}
}

static void compare(void)
{
	check_format(nested.root, 3);
	for (unsigned i = 0; i < PAGES; i++) {
		uint64_t expected = model[i] == NONE ? NONE : model[i] + 0x123;
		cr_assert_eq(nested_lookup(&nested, BASE + i * PAGE_SIZE + 0x123), expected,
		             "page %u", i);
	}
	cr_assert_eq(nested_lookup(&nested, BASE - 1), NONE);
	cr_assert_eq(nested_lookup(&nested, BASE + PAGES * PAGE_SIZE), NONE);
}

static void unmap(unsigned first, unsigned count)
{
	uint64_t before = nested.generation;
	cr_assert_eq(nested_unmap(&nested, BASE + first * PAGE_SIZE, count * PAGE_SIZE), 0);
	cr_assert(nested.generation > before);
	for (unsigned i = 0; i < count; i++)
		model[first + i] = NONE;
}

static void random_unmap(void)
{
	unsigned first = (unsigned)rnd(PAGES), count = (unsigned)rnd(rnd(4) ? 64 : PAGES - first);

	unmap(first, first + count > PAGES ? PAGES - first : count);
}

static void random_map(void)
{
	unsigned first = (unsigned)rnd(PAGES),
	         count = 1 + (unsigned)rnd(rnd(4) ? 16 : PAGES - first);
	if (rnd(2)) { /* make large pages likely */
		first = first / 512 * 512 + 256;
		count = count / 512 * 512 + 512;
	}
	if (first + count > PAGES)
		count = PAGES - first;
	if (rnd(2))
		unmap(first, count);
	bool taken = false;
	for (unsigned i = first; i < first + count; i++)
		taken |= model[i] != NONE;
	uint64_t hpa = (1ull << 32) + rnd(1u << 20) * PAGE_SIZE;
	if (rnd(2))
		hpa = (hpa & ~(PAGE_SIZE_LARGE - 1)) +
		      ((BASE + first * PAGE_SIZE) & (PAGE_SIZE_LARGE - 1));
	int err = nested_map(&nested, BASE + first * PAGE_SIZE, hpa, count * PAGE_SIZE, STAGE2_RWX);
	cr_assert_eq(err, taken ? ERR_INVALID : 0);
	for (unsigned i = 0; !taken && i < count; i++)
		model[first + i] = hpa + i * PAGE_SIZE;
}

/* Tables stay until the end, so only fresh ones can hold large pages. */
static void random_run(unsigned leaf_levels)
{
	size_t free_pages = pages_free_count();
	start(leaf_levels);
	for (unsigned i = 0; i < 4000; i++) {
		if (i % 20 == 0) {
			compare();
			nested_destroy(&nested);
			start(leaf_levels);
		}
		if (rnd(2))
			random_map();
		else
			random_unmap();
	}
	compare();
	nested_destroy(&nested);
	cr_assert_eq(pages_free_count(), free_pages);
}

Test(nested, random_operations_with_4k_pages)
{
	random_run(1);
}

Test(nested, random_operations_with_2m_pages)
{
	random_run(2);
}

Test(nested, random_operations_with_1g_pages)
{
	random_run(3);
}

Test(nested, large_pages_are_used_and_split)
{
	start(3);
	cr_assert_eq(nested_map(&nested, 1ull << 30, 1ull << 32, 2ull << 30, STAGE2_RWX), 0);
	cr_assert_eq(nested.table_pages, 2);
	cr_assert_eq(nested_unmap(&nested, (1ull << 30) + 0x1000, 0x1000), 0);
	cr_assert_eq(nested.table_pages, 4);
	cr_assert_eq(nested_lookup(&nested, (1ull << 30) + 0xfff), (1ull << 32) + 0xfff);
	cr_assert_eq(nested_lookup(&nested, (1ull << 30) + 0x1000), NONE);
	cr_assert_eq(nested_lookup(&nested, (1ull << 30) + 0x2000), (1ull << 32) + 0x2000);
	cr_assert_eq(nested_lookup(&nested, (3ull << 30) - 1), (6ull << 30) - 1);
	nested_destroy(&nested);
}

Test(nested, bad_ranges_are_refused)
{
	start(3);
	cr_assert_eq(nested_map(&nested, 0x1800, 0, 0x1000, STAGE2_RWX), ERR_INVALID);
	cr_assert_eq(nested_map(&nested, 0x1000, 0x800, 0x1000, STAGE2_RWX), ERR_INVALID);
	cr_assert_eq(nested_map(&nested, 0x1000, 0, 0, STAGE2_RWX), ERR_INVALID);
	cr_assert_eq(nested_map(&nested, 0x1000, 0, 0x1000, 0), ERR_INVALID);
	cr_assert_eq(nested_map(&nested, NESTED_LIMIT - 0x1000, 0, 0x2000, STAGE2_RWX),
	             ERR_INVALID);
	cr_assert_eq(nested_unmap(&nested, 0x1000, ~0xfffull), ERR_INVALID);
	cr_assert_eq(nested_map(&nested, NESTED_LIMIT - 0x1000, 0, 0x1000, STAGE2_RWX), 0);
	cr_assert_eq(nested_unmap(&nested, NESTED_LIMIT - 0x1000, 0x1000), 0);
	nested_destroy(&nested);
}

Test(nested, MM_002_addresses_beyond_the_width_do_not_alias)
{
	start(2);
	cr_assert_eq(nested_map(&nested, 0, 1ull << 32, 0x200000, STAGE2_RWX), 0);
	for (unsigned bit = 21; bit < 64; bit++)
		cr_assert_eq(nested_lookup(&nested, 1ull << bit), NONE);
	nested_destroy(&nested);
}

/* Leave so many pages in the pool. */
static void *drain(size_t left, size_t *taken)
{
	*taken = pages_free_count() - left;
	return pages_alloc_raw(*taken, PAGE_SIZE);
}

Test(nested, MM_008_out_of_table_memory_undoes_the_map)
{
	size_t taken;
	for (unsigned left = 0; left < 5; left++) {
		start(1);
		void *rest = drain(left, &taken);
		cr_assert_not_null(rest);
		cr_assert_eq(nested_map(&nested, BASE, 1ull << 32, PAGES * PAGE_SIZE, STAGE2_RWX),
		             ERR_NO_MEMORY);
		compare();
		pages_free(rest, taken);
		nested_destroy(&nested);
	}
}

Test(nested, MM_008_a_split_without_memory_changes_nothing)
{
	size_t taken;
	start(3);
	cr_assert_eq(nested_map(&nested, 0, 1ull << 32, 1ull << 30, STAGE2_RWX), 0);
	for (unsigned left = 0; left < 2; left++) {
		void *rest = drain(left, &taken);
		cr_assert_eq(nested_unmap(&nested, 0x1000, 1ull << 29), ERR_NO_MEMORY);
		pages_free(rest, taken);
		for (uint64_t gpa = 0; gpa < 1ull << 30; gpa += 0x1ff000)
			cr_assert_eq(nested_lookup(&nested, gpa), (1ull << 32) + gpa);
	}
	nested_destroy(&nested);
}
