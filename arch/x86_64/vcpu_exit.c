/* SPDX-License-Identifier: BSD-2-Clause */
/* The one exit table of both vendors. What ends here never comes up to the caller. */
#include <arch/err.h>
#include <arch/log.h>

#include "arch/x86_64/cpuid.h"
#include "arch/x86_64/topology.h"
#include "arch/x86_64/vcpu.h"

#define SHUTDOWN_TEXT "TRIPLE_FAULT"
#define INVALID_TEXT  "INVALID_GUEST_STATE"
#define UNKNOWN_TEXT  "UNEMULATED"
#define DR6_BS        (1ull << 14)

typedef bool handler(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit);

/* The guest steps through its code: the trap after an instruction that ended here. */
static __attribute__((noinline)) void single_step(struct vcpu *vcpu)
{
	struct x86_state state;
	hvm->get_state(vcpu, &state);
	state.dr6 |= DR6_BS;
	hvm->set_state(vcpu, &state);
	vcpu_inject_fault(vcpu, VECTOR_DB, false, 0);
}

void vcpu_skip_to(struct vcpu *vcpu, uint64_t rip)
{
	vcpu->regs.rip = rip;
	vcpu->regs.rflags &= ~RFLAGS_RF;
	hvm->skip(vcpu);
	if (vcpu->regs.rflags & RFLAGS_TF)
		single_step(vcpu);
}

void vcpu_skip(struct vcpu *vcpu, const struct insn *insn)
{
	uint64_t rip = vcpu->regs.rip + insn->length;
	vcpu_skip_to(vcpu, insn->mode == 64 ? rip : rip & 0xffffffff);
}

void vcpu_inject_fault(struct vcpu *vcpu, uint8_t vector, bool has_error, uint32_t error)
{
	hvm->inject(vcpu, vector, has_error, error);
}

static bool fail(struct vcpu_exit *exit, enum exit_kind kind, const char *reason)
{
	exit->kind = kind;
	exit->reason = reason;
	return false;
}

enum skip { SKIPPED, SKIP_FAULTED /* the guest gets a fault instead */, SKIP_FAILED };

/* Over an instruction of known length; prefixes make it longer, so the decoder is asked then. */
static enum skip skip(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	bool not_ram;
	if (x86->next_rip) {
		vcpu_skip_to(vcpu, x86->next_rip);
		return SKIPPED;
	}
	const struct insn *insn = emulate_fetch(vcpu, x86, &not_ram);
	if (insn) {
		vcpu_skip(vcpu, insn);
		return SKIPPED;
	}
	if (!not_ram)
		return SKIP_FAULTED;
	fail(exit, EXIT_ERROR, UNKNOWN_TEXT);
	return SKIP_FAILED;
}

/* For instructions that have no effect on registers. */
static bool skip_plain(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	return skip(vcpu, x86, exit) != SKIP_FAILED;
}

static bool on_host(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	(void)vcpu;
	(void)x86;
	exit->kind = EXIT_HOST;
	return false;
}

/* A leaf that each vCPU has for itself. */
static __attribute__((noinline)) struct cpuid_regs own_leaf(const struct vcpu *vcpu, uint32_t leaf,
                                                            uint32_t subleaf)
{
	struct cpuid_regs r = guest_cpuid(leaf, subleaf);
	if (leaf == 1 && (hvm->get_cr4(vcpu) & CR4_OSXSAVE))
		r.ecx |= CPUID_OSXSAVE;
	topology_leaf(leaf, subleaf, vcpu->index, vcpu->s2->vcpus, &r);
	return r;
}

static bool on_cpuid(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	uint64_t *gpr = vcpu->regs.gpr;
	enum skip skipped = skip(vcpu, x86, exit);
	if (skipped != SKIPPED)
		return skipped == SKIP_FAULTED;
	uint32_t leaf = (uint32_t)gpr[REG_RAX], subleaf = (uint32_t)gpr[REG_RCX];
	struct cpuid_regs r =
	    topology_has(leaf) ? own_leaf(vcpu, leaf, subleaf) : guest_cpuid(leaf, subleaf);
	gpr[REG_RAX] = r.eax;
	gpr[REG_RBX] = r.ebx;
	gpr[REG_RCX] = r.ecx;
	gpr[REG_RDX] = r.edx;
	return true;
}

static bool on_hlt(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	enum skip skipped = skip(vcpu, x86, exit);
	if (skipped == SKIPPED)
		exit->kind = EXIT_IDLE;
	return skipped == SKIP_FAULTED;
}

static bool general_protection(struct vcpu *vcpu)
{
	vcpu_inject_fault(vcpu, VECTOR_GP, true, 0);
	return true;
}

static bool refused_msr(struct vcpu *vcpu, bool write)
{
	vcpu->refused_msrs++;
	log_debug("vcpu %u: %s of MSR %#x refused at %#lx", vcpu->index, write ? "write" : "read",
	          (unsigned)vcpu->regs.gpr[REG_RCX], (unsigned long)vcpu->regs.rip);
	return general_protection(vcpu);
}

