/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/aarch64/hostile/hostile.h"
#include "tests/guest/bare/aarch64/hostile/irq.h"

#define TURNS 100000

/* Polls until something is pending; SPURIOUS and above when nothing comes. */
static unsigned wait_for_interrupt(unsigned turns)
{
	unsigned intid = SPURIOUS;

	while (turns-- && (intid = gic_acknowledge()) >= SPURIOUS)
		relax();
	return intid;
}

/* The controller still works: one SGI to oneself arrives, once. */
static void expect_working(const char *what)
{
	unsigned intid;

	gic_start();
	gic_enable(5);
	gic_send_self(5);
	intid = wait_for_interrupt(TURNS);
	expect(intid == 5, what, intid);
	gic_end(intid);
	intid = gic_acknowledge();
	expect(intid >= SPURIOUS, "an interrupt came twice", intid);
}

static void expect_answer(uint64_t esr, uint64_t address)
{
	expect(!esr || IS(esr, EC_DATA), "register", address);
}

/* Every register, each width in turn; a width that hardware does not take is an abort or ignored.
 */
static void sweep(uint64_t base, uint64_t size)
{
	for (uint64_t at = base; at < base + size; at += 4) {
		unsigned bytes = 1u << (at >> 2) % 3, inside = (unsigned)(at >> 4) % (5 - bytes);

		expect_answer(attempt_load(at, 4), at);
		expect_answer(attempt_store(at, 4, ~0ul), at);
		expect_answer(attempt_load(at + inside, bytes), at);
		expect_answer(attempt_store(at + inside, bytes, ~0ul), at);
		if (at % 32 == 0) {
			expect_answer(attempt_load(at, 8), at);
			expect_answer(attempt_store(at, 8, ~0ul), at);
		}
	}
}

void a6_010(void)
{
	sweep(GICD, gic_is_v3() ? 0x11000 : 0x10000);
	if (gic_is_v3())
		sweep(GICR, 0x20000 + 0x1000);
	else
		sweep(GICC + 0x1000, 0x1000); /* the interface itself is hardware's */
	attempt_load(GICD - 4, 8);
	attempt_load(GICD + 0xfffd, 4);
	expect_working("after every register was written");
}

/* Targets that do not exist, in the words of either version */
static void send_garbage(uint64_t value)
{
	if (gic_is_v3())
		write_sysreg("S3_0_C12_C11_5", value);
	else
		put32(GICD + GICD_SGIR, (uint32_t)value);
}

void a6_011(void)
{
	static const uint64_t garbage[] = {~0ul,      1ul << 40, 0xfffe,    0x00ff00ff00ffffff,
	                                   0x3000000, 0x2fe0003, 0x1ff000f, 0xffff0000ffff};
	unsigned intid;

	gic_start();
	for (unsigned i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++)
		send_garbage(garbage[i]);
	for (unsigned i = 0; i < 20000; i++)
		gic_send_self(i % 16);
	gic_start();
	gic_enable(7);
	for (unsigned i = 0; i < 1000; i++)
		gic_send_self(7);
	intid = wait_for_interrupt(TURNS);
	expect(intid == 7, "a storm ends in its interrupt", intid);
	gic_end(intid);
	intid = gic_acknowledge();
	expect(intid >= SPURIOUS, "a storm is one interrupt", intid);
	expect_working("after SGIs to nobody");
}

void a6_012(void)
{
	unsigned intid, lines = gic_lines();

	gic_start();
	for (unsigned turn = 0; turn < 20; turn++)
		for (unsigned i = 0; i < lines; i += 32) {
			put32(gic_register(GICD_ISPENDR, i), ~0u);
			put32(gic_register(GICD_ISACTIVER, i), ~0u);
			put32(gic_register(GICD_ICACTIVER, i), ~0u);
			put32(gic_register(GICD_ICPENDR, i), ~0u);
		}
	for (unsigned i = 32; i < lines; i += 32)
		put32(gic_register(GICD_ISPENDR, i), ~0u);
	intid = wait_for_interrupt(1000);
	expect(intid >= SPURIOUS, "what is not enabled came", intid);
	for (unsigned i = 32; i < lines; i += 32) { /* enabled, pending, active, all at once */
		put32(gic_register(GICD_ISACTIVER, i), ~0u);
		put32(gic_register(GICD_ISENABLER, i), ~0u);
	}
	intid = wait_for_interrupt(1000);
	expect(intid >= SPURIOUS, "what is active came", intid);
	expect_working("after others' interrupts were toggled");
}

static uint8_t seen[SPURIOUS];

static void pend_all(unsigned lines)
{
	gic_start();
	for (unsigned i = 32; i < lines; i += 16)
		put32(GICD + GICD_ICFGR + i / 4, 0xaaaaaaaa); /* edges */
	for (unsigned i = 0; i < lines; i++)
		seen[i] = 0;
	for (unsigned i = 32; i < lines; i += 32) {
		put32(gic_register(GICD_ISPENDR, i), ~0u);
		put32(gic_register(GICD_ISENABLER, i), ~0u);
	}
}

void a6_013(void)
{
	unsigned lines = gic_lines(), intid, count = 0;

	pend_all(lines);
	while ((intid = wait_for_interrupt(1000)) < SPURIOUS && count++ < 2 * SPURIOUS) {
		seen[intid]++;
		gic_end(intid);
		gic_end((intid + 1) % lines); /* is not active */
	}
	for (unsigned i = 32; i < lines; i++)
		expect(seen[i] == 1, "lost or doubled", i << 8 | seen[i]);
	/* Two active at once by priority, ended in the wrong order. */
	gic_start();
	put32(GICD + GICD_IPRIORITYR + 40, 0x20404040);
	gic_enable(40);
	gic_enable(43);
	gic_set_pending(40);
	intid = wait_for_interrupt(TURNS);
	expect(intid == 40, "the first", intid);
	gic_set_pending(43);
	intid = wait_for_interrupt(TURNS);
	expect(intid == 43, "one of higher priority", intid);
	gic_end(40);
	gic_end(43);
	gic_end(40);
	expect_working("after ends out of order");
}

void a6_014(void)
{
	uint64_t esr = attempt_load(NO_ITS + 0xffe8, 4); /* GITS_PIDR2 */

	expect(IS(esr, EC_DATA) || last == 0, "there is an ITS", last);
	for (uint64_t offset = 0; offset < 0x20000; offset += 0x80) {
		expect_answer(attempt_store(NO_ITS + offset, 8, ~0ul), offset);
		expect_answer(attempt_load(NO_ITS + offset, 8), offset);
	}
	expect_working("after commands to an ITS");
}

void a6_015(void)
{
	static uint64_t tables[16384] __attribute__((aligned(65536)));

	if (!gic_is_v3())
		return;
	expect(!(get32(GICD + GICD_TYPER) & 1u << 17), "LPIs are offered", 0);
	for (unsigned i = 0; i < 1000; i++) {
		attempt_store(GICR + 0x70, 8, (uint64_t)tables | 15); /* PROPBASER */
		attempt_store(GICR + 0x78, 8,
		              ((uint64_t)tables + 0x10000) | i << 7); /* PENDBASER */
		attempt_store(GICR, 4, i & 1);                        /* EnableLPIs */
		tables[i] = ~0ul;
	}
	attempt_load(GICR, 4);
	expect(!(last & 1), "LPIs can be enabled", last);
	expect_working("after LPIs");
}
