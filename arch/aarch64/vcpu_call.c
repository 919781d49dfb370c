/* SPDX-License-Identifier: BSD-2-Clause */
/* HVC and SMC. */
#include "arch/aarch64/pure/smccc.h"
#include "arch/aarch64/vcpu.h"

#define HVC_IMMEDIATE(esr) ((esr)&0xffff)

static bool refuse(struct vcpu *vcpu, int64_t answer)
{
	vcpu->refused_calls++;
	vcpu->x[0] = (uint64_t)answer;
	return true;
}

static bool call(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit)
{
	int64_t answer;
	if (HVC_IMMEDIATE(esr))
		return refuse(vcpu, PSCI_NOT_SUPPORTED);
	if (smccc_call(vcpu->x, &answer, exit)) {
		if (answer == PSCI_NOT_SUPPORTED)
			return refuse(vcpu, answer);
		vcpu->x[0] = (uint64_t)answer;
		return true;
	}
	vcpu->call = exit->kind;
	if (exit->kind == EXIT_CPU_START && stage2_lookup(vcpu->s2, exit->cpu.entry) == ~0ull)
		return refuse(vcpu, PSCI_INVALID_ADDRESS);
	if (exit->kind != EXIT_CPU_START && exit->kind != EXIT_CPU_STATE)
		vcpu->x[0] = (uint64_t)answer;
	return false;
}

bool vcpu_hvc(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit)
{
	return call(vcpu, esr, exit);
}

/* A trapped SMC has not been executed: Arm ARM D1.11.4. */
bool vcpu_smc(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit)
{
	vcpu->access_esr = esr;
	vcpu_skip(vcpu);
	return call(vcpu, esr, exit);
}

void vcpu_finish_call(struct vcpu *vcpu, int result)
{
	vcpu->x[0] = (uint64_t)smccc_answer(vcpu->call, result);
}