static bool on_rdmsr(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	uint64_t value;
	if (msr_read(vcpu, (uint32_t)vcpu->regs.gpr[REG_RCX], &value))
		return refused_msr(vcpu, false);
	enum skip skipped = skip(vcpu, x86, exit);
	if (skipped != SKIPPED)
		return skipped == SKIP_FAULTED;
	vcpu->regs.gpr[REG_RAX] = (uint32_t)value;
	vcpu->regs.gpr[REG_RDX] = value >> 32;
	return true;
}

static bool on_wrmsr(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	const uint64_t *gpr = vcpu->regs.gpr;
	uint64_t value = gpr[REG_RDX] << 32 | (uint32_t)gpr[REG_RAX];
	if (msr_write(vcpu, (uint32_t)gpr[REG_RCX], value))
		return refused_msr(vcpu, true);
	return skip_plain(vcpu, x86, exit);
}

/* XCR0: APM volume 2, 11.5.2. */
static bool on_xsetbv(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	const uint64_t *gpr = vcpu->regs.gpr;
	uint64_t value = gpr[REG_RDX] << 32 | (uint32_t)gpr[REG_RAX];
	struct x86_paging paging;
	hvm->get_paging(vcpu, &paging);
	if (paging.cpl || (uint32_t)gpr[REG_RCX] || !(value & 1) || (value & ~guest_xcr0_mask()) ||
	    (value & 6) == 4)
		return general_protection(vcpu);
	xsetbv(0, value);
	return skip_plain(vcpu, x86, exit);
}

static bool on_write_cr(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	bool not_ram;
	const struct insn *insn = emulate_fetch(vcpu, x86, &not_ram);
	if (!insn)
		return not_ram ? fail(exit, EXIT_ERROR, UNKNOWN_TEXT) : true;
	switch (vcpu_write_cr(vcpu, insn)) {
	case 0:
		vcpu_skip(vcpu, insn);
		return true;
	case ERR_INVALID:
		return general_protection(vcpu);
	default:
		return fail(exit, EXIT_ERROR, UNKNOWN_TEXT);
	}
}

static bool on_refused(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	(void)x86;
	(void)exit;
	vcpu_inject_fault(vcpu, VECTOR_UD, false, 0);
	return true;
}

static bool on_rdpmc(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	(void)x86;
	(void)exit;
	return general_protection(vcpu);
}

static bool on_exception(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	(void)exit;
	vcpu_inject_fault(vcpu, x86->exception.vector, x86->exception.has_error,
	                  x86->exception.error);
	return true;
}

static bool on_shutdown(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	(void)vcpu;
	(void)x86;
	return fail(exit, EXIT_SHUTDOWN, SHUTDOWN_TEXT);
}

static bool on_invalid(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	(void)vcpu;
	(void)x86;
	return fail(exit, EXIT_ERROR, INVALID_TEXT);
}

static bool on_unknown(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	log_debug("vcpu %u: exit %#lx at %#lx", vcpu->index, (unsigned long)x86->code,
	          (unsigned long)vcpu->regs.rip);
	return fail(exit, EXIT_ERROR, UNKNOWN_TEXT);
}

static const struct {
	handler *handle;
	const char *name;
} table[X86_EXIT_KINDS] = {
    [X86_HOST] = {on_host, "host"},
    [X86_CPUID] = {on_cpuid, "cpuid"},
    [X86_HLT] = {on_hlt, "hlt"},
    [X86_RDMSR] = {on_rdmsr, "rdmsr"},
    [X86_WRMSR] = {on_wrmsr, "wrmsr"},
    [X86_PORT] = {emulate_port, "port"},
    [X86_NESTED_FAULT] = {emulate_mmio, "mmio"},
    [X86_WRITE_CR] = {on_write_cr, "cr"},
    [X86_XSETBV] = {on_xsetbv, "xsetbv"},
    [X86_CACHE_FLUSH] = {skip_plain, "cache flush"},
    [X86_REFUSED] = {on_refused, "refused"},
    [X86_RDPMC] = {on_rdpmc, "rdpmc"},
    [X86_EXCEPTION] = {on_exception, "exception"},
    [X86_SHUTDOWN] = {on_shutdown, "shutdown"},
    [X86_INVALID] = {on_invalid, "invalid"},
    [X86_UNKNOWN] = {on_unknown, "unknown"},
};

bool vcpu_handle(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	vcpu->exits[x86->kind]++;
	return table[x86->kind].handle(vcpu, x86, exit);
}

size_t vcpu_stats(const struct vcpu *vcpu, struct vcpu_stat *stats, size_t max)
{
	size_t count = 0;
	for (unsigned i = 0; i < X86_EXIT_KINDS && count < max; i++)
		if (vcpu->exits[i])
			stats[count++] = (struct vcpu_stat){table[i].name, vcpu->exits[i]};
	if (vcpu->refused_msrs && count < max)
		stats[count++] = (struct vcpu_stat){"refused msr", vcpu->refused_msrs};
	return count;
}
