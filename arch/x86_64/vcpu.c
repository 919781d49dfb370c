/* SPDX-License-Identifier: BSD-2-Clause */
/* The contract of arch/vcpu.h for both vendors. */
#include "arch/x86_64/vcpu.h"

#include <arch/err.h>
#include <arch/irq_vector.h>
#include <arch/log.h>
#include <string.h>

#include "arch/x86_64/cpuid.h"
#include "arch/x86_64/host.h"

#define VCPU_PAGES ((sizeof(struct vcpu) + PAGE_SIZE - 1) / PAGE_SIZE)
#define DR6_RESET  0xffff0ff0ull
#define DR7_RESET  0x400ull

const struct hvm_ops *hvm;

int cpu_virt_enable(void)
{
	static const struct hvm_ops *const vendors[] = {&svm_ops};
	int err = ERR_UNSUPPORTED;
	if (hvm)
		return hvm->cpu_enable();
	for (unsigned i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++) {
		err = vendors[i]->cpu_enable();
		if (err)
			continue;
		hvm = vendors[i];
		guest_cpuid_init(cpuid);
		log_info("virtualisation: %s", hvm->name);
		return 0;
	}
	return err;
}

static void free_vcpu(struct vcpu *vcpu)
{
	vcpu_switch_forget(vcpu);
	hvm->destroy(vcpu);
	if (vcpu->xsave)
		pages_free(vcpu->xsave, XSAVE_PAGES);
	pages_free(vcpu, VCPU_PAGES);
}

struct vcpu *vcpu_create(struct stage2 *s2, unsigned index)
{
	struct vcpu *vcpu = pages_alloc(VCPU_PAGES, PAGE_SIZE);
	if (!vcpu)
		return NULL;
	vcpu->s2 = s2;
	vcpu->index = index;
	vcpu->cpu = -1;
	vcpu->xsave = pages_alloc(XSAVE_PAGES, PAGE_SIZE);
	if (!vcpu->xsave || hvm->create(vcpu)) {
		free_vcpu(vcpu);
		return NULL;
	}
	vcpu_reset(vcpu);
	s2->vcpus++;
	return vcpu;
}

void vcpu_destroy(struct vcpu *vcpu)
{
	vcpu->s2->vcpus--;
	free_vcpu(vcpu);
}

/* APM volume 2, table 14-1. */
static void reset_state(struct x86_state *state)
{
	*state =
	    (struct x86_state){.cr0 = CR0_CD | CR0_NW | CR0_ET, .dr6 = DR6_RESET, .dr7 = DR7_RESET};
	for (unsigned i = SEG_ES; i <= SEG_GS; i++)
		state->segments[i] =
		    (struct x86_segment){.limit = 0xffff, .attributes = SEG_DATA16};
	state->segments[SEG_CS] = (struct x86_segment){0xffff0000, 0xffff, 0xf000, SEG_CODE16};
	state->segments[SEG_LDTR] = (struct x86_segment){.limit = 0xffff, .attributes = SEG_LDT};
	state->segments[SEG_TR] = (struct x86_segment){.limit = 0xffff, .attributes = SEG_TSS_BUSY};
	state->gdtr.limit = state->idtr.limit = 0xffff;
}

void vcpu_reset(struct vcpu *vcpu)
{
	struct x86_state state;
	hvm->reset(vcpu);
	reset_state(&state);
	hvm->set_state(vcpu, &state);
	vcpu->regs = (struct x86_regs){.rip = 0xfff0, .rflags = RFLAGS_FIXED1};
	vcpu->regs.gpr[REG_RDX] = guest_cpuid(1, 0).eax;
	vcpu->emulation.phase = EMULATE_NOTHING;
	memset(&vcpu->fetches, 0, sizeof(vcpu->fetches));
	vcpu->offered = vcpu->taken = -1;
	vcpu->nmi_pending = false;
	msr_reset(vcpu);
	vcpu_set_time_offset(vcpu, 0);
	vcpu_switch_init(vcpu);
}

