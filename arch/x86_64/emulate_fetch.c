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

static bool is_64bit(const struct x86_paging *paging)
{
	return (paging->efer & EFER_LMA) && (paging->cs_attributes & SEG_ATTR_LONG);
}

static unsigned code_mode(const struct x86_paging *paging)
{
	bool real = !(paging->cr0 & CR0_PE) || paging->vm86;
	if (is_64bit(paging))
		return 64;
	return (paging->cs_attributes & SEG_ATTR_BIG) && !real ? 32 : 16;
}

static bool same_paging(const struct x86_paging *a, const struct x86_paging *b)
{
	return a->cr3 == b->cr3 && a->cr0 == b->cr0 && a->cr4 == b->cr4 && a->efer == b->efer &&
	       a->cs_base == b->cs_base && a->cs_attributes == b->cs_attributes &&
	       a->cpl == b->cpl && a->vm86 == b->vm86;
}

static struct fetched *slot_of(struct fetch_cache *cache, uint64_t rip)
{
	return &cache->slots[(rip ^ rip >> 4) % FETCH_SLOTS];
}

/* The instruction was fetched before, and none of the entries that were read on the way to it
 * has changed: only its bytes are read again. */
static bool still_there(const struct vcpu *vcpu, const struct fetched *slot,
                        const struct x86_paging *paging)
{
	return slot->insn.rip == vcpu->regs.rip &&
	       slot->generation == vcpu->s2->tables.generation &&
	       same_paging(&slot->paging, paging) && walk_unchanged(&slot->trace) &&
	       insn_same_bytes(&slot->insn, slot->host);
}

/* The host's view of the code, which does not cross a page's end. NULL: it has to be fetched byte
 * by byte. */
static const uint8_t *find_code(struct vcpu *vcpu, const struct x86_paging *paging, uint64_t linear,
                                struct fetched *slot)
{
	struct walk walk = walk_for(vcpu, paging);
	uint64_t gpa;
	uint32_t error;
	walk.trace = &slot->trace;
	if (walk_linear(&walk, linear, WALK_FETCH, &gpa, &error) != WALK_OK)
		return NULL;
	uint64_t hpa = stage2_lookup(vcpu->s2, gpa);
	if (hpa == ~0ull)
		return NULL;
	slot->generation = vcpu->s2->tables.generation;
	slot->paging = *paging;
	slot->host = (const uint8_t *)(uintptr_t)hpa;
	return slot->host;
}

/* Across a page's end, or where find_code() failed and the fault is wanted. */
static unsigned fetch_slowly(struct vcpu *vcpu, const struct x86_paging *paging, uint64_t linear,
                             uint8_t *bytes, uint32_t *error)
{
	struct walk walk = walk_for(vcpu, paging);
	memset(bytes, 0, INSN_BUFFER);
	return walk_fetch(&walk, linear, bytes, INSN_MAX, error);
}

/* Fill bytes (INSN_BUFFER of them); returns how many are valid. */
static unsigned fetch(struct vcpu *vcpu, const struct x86_paging *paging, uint64_t linear,
                      struct fetched *slot, uint8_t *bytes, uint32_t *error)
{
	if ((linear & OFFSET_MASK) <= PAGE_SIZE - INSN_BUFFER) {
		const uint8_t *host = find_code(vcpu, paging, linear, slot);
		if (host) {
			memcpy(bytes, host, INSN_BUFFER);
			return INSN_MAX;
		}
	}
	return fetch_slowly(vcpu, paging, linear, bytes, error);
}

static const struct insn *no_instruction(struct vcpu *vcpu, unsigned count, uint64_t linear,
                                         uint32_t error, bool *not_ram)
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

static __attribute__((noinline)) const struct insn *
fetch_anew(struct vcpu *vcpu, const struct x86_paging *paging, struct fetched *slot, bool *not_ram)
{
	uint64_t rip = vcpu->regs.rip, linear = is_64bit(paging) ? rip : paging->cs_base + rip;
	uint8_t bytes[INSN_BUFFER];
	uint32_t error = 0;
	slot->generation = 0;
	unsigned count = fetch(vcpu, paging, linear, slot, bytes, &error);
	const struct insn *insn = insn_lookup(&slot->insn, rip, bytes, count, code_mode(paging));
	if (insn)
		return insn;
	slot->generation = 0;
	return no_instruction(vcpu, count, linear, error, not_ram);
}

/* The hardware has saved the instruction's bytes. */
static __attribute__((noinline)) const struct insn *
from_hardware(struct vcpu *vcpu, const struct x86_exit *x86, const struct x86_paging *paging,
              struct fetched *slot, bool *not_ram)
{
	slot->generation = 0;
	const struct insn *insn =
	    insn_lookup(&slot->insn, vcpu->regs.rip, x86->insn, x86->insn_count, code_mode(paging));
	return insn ? insn : no_instruction(vcpu, INSN_MAX, 0, 0, not_ram);
}

const struct insn *emulate_fetch(struct vcpu *vcpu, const struct x86_exit *x86, bool *not_ram)
{
	struct x86_paging paging;
	hvm->get_paging(vcpu, &paging);
	struct fetched *slot = slot_of(&vcpu->fetches, vcpu->regs.rip);
	*not_ram = false;
	if (x86->insn_count)
		return from_hardware(vcpu, x86, &paging, slot, not_ram);
	if (still_there(vcpu, slot, &paging))
		return &slot->insn.insn;
	return fetch_anew(vcpu, &paging, slot, not_ram);
}
