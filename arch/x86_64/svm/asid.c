/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address space ids. Each CPU hands them out in rounds: when they are used up, the whole TLB is
 * flushed and a new round begins. A guest whose translations changed simply takes a new id.
 */
#include <arch/cpu.h>

#include "arch/x86_64/host.h"
#include "arch/x86_64/svm/svm.h"

static struct asid_pool {
	uint64_t round;
	uint32_t next;
} pools[CPU_MAX];

static __attribute__((noinline)) void take(struct vcpu *vcpu, struct asid_pool *pool, int cpu)
{
	struct vmcb *vmcb = vcpu->svm->vmcb;
	if (pool->next == 0 || pool->next >= svm_features.asids) {
		pool->round++;
		pool->next = 1; /* 0 is the host */
		vmcb->tlb_control = TLB_FLUSH_ALL;
	}
	vmcb->guest_asid = pool->next++;
	vmcb->clean &= ~(uint32_t)CLEAN_ASID;
	vcpu->svm->asid_round = pool->round;
	vcpu->svm->asid_cpu = cpu;
	vcpu->svm->generation = vcpu->s2->tables.generation;
}

void svm_asid_prepare(struct vcpu *vcpu)
{
	const struct svm_vcpu *svm = vcpu->svm;
	int cpu = vcpu->cpu;
	struct asid_pool *pool = &pools[cpu];
	vcpu->svm->vmcb->tlb_control = 0;
	if (svm->asid_cpu != cpu || svm->asid_round != pool->round ||
	    svm->generation != vcpu->s2->tables.generation)
		take(vcpu, pool, cpu);
}
