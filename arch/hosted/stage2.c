/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage 2 as an array of ranges; host addresses are the program's pointers. */
#include <arch/stage2.h>

#include <arch/err.h>
#include <stdlib.h>
#include <string.h>

#include "arch/hosted/hosted.h"

#define RANGES    1024
#define PAGE_MASK 4095ull

struct range {
	uint64_t gpa, hpa, size;
};

struct stage2 {
	struct range ranges[RANGES];
	unsigned count;
};

struct stage2 *stage2_create(void)
{
	struct stage2 *s2 = hosted_allocation_fails() ? NULL : calloc(1, sizeof(*s2));

	hosted_memory.objects += s2 != NULL;
	return s2;
}

void stage2_destroy(struct stage2 *s2)
{
	hosted_memory.objects--;
	free(s2);
}

static int add(struct stage2 *s2, uint64_t gpa, uint64_t hpa, uint64_t size)
{
	if (!size)
		return 0;
	if (s2->count == RANGES || hosted_allocation_fails())
		return ERR_NO_MEMORY;
	s2->ranges[s2->count++] = (struct range){gpa, hpa, size};
	return 0;
}

int stage2_map(struct stage2 *s2, uint64_t gpa, uint64_t hpa, uint64_t size, unsigned prot)
{
	if (((gpa | hpa | size) & PAGE_MASK) || !size || gpa + size < gpa || !prot)
		return ERR_INVALID;
	for (unsigned i = 0; i < s2->count; i++) {
		const struct range *r = &s2->ranges[i];
		if (gpa < r->gpa + r->size && r->gpa < gpa + size)
			return ERR_INVALID;
	}
	return add(s2, gpa, hpa, size);
}

int stage2_unmap(struct stage2 *s2, uint64_t gpa, uint64_t size)
{
	if (((gpa | size) & PAGE_MASK) || gpa + size < gpa)
		return ERR_INVALID;
	for (unsigned i = s2->count; i-- > 0;) {
		struct range r = s2->ranges[i];
		if (gpa >= r.gpa + r.size || r.gpa >= gpa + size)
			continue;
		s2->ranges[i] = s2->ranges[--s2->count];
		if (r.gpa < gpa && add(s2, r.gpa, r.hpa, gpa - r.gpa))
			return ERR_NO_MEMORY;
		if (r.gpa + r.size > gpa + size &&
		    add(s2, gpa + size, r.hpa + (gpa + size - r.gpa), r.gpa + r.size - gpa - size))
			return ERR_NO_MEMORY;
	}
	return 0;
}

void stage2_pageable(struct stage2 *s2, uint64_t gpa, uint64_t size)
{
	(void)s2, (void)gpa, (void)size; /* exits come from scripts */
}

uint64_t stage2_lookup(const struct stage2 *s2, uint64_t gpa)
{
	for (unsigned i = 0; i < s2->count; i++) {
		const struct range *r = &s2->ranges[i];
		if (gpa - r->gpa < r->size)
			return r->hpa + (gpa - r->gpa);
	}
	return ~0ull;
}
