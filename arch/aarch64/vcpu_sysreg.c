/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers whose accesses exit. */
#include <arch/log.h>
#include <arch/time.h>

#include "arch/aarch64/gic.h"
#include "arch/aarch64/pure/sysreg_table.h"
#include "arch/aarch64/vcpu.h"

#define OSLSR_OSLM 8u /* the OS lock is there */
#define ICC_SRE    7u /* system registers, no bypass of either kind */
#define MDSCR_SS   1u
#define MDSCR_KDE  (1u << 13)
#define MDSCR_MDE  (1u << 15)

static uint64_t read_register(const struct vcpu *vcpu, enum sysreg_kind kind, uint32_t key)
{
	switch (kind) {
	case SYSREG_ID:
		return guest_machine.id[SYSREG_CRM(key)][SYSREG_OP2(key)];
	case SYSREG_OSLSR:
		return OSLSR_OSLM;
	case SYSREG_MDSCR:
		return sysreg_read(mdscr_el1);
	case SYSREG_COUNTER:
		return time_cycles() + vcpu->time_offset;
	case SYSREG_ICC_SRE:
		return ICC_SRE;
	default:
		return 0;
	}
}

static void write_register(enum sysreg_kind kind, uint64_t value)
{
	if (kind == SYSREG_MDSCR)
		sysreg_write(mdscr_el1, value & (MDSCR_SS | MDSCR_KDE | MDSCR_MDE));
}

static bool refuse(struct vcpu *vcpu, uint64_t esr, const struct sysreg_access *access)
{
	vcpu->refused_registers++;
	log_debug("vcpu %u: %s of register %#x refused at %#lx", vcpu->index,
	          access->write ? "write" : "read", access->key, (unsigned long)vcpu->pc);
	vcpu_inject_undefined(vcpu, esr);
	return true;
}

bool vcpu_sysreg(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit)
{
	struct sysreg_access access = syndrome_sysreg((uint32_t)esr & ISS_MASK);
	enum sysreg_kind kind = sysreg_kind(access.key, access.write, gic_version() >= 3);
	if (kind == SYSREG_UNDEFINED)
		return refuse(vcpu, esr, &access);
	uint64_t value = vcpu_get(vcpu, access.reg);
	if (access.write)
		write_register(kind, value);
	else
		vcpu_put(vcpu, access.reg, read_register(vcpu, kind, access.key));
	vcpu->access_esr = esr;
	vcpu_skip(vcpu);
	if (kind != SYSREG_SGI1R)
		return true;
	exit->kind = EXIT_IPI;
	exit->ipi = value;
	return false;
}
