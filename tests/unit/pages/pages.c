/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page pool on borrowed memory. The random test was shown to find planted mistakes: a hint that
 * is not moved down by a free, a mark() one page too long, an alignment taken from the region's
 * start instead of from address 0.
 */
#include <criterion/criterion.h>
#include <setjmp.h>
#include <stdlib.h>

#include "arch/common/pages.c"
#include "arch/hosted/hosted.h"

#define REGION_PAGES 2048

static uint8_t *region;

static void setup(void)
{
	hosted_reset();
	region = aligned_alloc(PAGE_SIZE_LARGE, REGION_PAGES * PAGE_SIZE);
	cr_assert(region);
	memset(region, 0xa5, REGION_PAGES * PAGE_SIZE);
}

static void teardown(void)
{
	free(region);
}

TestSuite(pages, .init = setup, .fini = teardown);

static void add_all(void)
{
	pages_add((uintptr_t)region, REGION_PAGES * PAGE_SIZE);
}

Test(pages, counts_what_it_was_given_less_its_bitmap)
{
	add_all();
	cr_assert_eq(pages_total_count(), REGION_PAGES - 1);
	cr_assert_eq(pages_free_count(), REGION_PAGES - 1);
}

Test(pages, gives_zeroed_pages_inside_the_region)
{
	uint8_t *page;

	add_all();
	page = pages_alloc(3, PAGE_SIZE);
	cr_assert(page >= region && page + 3 * PAGE_SIZE <= region + REGION_PAGES * PAGE_SIZE);
	for (size_t i = 0; i < 3 * PAGE_SIZE; i++)
		cr_assert_eq(page[i], 0);
	cr_assert_eq(pages_free_count(), REGION_PAGES - 4);
}

Test(pages, aligns_to_addresses_not_to_the_region)
{
	uintptr_t at;

	pages_add((uintptr_t)region + PAGE_SIZE, (REGION_PAGES - 1) * PAGE_SIZE);
	at = (uintptr_t)pages_alloc_raw(512, PAGE_SIZE_LARGE);
	cr_assert(at);
	cr_assert_eq(at % PAGE_SIZE_LARGE, 0);
	at = (uintptr_t)pages_alloc_raw(1, 64 * PAGE_SIZE);
	cr_assert_eq(at % (64 * PAGE_SIZE), 0);
}

Test(pages, trims_a_region_that_is_not_whole_pages)
{
	pages_add((uintptr_t)region + 100, 10 * PAGE_SIZE);
	cr_assert_eq(pages_total_count(), 9 - 1);
	cr_assert_eq((uintptr_t)pages_alloc(1, PAGE_SIZE) % PAGE_SIZE, 0);
}

Test(pages, ignores_a_region_that_is_too_small)
{
	pages_add((uintptr_t)region, PAGE_SIZE);
	pages_add((uintptr_t)region + 1, PAGE_SIZE);
	pages_add((uintptr_t)region, 0);
	cr_assert_eq(pages_total_count(), 0);
	cr_assert_null(pages_alloc(1, PAGE_SIZE));
}

Test(pages, says_when_there_is_no_more)
{
	add_all();
	cr_assert_null(pages_alloc(REGION_PAGES, PAGE_SIZE));
	cr_assert_null(pages_alloc(SIZE_MAX / PAGE_SIZE, PAGE_SIZE));
	cr_assert_null(pages_alloc(SIZE_MAX, PAGE_SIZE));
	cr_assert_null(pages_alloc(0, PAGE_SIZE));
	cr_assert(pages_alloc(REGION_PAGES - 1, PAGE_SIZE));
	cr_assert_null(pages_alloc(1, PAGE_SIZE));
	cr_assert_eq(pages_free_count(), 0);
}

