/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes of CR0 and CR4, checked as the CPU does: APM volume 2, 3.1 and 14.6. */
#include <arch/err.h>

#include "arch/x86_64/cpuid.h"
#include "arch/x86_64/vcpu.h"

#define CR0_KNOWN                                                                                  \
	(CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD | \
	 CR0_PG)
#define CR0_LMSW (CR0_PE | CR0_MP | CR0_EM | CR0_TS)

static bool long_code(const struct x86_state *state)
{
	return (state->efer & EFER_LMA) && (state->segments[SEG_CS].attributes & SEG_ATTR_LONG);
}

static bool cr0_allowed(const struct x86_state *state, uint64_t value)
{
	bool pages = value & CR0_PG, paged = state->cr0 & CR0_PG;
	if (value >> 32 || (pages && !(value & CR0_PE)) || ((value & CR0_NW) && !(value & CR0_CD)))
		return false;
	if (pages && !paged && (state->efer & EFER_LME))
		return (state->cr4 & CR4_PAE) &&
		       !(state->segments[SEG_CS].attributes & SEG_ATTR_LONG);
	return !(paged && !pages && (long_code(state) || (state->cr4 & CR4_PCIDE)));
}

static int put_cr0(struct vcpu *vcpu, struct x86_state *state, uint64_t value)
{
	if (!cr0_allowed(state, value))
		return ERR_INVALID;
	/* The guest's memory stays cached, whatever it says. */
	value = (value & CR0_KNOWN & ~(CR0_CD | CR0_NW)) | CR0_ET;
	bool flush = (value ^ state->cr0) & (CR0_PG | CR0_WP | CR0_PE);
	if ((value & CR0_PG) && (state->efer & EFER_LME))
		state->efer |= EFER_LMA;
	if (!(value & CR0_PG))
		state->efer &= ~EFER_LMA;
	state->cr0 = value;
	hvm->set_state(vcpu, state);
	if (flush)
		hvm->flush(vcpu);
	return 0;
}

static int put_cr4(struct vcpu *vcpu, struct x86_state *state, uint64_t value)
{
	bool long_mode = state->efer & EFER_LMA;
	bool sets_pcide = (value & CR4_PCIDE) && !(state->cr4 & CR4_PCIDE);
	if ((value & ~guest_cr4_mask()) || (long_mode && !(value & CR4_PAE)) ||
	    (sets_pcide && (!long_mode || (state->cr3 & 0xfff))))
		return ERR_INVALID;
	state->cr4 = value;
	hvm->set_state(vcpu, state);
	hvm->flush(vcpu);
	return 0;
}

int vcpu_write_cr(struct vcpu *vcpu, const struct insn *insn)
{
	struct x86_state state;
	hvm->get_state(vcpu, &state);
	uint64_t value = insn_get_reg(&vcpu->regs, insn->reg, insn->mode == 64 ? 8 : 4, false);
	switch (insn->kind) {
	case INSN_CLTS:
		return put_cr0(vcpu, &state, state.cr0 & ~CR0_TS);
	case INSN_LMSW: /* cannot clear PE */
		value = (state.cr0 & ~(CR0_LMSW & ~CR0_PE)) | (value & CR0_LMSW);
		return put_cr0(vcpu, &state, value);
	case INSN_MOV_TO_CR:
		if (insn->op == 0)
			return put_cr0(vcpu, &state, value);
		return insn->op == 4 ? put_cr4(vcpu, &state, value) : ERR_UNSUPPORTED;
	default:
		return ERR_UNSUPPORTED;
	}
}
