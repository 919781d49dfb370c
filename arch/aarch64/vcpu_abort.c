/* SPDX-License-Identifier: BSD-2-Clause */
/* Accesses that stage 2 does not allow. */
#include "arch/aarch64/pure/exception.h"
#include "arch/aarch64/vcpu.h"

#define HPFAR_FIPA(hpfar)    (((hpfar) >> 4 & 0xffffffffff) << 12)
#define FSC_TRANSLATION(iss) (((iss) >> 2 & 15) == 1)
#define FSC_PERMISSION(iss)  (((iss) >> 2 & 15) == 3)
#define PAR_F                1ul
#define PAR_ADDRESS          0x000ffffffffff000ul
#define PAGE_OFFSET          0xffful

/* The guest's own translation of an address that its EL1 reads. False: it has none (any more). */
static bool translate(uint64_t address, uint64_t *physical)
{
	uint64_t saved = sysreg_read(par_el1);
	__asm__ volatile("at s1e1r, %0; isb" : : "r"(address) : "memory");
	uint64_t par = sysreg_read(par_el1);
	sysreg_write(par_el1, saved);
	*physical = par & PAR_ADDRESS;
	return !(par & PAR_F);
}

/* Guest physical address of the access: HPFAR_EL2 is not valid for permission faults (D19.2.61). */
static bool fault_address(uint64_t esr, uint64_t far, uint64_t *address)
{
	bool known = true;
	if (FSC_PERMISSION(esr))
		known = translate(far, address);
	else
		*address = HPFAR_FIPA(sysreg_read(hpfar_el2));
	*address |= far & PAGE_OFFSET;
	return known;
}

static uint64_t guest_sctlr(void)
{
	return host_vhe ? sysreg_read(SCTLR_EL12) : sysreg_read(sctlr_el1);
}

static void fill_exit(const struct vcpu *vcpu, uint64_t address, struct vcpu_exit *exit)
{
	const struct data_access *access = &vcpu->access;
	exit->kind = EXIT_MMIO;
	exit->access.address = address;
	exit->access.size = access->size;
	exit->access.write = access->write;
	exit->access.value =
	    access->write ? syndrome_bus_order(access, vcpu_get(vcpu, access->reg)) : 0;
}

/* An access to RAM that may be away, whatever made it, is repeated. */
static enum nested_state ram_state(const struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit)
{
	if (!FSC_TRANSLATION(esr))
		return NESTED_FIXED;
	exit->kind = EXIT_PAGE;
	exit->access.address = HPFAR_FIPA(sysreg_read(hpfar_el2));
	return nested_state(&vcpu->s2->tables, exit->access.address);
}

bool vcpu_data_abort(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit)
{
	uint64_t far = sysreg_read(far_el2), address;
	enum nested_state state = ram_state(vcpu, esr, exit);
	if (state != NESTED_FIXED)
		return state == NESTED_MAPPED;
	enum abort_kind kind = syndrome_data_abort((uint32_t)esr & ISS_MASK, &vcpu->access);
	vcpu->access_esr = esr;
	vcpu->access_far = far;
	switch (kind) {
	case ABORT_ACCESS:
		if (!fault_address(esr, far, &address))
			return true; /* it changes its tables meanwhile: again */
		vcpu->access.reversed = exception_big_endian(vcpu->pstate, guest_sctlr());
		fill_exit(vcpu, address, exit);
		return false;
	case ABORT_CACHE: /* registers are not cached */
		vcpu_skip(vcpu);
		return true;
	default:
		vcpu_inject_abort(vcpu, esr, far, kind == ABORT_WALK);
		return true;
	}
}

bool vcpu_fetch_abort(struct vcpu *vcpu, uint64_t esr, struct vcpu_exit *exit)
{
	enum abort_kind kind = syndrome_fetch_abort((uint32_t)esr & ISS_MASK);
	enum nested_state state = ram_state(vcpu, esr, exit);
	if (state != NESTED_FIXED)
		return state == NESTED_MAPPED;
	vcpu_inject_abort(vcpu, esr, sysreg_read(far_el2), kind == ABORT_WALK);
	return true;
}

void vcpu_finish_access(struct vcpu *vcpu, uint64_t value)
{
	const struct data_access *access = &vcpu->access;
	if (!access->write)
		vcpu_put(vcpu, access->reg, syndrome_extend(access, value));
	vcpu_skip(vcpu);
}

void vcpu_refuse_access(struct vcpu *vcpu)
{
	vcpu_inject_abort(vcpu, vcpu->access_esr, vcpu->access_far, false);
}
