/* SPDX-License-Identifier: BSD-2-Clause */
/* The instruction that exited: its bytes, from the hardware or from the guest's memory. */
#include <string.h>

#include "arch/x86_64/emulate.h"
#include "arch/x86_64/regs.h"
#include "arch/x86_64/vcpu.h"

#define OFFSET_MASK (PAGE_SIZE - 1)

static struct walk walk_for(const struct vcpu *vcpu, const struct x86_paging *paging)
{
	return (struct walk){
	    .s2 = vcpu->s2,
	    .cr0 = paging->cr0,
	    .cr3 = paging->cr3,
	    .cr4 = paging->cr4,
	    .efer = paging->efer,
	    .rflags = vcpu->regs.rflags,
	    .cpl = paging->cpl,
	};
}

static bool same_paging(const struct x86_paging *a, const struct x86_paging *b)
{
	return a->cr3 == b->cr3 && a->cr0 == b->cr0 && a->cr4 == b->cr4 && a->efer == b->efer &&
	       a->cpl == b->cpl;
}

static __attribute__((noinline)) const uint8_t *walk_to_code(struct vcpu *vcpu,
                                                             const struct x86_paging *paging,
                                                             uint64_t linear,
                                                             struct fetch_page *page)
{
	struct walk walk = walk_for(vcpu, paging);
	uint64_t gpa;
	uint32_t error;
	walk.trace = &page->trace;
	page->generation = 0; /* never that of stage 2 */
	if (walk_linear(&walk, linear, WALK_FETCH, &gpa, &error) != WALK_OK)
		return NULL;
	uint64_t hpa = stage2_lookup(vcpu->s2, gpa);
	if (hpa == ~0ull)
		return NULL;
	page->linear = linear;
	page->generation = vcpu->s2->tables.generation;
	page->paging = *paging;
	page->host = (const uint8_t *)(uintptr_t)hpa;
	return page->host;
}

/* The host's view of a page of code. A walk that was remembered is still right if none of the
 * entries that it read has changed. NULL: it has to be fetched byte by byte. */
static const uint8_t *code_page(struct vcpu *vcpu, const struct x86_paging *paging, uint64_t linear)
{
	struct fetch_page *page = &vcpu->fetches.pages[linear / PAGE_SIZE % 8];
	if (page->linear == linear && page->generation == vcpu->s2->tables.generation &&
	    same_paging(&page->paging, paging) && walk_unchanged(&page->trace))
		return page->host;
	return walk_to_code(vcpu, paging, linear, page);
}

/* Across a page's end, or where walk_to_code() failed and the fault is wanted. */
static __attribute__((noinline)) unsigned fetch_slowly(struct vcpu *vcpu,
                                                       const struct x86_paging *paging,
                                                       uint64_t linear, uint8_t *bytes,
                                                       uint32_t *error)
{
	struct walk walk = walk_for(vcpu, paging);
	memset(bytes, 0, INSN_BUFFER);
	return walk_fetch(&walk, linear, bytes, INSN_MAX, error);
}

/* Fill bytes (INSN_BUFFER of them); returns how many are valid. */
static unsigned fetch(struct vcpu *vcpu, const struct x86_paging *paging, uint64_t linear,
                      uint8_t *bytes, uint32_t *error)
{
	uint64_t offset = linear & OFFSET_MASK;
	if (offset <= PAGE_SIZE - INSN_BUFFER) {
		const uint8_t *host = code_page(vcpu, paging, linear - offset);
		if (host) {
			memcpy(bytes, host + offset, INSN_BUFFER);
			return INSN_MAX;
		}
	}
	return fetch_slowly(vcpu, paging, linear, bytes, error);
}

static __attribute__((noinline)) const struct insn *
no_instruction(struct vcpu *vcpu, unsigned count, uint64_t linear, uint32_t error, bool *not_ram)
{
	if (count == INSN_MAX) {
		vcpu_inject_fault(vcpu, VECTOR_UD, false, 0);
	} else if (error) { /* its rest lies on a page that is not there */
		hvm->set_cr2(vcpu, linear + count);
		vcpu_inject_fault(vcpu, VECTOR_PF, true, error);
	} else {
		*not_ram = true;
	}
	return NULL;
}

const struct insn *emulate_fetch(struct vcpu *vcpu, const struct x86_exit *x86, bool *not_ram)
{
	struct x86_paging paging;
	uint8_t fetched[INSN_BUFFER];
	uint32_t error = 0;
	*not_ram = false;
	hvm->get_paging(vcpu, &paging);
	if (x86->insn_count) {
		const struct insn *insn = insn_lookup(&vcpu->insns, vcpu->regs.rip, x86->insn,
		                                      x86->insn_count, paging.mode);
		return insn ? insn : no_instruction(vcpu, INSN_MAX, 0, 0, not_ram);
	}
	uint64_t linear = paging.cs_base + vcpu->regs.rip;
	unsigned count = fetch(vcpu, &paging, linear, fetched, &error);
	const struct insn *insn =
	    insn_lookup(&vcpu->insns, vcpu->regs.rip, fetched, count, paging.mode);
	return insn ? insn : no_instruction(vcpu, count, linear, error, not_ram);
}
