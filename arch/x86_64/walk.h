/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the guest's linear addresses to its physical ones, by its own page tables: APM volume 2,
 * chapter 5. Reads guest memory, changes nothing (no accessed or dirty bits).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <arch/stage2.h>

/* The entries that a walk read. */
struct walk_trace {
	const volatile void *entries[4]; /* host addresses */
	uint64_t values[4];
	unsigned count, entry_size;
};

/* The guest's paging mode as far as a walk depends on it. */
struct walk {
	const struct stage2 *s2;
	uint64_t cr0, cr3, cr4, efer, rflags;
	uint8_t cpl;
	struct walk_trace *trace; /* NULL, or filled by walk_linear() */
};

static inline uint64_t walk_load_entry(const volatile void *at, unsigned size)
{
	return size == 8 ? *(const volatile uint64_t *)at : *(const volatile uint32_t *)at;
}

/* Would the walk find the same again? Stage 2 must not have changed since. */
static inline bool walk_unchanged(const struct walk_trace *trace)
{
	for (unsigned i = 0; i < trace->count; i++)
		if (walk_load_entry(trace->entries[i], trace->entry_size) != trace->values[i])
			return false;
	return true;
}

enum { WALK_WRITE = 1, WALK_FETCH = 2 };

/* Error code of a page fault. */
enum { PF_PRESENT = 1, PF_WRITE = 2, PF_USER = 4, PF_RESERVED = 8, PF_FETCH = 16 };

enum walk_result {
	WALK_OK,
	WALK_PAGE_FAULT, /* *error is its error code */
	WALK_NOT_RAM,    /* a table lies outside the guest's RAM */
	WALK_NON_CANONICAL,
};

/* access: a mask of WALK_*. *gpa is set if WALK_OK. */
enum walk_result walk_linear(const struct walk *walk, uint64_t linear, unsigned access,
                             uint64_t *gpa, uint32_t *error);

/* Copy instruction bytes at linear; returns how many could be had, up to count. */
unsigned walk_fetch(const struct walk *walk, uint64_t linear, uint8_t *to, unsigned count,
                    uint32_t *error);
