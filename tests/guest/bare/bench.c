/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures what an exit costs, in instructions: under QEMU's -icount shift=1 the cycle counter
 * advances by two for each instruction that anybody executes, the hypervisor included. Each figure
 * is beyond what the same loop costs without the access that exits. Prints "bench NAME FIGURE"
 * lines and "bench end 0".
 */
#include "tests/guest/bare/bare.h"
#include "tests/guest/bare/disk.h"

#define ROUNDS                 1000
#define CYCLES_PER_INSTRUCTION 2
#define DEVICE_STATUS          20 /* in the common configuration */
#define UART_LINE_STATUS       5

static struct disk disk;

static void nothing(void)
{
	__asm__ volatile("");
}

static void cpuid(void)
{
	uint32_t a = 0, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
}

static void read_uart(void)
{
	(void)in8(UART + UART_LINE_STATUS);
}

static void read_register(void)
{
	(void)disk.common[DEVICE_STATUS];
}

/* Nothing new is in the ring. */
static void notify(void)
{
	*disk.notify = 0;
}

static void report(const char *name, uint64_t instructions)
{
	print("bench ");
	print(name);
	print(" ");
	print_number(instructions);
	print("\n");
}

static uint64_t loop(void (*volatile body)(void))
{
	uint64_t start = cycles();

	for (unsigned i = 0; i < ROUNDS; i++)
		body();
	return cycles() - start;
}

static void measure(const char *name, void (*body)(void))
{
	uint64_t empty = loop(nothing), full = loop(body);

	report(name, (full - empty) / ROUNDS / CYCLES_PER_INSTRUCTION);
}

/* Reads at one depth: what filling the ring costs the guest is measured alone, and taken off. */
static void measure_reads(const char *name, unsigned depth)
{
	uint64_t own = 0, all = 0, start;

	for (unsigned i = 0; i < ROUNDS / depth; i++) {
		start = cycles();
		disk_fill(&disk, depth);
		own += cycles() - start;
		start = cycles();
		disk_fill(&disk, depth);
		if (!disk_kick(&disk, depth))
			print("bench: a read failed\n");
		all += cycles() - start;
	}
	report(name, (all - own) / (ROUNDS / depth * depth) / CYCLES_PER_INSTRUCTION);
}

void bare_main(const uint8_t *boot_params)
{
	uint64_t start = cycles();

	(void)boot_params;
	report("start", start / CYCLES_PER_INSTRUCTION);
	measure("cpuid", cpuid);
	measure("uart", read_uart);
	if (disk_start(&disk)) {
		measure("register", read_register);
		measure("notify", notify);
		measure_reads("read-1", 1);
		measure_reads("read-32", 32);
	}
	report("end", 0);
	for (;;)
		__asm__ volatile("hlt");
}
