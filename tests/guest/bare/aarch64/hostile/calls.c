/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/aarch64/hostile/hostile.h"

#define HVC(imm) (0xd4000002u | (uint32_t)(imm) << 5)
#define SMC(imm) (0xd4000003u | (uint32_t)(imm) << 5)

/* PSCI 1.1, 5.2.2 */
#define NOT_SUPPORTED      (-1)
#define INVALID_PARAMETERS (-2)
#define DENIED             (-3)
#define ALREADY_ON         (-4)
#define ON_PENDING         (-5)
#define INVALID_ADDRESS    (-9)

/* Is this function one that may do something? SMCCC 1.1: the owner is bits 29 to 24. */
static bool may_exist(uint32_t function)
{
	uint32_t owner = function >> 24 & 63;

	return function >> 31 && (owner == 0 || owner == 4 || owner == 6);
}

static void try_function(uint32_t instruction, uint32_t function)
{
	uint64_t esr;

	if (may_exist(function))
		return;
	esr = attempt_one(instruction, function, 0);
	expect(UNDEFINED(esr) || (!esr && (int32_t)last == NOT_SUPPORTED), "call", function);
}

/* Arm's own range (architecture, standard, hypervisor) is there or says that it is not; none of
 * these switches anything off. */
static void try_harmless(uint32_t instruction, uint32_t function)
{
	uint64_t esr = attempt_one(instruction, function, 0);

	expect(!esr || UNDEFINED(esr), "known call", function);
	expect(esr || (int64_t)last >= -16, "an answer without a meaning", last);
}

void a6_004(void)
{
	static const uint16_t numbers[] = {0,      1,      2,      8,      9,     0x50,
	                                   0x7fff, 0x8000, 0xff00, 0xff01, 0xffff};
	static const uint32_t harmless[] = {0x80000000, 0x80000001, 0x84000006, 0x84000007,
	                                    0x8400001f, 0x840000ff, 0xc4000000};
	static const uint32_t at_el0[][2] = {{HVC(0), 0xd4000001}, {SMC(0), 0xd4000001}};

	for (uint32_t top = 0; top < 256; top++)
		for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			try_function(HVC(0), top << 24 | numbers[i]);
			try_function(SMC(0), top << 24 | numbers[i]);
		}
	for (unsigned i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		try_harmless(HVC(0), harmless[i]);
		try_harmless(SMC(0), harmless[i]);
	}
	for (uint32_t imm = 1; imm <= 0xffff; imm = imm * 2 + 1) {
		uint64_t esr = attempt_one(HVC(imm), PSCI_VERSION, 0);

		expect(!esr || UNDEFINED(esr), "HVC with a number", imm);
		esr = attempt_one(SMC(imm), PSCI_VERSION, 0);
		expect(!esr || UNDEFINED(esr), "SMC with a number", imm);
	}
	for (unsigned i = 0; i < 2; i++) {
		uint64_t x[4] = {PSCI_VERSION, 0, 0, 0};
		uint64_t esr = attempt_el0(at_el0[i], x, 0x3c0);

		expect(UNDEFINED(esr), "a call from EL0", esr);
	}
}

static volatile uint32_t second_runs;

/* What the second CPU runs, without MMU: count, switch itself off. */
__asm__(".text\n.balign 4\nsecond_entry: ldr x1, =second_runs\nldr w2, [x1]\nadd w2, w2, #1\n"
        "str w2, [x1]\nldr x0, =0x84000002\nhvc #0\n1: wfi\nb 1b\n.ltorg\n");
extern const uint8_t second_entry[];

static bool soon(bool (*ready)(uint32_t), uint32_t argument)
{
	for (unsigned i = 0; i < 2000000; i++) {
		if (ready(argument))
			return true;
		relax();
	}
	return false;
}

static bool has_run(uint32_t times)
{
	__asm__ volatile("dc civac, %0\ndsb sy" : : "r"(&second_runs) : "memory");
	return second_runs == times;
}

static bool is_off(uint32_t cpu)
{
	return firmware_call(PSCI_AFFINITY_INFO, cpu, 0, 0) == 1;
}

static void start_second(void)
{
	uint32_t before = second_runs;
	int64_t result = firmware_call(PSCI_CPU_ON, 1, (uint64_t)second_entry, 0);

	expect(result == 0, "CPU_ON", (uint64_t)result);
	expect(soon(has_run, before + 1), "the second CPU does not run", second_runs);
	expect(soon(is_off, 1), "the second CPU does not switch itself off", 0);
}

static void expect_error(int64_t result, const char *what)
{
	expect(result == INVALID_PARAMETERS || result == INVALID_ADDRESS ||
	           result == NOT_SUPPORTED || result == DENIED,
	       what, (uint64_t)result);
}

void a6_005(void)
{
	uint64_t self = read_sysreg("mpidr_el1") & 0xff00ffffff, entry = (uint64_t)second_entry;

	expect_error(firmware_call(PSCI_CPU_ON, 0x123456, entry, 0), "CPU_ON of nobody");
	expect_error(firmware_call(PSCI_CPU_ON, ~0ul, entry, 0), "CPU_ON of garbage");
	expect(firmware_call(PSCI_CPU_ON, self, entry, 0) == ALREADY_ON, "CPU_ON of oneself", 0);
	expect(firmware_call(PSCI_AFFINITY_INFO, self, 0, 0) == 0, "AFFINITY_INFO", 0);
	expect_error(firmware_call(PSCI_AFFINITY_INFO, 0x123456, 0, 0), "AFFINITY_INFO of nobody");
	expect_error(firmware_call(PSCI_SYSTEM_RESET2, 1, 0, 0), "SYSTEM_RESET2, reserved type");
	expect_error(firmware_call(PSCI_SYSTEM_SUSPEND, 0, 0, 0), "SYSTEM_SUSPEND to nowhere");
	expect_error(firmware_call(PSCI_FEATURES, 0x12345678, 0, 0), "FEATURES of nothing");
	if (firmware_call(PSCI_AFFINITY_INFO, 1, 0, 0) < 0)
		return; /* a guest of one CPU */
	expect_error(firmware_call(PSCI_CPU_ON, 1, 0, 0), "CPU_ON outside RAM");
	expect_error(firmware_call(PSCI_CPU_ON, 1, RAM_END, 0), "CPU_ON beyond RAM");
	expect_error(firmware_call(PSCI_CPU_ON, 1, ~3ul, 0), "CPU_ON at the end of everything");
	for (uint32_t i = 0; i < 3; i++)
		start_second();
	firmware_call(PSCI_CPU_ON, 1, entry, 0);
	expect(firmware_call(PSCI_CPU_ON, 1, entry, 0) <= 0, "CPU_ON twice", 0);
	expect(soon(is_off, 1), "the second CPU stays on", 0);
}
