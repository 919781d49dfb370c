/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/pure/id_regs.h"

#define F(shift) (0xfull << (shift))
#define ALL      (~0ull)

/* Fields of this many bits that all mean "absent" as zero, so that what is not named is hidden. */
struct id_reg {
	uint8_t crm, op2;
	uint64_t keep;
};

static const struct id_reg kept[] = {
    /* AArch32, for EL0. */
    {1, 0, F(0) | F(4) | F(8) | F(12) | F(16) | F(24)}, /* ID_PFR0: no AMU, no RAS */
    {1, 1, F(0) | F(8) | F(16)}, /* ID_PFR1: no EL2, EL3, GIC system registers */
    {1, 4, ALL},                 /* ID_MMFR0..3 */
    {1, 5, ALL},
    {1, 6, ALL},
    {1, 7, ALL},
    {2, 0, ALL}, /* ID_ISAR0..5, ID_MMFR4, ID_ISAR6 */
    {2, 1, ALL},
    {2, 2, ALL},
    {2, 3, ALL},
    {2, 4, ALL},
    {2, 5, ALL},
    {2, 6, ALL},
    {2, 7, ALL},
    {3, 0, ALL}, /* MVFR0..2 */
    {3, 1, ALL},
    {3, 2, ALL},
    {3, 4, F(0) | F(4)}, /* ID_PFR2: CSV3, SSBS */
    {3, 6, F(0)},        /* ID_MMFR5: ETS */
    /* ID_AA64PFR0: no EL2, EL3, RAS, SVE, Secure EL2, MPAM, AMU, RME. */
    {4, 0, F(0) | F(4) | F(16) | F(20) | F(24) | F(48) | F(56) | F(60)},
    /* ID_AA64PFR1: BTI and SSBS; no MTE, SME, NMI. */
    {4, 1, F(0) | F(4)},
    /* ID_AA64DFR0: debug registers that are zero; no PMU, SPE, trace. */
    {5, 0, F(0) | F(12) | F(20) | F(36)},
    {6, 0, ~F(24)}, /* ID_AA64ISAR0: no TME */
    /* ID_AA64ISAR1: no LS64, XS; pointer authentication below. */
    {6, 1, ~(F(56) | F(60))},
    /* ID_AA64ISAR2: no WFxT, MOPS. */
    {6, 2, F(4) | F(8) | F(12) | F(20) | F(24) | F(28)},
    /* ID_AA64MMFR0: no Secure memory, stage 2 granules, ExS, FGT, ECV. */
    {7, 0, F(0) | F(4) | F(8) | F(16) | F(20) | F(24) | F(28)},
    /* ID_AA64MMFR1: HAFDBS, HPDS, PAN, ETS, AFP, nTLBPA; no VHE, LORegions, HCX. */
    {7, 1, F(0) | F(12) | F(20) | F(36) | F(44) | F(48)},
    /* ID_AA64MMFR2: no IESB, NV, IDS, FWB, EVT. */
    {7, 2, F(0) | F(4) | F(8) | F(16) | F(20) | F(28) | F(32) | F(48) | F(52) | F(60)},
};

/* Fields that are there, but not with all that the host can do. */
static const struct {
	uint8_t crm, op2, shift, most;
} limits[] = {
    {4, 0, 4, 1},  /* EL1: AArch64 only */
    {4, 0, 24, 1}, /* GIC: 3.0 */
    {4, 0, 56, 1}, /* CSV2: without SCXTNUM_ELx */
    {5, 0, 0, 6},  /* DebugVer: 8.0 */
    {5, 0, 12, 1}, /* BRPs, WRPs: two of each, the fewest there can be */
    {5, 0, 20, 1},
};

static uint64_t limit(uint64_t value, unsigned shift, uint64_t most)
{
	uint64_t field = value >> shift & 15;
	return field > most ? (value & ~F(shift)) | most << shift : value;
}

static uint64_t keep_mask(unsigned crm, unsigned op2, const struct id_features *has)
{
	uint64_t keep = 0;
	for (unsigned i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (kept[i].crm == crm && kept[i].op2 == op2)
			keep = kept[i].keep;
	if (!has->pauth && crm == 6 && op2 == 1)
		keep &= ~(F(4) | F(8) | F(24) | F(28));
	if (!has->pauth && crm == 6 && op2 == 2)
		keep &= ~(F(8) | F(12) | F(24));
	if (!has->gicv3 && crm == 4 && op2 == 0)
		keep &= ~F(24);
	return keep;
}

uint64_t id_reg_guest(unsigned crm, unsigned op2, uint64_t host, const struct id_features *has)
{
	uint64_t value = host & keep_mask(crm, op2, has);
	for (unsigned i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i].crm == crm && limits[i].op2 == op2)
			value = limit(value, limits[i].shift, limits[i].most);
	return crm == 7 && op2 == 0 ? limit(value, 0, has->pa_parange) : value;
}
