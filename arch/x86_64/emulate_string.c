/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/emulate_string.h"

#include <string.h>

#include "arch/x86_64/regs.h"
#include "arch/x86_64/vcpu.h"
#include "arch/x86_64/walk.h"

enum outcome { FOUND, FAULTED, REFUSED };

static uint64_t linear_address(const struct x86_state *state, const struct insn *insn,
                               enum x86_segment_id segment, uint64_t offset)
{
	offset &= insn_mask(insn->address_size);
	if (insn->mode == 64)
		return offset +
		       (segment == SEG_FS || segment == SEG_GS ? state->segments[segment].base : 0);
	return (offset + state->segments[segment].base) & 0xffffffff;
}

/* Where seg:reg lies in guest physical memory, with the guest's own protection. */
static enum outcome operand(struct vcpu *vcpu, enum x86_segment_id segment, unsigned reg,
                            unsigned access, uint64_t *gpa)
{
	const struct insn *insn = &vcpu->emulation.insn;
	struct x86_state state;
	uint32_t error;
	hvm->get_state(vcpu, &state);
	struct walk walk = {
	    .s2 = vcpu->s2,
	    .cr0 = state.cr0,
	    .cr3 = state.cr3,
	    .cr4 = state.cr4,
	    .efer = state.efer,
	    .rflags = vcpu->regs.rflags,
	    .cpl = state.cpl,
	};
	uint64_t linear = linear_address(&state, insn, segment, vcpu->regs.gpr[reg]);
	if (PAGE_SIZE - (linear & (PAGE_SIZE - 1)) < insn->size)
		return REFUSED;
	switch (walk_linear(&walk, linear, access, gpa, &error)) {
	case WALK_OK:
		return FOUND;
	case WALK_PAGE_FAULT:
		hvm->set_cr2(vcpu, linear);
		vcpu_inject_fault(vcpu, VECTOR_PF, true, error);
		return FAULTED;
	case WALK_NON_CANONICAL:
		vcpu_inject_fault(vcpu, VECTOR_GP, true, 0);
		return FAULTED;
	default:
		return REFUSED;
	}
}

static bool ram_read(struct vcpu *vcpu, uint64_t gpa, uint64_t *value)
{
	uint64_t hpa = stage2_lookup(vcpu->s2, gpa);
	*value = 0;
	if (hpa == ~0ull)
		return false;
	memcpy(value, (const void *)(uintptr_t)hpa, vcpu->emulation.insn.size);
	return true;
}

bool emulate_ram_write(struct vcpu *vcpu)
{
	const struct emulation *e = &vcpu->emulation;
	uint64_t hpa = nested_lookup_writable(&vcpu->s2->tables, e->target);
	if (hpa == ~0ull)
		return false;
	memcpy((void *)(uintptr_t)hpa, &e->value, e->insn.size);
	return true;
}

void emulate_string_read(struct vcpu *vcpu, uint64_t value)
{
	struct emulation *e = &vcpu->emulation;
	e->value = value;
	e->write_out = false;
	e->phase = EMULATE_WRITE;
	if (e->insn.kind == INSN_LODS) {
		insn_set_reg(&vcpu->regs, REG_RAX, e->insn.size, false, value);
		emulate_retire(vcpu);
	}
}

/* Find where the element goes first: a source that is a device must not be read in vain. */
static enum outcome find_target(struct vcpu *vcpu, uint16_t port)
{
	struct emulation *e = &vcpu->emulation;
	e->to_port = e->insn.kind == INSN_OUTS;
	e->target = port;
	if (e->to_port || e->insn.kind == INSN_LODS)
		return FOUND;
	return operand(vcpu, SEG_ES, REG_RDI, WALK_WRITE, &e->target);
}

/* Sets e->value, or asks for it: then *asked. */
static enum outcome find_source(struct vcpu *vcpu, uint16_t port, struct vcpu_exit *exit,
                                bool *asked)
{
	struct emulation *e = &vcpu->emulation;
	uint64_t gpa = port;
	*asked = e->insn.kind == INSN_INS;
	if (e->insn.kind == INSN_STOS)
		e->value = insn_get_reg(&vcpu->regs, REG_RAX, e->insn.size, false);
	if (e->insn.kind == INSN_MOVS || e->insn.kind == INSN_OUTS || e->insn.kind == INSN_LODS) {
		unsigned segment = e->insn.segment >= 0 ? (unsigned)e->insn.segment : SEG_DS;
		enum outcome outcome = operand(vcpu, segment, REG_RSI, 0, &gpa);
		if (outcome != FOUND)
			return outcome;
		*asked = !ram_read(vcpu, gpa, &e->value);
	}
	if (*asked)
		emulate_ask(exit, e->insn.kind == INSN_INS, gpa, e->insn.size);
	return FOUND;
}

bool emulate_string(struct vcpu *vcpu, uint16_t port, struct vcpu_exit *exit)
{
	struct emulation *e = &vcpu->emulation;
	bool asked;
	if (insn_string_finished(&e->insn, &vcpu->regs)) {
		vcpu_skip(vcpu, &e->insn);
		return true;
	}
	enum outcome outcome = find_target(vcpu, port);
	if (outcome == FOUND)
		outcome = find_source(vcpu, port, exit, &asked);
	if (outcome != FOUND)
		return outcome == FAULTED ? true : emulate_refuse(exit);
	e->phase = EMULATE_READ;
	if (asked)
		return false;
	emulate_string_read(vcpu, e->value);
	return !emulate_next(vcpu, exit);
}
