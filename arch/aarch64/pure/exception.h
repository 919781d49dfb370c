/* SPDX-License-Identifier: BSD-2-Clause */
/* How a guest takes an exception to EL1, and how it goes over an instruction. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* PSTATE as SPSR_EL2 has it: Arm ARM C5.2.19. */
#define SPSR_MODE   0xful
#define SPSR_SP     1ul /* EL1h, not EL1t */
#define SPSR_EL(s)  ((s) >> 2 & 3)
#define SPSR_32     (1ul << 4)
#define SPSR_T32    (1ul << 5) /* from AArch32 */
#define SPSR_E      (1ul << 9) /* AArch32: data are big-endian */
#define SPSR_DAIF   (0xful << 6)
#define SPSR_BTYPE  (3ul << 10)
#define SPSR_SSBS   (1ul << 12)
#define SPSR_IL     (1ul << 20)
#define SPSR_SS     (1ul << 21)
#define SPSR_DIT_32 (1ul << 21)
#define SPSR_PAN    (1ul << 22)
#define SPSR_DIT    (1ul << 24)
#define SPSR_NZCV   (0xful << 28)
#define SPSR_EL1H   5ul

#define SCTLR_EL1_SPAN  (1ul << 23)
#define SCTLR_EL1_E0E   (1ul << 24)
#define SCTLR_EL1_EE    (1ul << 25)
#define SCTLR_EL1_DSSBS (1ul << 44)

#define ESR_IL           (1u << 25)
#define ESR_EC_OF(class) ((uint64_t)(class) << 26)

/* Where in the table at VBAR_EL1 a synchronous exception goes, by the PSTATE it is taken from. */
uint64_t exception_vector_offset(uint64_t spsr);

/* PSTATE at the handler's first instruction. sctlr: SCTLR_EL1; the CPU has PAN, and SSBS, or not.
 */
struct exception_features {
	bool pan, ssbs;
};
uint64_t exception_pstate(uint64_t spsr, uint64_t sctlr, struct exception_features has);

/*
 * ESR_EL1 for an external abort that takes the place of a stage 2 abort: esr is ESR_EL2. On the
 * access itself, or (walk) on the guest's own table.
 */
uint64_t exception_external_abort(uint64_t esr, uint64_t spsr, bool walk);

/* PSTATE after an instruction that was emulated. */
uint64_t exception_pstate_after(uint64_t spsr);

/*
 * Of an AArch32 instruction that exited with a condition field (ESR_EL2.ISS bits 24:20): is it one
 * that is executed at all? Arm ARM G1.13.2.
 */
bool exception_condition_holds(uint64_t esr, uint64_t spsr);

/* Are the data of what runs with this PSTATE big-endian? sctlr: SCTLR_EL1. */
static inline bool exception_big_endian(uint64_t spsr, uint64_t sctlr)
{
	if (spsr & SPSR_32)
		return spsr & SPSR_E;
	return sctlr & (SPSR_EL(spsr) ? SCTLR_EL1_EE : SCTLR_EL1_E0E);
}
