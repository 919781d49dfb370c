/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/aarch64/hostile/hostile.h"

#define REG(op0, op1, n, m, op2)                                                                   \
	((uint32_t)((op0) << 19 | (op1) << 16 | (n) << 12 | (m) << 8 | (op2) << 5))
#define MRS               0xd5200000u /* X0 */
#define MSR               0xd5000000u
#define SYS               REG(1, 0, 0, 0, 0)
#define OP1(reg)          ((reg) >> 16 & 7)
#define FIELD(value, low) ((value) >> (low)&15)

/* Undefined, with the syndrome that feature registers have (FEAT_IDST), or what CPACR refuses */
static bool refused_well(uint64_t esr)
{
	return !esr || IS(esr, EC_UNKNOWN) || IS(esr, EC_SYSREG) || IS(esr, EC_FP) ||
	       IS(esr, EC_SVE) || IS(esr, EC_SME);
}

static bool answers(uint32_t reg, uint64_t *value)
{
	uint64_t esr = attempt_one(MRS | reg, 0, 0);

	expect(refused_well(esr), "read of a register", esr);
	*value = last;
	return !esr;
}

/* What this program stands on; rows A6-003 and those of the timer write them with care. */
static bool stood_on(uint32_t reg)
{
	static const uint32_t list[] = {
	    REG(3, 0, 1, 0, 0),  /* SCTLR_EL1 */
	    REG(3, 0, 1, 0, 3),  /* SCTLR2_EL1 */
	    REG(3, 0, 2, 0, 0),  /* TTBR0_EL1 */
	    REG(3, 0, 2, 0, 2),  /* TCR_EL1 */
	    REG(3, 0, 2, 0, 3),  /* TCR2_EL1 */
	    REG(3, 0, 10, 2, 0), /* MAIR_EL1 */
	    REG(3, 0, 10, 2, 3), /* PIR_EL1 */
	    REG(3, 0, 12, 0, 0), /* VBAR_EL1 */
	    REG(3, 0, 4, 2, 0),  /* SPSel */
	    REG(3, 3, 4, 2, 1),  /* DAIF */
	};

	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (reg == list[i])
			return true;
	return false;
}

static void try_writes(uint32_t reg)
{
	static const uint64_t values[] = {~0ul, 0, 1ul << 63, 0xa5a5a5a5a5a5a5a5};
	uint64_t esr;

	for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		esr = attempt_one(MSR | reg, values[i], 0);
		expect(refused_well(esr), "write of a register", reg);
		expect(OP1(reg) < 4 || esr, "EL2's register can be written", reg);
	}
}

/* Every register, read and written: answered, ignored or undefined; those of EL2 and EL3 undefined.
 */
void a6_001(void)
{
	for (uint32_t reg = REG(2, 0, 0, 0, 0); reg < REG(4, 0, 0, 0, 0);
	     reg += REG(0, 0, 0, 0, 1)) {
		uint64_t before;
		bool readable = answers(reg, &before);

		expect(OP1(reg) < 4 || !readable, "EL2's register can be read", reg);
		if (stood_on(reg))
			continue;
		try_writes(reg);
		if (readable)
			attempt_one(MSR | reg, before, 0);
	}
	expect(!attempt_load(UART + 0x18, 4), "the UART is gone", 0);
}

static void hidden(uint32_t reg, const char *what)
{
	uint64_t value;

	attempt_one(MSR | reg, ~0ul, 0);
	if (answers(reg, &value))
		expect(!value, what, value);
}

/* What the feature registers do not offer is not there. */
void a6_002(void)
{
	uint64_t debug = read_sysreg("id_aa64dfr0_el1"), cpu = read_sysreg("id_aa64pfr0_el1");
	uint64_t memory = read_sysreg("id_aa64mmfr1_el1"), value;

	if (FIELD(debug, 8) == 0 || FIELD(debug, 8) == 15) {
		hidden(REG(3, 3, 9, 12, 0), "PMCR_EL0");
		hidden(REG(3, 3, 9, 13, 0), "PMCCNTR_EL0");
		hidden(REG(3, 3, 14, 15, 7), "PMCCFILTR_EL0");
	}
	if (FIELD(debug, 32) == 0)
		hidden(REG(3, 0, 9, 9, 0), "PMSCR_EL1");
	if (FIELD(debug, 44) == 0)
		hidden(REG(3, 0, 9, 11, 0), "TRBLIMITR_EL1");
	if (FIELD(cpu, 44) == 0)
		hidden(REG(3, 3, 13, 2, 0), "AMCR_EL0");
	if (FIELD(cpu, 40) == 0) {
		hidden(REG(3, 0, 10, 5, 0), "MPAM1_EL1");
		hidden(REG(3, 0, 10, 5, 1), "MPAM0_EL1");
	}
	if (FIELD(cpu, 28) == 0) {
		hidden(REG(3, 0, 5, 3, 0), "ERRIDR_EL1");
		hidden(REG(3, 0, 5, 4, 2), "ERXSTATUS_EL1");
	}
	if (FIELD(memory, 16) == 0)
		hidden(REG(3, 0, 10, 4, 0), "LORSA_EL1");
	if (FIELD(cpu, 32) == 0)
		hidden(REG(3, 0, 1, 2, 0), "ZCR_EL1");
	expect(FIELD(cpu, 8) == 0, "EL2 is offered", cpu);
	/* A breakpoint of this guest's own: taken or not, it is the guest's. */
	attempt_one(MSR | REG(2, 0, 0, 0, 4), ~0ul, 0); /* DBGBVR0_EL1 */
	attempt_one(MSR | REG(2, 0, 0, 0, 5), ~0ul, 0); /* DBGBCR0_EL1 */
	answers(REG(2, 0, 0, 0, 5), &value);
	attempt_one(MSR | REG(2, 0, 0, 0, 5), 0, 0);
	attempt_one(MSR | REG(2, 0, 0, 2, 2), 0, 0); /* MDSCR_EL1 */
}

