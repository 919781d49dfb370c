/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "tests/lib/fake_mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { GUARD = 1 << 16 };

static uint8_t *map_guarded(uint64_t size)
{
	uint8_t *all = mmap(NULL, size + 2 * GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (all == MAP_FAILED || mprotect(all + GUARD, size, PROT_READ | PROT_WRITE))
		abort();
	return all + GUARD;
}

static void add(struct fake_mem *fake, uint64_t address, uint64_t size, bool rom)
{
	fake->mem.slots[fake->mem.count++] =
	    (struct guest_mem_slot){address, size, map_guarded(size), rom, NULL};
}

static void register_access(void *context, struct bus_access *access)
{
	struct fake_mem *fake = context;

	fake->register_accesses++;
	access->value = 0;
}

void fake_mem_init(struct fake_mem *fake)
{
	memset(fake, 0, sizeof(*fake));
	add(fake, FAKE_LOW, FAKE_LOW_END - FAKE_LOW, false);
	add(fake, FAKE_HIGH, FAKE_SEAM - FAKE_HIGH, false);
	add(fake, FAKE_SEAM, FAKE_HIGH_END - FAKE_SEAM, false);
	add(fake, FAKE_ROM, FAKE_ROM_SIZE, true);
	memset(fake->mem.slots[3].host, FAKE_ROM_BYTE, FAKE_ROM_SIZE);
	fake->registers =
	    (struct bus_region){FAKE_REGISTERS, 0x1000, register_access, fake, "registers"};
	bus_add(&fake->bus, &fake->registers);
	fake->mem.devices = &fake->bus;
}

void fake_mem_free(struct fake_mem *fake)
{
	for (unsigned i = 0; i < fake->mem.count; i++)
		munmap(fake->mem.slots[i].host - GUARD, fake->mem.slots[i].size + 2 * GUARD);
	fake->mem.count = 0;
}

void *fake_mem_at(const struct fake_mem *fake, uint64_t address, uint64_t size)
{
	uint64_t run = 0;
	void *host = guest_mem_run(&fake->mem, address, false, &run);

	if (!host || run < size)
		abort();
	return host;
}
