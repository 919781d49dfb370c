/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables of four levels from guest physical to host physical addresses, in the format of
 * either vendor. Pure: tables come from the page pool, nothing else of the machine is touched.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* How one vendor writes an entry: APM volume 2, 15.25.5 (nested paging); SDM volume 3, 29.3. */
struct nested_format {
	uint64_t table;       /* flags of an entry that points to a table */
	uint64_t leaf, large; /* flags of each page; those added to pages above 4 KiB */
	uint64_t write, exec; /* set if allowed */
	uint64_t no_exec;     /* set if not */
	unsigned
	    leaf_levels; /* page sizes that the CPU knows: 1: 4 KiB, 2: also 2 MiB, 3: also 1 GiB */
};

struct nested {
	const struct nested_format *format;
	uint64_t *root;      /* one page */
	uint64_t generation; /* goes up whenever cached translations may have become wrong */
	size_t table_pages;  /* the root included; freed by nested_destroy() only */
};

#define NESTED_LIMIT (1ull << 48) /* guest physical addresses lie below */

int nested_init(struct nested *nested, const struct nested_format *format); /* ERR_NO_MEMORY */
void nested_destroy(struct nested *nested);

/* As stage2_map(): all or nothing. prot: enum stage2_prot. */
int nested_map(struct nested *nested, uint64_t gpa, uint64_t hpa, uint64_t size, unsigned prot);
/* As stage2_unmap(); ERR_NO_MEMORY if a large page cannot be split: then nothing is unmapped. */
int nested_unmap(struct nested *nested, uint64_t gpa, uint64_t size);
uint64_t nested_lookup(const struct nested *nested, uint64_t gpa); /* ~0: unmapped */
