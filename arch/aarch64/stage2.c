/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage 2, and the TLBs: Arm ARM D8.14. A guest has one VMID on all CPUs, because its own
 * invalidations go by it. No more guests than 8 bits can tell apart exist at once, so a VMID lasts
 * as long as its guest.
 */
#include "arch/aarch64/stage2.h"

#include <arch/lock.h>

#define VMIDS      256u
#define VTTBR_VMID 48

static struct lock lock;
static uint64_t used[VMIDS / 64] = {1}; /* 0 is the hypervisor's own, never loaded with a table */

/* 0: none left. */
static unsigned vmid_take(void)
{
	unsigned vmid = 0;
	lock_take(&lock);
	for (unsigned i = 0; i < VMIDS / 64 && !vmid; i++) {
		if (~used[i]) {
			unsigned bit = (unsigned)__builtin_ctzll(~used[i]);
			used[i] |= 1ull << bit;
			vmid = i * 64 + bit;
		}
	}
	lock_drop(&lock);
	return vmid;
}

static void vmid_give(unsigned vmid)
{
	lock_take(&lock);
	used[vmid / 64] &= ~(1ull << vmid % 64);
	lock_drop(&lock);
}

void stage2_enable(void)
{
	sysreg_write(vttbr_el2, 0);
	isb();
	__asm__ volatile("tlbi alle1; dsb nsh; isb" : : : "memory");
}

/* Invalidations go to the VMID that is loaded. */
void stage2_invalidate(struct nested *tables)
{
	const struct stage2 *s2 = (const struct stage2 *)tables;
	uint64_t loaded = sysreg_read(vttbr_el2);
	dsb_ish();
	sysreg_write(vttbr_el2, s2->vttbr);
	isb();
	__asm__ volatile("tlbi vmalls12e1is; dsb ish; isb" : : : "memory");
	sysreg_write(vttbr_el2, loaded);
	isb();
}

struct stage2 *stage2_create(void)
{
	CHECK(guest_machine.hcr);
	struct stage2 *s2 = pages_alloc(1, PAGE_SIZE);
	uint64_t vmid = s2 ? vmid_take() : 0;
	if (vmid && !nested_init(&s2->tables, &guest_machine.format)) {
		s2->vttbr = vmid << VTTBR_VMID | (uintptr_t)s2->tables.root;
		return s2;
	}
	if (vmid)
		vmid_give((unsigned)vmid);
	if (s2)
		pages_free(s2, 1);
	return NULL;
}

void stage2_destroy(struct stage2 *s2)
{
	stage2_invalidate(&s2->tables);
	vmid_give((unsigned)(s2->vttbr >> VTTBR_VMID));
	nested_destroy(&s2->tables);
	pages_free(s2, 1);
}

static uint64_t line_size(void)
{
	return 4ull << (sysreg_read(ctr_el0) >> 16 & 15);
}

/* From caches to memory, where a guest with its MMU off reads. */
static void clean(uint64_t hpa, uint64_t size)
{
	uint64_t line = line_size();
	for (uint64_t at = 0; at < size && !guest_machine.fwb; at += line)
		__asm__ volatile("dc civac, %0" : : "r"(hpa + at) : "memory");
}

/* A page that comes while the guest runs has what the caches have: no bytes of its last owner. */
int stage2_map(struct stage2 *s2, uint64_t gpa, uint64_t hpa, uint64_t size, unsigned prot)
{
	int err = nested_map(&s2->tables, gpa, hpa, size, prot);
	if (!err && size == PAGE_SIZE && !(prot & STAGE2_DEVICE))
		clean(hpa, size);
	dsb_ish(); /* the tables before whoever walks them */
	return err;
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

/*
 * Two vCPUs of a guest share its VMID but need not agree on ASIDs: where both run on one CPU,
 * nothing of the one stays for the other.
 */
void stage2_enter(struct stage2 *s2, const struct vcpu *vcpu)
{
	const struct vcpu **ran = &s2->ran[cpu_id()];
	if (*ran && *ran != vcpu)
		__asm__ volatile("tlbi vmalle1; dsb nsh; isb" : : : "memory");
	*ran = vcpu;
}

void stage2_clean(const struct stage2 *s2)
{
	struct nested_page page = {0};
	while (!guest_machine.fwb && !nested_next(&s2->tables, page.gpa + page.size, &page)) {
		if (!page.device)
			clean(page.hpa, page.size);
	}
	dsb();
	__asm__ volatile("ic ialluis; dsb ish; isb" : : : "memory");
}
