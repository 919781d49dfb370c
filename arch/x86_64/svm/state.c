/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest state between the VMCB and the form of both vendors. */
#include "arch/x86_64/regs.h"
#include "arch/x86_64/svm/svm.h"

static struct vmcb_segment *segment(struct vmcb *vmcb, enum x86_segment_id id)
{
	struct vmcb_segment *const at[SEG_COUNT] = {
	    [SEG_ES] = &vmcb->es,     [SEG_CS] = &vmcb->cs, [SEG_SS] = &vmcb->ss,
	    [SEG_DS] = &vmcb->ds,     [SEG_FS] = &vmcb->fs, [SEG_GS] = &vmcb->gs,
	    [SEG_LDTR] = &vmcb->ldtr, [SEG_TR] = &vmcb->tr,
	};
	return at[id];
}

static struct x86_segment from_vmcb(const struct vmcb_segment *s)
{
	return (struct x86_segment){s->base, s->limit, s->selector, s->attributes};
}

static struct vmcb_segment to_vmcb(const struct x86_segment *s)
{
	return (struct vmcb_segment){s->selector, s->attributes, s->limit, s->base};
}

void svm_get_state(struct vcpu *vcpu, struct x86_state *state)
{
	struct vmcb *vmcb = vcpu->svm->vmcb;
	*state = (struct x86_state){.cr0 = vmcb->cr0,
	                            .cr2 = vmcb->cr2,
	                            .cr3 = vmcb->cr3,
	                            .cr4 = vmcb->cr4,
	                            .efer = vmcb->efer & ~EFER_SVME,
	                            .dr6 = vmcb->dr6,
	                            .dr7 = vmcb->dr7,
	                            .cpl = vmcb->cpl};
	for (unsigned i = 0; i < SEG_COUNT; i++)
		state->segments[i] = from_vmcb(segment(vmcb, i));
	state->gdtr = from_vmcb(&vmcb->gdtr);
	state->idtr = from_vmcb(&vmcb->idtr);
}

void svm_set_state(struct vcpu *vcpu, const struct x86_state *state)
{
	struct vmcb *vmcb = vcpu->svm->vmcb;
	vmcb->cr0 = state->cr0;
	vmcb->cr2 = state->cr2;
	vmcb->cr3 = state->cr3;
	vmcb->cr4 = state->cr4;
	vmcb->efer = state->efer | EFER_SVME; /* VMRUN wants it */
	vmcb->dr6 = state->dr6;
	vmcb->dr7 = state->dr7;
	vmcb->cpl = state->cpl;
	for (unsigned i = 0; i < SEG_COUNT; i++)
		*segment(vmcb, i) = to_vmcb(&state->segments[i]);
	vmcb->gdtr = to_vmcb(&state->gdtr);
	vmcb->idtr = to_vmcb(&state->idtr);
	vmcb->clean = 0;
}

void svm_get_paging(const struct vcpu *vcpu, struct x86_paging *paging)
{
	const struct vmcb *vmcb = vcpu->svm->vmcb;
	paging->cr0 = vmcb->cr0;
	paging->cr3 = vmcb->cr3;
	paging->cr4 = vmcb->cr4;
	paging->efer = vmcb->efer;
	paging->cs_base = vmcb->cs.base;
	paging->cs_attributes = vmcb->cs.attributes;
	paging->cpl = vmcb->cpl;
	paging->vm86 = vcpu->regs.rflags & RFLAGS_VM;
}

void svm_set_cr2(struct vcpu *vcpu, uint64_t linear)
{
	vcpu->svm->vmcb->cr2 = linear;
	vcpu->svm->vmcb->clean &= ~(uint32_t)CLEAN_CR2;
}
