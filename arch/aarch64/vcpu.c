/* SPDX-License-Identifier: BSD-2-Clause */
/* The contract of arch/vcpu.h. */
#include "arch/aarch64/vcpu.h"

#include <string.h>

#include "arch/aarch64/irq.h"
#include "arch/aarch64/pure/exception.h"
#include "arch/aarch64/stage2.h"

#define VCPU_PAGES ((sizeof(struct vcpu) + PAGE_SIZE - 1) / PAGE_SIZE)

struct vcpu *vcpu_create(struct stage2 *s2, unsigned index)
{
	struct vcpu *vcpu = pages_alloc(VCPU_PAGES, PAGE_SIZE);
	if (!vcpu)
		return NULL;
	vcpu->s2 = s2;
	vcpu->index = index;
	vcpu->cpu = -1;
	vcpu->pauth = guest_machine.pauth;
	vcpu_reset(vcpu);
	return vcpu;
}

void vcpu_destroy(struct vcpu *vcpu)
{
	vcpu_switch_forget(vcpu);
	pages_free(vcpu, VCPU_PAGES);
}

void vcpu_reset(struct vcpu *vcpu)
{
	vcpu_switch_forget(vcpu);
	memset(vcpu->x, 0, sizeof(vcpu->x));
	memset(vcpu->apia, 0, sizeof(vcpu->apia));
	vcpu->pc = 0;
	vcpu->pstate = SPSR_EL1H | SPSR_DAIF;
	vcpu->serror = false;
	vcpu_switch_reset(vcpu);
	vcpu_timer_reset(vcpu);
	vcpu_set_time_offset(vcpu, 0);
}

void vcpu_set_start(struct vcpu *vcpu, uint64_t entry, uint64_t argument)
{
	vcpu->pc = entry;
	vcpu->x[0] = argument;
}

void vcpu_set_entry(struct vcpu *vcpu, uint64_t entry, uint64_t argument)
{
	vcpu_set_start(vcpu, entry, argument);
	stage2_clean(vcpu->s2);
	stage2_invalidate(&vcpu->s2->tables);
}

void vcpu_run(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	struct host_cpu *cpu = this_cpu();
	unsigned kind;
	if (cpu->vcpu != vcpu)
		vcpu_switch_in(vcpu);
	cpu->woken = false;
	lists_load(vcpu);
	do
		kind = vcpu_enter(vcpu);
	while (vcpu_handle(vcpu, kind, exit));
	lists_store(vcpu);
	if (kind == EXCEPTION_IRQ || kind == EXCEPTION_FIQ)
		irq_dispatch();
}

struct irq_list *vcpu_irq_list(struct vcpu *vcpu)
{
	return &vcpu->list;
}

uint64_t vcpu_pc(const struct vcpu *vcpu)
{
	return vcpu->pc;
}