Test(pages, ME_006_fragments_are_used_and_join_again)
{
	void *single[REGION_PAGES - 1];

	add_all();
	for (unsigned i = 0; i < REGION_PAGES - 1; i++)
		single[i] = pages_alloc_raw(1, PAGE_SIZE);
	for (unsigned i = 0; i < REGION_PAGES - 1; i += 2)
		pages_free(single[i], 1);
	cr_assert_null(pages_alloc_raw(2, PAGE_SIZE));
	cr_assert_eq(pages_alloc_raw(1, PAGE_SIZE), single[0]);
	pages_free(single[0], 1);
	for (unsigned i = 1; i < REGION_PAGES - 1; i += 2)
		pages_free(single[i], 1);
	cr_assert(pages_alloc_raw(REGION_PAGES - 1, PAGE_SIZE));
}

Test(pages, several_regions_are_one_pool)
{
	pages_add((uintptr_t)region, 16 * PAGE_SIZE);
	pages_add((uintptr_t)region + 32 * PAGE_SIZE, 32 * PAGE_SIZE);
	cr_assert_eq(pages_total_count(), 15 + 31);
	cr_assert(pages_alloc(20, PAGE_SIZE));
	cr_assert(pages_alloc(15, PAGE_SIZE));
	cr_assert_eq(pages_free_count(), 11);
	cr_assert_null(pages_alloc(12, PAGE_SIZE));
}

Test(pages, free_of_nothing_is_nothing)
{
	add_all();
	pages_free(NULL, 4);
	cr_assert_eq(pages_free_count(), REGION_PAGES - 1);
}

/* Freeing it is a mistake of ours and ends the machine. */
static void expect_panic(void *first, size_t count)
{
	hosted_cpu.stop_armed = true;
	if (!setjmp(hosted_cpu.stop)) {
		pages_free(first, count);
		cr_assert_fail("free was accepted");
	}
	cr_assert(hosted_cpu.panic_text[0]);
}

Test(pages, double_free_is_noticed)
{
	uint8_t *page;

	add_all();
	page = pages_alloc(2, PAGE_SIZE);
	pages_free(page, 2);
	expect_panic(page, 2);
}

Test(pages, free_of_more_than_was_given_is_noticed)
{
	uint8_t *page;

	add_all();
	page = pages_alloc(2, PAGE_SIZE);
	expect_panic(page, 3);
}

Test(pages, free_outside_the_pool_is_noticed)
{
	add_all();
	expect_panic(region + REGION_PAGES * PAGE_SIZE, 1);
}

Test(pages, free_of_half_a_page_is_noticed)
{
	uint8_t *page;

	add_all();
	page = pages_alloc(1, PAGE_SIZE);
	expect_panic(page + 8, 1);
}

/* One owner byte for each page, kept beside the pool. */
struct owned {
	uint8_t *first;
	size_t count;
};

static void check_content(const struct owned *o, uint8_t owner)
{
	for (size_t i = 0; i < o->count; i++)
		cr_assert_eq(o->first[i * PAGE_SIZE], owner, "a page has two owners");
}

Test(pages, random_use_never_gives_a_page_twice_and_loses_none)
{
	struct owned slots[64] = {0};
	size_t owned = 0;

	pages_add((uintptr_t)region + 3 * PAGE_SIZE, (REGION_PAGES - 3) * PAGE_SIZE);
	srand(1);
	for (unsigned step = 0; step < 20000; step++) {
		unsigned n = (unsigned)rand() % 64;
		struct owned *o = &slots[n];
		size_t align = PAGE_SIZE << rand() % 5;

		if (o->first) {
			check_content(o, (uint8_t)n);
			pages_free(o->first, o->count);
			owned -= o->count;
			o->first = NULL;
		} else {
			o->count = 1 + (size_t)rand() % 130;
			o->first = pages_alloc_raw(o->count, align);
			if (!o->first)
				continue;
			cr_assert_eq((uintptr_t)o->first % align, 0);
			owned += o->count;
			for (size_t i = 0; i < o->count; i++)
				o->first[i * PAGE_SIZE] = (uint8_t)n;
		}
		cr_assert_eq(pages_free_count(), REGION_PAGES - 4 - owned);
	}
	for (unsigned n = 0; n < 64; n++)
		pages_free(slots[n].first, slots[n].count);
	cr_assert(pages_alloc(REGION_PAGES - 4, PAGE_SIZE), "a page was lost");
}
