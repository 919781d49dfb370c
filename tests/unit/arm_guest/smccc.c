/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of an Arm guest to its firmware: DEN0022 (PSCI) and DEN0028 (calling convention). */
#include <arch/err.h>
#include <criterion/criterion.h>

#include "arch/aarch64/pure/smccc.h"

#define NOTHING ((enum exit_kind)99)

static int64_t answer;
static struct vcpu_exit exit_record;

/* True: answered at once. */
static bool call(uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3)
{
	const uint64_t x[4] = {function, x1, x2, x3};
	answer = -99;
	exit_record.kind = NOTHING;
	bool answered = smccc_call(x, &answer, &exit_record);
	cr_assert_eq(answered, exit_record.kind == NOTHING);
	return answered;
}

static void expect(uint64_t function, uint64_t x1, int64_t value)
{
	cr_assert(call(function, x1, 0, 0), "%llx", (unsigned long long)function);
	cr_assert_eq(answer, value, "%llx gave %lld", (unsigned long long)function,
	             (long long)answer);
}

static void expect_exit(uint64_t function, uint64_t x1, enum exit_kind kind)
{
	cr_assert(!call(function, x1, 0, 0));
	cr_assert_eq(exit_record.kind, kind);
}

Test(arm_smccc, versions_and_features)
{
	expect(0x84000000, 0, 0x10001);
	expect(0x80000000, 0, 0x10001);
	expect(0x84000006, 0, 2);
	static const uint32_t there[] = {0x84000000, 0x84000001, 0xc4000001, 0x84000002,
	                                 0x84000003, 0xc4000003, 0x84000004, 0xc4000004,
	                                 0x84000006, 0x84000008, 0x84000009, 0x8400000a,
	                                 0x84000012, 0xc4000012, 0x80000000};
	for (unsigned i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		expect(0x8400000a, there[i], 0);
	expect(0x8400000a, 0x84000005, -1);
	expect(0x8400000a, 0xc4000008, -1);
	expect(0x8400000a, 0x80000001, -1);
	expect(0x80000001, 0x80000000, 0);
	expect(0x80000001, 0x80000001, 0);
	expect(0x80000001, 0x80008000, -1); /* no workaround that could be called */
}

Test(arm_smccc, off_reset_and_waiting)
{
	expect_exit(0x84000008, 0, EXIT_POWER_OFF);
	expect_exit(0x84000009, 0, EXIT_RESET);
	expect_exit(0xc4000012, 0, EXIT_RESET);
	expect(0xc4000012, 0x80000001, PSCI_INVALID_PARAMETERS);
	expect_exit(0x84000001, 1 << 16, EXIT_IDLE);
	cr_assert_eq(answer, PSCI_SUCCESS);
	expect_exit(0x84000002, 0, EXIT_CPU_STOP);
	cr_assert_eq(answer, PSCI_DENIED);
}

Test(arm_smccc, affinity_is_there_and_back)
{
	for (unsigned i = 0; i < 300; i++)
		cr_assert_eq(smccc_index(smccc_affinity(i)), i);
	cr_assert_eq(smccc_affinity(17), 0x101);
	cr_assert_eq(smccc_index(16), ~0u);
	cr_assert_eq(smccc_index(0x10000), ~0u);
	cr_assert_eq(smccc_index(1ull << 32), ~0u);
	cr_assert_eq(smccc_index(~0ull), ~0u);
	cr_assert_eq(smccc_index(1ull << 31), ~0u); /* MPIDR_EL1 as it is read, not as it is told */
}

Test(arm_smccc, A6_005_cpu_on)
{
	cr_assert(!call(0xc4000003, 0x101, 0x140000000, 0x1122334455));
	cr_assert_eq(exit_record.kind, EXIT_CPU_START);
	cr_assert_eq(exit_record.cpu.target, 17);
	cr_assert_eq(exit_record.cpu.entry, 0x140000000);
	cr_assert_eq(exit_record.cpu.argument, 0x1122334455);
	cr_assert(!call(0x84000003, 1, 0xf40000000, 0x1122334455));
	cr_assert_eq(exit_record.cpu.entry, 0x40000000); /* arguments of 32 bits */
	cr_assert_eq(exit_record.cpu.argument, 0x22334455);
	cr_assert_eq(smccc_answer(EXIT_CPU_START, 0), 0);
	cr_assert_eq(smccc_answer(EXIT_CPU_START, ERR_BUSY), PSCI_ALREADY_ON);
	cr_assert_eq(smccc_answer(EXIT_CPU_START, ERR_INVALID), PSCI_INVALID_PARAMETERS);
}

Test(arm_smccc, A6_005_affinity_info)
{
	expect_exit(0xc4000004, 3, EXIT_CPU_STATE);
	cr_assert_eq(exit_record.cpu.target, 3);
	cr_assert(call(0xc4000004, 3, 1, 0));
	cr_assert_eq(answer, PSCI_INVALID_PARAMETERS);
	cr_assert_eq(smccc_answer(EXIT_CPU_STATE, 1), 0);
	cr_assert_eq(smccc_answer(EXIT_CPU_STATE, 0), 1);
	cr_assert_eq(smccc_answer(EXIT_CPU_STATE, ERR_BUSY), 2);
	cr_assert_eq(smccc_answer(EXIT_CPU_STATE, ERR_INVALID), PSCI_INVALID_PARAMETERS);
}

/* Every service, fast and yielding, of both widths, with the function numbers around ours. */
Test(arm_smccc, A6_004_every_other_call_is_not_supported)
{
	unsigned known = 0;
	for (uint32_t top = 0; top < 256; top++)
		for (uint32_t low = 0; low < 0x40; low++) {
			uint64_t function = top << 24 | low;
			if (!call(function, 0, 0, 0) || answer != PSCI_NOT_SUPPORTED)
				known++;
		}
	cr_assert_eq(known, 10 + 4); /* the two that ask for features say no to 0 */
	expect(0x8600ff01, 0, -1);
	expect(0x184000000ull, 0, 0x10001); /* the id has 32 bits */
}
