/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page pool: one bitmap for each region of free RAM, kept in the region's first pages. First
 * fit from a hint below which nothing is free.
 */
#include <arch/boot_info.h>
#include <arch/cpu.h>
#include <arch/lock.h>
#include <arch/pages.h>
#include <string.h>

struct arena {
	uintptr_t base;
	size_t count;     /* pages, those of the bitmap included */
	size_t hint;      /* no page below it is free */
	uint64_t *bitmap; /* a set bit is a page in use */
};

static struct arena arenas[BOOT_REGIONS_MAX];
static unsigned arena_count;
static size_t free_pages, total_pages;
static struct lock lock;

/* The first page from `from` on that is in use (used) or free (!used); end if there is none. */
static size_t find(const struct arena *arena, size_t from, size_t end, bool used)
{
	while (from < end) {
		uint64_t word = arena->bitmap[from / 64];

		word = (used ? word : ~word) >> from % 64;
		if (word) {
			from += (size_t)__builtin_ctzl(word);
			return from < end ? from : end;
		}
		from = (from / 64 + 1) * 64;
	}
	return end;
}

/* Mark a range; every page of it must be in the other state. */
static void mark(struct arena *arena, size_t from, size_t count, bool used)
{
	size_t end = from + count;

	while (from < end) {
		size_t bit = from % 64, n = end - from < 64 - bit ? end - from : 64 - bit;
		uint64_t mask = (n == 64 ? ~0ul : (1ul << n) - 1) << bit;

		CHECK((arena->bitmap[from / 64] & mask) == (used ? 0 : mask));
		arena->bitmap[from / 64] ^= mask;
		from += n;
	}
	free_pages += used ? -count : count;
}

/* The first page at or after `page` whose address is a multiple of align. */
static size_t align_page(const struct arena *arena, size_t page, size_t align)
{
	uintptr_t address = arena->base + page * PAGE_SIZE;

	return ((address + align - 1) / align * align - arena->base) / PAGE_SIZE;
}

static void *alloc_from(struct arena *arena, size_t count, size_t align)
{
	size_t page = arena->hint = find(arena, arena->hint, arena->count, false);

	for (;;) {
		size_t used;

		page = align_page(arena, page, align);
		if (page >= arena->count || arena->count - page < count)
			return NULL;
		used = find(arena, page, page + count, true);
		if (used == page + count)
			break;
		page = find(arena, used, arena->count, false);
	}
	mark(arena, page, count, true);
	return (void *)(arena->base + page * PAGE_SIZE);
}

void *pages_alloc_raw(size_t count, size_t align)
{
	void *first = NULL;

	CHECK(align >= PAGE_SIZE && !(align & (align - 1)));
	if (!count)
		return NULL;
	lock_take(&lock);
	for (unsigned i = 0; i < arena_count && !first; i++)
		first = alloc_from(&arenas[i], count, align);
	lock_drop(&lock);
	return first;
}

void *pages_alloc(size_t count, size_t align)
{
	void *first = pages_alloc_raw(count, align);

	if (first)
		memset(first, 0, count * PAGE_SIZE);
	return first;
}

static struct arena *arena_of(uintptr_t address, size_t count)
{
	for (unsigned i = 0; i < arena_count; i++) {
		struct arena *arena = &arenas[i];
		size_t page = (address - arena->base) / PAGE_SIZE;

		if (address >= arena->base && page < arena->count && count <= arena->count - page)
			return arena;
	}
	return NULL;
}

void pages_free(void *first, size_t count)
{
	uintptr_t address = (uintptr_t)first;
	struct arena *arena;
	size_t page;

	if (!first)
		return;
	lock_take(&lock);
	arena = arena_of(address, count);
	CHECK(arena && address % PAGE_SIZE == 0);
	page = (address - arena->base) / PAGE_SIZE;
	mark(arena, page, count, false);
	if (page < arena->hint)
		arena->hint = page;
	lock_drop(&lock);
}

static bool take(uintptr_t address)
{
	struct arena *arena = arena_of(address, 1);
	size_t page = arena ? (address - arena->base) / PAGE_SIZE : 0;
	bool ours = arena && find(arena, page, page + 1, false) == page;

	if (ours)
		mark(arena, page, 1, true);
	return ours;
}

void *pages_alloc_at(void *page)
{
	bool taken;

	lock_take(&lock);
	taken = take((uintptr_t)page);
	lock_drop(&lock);
	if (!taken)
		return pages_alloc(1, PAGE_SIZE);
	memset(page, 0, PAGE_SIZE);
	return page;
}

void pages_add(uint64_t base, uint64_t size)
{
	uint64_t first = (base + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE, end = base + size;
	struct arena arena = {.base = first};
	size_t own;

	if (end < first)
		return;
	arena.count = (end - first) / PAGE_SIZE;
	own = ((arena.count + 63) / 64 * 8 + PAGE_SIZE - 1) / PAGE_SIZE;
	if (arena.count <= own || arena_count == BOOT_REGIONS_MAX)
		return;
	arena.bitmap = (uint64_t *)arena.base;
	memset(arena.bitmap, 0, own * PAGE_SIZE);
	lock_take(&lock);
	free_pages += arena.count;
	mark(&arena, 0, own, true);
	total_pages += arena.count - own;
	arenas[arena_count++] = arena;
	lock_drop(&lock);
}

size_t pages_free_count(void)
{
	return free_pages;
}

size_t pages_total_count(void)
{
	return total_pages;
}
