/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest whose two CPUs are rude to each other, row by row of the catalogue of hostile guests. One
 * line for each row; in the end its first CPU gets an INIT, which restarts the guest.
 */
#include <stddef.h>

#include "tests/guest/bare/bare.h"
#include "tests/guest/bare/disk.h"

#define LAPIC      0xfee00000ul
#define EOI        0x0b0
#define SVR        0x0f0
#define ICR_LOW    0x300
#define ICR_HIGH   0x310
#define MODE_NMI   0x400u
#define MODE_INIT  0x500u
#define MODE_START 0x600u
#define ASSERT     0x4000u

#define AP_START  0x8000ul
#define PING      0x40
#define PONG      0x41
#define SHOOTDOWN 0x42
#define STORM     0x43

#define REMAPPED 0x40000000ul /* a page that changes its place */
#define PLACE(n) (0x400000ul + (n)*0x200000ul)

extern uint8_t ap_code[], ap_code_end[], pages[];
void ap_main(void);
static volatile uint32_t starts, pings, pongs, shots, storms, nmis, seen, lives_mixed;
static volatile bool stop;
static void (*volatile job)(void); /* what the other CPU is to do */
static unsigned wrong;
static struct disk disk;

static void lapic_write(uint32_t reg, uint32_t value)
{
	*(volatile uint32_t *)(LAPIC + reg) = value;
}

static void send(uint32_t destination, uint32_t low)
{
	lapic_write(ICR_HIGH, destination << 24);
	lapic_write(ICR_LOW, low);
}

/* ---- interrupts ---- */

struct frame;
#define HANDLER static __attribute__((interrupt)) void

HANDLER on_ping(struct frame *frame)
{
	(void)frame;
	pings++;
	lapic_write(EOI, 0);
	send(0, ASSERT | PONG);
}

HANDLER on_pong(struct frame *frame)
{
	(void)frame;
	pongs++;
	lapic_write(EOI, 0);
}

HANDLER on_shootdown(struct frame *frame)
{
	(void)frame;
	__asm__ volatile("invlpg (%0)" : : "r"(REMAPPED) : "memory");
	seen = *(volatile uint32_t *)REMAPPED;
	lapic_write(EOI, 0);
	shots++;
}

HANDLER on_storm(struct frame *frame)
{
	(void)frame;
	__atomic_fetch_add(&storms, 1, __ATOMIC_RELAXED);
	lapic_write(EOI, 0);
}

HANDLER on_nmi(struct frame *frame)
{
	(void)frame;
	__atomic_fetch_add(&nmis, 1, __ATOMIC_RELAXED);
}

static struct {
	uint16_t low, selector, type, middle;
	uint32_t high, zero;
} idt[SHOOTDOWN + 2];

static void set_gate(unsigned vector, void (*handler)(struct frame *))
{
	uint64_t at = (uint64_t)handler;

	idt[vector].low = (uint16_t)at;
	idt[vector].selector = 16;
	idt[vector].type = 0x8e00;
	idt[vector].middle = (uint16_t)(at >> 16);
}

static void interrupts_on(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = {sizeof(idt) - 1, (uint64_t)idt};

	lapic_write(SVR, 0x1ff);
	__asm__ volatile("lidt %0\nsti" : : "m"(pointer) : "memory");
}

/* ---- the other CPU ---- */

void ap_main(void)
{
	uint64_t dr0;

	__asm__ volatile("mov %%dr0, %0" : "=r"(dr0));
	lives_mixed += dr0 != 0; /* something of its former life is left */
	__asm__ volatile("mov %0, %%dr0" : : "r"(0x1234ul));
	interrupts_on();
	starts++;
	for (;;) {
		void (*now)(void) = job;

		if (now) {
			now();
			job = NULL;
		}
		relax();
	}
}

static void start_other(void)
{
	uint32_t before = starts;

	send(1, ASSERT | MODE_INIT);
	send(1, ASSERT | MODE_START | AP_START >> 12);
	while (starts == before)
		relax();
}

static void finish_job(void)
{
	stop = true;
	while (job)
		relax();
	stop = false;
}

