/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nested page tables against a plain array of pages. Proved by planting mistakes in nested.c:
 * split() that keeps the large flag, and an unmap without split_at(), are each found.
 */
#include <arch/err.h>
#include <arch/pages.h>
#include <arch/stage2.h>
#include <criterion/criterion.h>

#include "arch/aarch64/pure/stage2_format.h"
#include "arch/common/nested.h"
#include "arch/hosted/hosted.h"

#define BASE  ((1ull << 39) - (3ull << 20)) /* the model lies across a table of every level */
#define PAGES 2048u
#define NONE  (~0ull)
#define LIMIT (1ull << 48)

static const struct nested_format x86_format = {.table = 0x27,
                                                .leaf = 0x65,
                                                .large = 0x80,
                                                .kind = 0x80,
                                                .kind_large = 0x80,
                                                .write = 2,
                                                .no_exec = 1ull << 63,
                                                .leaf_levels = 3,
                                                .top = 3,
                                                .address_bits = 48};
static struct nested_format format;

/* What entries of RAM that may be written and executed look like, bits 11:0. */
static struct flags {
	uint16_t table, small, large;
} flags;

static uint64_t model[PAGES];
static struct nested nested;
static uint64_t seed = 42;

static uint64_t rnd(uint64_t below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (seed >> 33) % below;
}

static void begin(void)
{
	for (unsigned i = 0; i < PAGES; i++)
		model[i] = NONE;
	cr_assert_eq(nested_init(&nested, &format), 0);
}

static void start(unsigned leaf_levels)
{
	flags = (struct flags){0x27, 0x67, 0xe7};
	format = x86_format;
	format.leaf_levels = leaf_levels;
	begin();
}

/* DDI 0487, D8.3: a block's bit 1 is clear; shareable, write-back, access flag, read and write. */
static void start_arm(unsigned pa_bits)
{
	flags = (struct flags){0x003, 0x7ff, 0x7fd};
	stage2_format_make(&format, pa_bits, false);
	begin();
}

/* Every entry of the tables is in the format: flags of tables, of large and of small pages. */
static void check_format(const uint64_t *table, unsigned level, unsigned entries)
{
	for (unsigned i = 0; i < entries; i++) {
		uint64_t entry = table[i] & 0xfff;
		if (!table[i])
			continue;
		if (level && entry == flags.table) {
			check_format((const uint64_t *)(uintptr_t)(table[i] & 0xffffffffff000),
			             level - 1, 512);
		} else {
			cr_assert_eq(entry, level ? flags.large : flags.small);
			cr_assert(level < format.leaf_levels);
		}
	}
}

static void compare(void)
{
	check_format(nested.root, format.top, format.address_bits == 40 ? 1024 : 512);
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
static void random_run(void (*start)(unsigned), unsigned leaf_levels)
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
	random_run(start, 1);
}

Test(nested, random_operations_with_2m_pages)
{
	random_run(start, 2);
}

Test(nested, random_operations_with_1g_pages)
{
	random_run(start, 3);
}

Test(nested, random_operations_with_arm_entries)
{
	random_run(start_arm, 44); /* the model lies across both pages of the root */
}

static unsigned invalidations;
static uint64_t seen_by_cpus;

static void invalidate(struct nested *tables)
{
	invalidations++;
	seen_by_cpus = nested_lookup(tables, 1ull << 30);
}

Test(nested, a_page_is_invalid_before_a_table_takes_its_place)
{
	start_arm(44);
	format.invalidate = invalidate;
	cr_assert_eq(nested_map(&nested, 1ull << 30, 1ull << 32, 1ull << 30, STAGE2_RWX), 0);
	cr_assert_eq(invalidations, 0);
	cr_assert_eq(nested_unmap(&nested, (1ull << 30) + 0x200000, 0x200000), 0);
	cr_assert_eq(invalidations, 2);
	cr_assert_eq(seen_by_cpus, 1ull << 32);
	invalidations = 0;
	cr_assert_eq(nested_unmap(&nested, (1ull << 30) + 0x1000, 0), 0);
	cr_assert_eq(invalidations, 1);
	nested_destroy(&nested);
}

static void seen_at_split(struct nested *tables)
{
	if (!invalidations++)
		seen_by_cpus = nested_lookup(tables, 1ull << 30);
}

Test(nested, no_cpu_finds_two_translations_during_a_split)
{
	start_arm(44);
	format.invalidate = seen_at_split;
	cr_assert_eq(nested_map(&nested, 1ull << 30, 1ull << 32, 1ull << 30, STAGE2_RWX), 0);
	cr_assert_eq(nested_unmap(&nested, (1ull << 30) + 0x200000, 0x200000), 0);
	cr_assert_eq(seen_by_cpus, NONE);
	nested_destroy(&nested);
}

