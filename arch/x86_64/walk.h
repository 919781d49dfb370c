/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the guest's linear addresses to its physical ones, by its own page tables: APM volume 2,
 * chapter 5. Reads guest memory, changes nothing (no accessed or dirty bits).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <arch/stage2.h>

#define WALK_LEVELS 4

/* What a walk read: the aligned words that hold the entries. */
struct walk_trace {
	const volatile uint64_t *words[WALK_LEVELS]; /* host addresses */
	uint64_t values[WALK_LEVELS];
	unsigned count;
};

/* The guest's paging mode as far as a walk depends on it. */
struct walk {
	const struct stage2 *s2;
	uint64_t cr0, cr3, cr4, efer, rflags;
	uint8_t cpl;
	struct walk_trace *trace; /* NULL, or filled by walk_linear() */
};

/* Would the walk find the same again? Stage 2 must not have changed since. */
static inline bool walk_unchanged(const struct walk_trace *trace)
{
	uint64_t difference = 0;
#pragma GCC unroll 4
	for (unsigned i = 0; i < WALK_LEVELS;
	     i++) /* those that a walk does not need are 0 for ever */
		difference |= *trace->words[i] ^ trace->values[i];
	return !difference;
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
