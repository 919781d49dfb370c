/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/aarch64/hostile/hostile.h"
#include "tests/guest/bare/aarch64/hostile/irq.h"

#define TIMER  27 /* the virtual timer's PPI */
#define ENABLE 1
#define TURNS  200000

/* The timer's output is high: the interrupt is there once, and again only after its end. */
static void expect_one(const char *what)
{
	unsigned intid = SPURIOUS, again;

	for (unsigned i = 0; i < TURNS && intid >= SPURIOUS; i++)
		intid = gic_acknowledge();
	expect(intid == TIMER, what, intid);
	again = gic_acknowledge();
	expect(again >= SPURIOUS, "twice", again);
	write_sysreg("cntv_ctl_el0", 0);
	if (intid < SPURIOUS)
		gic_end(intid);
	again = SPURIOUS;
	for (unsigned i = 0; i < 1000 && again >= SPURIOUS; i++)
		again = gic_acknowledge();
	expect(again >= SPURIOUS, "after it was switched off", again);
}

static void expect_none(const char *what)
{
	unsigned intid = SPURIOUS;

	for (unsigned i = 0; i < 2000 && intid >= SPURIOUS; i++)
		intid = gic_acknowledge();
	expect(intid >= SPURIOUS, what, intid);
	write_sysreg("cntv_ctl_el0", 0);
	if (intid < SPURIOUS)
		gic_end(intid);
}

void a6_016(void)
{
	static const uint32_t at_el0[] = {0xd53be040, 0xd4000001}; /* mrs x0, cntvct_el0 */
	uint64_t now = read_sysreg("cntvct_el0"), x[4] = {0}, esr;

	gic_start();
	gic_enable(TIMER);
	for (unsigned i = 0; i < 3; i++) {
		const uint64_t past[] = {0, 1, now - 1};

		write_sysreg("cntv_cval_el0", past[i]);
		write_sysreg("cntv_ctl_el0", ENABLE);
		expect_one("CVAL in the past");
	}
	write_sysreg("cntv_tval_el0", 0xffffffff);
	write_sysreg("cntv_ctl_el0", ENABLE);
	expect_one("TVAL -1");
	write_sysreg("cntv_tval_el0", 0x7fffffff);
	write_sysreg("cntv_ctl_el0", ENABLE);
	expect_none("the largest TVAL");
	/* Not ~0: QEMU 7.2 adds CNTVOFF to it without a thought of overflow, and hangs. */
	write_sysreg("cntv_cval_el0", ~0ul >> 1);
	write_sysreg("cntv_ctl_el0", ENABLE);
	expect_none("CVAL never");
	for (unsigned i = 0; i < 1000; i++) { /* the physical timer: there, or undefined */
		attempt_one(0xd51be340, i & 1 ? ~0ul : 0, 0); /* cntp_cval_el0 */
		esr = attempt_one(0xd51be320, i & 3, 0);      /* cntp_ctl_el0 */
		expect(!esr || UNDEFINED(esr), "CNTP_CTL", esr);
	}
	attempt_one(0xd51be320, 0, 0);
	write_sysreg("cntkctl_el1", 0);
	esr = attempt_el0(at_el0, x, 0x3c0);
	expect(IS(esr, EC_SYSREG), "EL0 without permission", esr);
	write_sysreg("cntkctl_el1", ~0ul);
	esr = attempt_el0(at_el0, x, 0x3c0);
	expect(IS(esr, EC_SVC), "EL0 with permission", esr);
	write_sysreg("cntkctl_el1", 0);
}

static void timer_in(uint64_t ticks)
{
	write_sysreg("cntv_tval_el0", ticks);
	write_sysreg("cntv_ctl_el0", ENABLE);
}

/* What the second CPU runs: it waits in every way, with its interrupts masked, for ever. */
__asm__(".text\n.balign 4\nwaits_entry: msr daifset, #15\n1: wfe\nwfi\nb 1b\n");
extern const uint8_t waits_entry[];

void a6_020(void)
{
	uint64_t features = read_sysreg("S3_0_C0_C6_2"), start; /* ID_AA64ISAR2_EL1 */
	uint64_t ticks = read_sysreg("cntfrq_el0") / 1000, esr;

	gic_start();
	gic_enable(TIMER);
	for (unsigned i = 0; i < 20; i++) { /* masked: wakes, takes nothing */
		start = read_sysreg("cntvct_el0");
		timer_in(ticks);
		while (!(read_sysreg("cntv_ctl_el0") & 4))
			__asm__ volatile("wfi");
		expect(read_sysreg("cntvct_el0") - start >= ticks, "WFI woke early", i);
		expect_one("the timer after WFI");
	}
	for (unsigned i = 0; i < 1000; i++)
		__asm__ volatile("sev\nwfe\nsevl\nwfe");
	write_sysreg("cntkctl_el1", 1 << 2 | 4 << 4); /* an event stream, should nobody trap WFE */
	for (unsigned i = 0; i < 100; i++)
		__asm__ volatile("wfe");
	write_sysreg("cntkctl_el1", 0);
	if ((features & 15) == 2) {
		start = read_sysreg("cntvct_el0");
		esr = attempt_one(0xd5031020, start + ticks, 0); /* wfit x0 */
		expect(!esr || UNDEFINED(esr), "WFIT", esr);
		esr = attempt_one(0xd5031000, start + 2 * ticks, 0); /* wfet x0 */
		expect(!esr || UNDEFINED(esr), "WFET", esr);
	}
	firmware_call(PSCI_CPU_ON, 1, (uint64_t)waits_entry, 0);
}
