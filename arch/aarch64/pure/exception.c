/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/pure/exception.h"

#define OFFSET_SPX     0x200u
#define OFFSET_LOWER   0x400u
#define OFFSET_LOWER32 0x600u

#define EC_LOWER        0x24u /* data abort from EL0; fetches are 4 less, from EL1 one more */
#define EC_FETCH        0x20u
#define EC_OF_ESR(esr)  ((unsigned)((esr) >> 26 & 63))
#define FSC_EXTERNAL    0x10u
#define FSC_EXTERNAL_L3 0x17u /* on the table walk, level 3 */
#define ISS_WNR         (1u << 6)
#define ISS_CM          (1u << 8)
#define COND_VALID      (1u << 24)
#define COND_ALWAYS     14u

uint64_t exception_vector_offset(uint64_t spsr)
{
	if (spsr & SPSR_32)
		return OFFSET_LOWER32;
	if (SPSR_EL(spsr) == 0)
		return OFFSET_LOWER;
	return spsr & SPSR_SP ? OFFSET_SPX : 0;
}

uint64_t exception_pstate(uint64_t spsr, uint64_t sctlr, struct exception_features has)
{
	uint64_t pstate = SPSR_EL1H | SPSR_DAIF | (spsr & SPSR_NZCV);
	if (spsr & (spsr & SPSR_32 ? SPSR_DIT_32 : SPSR_DIT))
		pstate |= SPSR_DIT;
	if (has.pan && ((spsr & SPSR_PAN) || !(sctlr & SCTLR_EL1_SPAN)))
		pstate |= SPSR_PAN;
	if (has.ssbs && (sctlr & SCTLR_EL1_DSSBS))
		pstate |= SPSR_SSBS;
	return pstate;
}

uint64_t exception_external_abort(uint64_t esr, uint64_t spsr, bool walk)
{
	bool fetch = EC_OF_ESR(esr) == EC_FETCH;
	unsigned class = fetch ? EC_FETCH : EC_LOWER;
	bool lower = (spsr & SPSR_32) || SPSR_EL(spsr) == 0;
	return ESR_EC_OF(lower ? class : class + 1) | (esr & ESR_IL) |
	       (fetch ? 0 : esr & (ISS_WNR | ISS_CM)) | (walk ? FSC_EXTERNAL_L3 : FSC_EXTERNAL);
}

/* ITSTATE is in bits 15:10 and 26:25: Arm ARM G8.2.36. */
static unsigned it_state(uint64_t spsr)
{
	return (unsigned)((spsr >> 10 & 63) << 2 | (spsr >> 25 & 3));
}

static uint64_t with_it_state(uint64_t spsr, unsigned it)
{
	return (spsr & ~(63ul << 10 | 3ul << 25)) | (uint64_t)(it >> 2) << 10 |
	       (uint64_t)(it & 3) << 25;
}

uint64_t exception_pstate_after(uint64_t spsr)
{
	if (!(spsr & SPSR_32))
		return spsr & ~(SPSR_BTYPE | SPSR_SS);
	unsigned it = it_state(spsr);
	it = it & 7 ? (it & 0xe0) | (it << 1 & 31) : 0;
	return with_it_state(spsr, it);
}

bool exception_condition_holds(uint64_t esr, uint64_t spsr)
{
	unsigned cond = COND_ALWAYS, it = it_state(spsr);
	bool n = spsr >> 31 & 1, z = spsr >> 30 & 1, c = spsr >> 29 & 1, v = spsr >> 28 & 1;
	if (!(spsr & SPSR_32))
		return true;
	if (esr & COND_VALID)
		cond = (unsigned)(esr >> 20 & 15);
	else if (it)
		cond = it >> 4;
	const bool holds[] = {z, c, n, v, c && !z, n == v, n == v && !z, true};
	return cond == 15 || holds[cond >> 1] != (cond & 1);
}
