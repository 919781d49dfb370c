/* SPDX-License-Identifier: BSD-2-Clause */
/* The page pool from the C library, so that the sanitizers watch each allocation's bounds. */
#include <arch/pages.h>

#include <stdlib.h>
#include <string.h>

#include <arch/cpu.h>

#include "arch/hosted/hosted.h"

#define POOL_PAGES 65536 /* 256 MiB */

static size_t used;

void *pages_alloc_raw(size_t count, size_t align)
{
	CHECK(count && align >= PAGE_SIZE && !(align & (align - 1)));
	if (count > POOL_PAGES - used || hosted_allocation_fails())
		return NULL;
	void *first = aligned_alloc(align, (count * PAGE_SIZE + align - 1) & ~(align - 1));
	if (first)
		used += count;
	return first;
}

void *pages_alloc(size_t count, size_t align)
{
	void *first = pages_alloc_raw(count, align);
	if (first)
		memset(first, 0, count * PAGE_SIZE);
	return first;
}

void pages_free(void *first, size_t count)
{
	CHECK(count <= used);
	used -= count;
	free(first);
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
