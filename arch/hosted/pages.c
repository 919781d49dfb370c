/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page pool from the C library, so that the sanitizers watch each allocation's bounds, and each
 * page that was given back.
 */
#include <arch/pages.h>

#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>

#include <arch/cpu.h>

#include "arch/hosted/hosted.h"

#define POOL_PAGES 65536 /* 256 MiB */

/* Pages may be given back one by one; the memory goes when the last one is back. */
struct allocation {
	uint8_t *first;
	size_t count, left;
	struct allocation *next;
	bool gone[];
};

static struct allocation *allocations;
static size_t used;

static struct allocation *remember(void *first, size_t count)
{
	struct allocation *a = calloc(1, sizeof(*a) + count);

	CHECK(a);
	*a = (struct allocation){first, count, count, allocations};
	return allocations = a;
}

void *pages_alloc_raw(size_t count, size_t align)
{
	CHECK(count && align >= PAGE_SIZE && !(align & (align - 1)));
	if (count > POOL_PAGES - used || hosted_allocation_fails())
		return NULL;
	void *first = aligned_alloc(align, (count * PAGE_SIZE + align - 1) & ~(align - 1));
	if (!first)
		return NULL;
	used += count;
	remember(first, count);
	return first;
}

void *pages_alloc(size_t count, size_t align)
{
	void *first = pages_alloc_raw(count, align);
	if (first)
		memset(first, 0, count * PAGE_SIZE);
	return first;
}

/* What points at the allocation that the page is in. */
static struct allocation **find(const uint8_t *page)
{
	struct allocation **a = &allocations;

	while (*a && (size_t)(page - (*a)->first) / PAGE_SIZE >= (*a)->count)
		a = &(*a)->next;
	return a;
}

static void forget(struct allocation **link)
{
	struct allocation *a = *link;

	*link = a->next;
	ASAN_UNPOISON_MEMORY_REGION(a->first, a->count * PAGE_SIZE);
	free(a->first);
	free(a);
}

void pages_free(void *first, size_t count)
{
	struct allocation **link = find(first), *a = *link;
	size_t page;

	if (!first)
		return;
	CHECK(a && count <= a->left);
	page = (size_t)((uint8_t *)first - a->first) / PAGE_SIZE;
	CHECK(count <= a->count - page);
	for (size_t i = page; i < page + count; i++) {
		CHECK(!a->gone[i]);
		a->gone[i] = true;
	}
	ASAN_POISON_MEMORY_REGION(first, count * PAGE_SIZE);
	used -= count;
	a->left -= count;
	if (a->left == 0)
		forget(link);
}

void *pages_alloc_at(void *page)
{
	struct allocation *a = *find(page);
	size_t n = a ? (size_t)((uint8_t *)page - a->first) / PAGE_SIZE : 0;

	if (!a || !a->gone[n])
		return pages_alloc(1, PAGE_SIZE);
	if (used == POOL_PAGES || hosted_allocation_fails())
		return NULL;
	a->gone[n] = false;
	a->left++;
	used++;
	ASAN_UNPOISON_MEMORY_REGION(page, PAGE_SIZE);
	return memset(page, 0, PAGE_SIZE);
}

void pages_add(uint64_t base, uint64_t size)
{
	(void)base;
	(void)size;
}

size_t pages_free_count(void)
{
	return POOL_PAGES - used;
}

size_t pages_total_count(void)
{
	return POOL_PAGES;
}
