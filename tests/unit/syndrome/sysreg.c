/* SPDX-License-Identifier: BSD-2-Clause */
/* Syndromes of trapped MSR, MRS and system instructions: all of them, put together field by field
 * (Arm ARM D24.2.40, ISS encoding for EC 0x18). Caught when planted: Op1 and Op2 exchanged. */
#include <criterion/criterion.h>

#include "arch/aarch64/pure/syndrome.h"

static const struct {
	unsigned op0, op1, crn, crm, op2, rt, read;
	uint32_t iss;
} known[] = {
    {3, 0, 12, 11, 5, 3, 0, 0x3a3076}, /* msr icc_sgi1r_el1, x3 */
    {3, 3, 14, 0, 1, 0, 1, 0x32f801},  /* mrs x0, cntpct_el0 */
    {3, 0, 0, 4, 0, 31, 1, 0x3003e9},  /* mrs xzr, id_aa64pfr0_el1 */
    {1, 0, 7, 14, 2, 7, 0, 0x141cfc},  /* dc cisw, x7 */
};

static void check(uint32_t iss, const unsigned *f)
{
	struct sysreg_access access = syndrome_sysreg(iss);

	if (access.key != SYSREG_KEY(f[0], f[1], f[2], f[3], f[4]) || access.reg != f[5] ||
	    access.write == f[6])
		cr_assert_fail("ISS %#x", iss);
}

Test(syndrome, all_system_registers)
{
	/* Op0, Op1, CRn, CRm, Op2, Rt, Direction */
	static const unsigned values[7] = {4, 8, 16, 16, 8, 32, 2};
	static const uint32_t units[7] = {0x100000, 0x4000, 0x400, 0x2, 0x20000, 0x20, 0x1};
	unsigned f[7] = {0}, i;
	uint32_t iss = 0;

	do {
		check(iss, f);
		for (i = 0; i < 7; i++) {
			iss += units[i];
			if (++f[i] < values[i])
				break;
			iss -= values[i] * units[i];
			f[i] = 0;
		}
	} while (i < 7);
}

Test(syndrome, known_instructions)
{
	for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		check(known[i].iss,
		      (const unsigned[]){known[i].op0, known[i].op1, known[i].crn, known[i].crm,
		                         known[i].op2, known[i].rt, known[i].read});
}

Test(syndrome, keys_are_distinct)
{
	static bool seen[1u << 16];

	for (unsigned n = 0; n < 1u << 16; n++) {
		uint32_t key = SYSREG_KEY(n & 3, n >> 2 & 7, n >> 5 & 15, n >> 9 & 15, n >> 13);

		cr_assert_lt(key, 1u << 16);
		cr_assert_not(seen[key]);
		seen[key] = true;
	}
}
