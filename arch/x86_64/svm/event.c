/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events for the guest. External interrupts go through V_IRQ, never through EVENTINJ: the CPU then
 * waits for RFLAGS.IF by itself, and clears V_IRQ when the guest has taken it. EVENTINJ carries
 * exceptions and NMIs.
 */
#include "arch/x86_64/regs.h"
#include "arch/x86_64/svm/svm.h"

void svm_inject(struct vcpu *vcpu, uint8_t vector, bool has_error, uint32_t error)
{
	uint64_t event = EVENT_VALID | vector;
	event |= vector == VECTOR_NMI ? EVENT_NMI : EVENT_EXCEPTION;
	if (has_error)
		event |= EVENT_HAS_ERROR | (uint64_t)error << 32;
	vcpu->svm->vmcb->event_inject = event;
}

static void request(struct svm_vcpu *svm, int vector)
{
	struct vmcb *vmcb = svm->vmcb;
	if (vector == svm->requested)
		return;
	vmcb->int_ctl &= ~(V_IRQ | V_INTR_MASK);
	if (vector >= 0) {
		vmcb->int_ctl |= V_IRQ | V_INTR_PRIO(vector >> 4);
		vmcb->int_vector = (uint32_t)vector;
	}
	vmcb->clean &= ~(uint32_t)CLEAN_TPR;
	svm->requested = vector;
}

void svm_prepare_events(struct vcpu *vcpu)
{
	struct vmcb *vmcb = vcpu->svm->vmcb;
	request(vcpu->svm, vcpu->offered);
	if (vcpu->nmi_pending && !(vmcb->event_inject & EVENT_VALID)) {
		vcpu->nmi_pending = false;
		svm_inject(vcpu, VECTOR_NMI, false, 0);
	}
}

/*
 * An exit in the middle of a delivery: give the event again. An external interrupt is offered
 * again instead. (An emulator of the CPU may record one as an exception of a vector that no
 * exception has.)
 */
static void reinject(struct vcpu *vcpu, uint64_t info, bool *interrupted)
{
	uint64_t type = info & EVENT_TYPE;
	uint8_t vector = info & EVENT_VECTOR;
	if (type == EVENT_INTR || (type == EVENT_EXCEPTION && vector > 31))
		*interrupted = true;
	else if (type == EVENT_NMI || type == EVENT_EXCEPTION)
		vcpu->svm->vmcb->event_inject = info;
	/* A software interrupt is repeated by its instruction, where RIP still points. */
}

void svm_finish_events(struct vcpu *vcpu)
{
	struct svm_vcpu *svm = vcpu->svm;
	bool interrupted = false;
	svm->vmcb->event_inject = 0;
	if (svm->vmcb->exit_int_info & EVENT_VALID)
		reinject(vcpu, svm->vmcb->exit_int_info, &interrupted);
	if (svm->requested < 0)
		return;
	if (interrupted) {
		svm->requested = -1;
	} else if (!(svm->vmcb->int_ctl & V_IRQ)) {
		vcpu->taken = svm->requested;
		vcpu->offered = svm->requested = -1;
	}
}