void vcpu_set_entry(struct vcpu *vcpu, uint64_t entry, uint64_t argument)
{
	struct x86_state state;
	hvm->get_state(vcpu, &state);
	state.cr0 = CR0_PE | CR0_ET;
	for (unsigned i = SEG_ES; i <= SEG_GS; i++)
		state.segments[i] = (struct x86_segment){0, ~0u, 0x18, SEG_DATA32};
	state.segments[SEG_CS] = (struct x86_segment){0, ~0u, 0x10, SEG_CODE32};
	state.gdtr.base = VCPU_ENTRY_GDT;
	state.gdtr.limit = 4 * 8 - 1;
	hvm->set_state(vcpu, &state);
	memset(vcpu->regs.gpr, 0, sizeof(vcpu->regs.gpr));
	vcpu->regs.gpr[REG_RSI] = argument;
	vcpu->regs.rip = entry;
	vcpu->regs.rflags = RFLAGS_FIXED1;
}

/* As the start-up IPI leaves it: SDM volume 3, 9.4.4.1. */
void vcpu_set_start(struct vcpu *vcpu, uint64_t entry, uint64_t argument)
{
	struct x86_state state;
	(void)argument;
	hvm->get_state(vcpu, &state);
	state.cr0 = CR0_ET; /* firmware has switched the caches on */
	state.segments[SEG_CS] =
	    (struct x86_segment){entry, 0xffff, (uint16_t)(entry >> 4), SEG_CODE16};
	hvm->set_state(vcpu, &state);
	vcpu->regs.rip = 0;
}

void vcpu_run(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	struct x86_exit x86;
	if (emulate_next(vcpu, exit))
		return;
	if (vcpu->cpu != (int)this_cpu()->id)
		vcpu_switch_in(vcpu);
	this_cpu()->woken = false;
	do
		hvm->run(vcpu, &x86);
	while (vcpu_handle(vcpu, &x86, exit));
}

void vcpu_finish_access(struct vcpu *vcpu, uint64_t value)
{
	emulate_finish(vcpu, value);
}

void vcpu_refuse_access(struct vcpu *vcpu)
{
	emulate_finish(vcpu, ~0ull);
}

/* Vcpus are started through the local APIC: no such call exits. */
void vcpu_finish_call(struct vcpu *vcpu, int result)
{
	(void)vcpu, (void)result;
}

uint64_t vcpu_timer_deadline(const struct vcpu *vcpu)
{
	(void)vcpu;
	return UINT64_MAX;
}

void vcpu_offer_irq(struct vcpu *vcpu, int vector)
{
	vcpu->offered = vector;
}

int vcpu_irq_taken(struct vcpu *vcpu)
{
	int taken = vcpu->taken;
	vcpu->taken = -1;
	return taken;
}

bool vcpu_irq_enabled(const struct vcpu *vcpu)
{
	return hvm->irq_enabled(vcpu);
}

void vcpu_inject_nmi(struct vcpu *vcpu)
{
	vcpu->nmi_pending = true;
}

unsigned vcpu_task_priority(const struct vcpu *vcpu)
{
	return hvm->get_tpr(vcpu);
}

void vcpu_set_task_priority(struct vcpu *vcpu, unsigned priority)
{
	hvm->set_tpr(vcpu, priority);
}

void vcpu_set_time_offset(struct vcpu *vcpu, uint64_t cycles)
{
	vcpu->tsc_offset = cycles;
	vcpu->tsc_adjust = 0;
	hvm->set_tsc_offset(vcpu, cycles);
}

enum vcpu_counter vcpu_counter(void)
{
	return VCPU_COUNTER_X86_TSC;
}

/* The guest may be writing its TSC. */
uint64_t vcpu_counter_at(const struct vcpu *vcpu, uint64_t cycles)
{
	return cycles + __atomic_load_n(&vcpu->tsc_offset, __ATOMIC_RELAXED);
}

unsigned vcpu_page_sizes(void)
{
	return 4096;
}

uint64_t vcpu_pc(const struct vcpu *vcpu)
{
	return vcpu->regs.rip;
}
