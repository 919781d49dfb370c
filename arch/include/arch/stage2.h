/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-2 translation (nested page tables): guest physical -> host physical for one guest.
 * The caller holds the guest's lock. Table pages come from the page pool.
 */
#pragma once

#include <stdint.h>

struct stage2;

enum stage2_prot {
	STAGE2_READ = 1,
	STAGE2_WRITE = 2,
	STAGE2_EXEC = 4,
	STAGE2_RWX = 7,
	STAGE2_DEVICE = 8, /* registers of the host: uncached, never executed */
};

struct stage2 *stage2_create(void); /* NULL: no memory */
void stage2_destroy(struct stage2 *s2);

/* Map with the largest pages that alignment allows. All multiples of 4 KiB.
 * ERR_INVALID: already mapped, or bad range; ERR_NO_MEMORY. */
int stage2_map(struct stage2 *s2, uint64_t gpa, uint64_t hpa, uint64_t size, unsigned prot);

/* Unmap what is mapped in the range (large pages are split as needed). The vCPUs of the guest see
 * it at their next entry. */
int stage2_unmap(struct stage2 *s2, uint64_t gpa, uint64_t size);

/* Pages of this RAM may be missing: a vCPU's access to one that is not mapped is EXIT_PAGE,
 * whatever kind of access it is. STAGE2_RAM_RANGES at most, before the first vCPU runs. */
#define STAGE2_RAM_RANGES 4
void stage2_pageable(struct stage2 *s2, uint64_t gpa, uint64_t size);

/* Host address of gpa, or ~0 if unmapped. */
uint64_t stage2_lookup(const struct stage2 *s2, uint64_t gpa);
