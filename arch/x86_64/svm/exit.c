/* SPDX-License-Identifier: BSD-2-Clause */
/* #VMEXIT codes as the exit record of both vendors: APM volume 2, appendix C. */
#include <string.h>

#include "arch/x86_64/regs.h"
#include "arch/x86_64/svm/svm.h"

static enum x86_exit_kind kind_of(const struct vmcb *vmcb)
{
	switch (vmcb->exit_code) {
	case VMEXIT_INTR:
	case VMEXIT_NMI:
	case VMEXIT_SMI:
	case VMEXIT_INIT:
	case VMEXIT_EXCEPTION + VECTOR_MC:
		return X86_HOST;
	case VMEXIT_CPUID:
		return X86_CPUID;
	case VMEXIT_HLT:
		return X86_HLT;
	case VMEXIT_MSR:
		return vmcb->exit_info1 & 1 ? X86_WRMSR : X86_RDMSR;
	case VMEXIT_IOIO:
		return X86_PORT;
	case VMEXIT_NPF:
		return X86_NESTED_FAULT;
	case VMEXIT_CR_WRITE + 0:
	case VMEXIT_CR_WRITE + 4:
		return X86_WRITE_CR;
	case VMEXIT_XSETBV:
		return X86_XSETBV;
	case VMEXIT_INVD:
	case VMEXIT_WBINVD:
		return X86_CACHE_FLUSH;
	case VMEXIT_RDPMC:
		return X86_RDPMC;
	case VMEXIT_RSM:
	case VMEXIT_INVLPGA:
	case VMEXIT_VMRUN ... VMEXIT_SKINIT:
	case VMEXIT_MONITOR:
	case VMEXIT_MWAIT:
	case VMEXIT_MWAIT_ARMED:
	case VMEXIT_RDPRU:
		return X86_REFUSED;
	case VMEXIT_EXCEPTION + VECTOR_DB:
	case VMEXIT_EXCEPTION + VECTOR_AC:
		return X86_EXCEPTION;
	case VMEXIT_SHUTDOWN:
		return X86_SHUTDOWN;
	case VMEXIT_INVALID:
		return X86_INVALID;
	default:
		return X86_UNKNOWN;
	}
}

static void read_port(const struct vmcb *vmcb, struct x86_exit *exit)
{
	uint64_t info = vmcb->exit_info1;
	exit->port.port = (uint16_t)(info >> 16);
	exit->port.size = (uint8_t)(info >> IOIO_SIZE & 7);
	exit->port.in = info & IOIO_IN;
	exit->port.string = info & IOIO_STRING;
	exit->next_rip = vmcb->exit_info2;
}

static void read_fault(const struct vmcb *vmcb, struct x86_exit *exit)
{
	exit->fault.gpa = vmcb->exit_info2;
	exit->fault.fetch = vmcb->exit_info1 & NPF_FETCH;
	exit->fault.table_walk = vmcb->exit_info1 & NPF_TABLE_WALK;
	exit->next_rip = 0;
	if (svm_features.decode_assists && vmcb->insn_count <= sizeof(vmcb->insn)) {
		exit->insn_count = vmcb->insn_count;
		memcpy(exit->insn, vmcb->insn, sizeof(vmcb->insn));
		exit->insn[15] = 0;
	}
}

void svm_read_exit(struct vcpu *vcpu, struct x86_exit *exit)
{
	const struct vmcb *vmcb = vcpu->svm->vmcb;
	exit->code = vmcb->exit_code;
	exit->kind = kind_of(vmcb);
	exit->mid_event = vmcb->exit_int_info & EVENT_VALID;
	exit->next_rip = svm_features.next_rip ? vmcb->next_rip : 0;
	exit->insn_count = 0;
	if (exit->kind == X86_PORT) {
		read_port(vmcb, exit);
	} else if (exit->kind == X86_NESTED_FAULT) {
		read_fault(vmcb, exit);
	} else if (exit->kind == X86_EXCEPTION) {
		exit->exception.vector = (uint8_t)(vmcb->exit_code - VMEXIT_EXCEPTION);
		exit->exception.has_error = exit->exception.vector == VECTOR_AC;
		exit->exception.error = 0;
	}
}
