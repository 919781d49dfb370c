/* SPDX-License-Identifier: BSD-2-Clause */
/* The page pool: all free RAM of the machine in 4 KiB pages, identity mapped. Any CPU; takes its
 * own lock. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE       4096ul
#define PAGE_SIZE_LARGE (2ul << 20)

/* count contiguous zeroed pages, the first one aligned to align bytes (a power of two >=
 * PAGE_SIZE). NULL: none left. */
void *pages_alloc(size_t count, size_t align);
void pages_free(void *first, size_t count);
/* One zeroed page: that one, if it is free; else any. NULL: none left. */
void *pages_alloc_at(void *page);
/* The same as pages_alloc() without zeroing. */
void *pages_alloc_raw(size_t count, size_t align);

void pages_add(uint64_t base, uint64_t size); /* give a free region to the pool; start-up only */
size_t pages_free_count(void);
size_t pages_total_count(void);
