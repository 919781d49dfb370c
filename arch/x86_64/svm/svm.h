/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of arch/x86_64/svm. */
#pragma once

#include "arch/x86_64/svm/vmcb.h"
#include "arch/x86_64/vcpu.h"

struct svm_vcpu {
	struct vmcb *vmcb;
	uint64_t asid_round; /* of the CPU's ids when asid was given */
	uint64_t generation; /* of the guest's stage 2 that the TLB may hold */
	int asid_cpu;
	int requested; /* the vector behind V_IRQ, -1: none */
};

/* What the CPU offers, CPUID 0x8000000a. Set on the boot CPU. */
struct svm_features {
	bool next_rip, decode_assists;
	uint32_t asids;
};
extern struct svm_features svm_features;

/* asid.c: give the guest an id whose TLB entries are its own; called before each run. */
void svm_asid_prepare(struct vcpu *vcpu);

/* exit.c: the hardware's exit as the record of both vendors. */
void svm_read_exit(struct vcpu *vcpu, struct x86_exit *exit);
/* event.c */
void svm_prepare_events(struct vcpu *vcpu); /* before a run */
void svm_finish_events(struct vcpu *vcpu);  /* after it */
void svm_inject(struct vcpu *vcpu, uint8_t vector, bool has_error, uint32_t error);

/* state.c */
void svm_get_state(struct vcpu *vcpu, struct x86_state *state);
void svm_set_state(struct vcpu *vcpu, const struct x86_state *state);
void svm_get_paging(const struct vcpu *vcpu, struct x86_paging *paging);
void svm_set_cr2(struct vcpu *vcpu, uint64_t linear);

/* permission.c: maps of ports and MSRs, shared by all guests. */
int svm_permission_init(void); /* ERR_NO_MEMORY */
extern uint64_t svm_iopm, svm_msrpm;

/* run.S */
void svm_enter(uint64_t vmcb, uint64_t *gpr, uint64_t host_vmcb);