static bool answers(unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		uint32_t before = pongs;

		send(1, ASSERT | PING);
		while (pongs == before)
			relax();
	}
	return pings >= times;
}

/* ---- rows ---- */

static bool x8_038(void)
{
	uint32_t before;

	for (unsigned i = 0; i < 1000; i++)
		start_other();
	before = starts;
	for (unsigned i = 0; i < 100; i++) /* it runs: these mean nothing */
		send(1, ASSERT | MODE_START | i);
	return answers(10) && starts == before && !lives_mixed;
}

static void storm(void)
{
	for (unsigned i = 0; i < 1000; i++)
		send(0, ASSERT | STORM);
}

/* Every mode and shorthand to everybody, but for what would end this CPU; both storm at once. */
static bool x8_030(void)
{
	for (uint32_t mode = 0; mode < 8; mode++) {
		uint32_t low = ASSERT | mode << 8 | (mode == 6 ? AP_START >> 12 : STORM);

		for (uint32_t destination = 2; destination < 255; destination++)
			send(destination, low);
		for (uint32_t destination = 0; destination < 256; destination += 5)
			send(destination, low | 0x800);
		for (uint32_t shorthand = 1; shorthand < 4; shorthand++) {
			if (mode != 5 || shorthand == 3)
				send(0, low | shorthand << 18);
		}
	}
	start_other();
	job = storm;
	for (unsigned i = 0; i < 1000; i++) {
		send(1, ASSERT | STORM);
		if (i % 16 == 0)
			send(1, ASSERT | MODE_NMI);
	}
	finish_job();
	return answers(100) && storms > 0 && nmis > 0;
}

/* A page of the guest's own tables changes; the other CPU is told, and then sees the new place. */
static bool remap(void)
{
	volatile uint64_t *entry = (volatile uint64_t *)(pages + 0x3000);
	bool good = true;

	*(volatile uint32_t *)PLACE(0) = 100;
	*(volatile uint32_t *)PLACE(1) = 101;
	for (unsigned i = 0; i < 300; i++) {
		uint32_t before = shots;

		*entry = PLACE(i % 2) | 0x83;
		send(1, ASSERT | SHOOTDOWN);
		while (shots == before)
			relax();
		good &= seen == 100 + i % 2;
	}
	*entry = REMAPPED | 0x83;
	return good;
}

static void add_for_ever(void)
{
	while (!stop)
		disk_offer();
}

/* The other CPU adds requests for ever, this one never stops kicking. */
static bool sr_043(void)
{
	uint64_t longest = 0;

	if (!disk_start(&disk))
		return false;
	disk_fill(&disk, DISK_DEPTH);
	if (!disk_kick(&disk, DISK_DEPTH))
		return false;
	disk_cycle();
	job = add_for_ever;
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t start = instructions();

		*disk.notify = 0;
		start = instructions() - start;
		longest = start > longest ? start : longest;
	}
	finish_job();
	disk_kick(&disk, 0); /* what the other CPU has added last */
	disk_fill(&disk, DISK_DEPTH);
	return disk_kick(&disk, DISK_DEPTH) && longest < 1000000000;
}

static const struct {
	const char *id;
	bool (*run)(void);
} rows[] = {{"X8-038", x8_038}, {"X8-030", x8_030}, {"remapping", remap}, {"SR-043", sr_043}};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

void bare_main(uint8_t *boot_data)
{
	(void)boot_data;
	set_gate(2, on_nmi);
	set_gate(PING, on_ping);
	set_gate(PONG, on_pong);
	set_gate(SHOOTDOWN, on_shootdown);
	set_gate(STORM, on_storm);
	interrupts_on();
	for (uint64_t i = 0; i < (uint64_t)(ap_code_end - ap_code); i++)
		((volatile uint8_t *)AP_START)[i] = ap_code[i];
	for (unsigned i = 0; i < ROWS; i++) {
		bool good = rows[i].run();

		wrong += !good;
		print(rows[i].id);
		print(good ? " passed\n" : " failed\n");
	}
	print("hostile-smp: ");
	print_number(ROWS - wrong);
	print(" passed, ");
	print_number(wrong);
	print(" failed\n");
	send(0, ASSERT | MODE_INIT);
	idle();
}
