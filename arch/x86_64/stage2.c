/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage 2 in the format of the vendor that this machine has. */
#include <arch/stage2.h>

#include <arch/cpu.h>
#include <arch/pages.h>

#include "arch/x86_64/vcpu.h"

struct stage2 *stage2_create(void)
{
	CHECK(hvm);
	struct stage2 *s2 = pages_alloc(1, PAGE_SIZE);
	if (!s2)
		return NULL;
	if (nested_init(&s2->tables, hvm->format)) {
		pages_free(s2, 1);
		return NULL;
	}
	return s2;
}

void stage2_destroy(struct stage2 *s2)
{
	nested_destroy(&s2->tables);
	pages_free(s2, 1);
}

int stage2_map(struct stage2 *s2, uint64_t gpa, uint64_t hpa, uint64_t size, unsigned prot)
{
	return nested_map(&s2->tables, gpa, hpa, size, prot);
}

int stage2_unmap(struct stage2 *s2, uint64_t gpa, uint64_t size)
{
	return nested_unmap(&s2->tables, gpa, size);
}

void stage2_pageable(struct stage2 *s2, uint64_t gpa, uint64_t size)
{
	nested_pageable(&s2->tables, gpa, size);
}

uint64_t stage2_lookup(const struct stage2 *s2, uint64_t gpa)
{
	return nested_lookup(&s2->tables, gpa);
}
