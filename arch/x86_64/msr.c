/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/msr.h"

#include <arch/err.h>

#include "arch/x86_64/cpuid.h"
#include "arch/x86_64/vcpu.h"

#define MSR_PLATFORM_ID    0x00000017u
#define MSR_BIOS_SIGN_ID   0x0000008bu /* the microcode's level, on AMD */
#define MSR_MISC_ENABLE    0x000001a0u
#define MSR_SYSCFG         0xc0010010u
#define MSR_HWCR           0xc0010015u
#define MSR_IORR_BASE      0xc0010016u
#define MSR_TOP_MEM        0xc001001au
#define MSR_NB_CFG         0xc001001fu
#define MSR_INT_PENDING    0xc0010055u
#define MSR_MMIO_CONF_BASE 0xc0010058u
#define MSR_VM_CR_GUEST    0xc0010114u
#define MSR_OSVW_ID_LENGTH 0xc0010140u
#define MSR_LS_CFG         0xc0011020u
#define MSR_FP_CFG         0xc0011028u
#define MSR_DE_CFG         0xc0011029u
#define MSR_BU_CFG2        0xc001102au

#define MICROCODE_LEVEL  0x01000065ull
#define DE_CFG_SERIALIZE (1ull << 1) /* LFENCE serialises */
#define HWCR_ALLOWED     (1ull << 3 | 1ull << 6 | 1ull << 8 | 1ull << 18 | 1ull << 24)
#define PAT_RESET        0x0007040600070406ull
#define MTRR_ENABLED     0xc06ull /* on, fixed on, write-back: all of RAM is */

static int read_apic_base(struct vcpu *vcpu, uint64_t *value)
{
	*value = 0xfee00000 | APIC_BASE_ENABLE | (vcpu->index ? 0 : APIC_BASE_BSP);
	return 0;
}

static int write_apic_base(struct vcpu *vcpu, uint64_t value)
{
	uint64_t now;
	read_apic_base(vcpu, &now);
	return value == now ? 0 : ERR_INVALID;
}

static int read_tsc(struct vcpu *vcpu, uint64_t *value)
{
	*value = rdtsc() + vcpu->tsc_offset;
	return 0;
}

/* Whichever of the two registers is written, both follow (SDM, volume 3, 18.17.3). */
static int move_tsc(struct vcpu *vcpu, uint64_t cycles)
{
	vcpu->tsc_adjust += cycles;
	vcpu->tsc_offset += cycles;
	hvm->set_tsc_offset(vcpu, vcpu->tsc_offset);
	return 0;
}

static int write_tsc(struct vcpu *vcpu, uint64_t value)
{
	return move_tsc(vcpu, value - rdtsc() - vcpu->tsc_offset);
}

static int read_tsc_adjust(struct vcpu *vcpu, uint64_t *value)
{
	*value = vcpu->tsc_adjust;
	return 0;
}

static int write_tsc_adjust(struct vcpu *vcpu, uint64_t value)
{
	return move_tsc(vcpu, value - vcpu->tsc_adjust);
}

static int read_efer(struct vcpu *vcpu, uint64_t *value)
{
	struct x86_paging paging;
	hvm->get_paging(vcpu, &paging);
	*value = paging.efer & ~EFER_SVME;
	return 0;
}

static int write_efer(struct vcpu *vcpu, uint64_t value)
{
	struct x86_state state;
	hvm->get_state(vcpu, &state);
	bool paging = state.cr0 & CR0_PG;
	if ((value & ~(guest_efer_mask() | EFER_LMA)) ||
	    (paging && ((value ^ state.efer) & EFER_LME)))
		return ERR_INVALID;
	uint64_t changed = value ^ state.efer;
	state.efer = (value & ~EFER_LMA) | (state.efer & EFER_LMA);
	hvm->set_state(vcpu, &state);
	if (changed & EFER_NXE)
		hvm->flush(vcpu);
	return 0;
}

static int read_pat(struct vcpu *vcpu, uint64_t *value)
{
	*value = vcpu->msrs.pat;
	return 0;
}

static int write_pat(struct vcpu *vcpu, uint64_t value)
{
	for (unsigned i = 0; i < 64; i += 8) {
		unsigned type = value >> i & 0xff;
		if (type > 7 || type == 2 || type == 3)
			return ERR_INVALID;
	}
	vcpu->msrs.pat = value;
	hvm->set_pat(vcpu, value);
	return 0;
}

static int read_mtrr_def_type(struct vcpu *vcpu, uint64_t *value)
{
	*value = vcpu->msrs.mtrr_def_type;
	return 0;
}

static int write_mtrr_def_type(struct vcpu *vcpu, uint64_t value)
{
	if (value & ~0xcffull)
		return ERR_INVALID;
	vcpu->msrs.mtrr_def_type = value;
	return 0;
}

static int read_mcg_status(struct vcpu *vcpu, uint64_t *value)
{
	*value = vcpu->msrs.mcg_status;
	return 0;
}

static int write_mcg_status(struct vcpu *vcpu, uint64_t value)
{
	if (value)
		return ERR_INVALID;
	vcpu->msrs.mcg_status = 0;
	return 0;
}

static int read_hwcr(struct vcpu *vcpu, uint64_t *value)
{
	*value = vcpu->msrs.hwcr;
	return 0;
}

