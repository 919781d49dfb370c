/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions into a guest: the numbers are those of Arm ARM D1.3 and C5.2.19. */
#include <criterion/criterion.h>

#include "arch/aarch64/pure/exception.h"

#define EL0   0x00ul
#define EL1T  0x04ul
#define EL1H  0x05ul
#define A32   0x10ul /* user mode of AArch32 */
#define DAIF  0x3c0ul
#define NZCV  0xf0000000ul
#define LOWER 0x24u
#define SAME  0x25u

static const struct exception_features none, all = {.pan = true, .ssbs = true};

Test(arm_exception, vector_by_where_it_comes_from)
{
	cr_assert_eq(exception_vector_offset(EL1T), 0x000);
	cr_assert_eq(exception_vector_offset(EL1H), 0x200);
	cr_assert_eq(exception_vector_offset(EL0), 0x400);
	cr_assert_eq(exception_vector_offset(A32), 0x600);
	cr_assert_eq(exception_vector_offset(A32 | 0x1f), 0x600);
}

Test(arm_exception, the_handler_starts_masked_at_el1)
{
	cr_assert_eq(exception_pstate(EL0, 0, none), EL1H | DAIF);
	cr_assert_eq(exception_pstate(EL0 | NZCV, 0, none), EL1H | DAIF | NZCV);
	/* BTYPE, IL, SS, UAO and an IT block do not go on. */
	cr_assert_eq(exception_pstate(EL0 | 3ul << 10 | 3ul << 20 | 1ul << 23, 0, none),
	             EL1H | DAIF);
	cr_assert_eq(exception_pstate(A32 | 3ul << 25 | 63ul << 10, 0, none), EL1H | DAIF);
}

Test(arm_exception, pan_and_ssbs_by_the_control_register)
{
	const uint64_t span = 1ul << 23, dssbs = 1ul << 44, pan = 1ul << 22, ssbs = 1ul << 12;
	cr_assert_eq(exception_pstate(EL0, 0, all), EL1H | DAIF | pan);
	cr_assert_eq(exception_pstate(EL0, span, all), EL1H | DAIF);
	cr_assert_eq(exception_pstate(EL1H | pan, span, all), EL1H | DAIF | pan);
	cr_assert_eq(exception_pstate(EL1H | ssbs, span, all), EL1H | DAIF);
	cr_assert_eq(exception_pstate(EL0, span | dssbs, all), EL1H | DAIF | ssbs);
	cr_assert_eq(exception_pstate(EL0, dssbs, none), EL1H | DAIF);
}

Test(arm_exception, dit_has_another_place_in_aarch32)
{
	cr_assert_eq(exception_pstate(EL0 | 1ul << 24, 0, none), EL1H | DAIF | 1ul << 24);
	cr_assert_eq(exception_pstate(A32 | 1ul << 21, 0, none), EL1H | DAIF | 1ul << 24);
	cr_assert_eq(exception_pstate(A32 | 1ul << 24, 0, none), EL1H | DAIF);
}

/* ESR_EL1 by class, instruction length, WnR, and what failed. */
Test(arm_exception, A6_006_external_abort_in_place_of_a_stage_2_abort)
{
	const uint64_t data = 0x24ul << 26 | 1ul << 25, fetch = 0x20ul << 26 | 1ul << 25;
	const uint64_t details = 1ul << 24 | 2ul << 22 | 7ul << 16 | 1ul << 15; /* ISV and so on */
	cr_assert_eq(exception_external_abort(data | details | 7, EL1H, false),
	             (uint64_t)SAME << 26 | 1ul << 25 | 0x10);
	cr_assert_eq(exception_external_abort(data | 0x40 | 6, EL0, false),
	             (uint64_t)LOWER << 26 | 1ul << 25 | 0x50);
	cr_assert_eq(exception_external_abort(fetch | 6, EL1H, false),
	             0x21ul << 26 | 1ul << 25 | 0x10);
	cr_assert_eq(exception_external_abort(fetch | 6, A32, false),
	             0x20ul << 26 | 1ul << 25 | 0x10);
}

