/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions into the guest. */
#include "arch/aarch64/pure/exception.h"
#include "arch/aarch64/vcpu.h"

void vcpu_inject(struct vcpu *vcpu, uint64_t esr)
{
	struct exception_features has = {guest_machine.pan, guest_machine.ssbs};
	uint64_t vbar, sctlr;
	if (host_vhe) {
		vbar = sysreg_read(VBAR_EL12);
		sctlr = sysreg_read(SCTLR_EL12);
		sysreg_write(ESR_EL12, esr);
		sysreg_write(ELR_EL12, vcpu->pc);
		sysreg_write(SPSR_EL12, vcpu->pstate);
	} else {
		vbar = sysreg_read(vbar_el1);
		sctlr = sysreg_read(sctlr_el1);
		sysreg_write(esr_el1, esr);
		sysreg_write(elr_el1, vcpu->pc);
		sysreg_write(spsr_el1, vcpu->pstate);
	}
	vcpu->pc = vbar + exception_vector_offset(vcpu->pstate);
	vcpu->pstate = exception_pstate(vcpu->pstate, sctlr, has);
}

void vcpu_inject_undefined(struct vcpu *vcpu, uint64_t esr)
{
	vcpu_inject(vcpu, ESR_EC_OF(ESR_CLASS_UNKNOWN) | (esr & ESR_IL));
}

void vcpu_inject_abort(struct vcpu *vcpu, uint64_t esr, uint64_t far, bool walk)
{
	if (host_vhe)
		sysreg_write(FAR_EL12, far);
	else
		sysreg_write(far_el1, far);
	vcpu_inject(vcpu, exception_external_abort(esr, vcpu->pstate, walk));
}

/* The CPU itself delivers it when the guest lets it. */
void vcpu_inject_serror(struct vcpu *vcpu)
{
	(void)vcpu;
	sysreg_write(hcr_el2, sysreg_read(hcr_el2) | HCR_VSE);
}
