/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's memory for tests, every piece between guard pages, with all the borders that matter:
 * RAM, a hole with a device's registers, two pieces of RAM that touch but lie apart in host memory,
 * and a ROM.
 */
#pragma once

#include <stdint.h>

#include "guest-devices/bus.h"
#include "guest-devices/guest_mem.h"

enum {
	FAKE_LOW = 0x0, /* RAM */
	FAKE_LOW_END = 0x100000,
	FAKE_REGISTERS = 0x180000, /* one page of a device, in the hole */
	FAKE_HIGH = 0x200000,      /* RAM */
	FAKE_SEAM = 0x300000,      /* RAM goes on, elsewhere in host memory */
	FAKE_HIGH_END = 0x400000,
	FAKE_ROM = 0x800000,
	FAKE_ROM_SIZE = 0x10000,
	FAKE_ROM_BYTE = 0x90,
};

struct fake_mem {
	struct guest_mem mem;
	struct bus bus;
	struct bus_region registers;
	unsigned register_accesses;
};

void fake_mem_init(struct fake_mem *fake); /* all bytes 0; the ROM is full of FAKE_ROM_BYTE */
void fake_mem_free(struct fake_mem *fake);

/* The test's own look at RAM; fails the test when [address, address + size) is not RAM. */
void *fake_mem_at(const struct fake_mem *fake, uint64_t address, uint64_t size);