Test(arm_exception, A6_007_abort_on_the_guests_own_table)
{
	const uint64_t walk = 0x24ul << 26 | 1ul << 25 | 1ul << 7 | 5;
	cr_assert_eq(exception_external_abort(walk, EL1T, true),
	             (uint64_t)SAME << 26 | 1ul << 25 | 0x17);
}

Test(arm_exception, what_an_emulated_instruction_leaves)
{
	cr_assert_eq(exception_pstate_after(EL0 | NZCV | 3ul << 10 | 1ul << 21), EL0 | NZCV);
	cr_assert_eq(exception_pstate_after(A32 | 1ul << 21), A32 | 1ul << 21); /* DIT there */
}

static uint64_t with_it(unsigned it)
{
	return A32 | 0x20 | (uint64_t)(it >> 2) << 10 | (uint64_t)(it & 3) << 25;
}

/* Arm ARM F1.2.1: each instruction shifts bits 4:0, and the last one ends the block. */
Test(arm_exception, A6_022_it_block_advances)
{
	cr_assert_eq(exception_pstate_after(with_it(0x01)), with_it(0x02));
	cr_assert_eq(exception_pstate_after(with_it(0x17)), with_it(0x0e));
	cr_assert_eq(exception_pstate_after(with_it(0xe4)), with_it(0xe8));
	cr_assert_eq(exception_pstate_after(with_it(0xe8)), with_it(0));
	cr_assert_eq(exception_pstate_after(with_it(0)), with_it(0));
}

/* The condition's name, and the flags (NZCV) under which it holds: a bit for each of the 16. */
static const struct {
	const char *name;
	uint16_t holds;
} conditions[16] = {
    {"EQ", 0xf0f0}, {"NE", 0x0f0f}, {"CS", 0xcccc}, {"CC", 0x3333}, {"MI", 0xff00}, {"PL", 0x00ff},
    {"VS", 0xaaaa}, {"VC", 0x5555}, {"HI", 0x0c0c}, {"LS", 0xf3f3}, {"GE", 0xaa55}, {"LT", 0x55aa},
    {"GT", 0x0a05}, {"LE", 0xf5fa}, {"AL", 0xffff}, {"NV", 0xffff},
};

Test(arm_exception, A6_022_conditions)
{
	for (unsigned cond = 0; cond < 16; cond++) {
		for (uint64_t flags = 0; flags < 16; flags++) {
			uint64_t esr = 1ul << 24 | (uint64_t)cond << 20;
			bool expected = conditions[cond].holds >> flags & 1;
			cr_assert_eq(exception_condition_holds(esr, A32 | flags << 28), expected,
			             "%s with flags %x", conditions[cond].name, (unsigned)flags);
			cr_assert(exception_condition_holds(esr, EL0 | flags << 28));
			if (cond < 15) /* the same told by the IT block alone */
				cr_assert_eq(exception_condition_holds(0, with_it(cond << 4 | 8) |
				                                              flags << 28),
				             expected);
		}
	}
	cr_assert(exception_condition_holds(0, A32)); /* no IT block */
}

Test(arm_exception, A6_003_order_of_bytes)
{
	const uint64_t e0e = 1ul << 24, ee = 1ul << 25, e = 1ul << 9;
	cr_assert_not(exception_big_endian(EL1H, e0e));
	cr_assert(exception_big_endian(EL1H, ee));
	cr_assert(exception_big_endian(EL1T, ee));
	cr_assert_not(exception_big_endian(EL0, ee));
	cr_assert(exception_big_endian(EL0, e0e));
	cr_assert_not(exception_big_endian(EL0 | e, 0), "bit 9 is D in AArch64");
	cr_assert_not(exception_big_endian(A32, ee | e0e));
	cr_assert(exception_big_endian(A32 | e, 0));
}
