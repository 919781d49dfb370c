/* SPDX-License-Identifier: BSD-2-Clause */
/* The one exit table, by exception class. What ends here never comes up to the caller. */
#include <arch/log.h>

#include "arch/aarch64/pure/exception.h"
#include "arch/aarch64/vcpu.h"

#define ESR_CLASS_CP15_32 0x03
#define ESR_CLASS_CP15_64 0x04
#define ESR_CLASS_CP14_32 0x05
#define ESR_CLASS_CP14_LS 0x06
#define ESR_CLASS_CP10_ID 0x08
#define ESR_CLASS_CP14_64 0x0c
#define ESR_CLASS_SME     0x1d

#define INSN_WIDE   4u
#define INSN_NARROW 2u
#define WFX_TI      3u /* 0: WFI; the others may end at any time */

typedef bool handler(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit);

static void skip(struct vcpu *vcpu, uint64_t esr)
{
	vcpu->pc += esr & ESR_IL ? INSN_WIDE : INSN_NARROW;
	vcpu->pstate = exception_pstate_after(vcpu->pstate);
}

void vcpu_skip(struct vcpu *vcpu)
{
	skip(vcpu, vcpu->access_esr);
}

static bool undefined(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit)
{
	(void)exit;
	vcpu_inject_undefined(vcpu, esr);
	return true;
}

/* An instruction of AArch32 whose condition does not hold does nothing. */
static bool coprocessor(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit)
{
	if (exception_condition_holds(esr, vcpu->pstate))
		return undefined(vcpu, esr, exit);
	skip(vcpu, esr);
	return true;
}

static bool wait_for(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit)
{
	bool executed = exception_condition_holds(esr, vcpu->pstate);
	skip(vcpu, esr);
	if (!executed)
		return true;
	exit->kind = esr & WFX_TI ? EXIT_HOST : EXIT_IDLE;
	return false;
}

static const struct {
	handler *handle;
	const char *name;
} table[] = {
    [ESR_CLASS_WFX] = {wait_for, "wfi"},
    [ESR_CLASS_CP15_32] = {coprocessor, "cp15"},
    [ESR_CLASS_CP15_64] = {coprocessor, "cp15"},
    [ESR_CLASS_CP14_32] = {coprocessor, "cp14"},
    [ESR_CLASS_CP14_LS] = {coprocessor, "cp14"},
    [ESR_CLASS_CP10_ID] = {coprocessor, "cp10"},
    [ESR_CLASS_CP14_64] = {coprocessor, "cp14"},
    [ESR_CLASS_FP] = {undefined, "fp"},
    [ESR_CLASS_PAC] = {undefined, "pauth"},
    [ESR_CLASS_HVC64] = {vcpu_hvc, "hvc"},
    [ESR_CLASS_SMC64] = {vcpu_smc, "smc"},
    [ESR_CLASS_SYSREG] = {vcpu_sysreg, "sysreg"},
    [ESR_CLASS_SVE] = {undefined, "sve"},
    [ESR_CLASS_SME] = {undefined, "sme"},
    [ESR_CLASS_IABT_LOW] = {vcpu_fetch_abort, "fetch"},
    [ESR_CLASS_DABT_LOW] = {vcpu_data_abort, "mmio"},
    [63] = {NULL, NULL},
};

/* The rest of an interrupt is done once the guest's own are out of the CPU: see vcpu_run(). */
static bool on_interrupt(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	vcpu->exits[ARM_INTERRUPT]++;
	exit->kind = EXIT_HOST;
	return false;
}

/* The machine's, and nobody can say whose: the guest that was running is told. */
static bool on_serror(struct vcpu *vcpu)
{
	if (!vcpu->exits[ARM_SERROR]++)
		log_error("SError %#lx in vCPU %u at %#lx", (unsigned long)sysreg_read(esr_el2),
		          vcpu->index, (unsigned long)vcpu->pc);
	vcpu_inject_serror(vcpu);
	return true;
}

bool vcpu_handle(struct vcpu *vcpu, unsigned kind, struct vcpu_exit *exit)
{
	if (kind == EXCEPTION_SERROR)
		return on_serror(vcpu);
	if (kind != EXCEPTION_SYNC)
		return on_interrupt(vcpu, exit);
	uint64_t esr = sysreg_read(esr_el2);
	unsigned class = ESR_CLASS(esr);
	vcpu->exits[class]++;
	return (table[class].handle ? table[class].handle : undefined)(vcpu, esr, exit);
}

static const char *name_of(unsigned kind)
{
	if (kind == ARM_INTERRUPT)
		return "host";
	if (kind == ARM_SERROR)
		return "serror";
	return table[kind].name ? table[kind].name : "undefined";
}

size_t vcpu_stats(const struct vcpu *vcpu, struct vcpu_stat *stats, size_t max)
{
	size_t count = 0;
	for (unsigned i = 0; i < ARM_EXIT_KINDS && count < max; i++)
		if (vcpu->exits[i])
			stats[count++] = (struct vcpu_stat){name_of(i), vcpu->exits[i]};
	if (vcpu->refused_registers && count < max)
		stats[count++] = (struct vcpu_stat){"refused register", vcpu->refused_registers};
	if (vcpu->refused_calls && count < max)
		stats[count++] = (struct vcpu_stat){"refused call", vcpu->refused_calls};
	return count;
}