static uint32_t identity(void)
{
	return get32(UART + 0xfe0); /* UARTPeriphID0 */
}

/* Without the MMU, and big-endian: device registers as hardware gives them. */
static uint32_t identity_with(uint64_t sctlr)
{
	uint64_t before = read_sysreg("sctlr_el1"), value;

	__asm__ volatile("dsb sy\nmsr sctlr_el1, %1\nisb\nldr %w0, [%3]\nmsr sctlr_el1, %2\nisb\n"
	                 "tlbi vmalle1\ndsb sy\nisb"
	                 : "=&r"(value)
	                 : "r"(sctlr), "r"(before), "r"(UART + 0xfe0)
	                 : "memory");
	return (uint32_t)value;
}

#define SCTLR_M   (1ul << 0)
#define SCTLR_C   (1ul << 2)
#define SCTLR_I   (1ul << 12)
#define SCTLR_WXN (1ul << 19)
#define SCTLR_EE  (1ul << 25)

void a6_003(void)
{
	uint64_t sctlr = read_sysreg("sctlr_el1"), tcr = read_sysreg("tcr_el1");
	uint64_t mair = read_sysreg("mair_el1"), right = identity(), value;

	expect(identity_with(sctlr & ~SCTLR_M) == right, "MMU off, caches on", right);
	expect(identity_with(sctlr & ~(SCTLR_M | SCTLR_C | SCTLR_I)) == right, "all off", right);
	value = __builtin_bswap32(identity_with((sctlr & ~SCTLR_M) | SCTLR_EE));
	expect(value == right, "big-endian", value);
	write_sysreg("mair_el1", mair | 0xffffffffffff0000);
	write_sysreg("mair_el1", mair | 0x0123456789ab0000);
	write_sysreg("tcr_el1", tcr | 0xf000000000000040);
	expect(identity() == right, "reserved bits of TCR", read_sysreg("tcr_el1"));
	write_sysreg("ttbr1_el1", ~0ul);
	write_sysreg("ttbr1_el1", 0);
	write_sysreg("tcr_el1", tcr);
	write_sysreg("mair_el1", mair);
	written_table();
	expect(identity() == right, "back again", 0);
}

/* An instruction of the SYS space on addresses that are nobody's, another's, a device's */
static void try_maintenance(uint32_t operation)
{
	static uint64_t scratch[512] __attribute__((aligned(4096)));
	const uint64_t places[] = {
	    (uint64_t)scratch, ~0ul,      0x7ffffffffful, 0xffffff8000000000, UART, VIRTIO,
	    RAM_END,           0x80000000};

	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		uint64_t esr = attempt_one(MSR | operation, places[i], 0);

		expect(!esr || IS(esr, EC_DATA) || UNDEFINED(esr), "maintenance", esr);
	}
}

void a6_017(void)
{
	static const uint8_t by_set[] = {6, 10, 14}; /* ISW, CSW, CISW */

	for (unsigned m = 4; m < 16; m++)
		try_maintenance(SYS | REG(0, 3, 7, m, 1)); /* ZVA, IVAU, CVAC ... CIVAC */
	try_maintenance(SYS | REG(0, 0, 7, 6, 1));         /* IVAC */
	try_maintenance(SYS | REG(0, 0, 7, 1, 0));         /* IALLUIS */
	try_maintenance(SYS | REG(0, 0, 7, 5, 0));         /* IALLU */
	for (unsigned i = 0; i < sizeof(by_set); i++)
		for (uint64_t line = 0; line < 1024; line++) {
			uint64_t esr =
			    attempt_one(MSR | SYS | REG(0, 0, 7, by_set[i], 2), line << 6, 0);

			expect(!esr || UNDEFINED(esr), "by set and way", esr);
		}
	for (unsigned op1 = 0; op1 < 8; op1 += 4) /* address translation */
		for (unsigned op2 = 0; op2 < 8; op2++) {
			uint64_t esr = attempt_one(MSR | SYS | REG(0, op1, 7, 8, op2), RAM, 0);

			expect(op1 == 0 || UNDEFINED(esr), "AT of another level", op2);
		}
}

void a6_018(void)
{
	for (unsigned n = 8; n < 10; n++)
		for (uint32_t rest = 0; rest < 1024; rest++) {
			unsigned op1 = rest >> 7, m = rest >> 3 & 15, op2 = rest & 7;
			uint64_t esr = attempt_one(MSR | SYS | REG(0, op1, n, m, op2), 0, 0);

			expect(!esr || UNDEFINED(esr), "TLBI", esr);
			expect(op1 < 4 || esr, "TLBI of EL2 or stage 2", op1 << 8 | m << 4 | op2);
		}
}
