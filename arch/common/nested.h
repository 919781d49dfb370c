/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables from guest physical to host physical addresses, in the format of whichever machine.
 * Pure: tables come from the page pool, nothing else of the machine is touched.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <arch/stage2.h>

struct nested;

/*
 * How a machine writes an entry. Level 0 holds 4 KiB pages, each level above 512 times as much.
 * APM volume 2, 15.25.5 (nested paging); SDM volume 3, 29.3; Arm ARM D8.3.
 */
struct nested_format {
	uint64_t table;        /* flags of an entry that points to a table */
	uint64_t leaf;         /* flags of each page */
	uint64_t small, large; /* those added to 4 KiB pages, and to larger ones */
	uint64_t kind,
	    kind_large;       /* above level 0, an entry is a page if entry & kind = kind_large */
	uint64_t write, exec; /* set if allowed */
	uint64_t no_exec;     /* set if not */
	uint64_t memory, device; /* memory type: of RAM; of registers (STAGE2_DEVICE) */
	unsigned
	    leaf_levels; /* page sizes that the CPU knows: 1: 4 KiB, 2: also 2 MiB, 3: also 1 GiB */
	unsigned top;    /* level of the root */
	unsigned address_bits; /* of guest physical addresses; the root is made of several pages in
	                          a row if one does not cover them */
	/*
	 * An entry became invalid and may not be written again before no CPU holds a copy of it
	 * (Arm ARM D8.14.1). NULL: the CPU does not mind; a vCPU's next entry is soon enough.
	 */
	void (*invalidate)(struct nested *nested);
};

struct nested {
	const struct nested_format *format;
	uint64_t *root;      /* its pages in a row, aligned to their size */
	uint64_t generation; /* goes up whenever cached translations may have become wrong */
	size_t table_pages;  /* the root included; freed by nested_destroy() only */
	struct {
		uint64_t gpa, size;
	} pageable[STAGE2_RAM_RANGES]; /* as stage2_pageable() */
	unsigned pageable_count;
};

int nested_init(struct nested *nested, const struct nested_format *format); /* ERR_NO_MEMORY */
void nested_destroy(struct nested *nested);

/* As stage2_map(): all or nothing. prot: enum stage2_prot. */
int nested_map(struct nested *nested, uint64_t gpa, uint64_t hpa, uint64_t size, unsigned prot);
/* As stage2_unmap(); ERR_NO_MEMORY if a large page cannot be split: then nothing is unmapped. */
int nested_unmap(struct nested *nested, uint64_t gpa, uint64_t size);
uint64_t nested_lookup(const struct nested *nested, uint64_t gpa); /* ~0: unmapped */
/* ~0 where the guest may not write, too. */
uint64_t nested_lookup_writable(const struct nested *nested, uint64_t gpa);

void nested_pageable(struct nested *nested, uint64_t gpa, uint64_t size);
/* What an access that found no translation has met. Another vCPU may have brought the page, or
 * finished splitting a larger one, since the access: then it is repeated, whatever kind it was. */
enum nested_state {
	NESTED_FIXED,   /* not in a pageable range: what is not mapped there stays so */
	NESTED_MISSING, /* pageable, and not mapped */
	NESTED_MAPPED,  /* pageable, and mapped by now */
};
enum nested_state nested_state(const struct nested *nested, uint64_t gpa);

/* The first mapped page at or after gpa: its address, size and host address go to *page. 0, or
 * ERR_NOT_FOUND. */
struct nested_page {
	uint64_t gpa, hpa, size;
	bool device, writable;
};
int nested_next(const struct nested *nested, uint64_t gpa, struct nested_page *page);
