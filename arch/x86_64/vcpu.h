/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of a vCPU, for the files of arch/x86_64 only. */
#pragma once

#include <arch/pages.h>
#include <arch/vcpu.h>

#include "arch/x86_64/emulate.h"
#include "arch/x86_64/hvm.h"
#include "arch/x86_64/insn.h"
#include "arch/x86_64/msr.h"

struct svm_vcpu;

struct stage2 {
	struct nested tables;
	unsigned vcpus; /* how many the guest has */
};

struct vcpu {
	struct x86_regs regs; /* current between exits */
	struct stage2 *s2;
	unsigned index;
	int cpu; /* that holds its FPU and debug registers, -1: none, they are below */

	/* External interrupts: what is offered, and what has been taken and not yet reported. */
	int offered, taken;
	bool nmi_pending;

	struct emulation emulation;
	struct fetch_cache fetches;

	struct x86_msrs msrs;
	uint64_t tsc_offset;
	uint64_t tsc_adjust; /* what the guest itself has added to it */

	/* Switched when another vCPU runs on the CPU. */
	uint64_t xcr0, tsc_aux, dr[4];
	bool tsc_aux_present;
	uint8_t *xsave; /* XSAVE_PAGES pages */

	struct svm_vcpu *svm;
	uint64_t exits[X86_EXIT_KINDS], refused_msrs;
};

#define XSAVE_PAGES 1

/* vcpu_switch.c: make the guest's FPU and debug registers those in the CPU. */
void vcpu_switch_init(struct vcpu *vcpu);
void vcpu_switch_in(struct vcpu *vcpu);
void vcpu_switch_forget(struct vcpu *vcpu); /* before its destruction or reset */

/* vcpu_exit.c: true: go on running the guest; false: *exit is filled for the caller. */
bool vcpu_handle(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit);

/* vcpu_cr.c: an instruction that writes CR0 or CR4. ERR_INVALID: #GP; ERR_UNSUPPORTED: no such
 * instruction. */
int vcpu_write_cr(struct vcpu *vcpu, const struct insn *insn);

/* Over the instruction that exited. */
void vcpu_skip(struct vcpu *vcpu, const struct insn *insn);
void vcpu_skip_to(struct vcpu *vcpu, uint64_t rip);
void vcpu_inject_fault(struct vcpu *vcpu, uint8_t vector, bool has_error, uint32_t error);