static int write_hwcr(struct vcpu *vcpu, uint64_t value)
{
	if (value & ~HWCR_ALLOWED)
		return ERR_INVALID;
	vcpu->msrs.hwcr = value;
	return 0;
}

static int read_microcode(struct vcpu *vcpu, uint64_t *value)
{
	(void)vcpu;
	*value = MICROCODE_LEVEL;
	return 0;
}

static int read_de_cfg(struct vcpu *vcpu, uint64_t *value)
{
	(void)vcpu;
	*value = DE_CFG_SERIALIZE;
	return 0;
}

static int write_de_cfg(struct vcpu *vcpu, uint64_t value)
{
	(void)vcpu;
	return value == DE_CFG_SERIALIZE ? 0 : ERR_INVALID;
}

static int read_vm_cr(struct vcpu *vcpu, uint64_t *value)
{
	(void)vcpu;
	*value = VM_CR_SVMDIS;
	return 0;
}

static int read_zero(struct vcpu *vcpu, uint64_t *value)
{
	(void)vcpu;
	*value = 0;
	return 0;
}

static int write_nothing(struct vcpu *vcpu, uint64_t value)
{
	(void)vcpu;
	(void)value;
	return 0;
}

static int write_zero(struct vcpu *vcpu, uint64_t value)
{
	(void)vcpu;
	return value ? ERR_INVALID : 0;
}

/* TSC_AUX stays in the CPU while the guest is current there. */
static int read_tsc_aux(struct vcpu *vcpu, uint64_t *value)
{
	*value = vcpu->tsc_aux;
	return vcpu->tsc_aux_present ? 0 : ERR_INVALID;
}

static int write_tsc_aux(struct vcpu *vcpu, uint64_t value)
{
	if (!vcpu->tsc_aux_present || value >> 32)
		return ERR_INVALID;
	vcpu->tsc_aux = value;
	wrmsr(MSR_TSC_AUX, value);
	return 0;
}

/* A missing function refuses. */
static const struct {
	uint32_t first, count;
	int (*read)(struct vcpu *vcpu, uint64_t *value);
	int (*write)(struct vcpu *vcpu, uint64_t value);
} registers[] = {
    {MSR_EFER, 1, read_efer, write_efer},
    {MSR_TSC, 1, read_tsc, write_tsc},
    {MSR_TSC_ADJUST, 1, read_tsc_adjust, write_tsc_adjust},
    {MSR_APIC_BASE, 1, read_apic_base, write_apic_base},
    {MSR_TSC_AUX, 1, read_tsc_aux, write_tsc_aux},
    {MSR_PAT, 1, read_pat, write_pat},
    {MSR_MTRRCAP, 1, read_zero, NULL},
    {MSR_MTRR_DEF_TYPE, 1, read_mtrr_def_type, write_mtrr_def_type},
    {MSR_PLATFORM_ID, 1, read_zero, NULL},
    {MSR_BIOS_SIGN_ID, 1, read_microcode, write_nothing},
    {MSR_MCG_CAP, 1, read_zero, NULL},
    {MSR_MCG_STATUS, 1, read_mcg_status, write_mcg_status},
    {MSR_MISC_ENABLE, 1, read_zero, write_zero},
    {MSR_DEBUGCTL, 1, read_zero, write_zero},
    {MSR_SYSCFG, 1, read_zero, write_zero},
    {MSR_HWCR, 1, read_hwcr, write_hwcr},
    {MSR_IORR_BASE, 4, read_zero, NULL},
    {MSR_TOP_MEM, 1, read_zero, NULL},
    {MSR_NB_CFG, 1, read_zero, write_nothing},
    {MSR_INT_PENDING, 1, read_zero, write_zero},
    {MSR_MMIO_CONF_BASE, 1, read_zero, write_zero},
    {MSR_VM_CR_GUEST, 1, read_vm_cr, NULL},
    {MSR_OSVW_ID_LENGTH, 2, read_zero, NULL},
    {MSR_LS_CFG, 4, read_zero, write_zero},
    {MSR_FP_CFG, 1, read_zero, write_zero},
    {MSR_DE_CFG, 1, read_de_cfg, write_de_cfg},
    {MSR_BU_CFG2, 1, read_zero, write_zero},
};

#define REGISTERS (sizeof(registers) / sizeof(registers[0]))

void msr_reset(struct vcpu *vcpu)
{
	vcpu->msrs = (struct x86_msrs){.mtrr_def_type = MTRR_ENABLED};
	write_pat(vcpu, PAT_RESET);
}

int msr_read(struct vcpu *vcpu, uint32_t index, uint64_t *value)
{
	for (unsigned i = 0; i < REGISTERS; i++)
		if (index - registers[i].first < registers[i].count)
			return registers[i].read ? registers[i].read(vcpu, value) : ERR_INVALID;
	return ERR_INVALID;
}

int msr_write(struct vcpu *vcpu, uint32_t index, uint64_t value)
{
	for (unsigned i = 0; i < REGISTERS; i++)
		if (index - registers[i].first < registers[i].count)
			return registers[i].write ? registers[i].write(vcpu, value) : ERR_INVALID;
	return ERR_INVALID;
}
