/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FPU, debug and other registers that the hypervisor itself never touches: they stay in the CPU
 * until another vCPU runs there, or the vCPU leaves for another CPU.
 */
#include <arch/cpu.h>
#include <string.h>

#include "arch/x86_64/cpuid.h"
#include "arch/x86_64/host.h"
#include "arch/x86_64/vcpu.h"

#define MSR_PRED_CMD  0x00000049u
#define PRED_CMD_IBPB 1u
#define MXCSR_RESET   0x1f80u
#define FCW_RESET     0x037fu
#define XCR0_X87      1u
#define XSAVE_HEADER  512

static struct vcpu *current[CPU_MAX];

static bool has_xsave(void)
{
	return guest_xcr0_mask() != 0;
}

static void save_fpu(struct vcpu *vcpu)
{
	uint32_t mask = (uint32_t)guest_xcr0_mask();
	if (has_xsave()) {
		/* Not every CPU model lets XSETBV be intercepted, so ask it. */
		vcpu->xcr0 = xgetbv(0);
		xsetbv(0, mask); /* also what the guest has enabled before and disabled since */
		__asm__ volatile("xsave64 (%0)" : : "r"(vcpu->xsave), "a"(mask), "d"(0) : "memory");
	} else {
		__asm__ volatile("fxsave64 (%0)" : : "r"(vcpu->xsave) : "memory");
	}
}

static void load_fpu(struct vcpu *vcpu)
{
	uint32_t mask = (uint32_t)guest_xcr0_mask();
	if (has_xsave()) {
		xsetbv(0, mask);
		__asm__ volatile("xrstor64 (%0)"
		                 :
		                 : "r"(vcpu->xsave), "a"(mask), "d"(0)
		                 : "memory");
		xsetbv(0, vcpu->xcr0);
	} else {
		__asm__ volatile("fxrstor64 (%0)" : : "r"(vcpu->xsave) : "memory");
	}
}

static void save(struct vcpu *vcpu)
{
	save_fpu(vcpu);
	__asm__ volatile("mov %%dr0, %0" : "=r"(vcpu->dr[0]));
	__asm__ volatile("mov %%dr1, %0" : "=r"(vcpu->dr[1]));
	__asm__ volatile("mov %%dr2, %0" : "=r"(vcpu->dr[2]));
	__asm__ volatile("mov %%dr3, %0" : "=r"(vcpu->dr[3]));
	vcpu->cpu = -1;
}

static void load(struct vcpu *vcpu)
{
	load_fpu(vcpu);
	__asm__ volatile("mov %0, %%dr0" : : "r"(vcpu->dr[0]));
	__asm__ volatile("mov %0, %%dr1" : : "r"(vcpu->dr[1]));
	__asm__ volatile("mov %0, %%dr2" : : "r"(vcpu->dr[2]));
	__asm__ volatile("mov %0, %%dr3" : : "r"(vcpu->dr[3]));
	if (vcpu->tsc_aux_present)
		wrmsr(MSR_TSC_AUX, vcpu->tsc_aux);
}

/* So that the last guest's branches do not steer this one's speculation. */
static void barrier(void)
{
	static int offered = -1;
	if (offered < 0)
		offered =
		    cpuid(0x80000000, 0).eax >= 0x80000008 && (cpuid(0x80000008, 0).ebx & 1u << 12);
	if (offered)
		wrmsr_safe(MSR_PRED_CMD, PRED_CMD_IBPB);
}

void vcpu_switch_in(struct vcpu *vcpu)
{
	unsigned cpu = cpu_id();
	if (current[cpu] == vcpu)
		return;
	CHECK(vcpu->cpu < 0); /* it has left the one before */
	if (current[cpu])
		save(current[cpu]);
	barrier();
	load(vcpu);
	hvm->arrive(vcpu);
	current[cpu] = vcpu;
	vcpu->cpu = (int)cpu;
}

void vcpu_leave_cpu(struct vcpu *vcpu)
{
	if (vcpu->cpu < 0)
		return;
	CHECK(vcpu->cpu == (int)cpu_id());
	save(vcpu);
	current[cpu_id()] = NULL;
}

void vcpu_switch_forget(struct vcpu *vcpu)
{
	if (vcpu->cpu >= 0)
		current[vcpu->cpu] = NULL;
	vcpu->cpu = -1;
}

void vcpu_switch_init(struct vcpu *vcpu)
{
	const uint16_t fcw = FCW_RESET;
	const uint32_t mxcsr = MXCSR_RESET;
	vcpu_switch_forget(vcpu);
	memset(vcpu->xsave, 0, XSAVE_PAGES * PAGE_SIZE);
	memcpy(vcpu->xsave, &fcw, sizeof(fcw));
	memcpy(vcpu->xsave + 24, &mxcsr, sizeof(mxcsr));
	vcpu->xsave[XSAVE_HEADER] = 3; /* XSTATE_BV: x87 and SSE are as above, AVX is zero */
	memset(vcpu->dr, 0, sizeof(vcpu->dr));
	vcpu->xcr0 = XCR0_X87;
	vcpu->tsc_aux = 0;
	vcpu->tsc_aux_present = guest_cpuid(0x80000001, 0).edx & 1u << 27;
}
