/* SPDX-License-Identifier: BSD-2-Clause */
/* The instruction that exited: its bytes, from the hardware or from the guest's memory. */
#include <string.h>

#include "arch/x86_64/emulate.h"
#include "arch/x86_64/regs.h"
#include "arch/x86_64/vcpu.h"
#include "arch/x86_64/walk.h"

static unsigned fetch(struct vcpu *vcpu, const struct x86_paging *paging, uint8_t *bytes,
                      uint64_t linear, uint32_t *error)
{
	struct walk walk = {
	    .s2 = vcpu->s2,
	    .cr0 = paging->cr0,
	    .cr3 = paging->cr3,
	    .cr4 = paging->cr4,
	    .efer = paging->efer,
	    .rflags = vcpu->regs.rflags,
	    .cpl = paging->cpl,
	};
	return walk_fetch(&walk, linear, bytes, INSN_MAX, error);
}

const struct insn *emulate_fetch(struct vcpu *vcpu, const struct x86_exit *x86, bool *not_ram)
{
	struct x86_paging paging;
	uint8_t fetched[INSN_MAX];
	const uint8_t *bytes = x86->insn;
	unsigned count = x86->insn_count;
	uint32_t error = 0;
	*not_ram = false;
	hvm->get_paging(vcpu, &paging);
	uint64_t linear = paging.cs_base + vcpu->regs.rip;
	if (!count) {
		bytes = fetched;
		count = fetch(vcpu, &paging, fetched, linear, &error);
	}
	const struct insn *insn =
	    insn_lookup(&vcpu->insns, vcpu->regs.rip, bytes, count, paging.mode);
	if (insn)
		return insn;
	if (count == INSN_MAX || x86->insn_count) {
		vcpu_inject_fault(vcpu, VECTOR_UD, false, 0);
	} else if (error) { /* its rest lies on a page that is not there */
		hvm->set_cr2(vcpu, linear + count);
		vcpu_inject_fault(vcpu, VECTOR_PF, true, error);
	} else {
		*not_ram = true;
	}
	return NULL;
}
