/* SPDX-License-Identifier: BSD-2-Clause */
/* The processor's registers and instructions that C has no word for. Names as in the APM and SDM.
 */
#pragma once

#include <stdint.h>

/* Control registers: APM volume 2, 3.1. */
#define CR0_PE (1ul << 0)
#define CR0_MP (1ul << 1)
#define CR0_EM (1ul << 2)
#define CR0_TS (1ul << 3)
#define CR0_ET (1ul << 4)
#define CR0_NE (1ul << 5)
#define CR0_WP (1ul << 16)
#define CR0_AM (1ul << 18)
#define CR0_NW (1ul << 29)
#define CR0_CD (1ul << 30)
#define CR0_PG (1ul << 31)

#define CR4_VME        (1ul << 0)
#define CR4_PVI        (1ul << 1)
#define CR4_TSD        (1ul << 2)
#define CR4_DE         (1ul << 3)
#define CR4_PSE        (1ul << 4)
#define CR4_PAE        (1ul << 5)
#define CR4_MCE        (1ul << 6)
#define CR4_PGE        (1ul << 7)
#define CR4_PCE        (1ul << 8)
#define CR4_OSFXSR     (1ul << 9)
#define CR4_OSXMMEXCPT (1ul << 10)
#define CR4_UMIP       (1ul << 11)
#define CR4_LA57       (1ul << 12)
#define CR4_FSGSBASE   (1ul << 16)
#define CR4_PCIDE      (1ul << 17)
#define CR4_OSXSAVE    (1ul << 18)
#define CR4_SMEP       (1ul << 20)
#define CR4_SMAP       (1ul << 21)
#define CR4_PKE        (1ul << 22)

#define EFER_SCE   (1ul << 0)
#define EFER_LME   (1ul << 8)
#define EFER_LMA   (1ul << 10)
#define EFER_NXE   (1ul << 11)
#define EFER_SVME  (1ul << 12)
#define EFER_LMSLE (1ul << 13)
#define EFER_FFXSR (1ul << 14)

#define RFLAGS_CF     (1ul << 0)
#define RFLAGS_FIXED1 (1ul << 1)
#define RFLAGS_TF     (1ul << 8)
#define RFLAGS_IF     (1ul << 9)
#define RFLAGS_DF     (1ul << 10)
#define RFLAGS_RF     (1ul << 16)
#define RFLAGS_VM     (1ul << 17)
#define RFLAGS_AC     (1ul << 18)

#define MSR_TSC            0x00000010u
#define MSR_TSC_ADJUST     0x0000003bu
#define MSR_APIC_BASE      0x0000001bu
#define MSR_MTRRCAP        0x000000feu
#define MSR_SYSENTER_CS    0x00000174u
#define MSR_SYSENTER_ESP   0x00000175u
#define MSR_SYSENTER_EIP   0x00000176u
#define MSR_MCG_CAP        0x00000179u
#define MSR_MCG_STATUS     0x0000017au
#define MSR_MCG_CTL        0x0000017bu
#define MSR_DEBUGCTL       0x000001d9u
#define MSR_PAT            0x00000277u
#define MSR_MTRR_DEF_TYPE  0x000002ffu
#define MSR_MC0_CTL        0x00000400u
#define MSR_MC0_STATUS     0x00000401u
#define MSR_MC0_ADDR       0x00000402u
#define MSR_TSC_DEADLINE   0x000006e0u
#define MSR_X2APIC         0x00000800u /* plus the register's offset / 16 */
#define MSR_EFER           0xc0000080u
#define MSR_STAR           0xc0000081u
#define MSR_LSTAR          0xc0000082u
#define MSR_CSTAR          0xc0000083u
#define MSR_SFMASK         0xc0000084u
#define MSR_FS_BASE        0xc0000100u
#define MSR_GS_BASE        0xc0000101u
#define MSR_KERNEL_GS_BASE 0xc0000102u
#define MSR_TSC_AUX        0xc0000103u
#define MSR_VM_CR          0xc0010114u
#define MSR_VM_HSAVE_PA    0xc0010117u

#define APIC_BASE_BSP    (1ul << 8)
#define APIC_BASE_X2APIC (1ul << 10)
#define APIC_BASE_ENABLE (1ul << 11)
#define VM_CR_SVMDIS     (1ul << 4)

/* Exception vectors. */
enum {
	VECTOR_DE = 0,
	VECTOR_DB = 1,
	VECTOR_NMI = 2,
	VECTOR_BP = 3,
	VECTOR_OF = 4,
	VECTOR_BR = 5,
	VECTOR_UD = 6,
	VECTOR_NM = 7,
	VECTOR_DF = 8,
	VECTOR_TS = 10,
	VECTOR_NP = 11,
	VECTOR_SS = 12,
	VECTOR_GP = 13,
	VECTOR_PF = 14,
	VECTOR_MF = 16,
	VECTOR_AC = 17,
	VECTOR_MC = 18,
	VECTOR_XF = 19,
};

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid"
	                 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
	                 : "a"(leaf), "c"(subleaf));
	return r;
}

/* The MSR must exist: otherwise #GP, a panic. See rdmsr_safe() in host.h. */
static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
	                 :
	                 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
	                 : "memory");
}

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

#define CONTROL_REGISTER(name)                                                                     \
	static inline uint64_t read_##name(void)                                                   \
	{                                                                                          \
		uint64_t value;                                                                    \
		__asm__ volatile("mov %%" #name ", %0" : "=r"(value) : : "memory");                \
		return value;                                                                      \
	}                                                                                          \
	static inline void write_##name(uint64_t value)                                            \
	{                                                                                          \
		__asm__ volatile("mov %0, %%" #name : : "r"(value) : "memory");                    \
	}
CONTROL_REGISTER(cr0)
CONTROL_REGISTER(cr2)
CONTROL_REGISTER(cr3)
CONTROL_REGISTER(cr4)
CONTROL_REGISTER(cr8)
CONTROL_REGISTER(dr6)
CONTROL_REGISTER(dr7)
#undef CONTROL_REGISTER

static inline uint64_t read_rflags(void)
{
	uint64_t value;

	__asm__ volatile("pushfq; pop %0" : "=r"(value) : : "memory");
	return value;
}

/* CR4.OSXSAVE must be set. */
static inline uint64_t xgetbv(uint32_t index)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(index));
	return (uint64_t)high << 32 | low;
}

static inline void xsetbv(uint32_t index, uint64_t value)
{
	__asm__ volatile("xsetbv"
	                 :
	                 : "c"(index), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
	                 : "memory");
}

static inline void invlpg(const void *address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static inline void interrupts_on(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void interrupts_off(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}
