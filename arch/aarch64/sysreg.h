/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System registers of AArch64 (Arm ARM DDI 0487, D19) and the few instructions that C has no word
 * for. Names that the assembler knows only with an extension are spelled by their encoding.
 */
#pragma once

#include <stdint.h>

#define SYSREG_TEXT_(name) #name
#define SYSREG_TEXT(name)  SYSREG_TEXT_(name)

#define sysreg_read(name)                                                                          \
	({                                                                                         \
		uint64_t value_;                                                                   \
		__asm__ volatile("mrs %0, " SYSREG_TEXT(name) : "=r"(value_));                     \
		value_;                                                                            \
	})
#define sysreg_write(name, value)                                                                  \
	__asm__ volatile("msr " SYSREG_TEXT(name) ", %x0" : : "rZ"((uint64_t)(value)))

static inline void isb(void)
{
	__asm__ volatile("isb" : : : "memory");
}

/* All memory accesses before it are complete, for every observer of the system. */
static inline void dsb(void)
{
	__asm__ volatile("dsb sy" : : : "memory");
}

/* The same for the CPUs of the inner shareable domain: enough for page tables and mailboxes. */
static inline void dsb_ish(void)
{
	__asm__ volatile("dsb ish" : : : "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}

/* A field of an identification register: four bits, unsigned, from bit `shift` on. */
static inline unsigned id_field(uint64_t reg, unsigned shift)
{
	return (unsigned)(reg >> shift & 15);
}

/* Identification registers by encoding, and the fields that are looked at. */
#define ID_AA64ISAR2_EL1 S3_0_C0_C6_2
#define ID_AA64ZFR0_EL1  S3_0_C0_C4_4
#define ID_AA64SMFR0_EL1 S3_0_C0_C4_5

#define ID_PFR0_EL2       8
#define ID_PFR0_FP        16
#define ID_PFR0_ADVSIMD   20
#define ID_PFR0_GIC       24
#define ID_PFR0_RAS       28
#define ID_PFR0_SVE       32
#define ID_PFR0_MPAM      40
#define ID_PFR1_BT        0
#define ID_PFR1_MTE       8
#define ID_PFR1_SME       24
#define ID_ISAR0_ATOMIC   20
#define ID_ISAR0_RNDR     60
#define ID_ISAR1_APA      4
#define ID_ISAR1_API      8
#define ID_ISAR1_GPA      24
#define ID_ISAR1_GPI      28
#define ID_ISAR2_APA3     12
#define ID_MMFR0_PARANGE  0
#define ID_MMFR0_TGRAN4   28
#define ID_MMFR0_FGT      56
#define ID_MMFR0_ECV      60
#define ID_MMFR1_HAFDBS   0
#define ID_MMFR1_VMIDBITS 4
#define ID_MMFR1_VH       8
#define ID_MMFR1_PAN      20
#define ID_MMFR1_XNX      28
#define ID_MMFR1_HCX      40
#define ID_MMFR2_FWB      40

/* CurrentEL */
#define CURRENT_EL2 (2ul << 2)

/* MPIDR_EL1: the affinity of a CPU, as firmware's tables and PSCI name it. */
#define MPIDR_AFFINITY 0xff00fffffful

/* HCR_EL2 */
#define HCR_VM     (1ul << 0)
#define HCR_SWIO   (1ul << 1)
#define HCR_PTW    (1ul << 2)
#define HCR_FMO    (1ul << 3)
#define HCR_IMO    (1ul << 4)
#define HCR_AMO    (1ul << 5)
#define HCR_VF     (1ul << 6)
#define HCR_VI     (1ul << 7)
#define HCR_VSE    (1ul << 8)
#define HCR_FB     (1ul << 9)
#define HCR_BSU_IS (1ul << 10)
#define HCR_DC     (1ul << 12)
#define HCR_TWI    (1ul << 13)
#define HCR_TWE    (1ul << 14)
#define HCR_TID0   (1ul << 15)
#define HCR_TID1   (1ul << 16)
#define HCR_TID2   (1ul << 17)
#define HCR_TID3   (1ul << 18)
#define HCR_TSC    (1ul << 19)
#define HCR_TIDCP  (1ul << 20)
#define HCR_TACR   (1ul << 21)
#define HCR_TSW    (1ul << 22)
#define HCR_TPCP   (1ul << 23)
#define HCR_TPU    (1ul << 24)
#define HCR_TTLB   (1ul << 25)
#define HCR_TVM    (1ul << 26)
#define HCR_TGE    (1ul << 27)
#define HCR_HCD    (1ul << 29)
#define HCR_TRVM   (1ul << 30)
#define HCR_RW     (1ul << 31)
#define HCR_E2H    (1ul << 34)
#define HCR_TLOR   (1ul << 35)
#define HCR_TERR   (1ul << 36)
#define HCR_APK    (1ul << 40)
#define HCR_API    (1ul << 41)
#define HCR_FWB    (1ul << 46)
#define HCR_TID4   (1ul << 49)

/* SCTLR_EL2; what is reserved as one, or means "as before" where E2H gives it a meaning. */
#define SCTLR_M    (1ul << 0)
#define SCTLR_A    (1ul << 1)
#define SCTLR_C    (1ul << 2)
#define SCTLR_SA   (1ul << 3)
#define SCTLR_I    (1ul << 12)
#define SCTLR_WXN  (1ul << 19)
#define SCTLR_ENIA (1ul << 31)
#define SCTLR_BT   (1ul << 36)
#define SCTLR_RES1 0x30c50830ul

/* CNTHP_CTL_EL2, CNTV_CTL_EL0 */
#define TIMER_ENABLE (1ul << 0)
#define TIMER_MASK   (1ul << 1)
#define TIMER_STATUS (1ul << 2)

/* ESR_EL2 */
#define ESR_CLASS(esr)     ((unsigned)((esr) >> 26 & 63))
#define ESR_CLASS_UNKNOWN  0x00
#define ESR_CLASS_WFX      0x01
#define ESR_CLASS_FP       0x07
#define ESR_CLASS_PAC      0x09
#define ESR_CLASS_BTI      0x0d
#define ESR_CLASS_ILLEGAL  0x0e
#define ESR_CLASS_HVC64    0x16
#define ESR_CLASS_SMC64    0x17
#define ESR_CLASS_SYSREG   0x18
#define ESR_CLASS_SVE      0x19
#define ESR_CLASS_IABT_LOW 0x20
#define ESR_CLASS_IABT     0x21
#define ESR_CLASS_PC       0x22
#define ESR_CLASS_DABT_LOW 0x24
#define ESR_CLASS_DABT     0x25
#define ESR_CLASS_SP       0x26
#define ESR_CLASS_SERROR   0x2f
#define ESR_CLASS_BRK64    0x3c
#define ESR_CLASS_PAC_FAIL 0x1c

/* PSTATE as in SPSR_EL2 */
#define PSTATE_EL1H 0x5ul
#define PSTATE_EL2H 0x9ul
#define PSTATE_F    (1ul << 6)
#define PSTATE_I    (1ul << 7)
#define PSTATE_A    (1ul << 8)
#define PSTATE_D    (1ul << 9)

/* Registers by encoding: random numbers, pointer authentication's first key. */
#define RNDR          S3_3_C2_C4_0
#define APIAKEYLO_EL1 S3_0_C2_C1_0
#define APIAKEYHI_EL1 S3_0_C2_C1_1
#define SYSREG_PAN    S3_0_C4_C2_3

/* The guest's EL1 registers as a host with E2H = 1 reaches them. */
#define SCTLR_EL12      S3_5_C1_C0_0
#define CPACR_EL12      S3_5_C1_C0_2
#define TTBR0_EL12      S3_5_C2_C0_0
#define TTBR1_EL12      S3_5_C2_C0_1
#define TCR_EL12        S3_5_C2_C0_2
#define SPSR_EL12       S3_5_C4_C0_0
#define ELR_EL12        S3_5_C4_C0_1
#define AFSR0_EL12      S3_5_C5_C1_0
#define AFSR1_EL12      S3_5_C5_C1_1
#define ESR_EL12        S3_5_C5_C2_0
#define FAR_EL12        S3_5_C6_C0_0
#define MAIR_EL12       S3_5_C10_C2_0
#define AMAIR_EL12      S3_5_C10_C3_0
#define VBAR_EL12       S3_5_C12_C0_0
#define CONTEXTIDR_EL12 S3_5_C13_C0_1
#define CNTKCTL_EL12    S3_5_C14_C1_0
#define CNTP_TVAL_EL02  S3_5_C14_C2_0
#define CNTP_CTL_EL02   S3_5_C14_C2_1
#define CNTP_CVAL_EL02  S3_5_C14_C2_2
#define CNTV_TVAL_EL02  S3_5_C14_C3_0
#define CNTV_CTL_EL02   S3_5_C14_C3_1
#define CNTV_CVAL_EL02  S3_5_C14_C3_2

/* GIC CPU interface and hypervisor control, IHI 0069 12.2 and 12.4. */
#define ICC_PMR_EL1     S3_0_C4_C6_0
#define ICC_IAR1_EL1    S3_0_C12_C12_0
#define ICC_EOIR1_EL1   S3_0_C12_C12_1
#define ICC_HPPIR1_EL1  S3_0_C12_C12_2
#define ICC_BPR1_EL1    S3_0_C12_C12_3
#define ICC_DIR_EL1     S3_0_C12_C11_1
#define ICC_SGI1R_EL1   S3_0_C12_C11_5
#define ICC_CTLR_EL1    S3_0_C12_C12_4
#define ICC_SRE_EL1     S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7
#define ICC_SRE_EL2     S3_4_C12_C9_5
#define ICH_AP0R0_EL2   S3_4_C12_C8_0
#define ICH_AP0R1_EL2   S3_4_C12_C8_1
#define ICH_AP0R2_EL2   S3_4_C12_C8_2
#define ICH_AP0R3_EL2   S3_4_C12_C8_3
#define ICH_AP1R0_EL2   S3_4_C12_C9_0
#define ICH_AP1R1_EL2   S3_4_C12_C9_1
#define ICH_AP1R2_EL2   S3_4_C12_C9_2
#define ICH_AP1R3_EL2   S3_4_C12_C9_3
#define ICH_HCR_EL2     S3_4_C12_C11_0
#define ICH_VTR_EL2     S3_4_C12_C11_1
#define ICH_MISR_EL2    S3_4_C12_C11_2
#define ICH_EISR_EL2    S3_4_C12_C11_3
#define ICH_ELRSR_EL2   S3_4_C12_C11_5
#define ICH_VMCR_EL2    S3_4_C12_C11_7
#define ICH_LR0_EL2     S3_4_C12_C12_0
#define ICH_LR1_EL2     S3_4_C12_C12_1
#define ICH_LR2_EL2     S3_4_C12_C12_2
#define ICH_LR3_EL2     S3_4_C12_C12_3
#define ICH_LR4_EL2     S3_4_C12_C12_4
#define ICH_LR5_EL2     S3_4_C12_C12_5
#define ICH_LR6_EL2     S3_4_C12_C12_6
#define ICH_LR7_EL2     S3_4_C12_C12_7
#define ICH_LR8_EL2     S3_4_C12_C13_0
#define ICH_LR9_EL2     S3_4_C12_C13_1
#define ICH_LR10_EL2    S3_4_C12_C13_2
#define ICH_LR11_EL2    S3_4_C12_C13_3
#define ICH_LR12_EL2    S3_4_C12_C13_4
#define ICH_LR13_EL2    S3_4_C12_C13_5
#define ICH_LR14_EL2    S3_4_C12_C13_6
#define ICH_LR15_EL2    S3_4_C12_C13_7
