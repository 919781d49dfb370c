/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/aarch64/hostile/hostile.h"

void fp_fill(uint64_t seed);
uint64_t fp_differs(uint64_t seed, uint64_t step);

/* FP state is zero at the start, and kept across every kind of exit. */
void a6_019(void)
{
	uint64_t seed = read_sysreg("cntvct_el0") << 8,
	         sve = read_sysreg("id_aa64pfr0_el1") >> 32 & 15;
	uint64_t sme = read_sysreg("id_aa64pfr1_el1") >> 24 & 15, esr;

	expect(!fp_differs(0, 0), "somebody's registers", fp_differs(0, 0));
	for (unsigned i = 0; i < 2000; i++) {
		fp_fill(seed + i);
		(void)firmware_call(PSCI_VERSION, 0, 0, 0);
		uart_read();
		if (i % 100 == 0)
			__asm__ volatile("wfe\nyield");
		expect(!fp_differs(seed + i, 1), "registers changed", i);
	}
	write_sysreg("cpacr_el1", 3 << 24 | 3 << 20 | 3 << 16);
	esr = attempt_one(0x04bf5020, 0, 0); /* rdvl x0, #1 */
	expect(sve || UNDEFINED(esr), "SVE is there and was not offered", esr);
	esr = attempt_one(0xd503477f, 0, 0); /* smstart */
	expect(sme || UNDEFINED(esr), "SME is there and was not offered", esr);
	attempt_one(0xd503467f, 0, 0); /* smstop */
	write_sysreg("cpacr_el1", 3 << 20);
}

#define SPSR_T32 0x1f0 /* AArch32 user mode, T32, interrupts masked */
#define SPSR_E   0x200 /* big-endian data */
#define AP_EL0   0x40ul

/* cmp r0, r0; it eq; ldreq r1, [r0]; adds r2, #1; svc 0 */
static const uint16_t conditional[]
    __attribute__((aligned(4))) = {0x4280, 0xbf08, 0x6801, 0x3201, 0xdf00};
/* mrc p15, 0, r3, c0, c0, 0; svc 0 */
static const uint16_t coprocessor[] __attribute__((aligned(4))) = {0xee10, 0x3f10, 0xdf00};

static void try_aarch32(uint64_t spsr, uint64_t right)
{
	uint64_t x[4] = {UART + 0xfe0, 0, 1, 0};
	uint64_t esr = attempt_el0(conditional, x, spsr);

	if (IS(esr, EC_ILLEGAL)) /* this CPU has no AArch32 */
		return;
	expect(IS(esr, EC_SVC32) || IS(esr, EC_DATA_EL0), "AArch32 load", esr);
	if (IS(esr, EC_SVC32)) {
		expect((uint32_t)x[1] == right, "AArch32 value", x[1]);
		expect((uint32_t)x[2] == 2, "AArch32 goes on", x[2]);
	}
	esr = attempt_el0(coprocessor, x, spsr);
	expect(esr && !IS(esr, EC_SVC32), "AArch32 CP15", esr);
}

void a6_022(void)
{
	uint32_t right = get32(UART + 0xfe0);

	table[0] |= AP_EL0;
	written_table();
	try_aarch32(SPSR_T32, right);
	try_aarch32(SPSR_T32 | SPSR_E, __builtin_bswap32(right));
	table[0] &= ~AP_EL0;
	written_table();
}

void a6_023(void)
{
	for (uint64_t offset = 0; offset < 0x20000; offset += 0x1000) {
		uint64_t esr = attempt_load(NO_SMMU + offset, 4);

		expect(IS(esr, EC_DATA) || (!esr && last == 0), "there is an SMMU", last);
		attempt_store(NO_SMMU + offset, 8, ~0ul);
	}
}

void a6_024(void)
{
	uint64_t esr;

	if (!device_tree)
		return;
	for (unsigned i = 0; i < 4096; i++)
		device_tree[i] = 0xff;
	(void)firmware_call(PSCI_VERSION, 0, 0, 0);
	esr = attempt_load(UART + 0x18, 4);
	expect(!esr, "the UART is gone", esr);
}
