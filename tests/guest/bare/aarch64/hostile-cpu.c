/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that misuses its CPU, row by row of the catalogue of hostile guests: each probe must end
 * in the fault that hardware gives, or do what hardware does. One line for each row, what was wrong
 * above it; then it switches off its last CPU.
 */
#include "tests/guest/bare/aarch64/hostile/hostile.h"

#define CODE_WORDS 4

static const struct row {
	const char *id;
	void (*run)(void);
} rows[] = {
    {"A6-019", a6_019}, {"A6-001", a6_001}, {"A6-002", a6_002}, {"A6-003", a6_003},
    {"A6-004", a6_004}, {"A6-005", a6_005}, {"A6-006", a6_006}, {"A6-007", a6_007},
    {"A6-010", a6_010}, {"A6-011", a6_011}, {"A6-012", a6_012}, {"A6-013", a6_013},
    {"A6-014", a6_014}, {"A6-015", a6_015}, {"A6-016", a6_016}, {"A6-017", a6_017},
    {"A6-018", a6_018}, {"A6-020", a6_020}, {"A6-022", a6_022}, {"A6-023", a6_023},
    {"A6-024", a6_024}, {"MM-001", mm_001}, {"MM-002", mm_002}, {"MM-003", mm_003},
    {"MM-004", mm_004}, {"TM-014", tm_014},
};

uint8_t *device_tree;
uint64_t last;
extern const uint8_t hostile_vectors[];
static unsigned wrong;

void expect(bool good, const char *what, uint64_t detail)
{
	if (good)
		return;
	if (++wrong > 5) /* one mistake may have thousands of faces */
		return;
	print("wrong: ");
	print(what);
	print(" ");
	print_hex(detail);
	print("\n");
}

void written_code(const void *code, uint64_t size)
{
	for (uint64_t at = (uint64_t)code & ~15ul; at < (uint64_t)code + size; at += 16)
		__asm__ volatile("dc cvau, %0\ndsb ish\nic ivau, %0" : : "r"(at) : "memory");
	__asm__ volatile("dsb ish\nisb" : : : "memory");
}

void written_table(void)
{
	__asm__ volatile("dsb ish\ntlbi vmalle1\ndsb ish\nisb" : : : "memory");
}

uint64_t attempt_one(uint32_t instruction, uint64_t x0, uint64_t x1)
{
	static uint32_t code[CODE_WORDS] __attribute__((aligned(16)));
	uint64_t x[4] = {x0, x1, 0, 0}, esr;

	code[0] = instruction;
	code[1] = A64_RET;
	written_code(code, 8);
	esr = attempt(code, x);
	last = x[0];
	return esr;
}

/* ldrb, ldrh, ldr w, ldr x: X0 from [X1]; stores likewise */
uint64_t attempt_load(uint64_t address, unsigned size)
{
	return attempt_one(0x39400020u | (uint32_t)__builtin_ctz(size) << 30, 0, address);
}

uint64_t attempt_store(uint64_t address, unsigned size, uint64_t value)
{
	return attempt_one(0x39000020u | (uint32_t)__builtin_ctz(size) << 30, value, address);
}

/* An exception that no attempt expected; named by vectors.S */
_Noreturn void hostile_lost(uint64_t esr, uint64_t elr);
_Noreturn void hostile_lost(uint64_t esr, uint64_t elr)
{
	print("lost: exception ");
	print_hex(esr);
	print(" at ");
	print_hex(elr);
	print("\n");
	idle();
}

void bare_main(uint8_t *boot_data)
{
	unsigned failed = 0, count = sizeof(rows) / sizeof(rows[0]);

	device_tree = boot_data;
	write_sysreg("vbar_el1", hostile_vectors);
	for (unsigned i = 0; i < count; i++) {
		wrong = 0;
		rows[i].run();
		failed += wrong > 0;
		print(rows[i].id);
		print(wrong ? " failed\n" : " passed\n");
	}
	print("hostile-cpu: ");
	print_number(count - failed);
	print(" passed, ");
	print_number(failed);
	print(" failed\n");
	firmware_call(PSCI_CPU_OFF, 0, 0, 0);
	print("wrong: CPU_OFF came back\n");
}
