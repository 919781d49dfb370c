/* SPDX-License-Identifier: BSD-2-Clause */
/* System registers of an Arm guest: which are hidden, undefined, or nothing. */
#include <criterion/criterion.h>

#include "arch/aarch64/pure/id_regs.h"
#include "arch/aarch64/pure/sysreg_table.h"

static const struct id_features full = {.pauth = true, .gicv3 = true, .pa_parange = 2}, bare;

static unsigned field(uint64_t value, unsigned shift)
{
	return (unsigned)(value >> shift & 15);
}

/* A host that has everything there is. */
Test(arm_registers, A6_002_features_that_guests_do_not_have_are_hidden)
{
	static const struct {
		const char *name;
		uint8_t crm, op2, shift;
	} hidden[] = {
	    {"EL2", 4, 0, 8},       {"EL3", 4, 0, 12},       {"RAS", 4, 0, 28},
	    {"SVE", 4, 0, 32},      {"SEL2", 4, 0, 36},      {"MPAM", 4, 0, 40},
	    {"AMU", 4, 0, 44},      {"RME", 4, 0, 52},       {"MTE", 4, 1, 8},
	    {"RAS_frac", 4, 1, 12}, {"MPAM_frac", 4, 1, 16}, {"SME", 4, 1, 24},
	    {"NMI", 4, 1, 36},      {"TraceVer", 5, 0, 4},   {"PMUVer", 5, 0, 8},
	    {"PMSVer", 5, 0, 32},   {"TraceFilt", 5, 0, 40}, {"TraceBuffer", 5, 0, 44},
	    {"MTPMU", 5, 0, 48},    {"BRBE", 5, 0, 52},      {"TME", 6, 0, 24},
	    {"XS", 6, 1, 56},       {"LS64", 6, 1, 60},      {"WFxT", 6, 2, 0},
	    {"MOPS", 6, 2, 16},     {"FGT", 7, 0, 56},       {"ECV", 7, 0, 60},
	    {"VH", 7, 1, 8},        {"LO", 7, 1, 16},        {"HCX", 7, 1, 40},
	    {"VMIDBits", 7, 1, 4},  {"NV", 7, 2, 24},        {"FWB", 7, 2, 40},
	    {"AMU32", 1, 0, 20},    {"RAS32", 1, 0, 28},     {"PerfMon32", 1, 2, 24},
	    {"GIC32", 1, 1, 28},
	};
	for (unsigned i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		cr_assert_eq(field(id_reg_guest(hidden[i].crm, hidden[i].op2, ~0ull, &full),
		                   hidden[i].shift),
		             0, "%s", hidden[i].name);
	for (unsigned op2 = 4; op2 < 6; op2++) /* ZFR0, SMFR0 */
		cr_assert_eq(id_reg_guest(4, op2, ~0ull, &full), 0);
}

Test(arm_registers, features_that_guests_share)
{
	cr_assert_eq(field(id_reg_guest(4, 0, 0x11, &full), 0), 1); /* EL0: AArch64 only */
	cr_assert_eq(field(id_reg_guest(4, 0, 0x22, &full), 0), 2); /* and AArch32 */
	cr_assert_eq(field(id_reg_guest(4, 0, 0x22, &full), 4), 1); /* EL1 not */
	cr_assert_eq(field(id_reg_guest(4, 0, 0xffull << 16, &full), 16), 15); /* no FP stays so */
	cr_assert_eq(id_reg_guest(6, 0, 0x0220111110212120, &full), 0x0220111110212120);
	cr_assert_eq(id_reg_guest(7, 0, 5, &full), 2);
	cr_assert_eq(id_reg_guest(7, 0, 1, &full), 1);
	cr_assert_eq(id_reg_guest(5, 0, 0xf0305419, &full), 0x101006);
	cr_assert_eq(id_reg_guest(3, 7, ~0ull, &full), 0);
	cr_assert_eq(id_reg_guest(7, 3, ~0ull, &full), 0);
}

Test(arm_registers, features_by_machine)
{
	cr_assert_eq(field(id_reg_guest(4, 0, 3ull << 24, &full), 24), 1);
	cr_assert_eq(field(id_reg_guest(4, 0, 3ull << 24, &bare), 24), 0);
	cr_assert_eq(id_reg_guest(6, 1, 0x11000110, &full), 0x11000110);
	cr_assert_eq(id_reg_guest(6, 1, 0x11000110, &bare), 0);
	cr_assert_eq(id_reg_guest(6, 2, 0x1100, &bare), 0);
}

/* ISS as in Arm ARM D19.2.40: MSR ICC_SGI1R_EL1, X5 and MRS X31, CNTPCT_EL0. */
Test(arm_registers, syndrome_of_an_access)
{
	struct sysreg_access access =
	    syndrome_sysreg(3 << 20 | 5 << 17 | 12 << 10 | 5 << 5 | 11 << 1);
	cr_assert_eq(access.key, SYSREG_KEY(3, 0, 12, 11, 5));
	cr_assert(access.write);
	cr_assert_eq(access.reg, 5);
	access = syndrome_sysreg(3 << 20 | 1 << 17 | 3 << 14 | 14 << 10 | 31 << 5 | 0 << 1 | 1);
	cr_assert_eq(access.key, SYSREG_KEY(3, 3, 14, 0, 1));
	cr_assert(!access.write);
	cr_assert_eq(access.reg, 31);
}

Test(arm_registers, what_is_done_about_each)
{
	cr_assert_eq(sysreg_kind(SYSREG_KEY(3, 0, 12, 11, 5), true, true), SYSREG_SGI1R);
	cr_assert_eq(sysreg_kind(SYSREG_KEY(3, 0, 12, 11, 5), true, false), SYSREG_UNDEFINED);
	cr_assert_eq(sysreg_kind(SYSREG_KEY(3, 0, 12, 11, 5), false, true), SYSREG_UNDEFINED);
	cr_assert_eq(sysreg_kind(SYSREG_KEY(3, 0, 12, 12, 5), false, true), SYSREG_ICC_SRE);
	cr_assert_eq(sysreg_kind(SYSREG_KEY(3, 0, 0, 4, 0), false, true), SYSREG_ID);
	cr_assert_eq(sysreg_kind(SYSREG_KEY(3, 0, 0, 4, 0), true, true), SYSREG_UNDEFINED);
	cr_assert_eq(sysreg_kind(SYSREG_KEY(3, 3, 14, 0, 1), false, true), SYSREG_COUNTER);
	cr_assert_eq(sysreg_kind(SYSREG_KEY(2, 0, 0, 2, 2), true, true), SYSREG_MDSCR);
	cr_assert_eq(sysreg_kind(SYSREG_KEY(2, 0, 1, 0, 4), true, true), SYSREG_ZERO);
	cr_assert_eq(sysreg_kind(SYSREG_KEY(2, 0, 1, 1, 4), false, true), SYSREG_OSLSR);
	for (unsigned n = 0; n < 16; n++)
		cr_assert_eq(sysreg_kind(SYSREG_KEY(2, 0, 0, n, 5), true, true), SYSREG_ZERO);
	cr_assert_eq(sysreg_kind(SYSREG_KEY(1, 0, 7, 14, 2), true, true),
	             SYSREG_ZERO); /* DC CISW */
	cr_assert_eq(sysreg_kind(SYSREG_KEY(3, 3, 14, 2, 1), true, true), SYSREG_UNDEFINED);
	cr_assert_eq(sysreg_kind(SYSREG_KEY(3, 0, 10, 4, 0), true, true), SYSREG_UNDEFINED);
	cr_assert_eq(sysreg_kind(SYSREG_KEY(3, 3, 9, 12, 0), false, true), SYSREG_UNDEFINED);
}

/* All encodings: few answer, and none of EL2, EL3 or the secure world does. */
Test(arm_registers, A6_001_every_encoding)
{
	unsigned answered = 0;
	for (uint32_t key = 0; key < 1u << 16; key++)
		for (unsigned write = 0; write < 2; write++) {
			enum sysreg_kind kind = sysreg_kind(key, write, true);
			unsigned op1 = key >> 11 & 7;
			cr_assert(kind < SYSREG_KINDS);
			answered += kind != SYSREG_UNDEFINED;
			if (op1 >= 4)
				cr_assert_eq(kind, SYSREG_UNDEFINED);
		}
	/* 56 identification registers, 64 for breakpoints both ways, and what the table names. */
	cr_assert_eq(answered,
	             56 + 2 * 64 + 3 + 2 + 2 + 2 + 1 + 3 + 2 + 8 + 1 + 1 + 1 + 2 * 4 + 1 + 1 + 4);
}
