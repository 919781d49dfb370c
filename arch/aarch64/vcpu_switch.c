/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers that the hypervisor itself never touches: they stay in the CPU until another vCPU runs
 * there, or the vCPU leaves.
 */
#include <string.h>

#include "arch/aarch64/pure/smccc.h"
#include "arch/aarch64/stage2.h"

#define SCTLR_RESET 0x30d00800ul /* RES1; MMU and caches off */
#define MPIDR_RES1  (1ul << 31)
#define TCR_EPD     (1ul << 23 | 1ul << 7) /* no table walks */

void fp_save(struct fp_state *fp) __attribute__((visibility("hidden")));
void fp_load(const struct fp_state *fp) __attribute__((visibility("hidden")));

#define APIBKEYLO_EL1 S3_0_C2_C1_2
#define APIBKEYHI_EL1 S3_0_C2_C1_3
#define APDAKEYLO_EL1 S3_0_C2_C2_0
#define APDAKEYHI_EL1 S3_0_C2_C2_1
#define APDBKEYLO_EL1 S3_0_C2_C2_2
#define APDBKEYHI_EL1 S3_0_C2_C2_3
#define APGAKEYLO_EL1 S3_0_C2_C3_0
#define APGAKEYHI_EL1 S3_0_C2_C3_1

#define SAVE(name)      state->name = sysreg_read(name);
#define LOAD(name)      sysreg_write(name, state->name);
#define SAVE_EL1(name)  state->name = sysreg_read(name##_EL1);
#define LOAD_EL1(name)  sysreg_write(name##_EL1, state->name);
#define SAVE_EL12(name) state->name = sysreg_read(name##_EL12);
#define LOAD_EL12(name) sysreg_write(name##_EL12, state->name);

static void set_tcr(uint64_t value)
{
	if (host_vhe)
		sysreg_write(TCR_EL12, value);
	else
		sysreg_write(TCR_EL1, value);
	isb();
}

/* From here to load_el1() the CPU has no reason to walk tables of either guest. */
static void save_el1(struct el1_state *state)
{
	state->TCR = host_vhe ? sysreg_read(TCR_EL12) : sysreg_read(TCR_EL1);
	set_tcr(state->TCR | TCR_EPD);
	if (host_vhe) {
		EL1_REGISTERS(SAVE_EL12)
	} else {
		EL1_REGISTERS(SAVE_EL1)
	}
	PLAIN_REGISTERS(SAVE)
	if (guest_machine.pauth) {
		KEY_REGISTERS(SAVE_EL1)
	}
}

static void load_el1(const struct el1_state *state)
{
	if (host_vhe) {
		EL1_REGISTERS(LOAD_EL12)
	} else {
		EL1_REGISTERS(LOAD_EL1)
	}
	PLAIN_REGISTERS(LOAD)
	if (guest_machine.pauth) {
		KEY_REGISTERS(LOAD_EL1)
	}
	isb();
	set_tcr(state->TCR);
}

static void save(struct vcpu *vcpu)
{
	vcpu_timer_save(vcpu);
	lists_switch_out(vcpu);
	vcpu->serror = sysreg_read(hcr_el2) & HCR_VSE;
	save_el1(&vcpu->el1);
	fp_save(&vcpu->fp);
	vcpu->cpu = -1;
}

static void load(struct vcpu *vcpu)
{
	sysreg_write(vmpidr_el2, MPIDR_RES1 | smccc_affinity(vcpu->index));
	sysreg_write(vttbr_el2, vcpu->s2->vttbr);
	sysreg_write(hcr_el2, guest_machine.hcr | (vcpu->serror ? HCR_VSE : 0));
	isb();
	stage2_enter(vcpu->s2, vcpu);
	load_el1(&vcpu->el1);
	fp_load(&vcpu->fp);
	lists_switch_in(vcpu);
	vcpu_timer_load(vcpu);
}

void vcpu_leave_cpu(struct vcpu *vcpu)
{
	if (vcpu->cpu < 0)
		return;
	CHECK(vcpu->cpu == (int)cpu_id());
	save(vcpu);
	this_cpu()->vcpu = NULL;
}

void vcpu_switch_in(struct vcpu *vcpu)
{
	struct host_cpu *cpu = this_cpu();
	CHECK(vcpu->cpu < 0);
	if (cpu->vcpu)
		save(cpu->vcpu);
	else
		set_tcr(TCR_EPD);
	load(vcpu);
	cpu->vcpu = vcpu;
	vcpu->cpu = (int)cpu->id;
}

void vcpu_switch_forget(struct vcpu *vcpu)
{
	if (vcpu->cpu >= 0) {
		vcpu_timer_reset(vcpu);
		cpu_by_id((unsigned)vcpu->cpu)->vcpu = NULL;
	}
	vcpu->cpu = -1;
}

void vcpu_switch_reset(struct vcpu *vcpu)
{
	memset(&vcpu->el1, 0, sizeof(vcpu->el1));
	memset(&vcpu->fp, 0, sizeof(vcpu->fp));
	memset(&vcpu->lists, 0, sizeof(vcpu->lists));
	vcpu->el1.SCTLR = SCTLR_RESET;
}
