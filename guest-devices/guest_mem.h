/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only way from a guest address to bytes. Guest memory changes under our feet: read a thing
 * once into private memory, check the copy, use the copy.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define GUEST_MEM_SLOTS 4

struct guest_mem_slot {
	uint64_t address, size; /* guest physical range, bytes */
	uint8_t *host;
};

/* The guest's RAM. Filled once by its creator; slots do not overlap and do not wrap. */
struct guest_mem {
	struct guest_mem_slot slots[GUEST_MEM_SLOTS];
	unsigned count;
};

/* Copy; all or nothing. GD_FAULT unless the whole range lies inside one slot. */
int guest_mem_read(const struct guest_mem *mem, uint64_t address, void *to, size_t size);
int guest_mem_write(const struct guest_mem *mem, uint64_t address, const void *from, size_t size);

/*
 * Host address of a range, for payload that is moved and never interpreted (disk sectors, packet
 * bodies). NULL unless the whole range lies inside one slot. The guest may change the bytes at any
 * time.
 */
void *guest_mem_payload(const struct guest_mem *mem, uint64_t address, size_t size);

/* Little-endian scalars with single-copy atomicity (naturally aligned address, else GD_FAULT); for
 * ring indices. */
int guest_mem_read16(const struct guest_mem *mem, uint64_t address, uint16_t *value);
int guest_mem_write16(const struct guest_mem *mem, uint64_t address, uint16_t value);