Test(nested, arm_memory_types)
{
	stage2_format_make(&format, 48, true);
	begin();
	cr_assert_eq(nested_map(&nested, 0, 1ull << 32, 0x1000, STAGE2_RWX), 0);
	cr_assert_eq(nested_map(&nested, 0x1000, 1ull << 32, 0x1000, STAGE2_READ), 0);
	cr_assert_eq(nested_map(&nested, 0x2000, 1ull << 32, 0x1000,
	                        STAGE2_READ | STAGE2_WRITE | STAGE2_DEVICE),
	             0);
	const uint64_t *table = nested.root;
	for (unsigned level = 2; level; level--)
		table = (const uint64_t *)(uintptr_t)(table[0] & ~0xfffull);
	cr_assert_eq(table[0], 1ull << 32 | 0x7db);              /* write-back, forced */
	cr_assert_eq(table[1], 1ull << 54 | 1ull << 32 | 0x75b); /* neither written nor executed */
	cr_assert_eq(table[2], 1ull << 54 | 1ull << 32 | 0x4c7); /* nGnRE */
	nested_destroy(&nested);
}

/* VTCR_EL2 as in DDI 0487, D19.2: T0SZ, SL0 = 1, write-back, inner shareable, PS, RES1. */
Test(nested, arm_control_register_by_address_width)
{
	stage2_format_make(&format, stage2_pa_bits(5), false);
	cr_assert_eq(stage2_vtcr(&format, 5), 0x80053558);
	stage2_format_make(&format, stage2_pa_bits(0), false);
	cr_assert_eq(stage2_vtcr(&format, 0), 0x80003560);
	cr_assert_eq(stage2_vtcr(&format, 6) >> 16, 0x8005);
}

Test(nested, what_may_be_read_only_is_found_for_reading_only)
{
	start(2);
	cr_assert_eq(nested_map(&nested, 0, 4 << 20, 2 << 20, STAGE2_READ | STAGE2_EXEC), 0);
	cr_assert_eq(nested_map(&nested, 2 << 20, 8 << 20, 4096, STAGE2_RWX), 0);
	cr_expect_eq(nested_lookup(&nested, 0x1234), (4 << 20) + 0x1234);
	cr_expect_eq(nested_lookup_writable(&nested, 0x1234), NONE);
	cr_expect_eq(nested_lookup_writable(&nested, (2 << 20) + 8), (8 << 20) + 8);
	cr_expect_eq(nested_lookup_writable(&nested, 4 << 20), NONE);
	nested_destroy(&nested);
}

Test(nested, the_next_mapped_page)
{
	struct nested_page page;
	start_arm(40);
	cr_assert_eq(nested_next(&nested, 0, &page), ERR_NOT_FOUND);
	cr_assert_eq(nested_map(&nested, 1ull << 30, 1ull << 32, 0x201000, STAGE2_RWX), 0);
	cr_assert_eq(nested_next(&nested, 0, &page), 0);
	cr_assert_eq(page.gpa, 1ull << 30);
	cr_assert_eq(page.size, 0x200000);
	cr_assert_eq(nested_next(&nested, page.gpa + page.size, &page), 0);
	cr_assert_eq(page.hpa, (1ull << 32) + 0x200000);
	cr_assert_eq(page.size, 0x1000);
	cr_assert_eq(nested_next(&nested, page.gpa + page.size, &page), ERR_NOT_FOUND);
	nested_destroy(&nested);
}

Test(nested, ram_that_is_back_is_told_from_ram_that_is_away)
{
	start(3);
	nested_pageable(&nested, 0x200000, 0x200000);
	cr_assert_eq(nested_map(&nested, 0x200000, 1ull << 32, 0x400000, STAGE2_RWX), 0);
	cr_assert_eq(nested_unmap(&nested, 0x3ff000, 0x2000), 0);
	cr_assert_eq(nested_state(&nested, 0x200000), NESTED_MAPPED);
	cr_assert_eq(nested_state(&nested, 0x3ff000), NESTED_MISSING);
	cr_assert_eq(nested_map(&nested, 0x3ff000, 1ull << 33, 0x1000, STAGE2_RWX), 0);
	cr_assert_eq(nested_state(&nested, 0x3ffff8), NESTED_MAPPED);
	cr_assert_eq(nested_state(&nested, 0x1ff000), NESTED_FIXED);
	cr_assert_eq(nested_state(&nested, 0x400000), NESTED_FIXED);
	nested_destroy(&nested);
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
	cr_assert_eq(nested_map(&nested, LIMIT - 0x1000, 0, 0x2000, STAGE2_RWX), ERR_INVALID);
	cr_assert_eq(nested_unmap(&nested, 0x1000, ~0xfffull), ERR_INVALID);
	cr_assert_eq(nested_map(&nested, LIMIT - 0x1000, 0, 0x1000, STAGE2_RWX), 0);
	cr_assert_eq(nested_unmap(&nested, LIMIT - 0x1000, 0x1000), 0);
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
