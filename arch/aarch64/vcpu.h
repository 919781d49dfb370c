/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of a vCPU, for the files of arch/aarch64 only. */
#pragma once

#include <arch/irq_list.h>
#include <arch/pages.h>
#include <arch/vcpu.h>

#include "arch/aarch64/host.h"
#include "arch/aarch64/pure/syndrome.h"
#include "arch/aarch64/vcpu_offsets.h"
#include "arch/common/nested.h"

struct stage2 {
	struct nested tables; /* first: see stage2.c */
	uint64_t vttbr;
	const struct vcpu *ran[CPU_MAX]; /* whose translations each CPU's TLB may hold */
};

/* Registers of EL1 and EL0 that stay in the CPU until another vCPU runs there. Names with _EL12
 * when the hypervisor runs with E2H = 1, with _EL1 otherwise. */
#define EL1_CONTROL(X)   X(SCTLR) X(CPACR) X(TTBR0) X(TTBR1) X(MAIR) X(AMAIR) X(VBAR)
#define EL1_EXCEPTION(X) X(SPSR) X(ELR) X(ESR) X(FAR) X(AFSR0) X(AFSR1)
#define EL1_REGISTERS(X) EL1_CONTROL(X) EL1_EXCEPTION(X) X(CONTEXTIDR) X(CNTKCTL)
/* The same by one name. */
#define STACKS_AND_THREADS(X) X(SP_EL0) X(SP_EL1) X(TPIDR_EL0) X(TPIDRRO_EL0) X(TPIDR_EL1)
#define PLAIN_REGISTERS(X)    STACKS_AND_THREADS(X) X(PAR_EL1) X(CSSELR_EL1) X(MDSCR_EL1)
/* Pointer authentication keys; APIA is the hypervisor's own between exit and entry. */
#define DATA_KEYS(X)     X(APDAKEYLO) X(APDAKEYHI) X(APDBKEYLO) X(APDBKEYHI)
#define KEY_REGISTERS(X) X(APIBKEYLO) X(APIBKEYHI) DATA_KEYS(X) X(APGAKEYLO) X(APGAKEYHI)

struct el1_state {
#define FIELD(name) uint64_t name;
	EL1_REGISTERS(FIELD)
	PLAIN_REGISTERS(FIELD)
	KEY_REGISTERS(FIELD)
#undef FIELD
	uint64_t TCR;
};

struct fp_state {
	uint8_t q[32][16];
	uint64_t fpcr, fpsr;
} __attribute__((aligned(16)));

struct timer_state {
	uint64_t ctl, cval;
	bool fired;  /* not yet told */
	bool active; /* its physical interrupt, while not loaded */
};

/* GIC's virtual CPU interface while not loaded. */
struct list_state {
	uint64_t vmcr;
	uint64_t apr[2][4]; /* groups 0 and 1; GICv2 has one word */
};

enum arm_exit { ARM_SYNC = 0, ARM_INTERRUPT = 64, ARM_SERROR, ARM_EXIT_KINDS };

struct vcpu {
	uint64_t x[31];
	uint64_t pc, pstate; /* current between exits */
	uint64_t apia[2];    /* APIAKey; in the CPU only while the guest runs */
	bool pauth;          /* the guest and the hypervisor have keys of their own */
	unsigned index;
	int cpu; /* that holds the rest of its registers, -1: none, they are below */
	struct stage2 *s2;

	struct data_access access; /* the one that exited as EXIT_MMIO */
	uint64_t access_esr, access_far;
	enum exit_kind call; /* that vcpu_finish_call() answers */
	bool serror;         /* one for the guest waits in HCR_EL2.VSE */

	struct irq_list list;
	unsigned listed;  /* a bit a list register of the CPU that is not zero */
	uint64_t ich_hcr; /* what the CPU has */
	struct list_state lists;

	uint64_t time_offset;
	struct timer_state timer;
	struct el1_state el1;
	struct fp_state fp;

	uint64_t exits[ARM_EXIT_KINDS]; /* synchronous ones by class */
	uint64_t refused_registers, refused_calls;
};
_Static_assert(offsetof(struct vcpu, pc) == VCPU_PC, "");
_Static_assert(offsetof(struct vcpu, apia) == VCPU_APIA, "");
_Static_assert(offsetof(struct vcpu, pauth) == VCPU_PAUTH, "");

_Static_assert(offsetof(struct host_cpu, pauth_key) == HOST_CPU_PAUTH_KEY, "");

/* Facts about the machine that guests depend on; from cpu_virt_enable() on. */
struct guest_machine {
	uint64_t hcr, vtcr, midr;
	struct nested_format format;
	bool pauth, pan, ssbs, fwb;
	uint64_t id[8][8]; /* what guests read: by CRm, op2 */
};
extern struct guest_machine guest_machine;

/* run.S: run the guest until its next exit; the kind of exception, as in offsets.h. */
unsigned vcpu_enter(struct vcpu *vcpu);

/* vcpu_switch.c: make the vCPU's registers those in the CPU. */
void vcpu_switch_in(struct vcpu *vcpu);
void vcpu_switch_forget(struct vcpu *vcpu); /* before its destruction or reset */
void vcpu_switch_reset(struct vcpu *vcpu);
static inline bool vcpu_loaded(const struct vcpu *vcpu)
{
	return vcpu->cpu >= 0;
}

/* vcpu_exit.c: true: go on running the guest; false: *exit is filled for the caller. */
bool vcpu_handle(struct vcpu *vcpu, unsigned kind, struct vcpu_exit *exit);
void vcpu_skip(struct vcpu *vcpu); /* over the instruction that exited */
static inline uint64_t vcpu_get(const struct vcpu *vcpu, unsigned reg)
{
	return reg < 31 ? vcpu->x[reg] : 0;
}
static inline void vcpu_put(struct vcpu *vcpu, unsigned reg, uint64_t value)
{
	if (reg < 31)
		vcpu->x[reg] = value;
}

/* vcpu_abort.c, vcpu_sysreg.c, vcpu_call.c: handlers of exits. */
bool vcpu_data_abort(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit);
bool vcpu_fetch_abort(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit);
bool vcpu_sysreg(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit);
bool vcpu_hvc(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit);
bool vcpu_smc(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit);

/* vcpu_inject.c: the loaded vCPU takes a synchronous exception to EL1; esr for ESR_EL1. */
void vcpu_inject(struct vcpu *vcpu, uint64_t esr);
void vcpu_inject_undefined(struct vcpu *vcpu, uint64_t esr); /* esr: ESR_EL2 of what exited */
void vcpu_inject_abort(struct vcpu *vcpu, uint64_t esr, uint64_t far, bool walk);
void vcpu_inject_serror(struct vcpu *vcpu);

/* vcpu_timer.c */
int vcpu_timer_enable(void); /* on this CPU */
void vcpu_timer_load(struct vcpu *vcpu);
void vcpu_timer_save(struct vcpu *vcpu);
void vcpu_timer_reset(struct vcpu *vcpu); /* loaded or not */

/* lists.c: the virtual CPU interface. */
int lists_enable(void); /* on this CPU */
void lists_switch_in(struct vcpu *vcpu);
void lists_switch_out(struct vcpu *vcpu);
void lists_load(struct vcpu *vcpu);  /* before a run */
void lists_store(struct vcpu *vcpu); /* after it: no maintenance interrupt comes any more */
