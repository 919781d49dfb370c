/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures what an exit costs, in instructions: under QEMU's -icount shift=1 the cycle counter
 * advances with each instruction that anybody executes, the hypervisor included. Each figure
 * is beyond what the same loop costs without the access that exits. Prints "bench NAME FIGURE"
 * lines and "bench end 0".
 */
#include "tests/guest/bare/bare.h"
#include "tests/guest/bare/disk.h"
#include "tests/guest/bare/net.h"

#define ROUNDS        1000
#define DEVICE_STATUS 20 /* in the common configuration */

static struct disk disk;

static void nothing(void)
{
	__asm__ volatile("");
}

static void read_register(void)
{
	(void)disk.virtio.common[DEVICE_STATUS];
}

/* Nothing new is in the ring. */
static void notify(void)
{
	*disk.notify = 0;
}

static void report(const char *name, uint64_t figure)
{
	print("bench ");
	print(name);
	print(" ");
	print_number(figure);
	print("\n");
}

static uint64_t loop(void (*volatile body)(void))
{
	uint64_t start = instructions();

	for (unsigned i = 0; i < ROUNDS; i++)
		body();
	return instructions() - start;
}

static void measure(const char *name, void (*body)(void))
{
	uint64_t empty = loop(nothing), full = loop(body);

	report(name, (full - empty) / ROUNDS);
}

/* Reads at one depth: what filling the ring costs the guest is measured alone, and taken off. */
static void measure_reads(const char *name, unsigned depth)
{
	uint64_t own = 0, all = 0, start;

	for (unsigned i = 0; i < ROUNDS / depth; i++) {
		start = instructions();
		disk_fill(&disk, depth);
		own += instructions() - start;
		start = instructions();
		disk_fill(&disk, depth);
		if (!disk_kick(&disk, depth))
			print("bench: a read failed\n");
		all += instructions() - start;
	}
	report(name, (all - own) / (ROUNDS / depth * depth));
}

void bare_main(uint8_t *boot_data)
{
	(void)boot_data;
	report("start", instructions());
	measure(EXIT_NAME, exit_once);
	measure("uart", uart_read);
	if (disk_start(&disk)) {
		measure("register", read_register);
		measure("notify", notify);
		measure_reads("read-1", 1);
		measure_reads("read-32", 32);
	}
	if (net_start())
		measure("net", net_round_trip);
	report("end", 0);
	idle();
}
