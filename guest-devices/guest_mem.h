/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only way from a guest address to bytes. Guest memory changes under our feet: read a thing
 * once into private memory, check the copy, use the copy.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define GUEST_MEM_SLOTS 4

struct bus;

struct guest_mem_slot {
	uint64_t address, size; /* guest physical range, bytes */
	uint8_t *host;          /* aligned to 8 */
	bool read_only;         /* ROM: devices may read it and never write it */
	/* NULL, or the RAM's pages one by one, NULL where one is missing; host is where they began.
	 */
	uint8_t **pages;
};

#define GUEST_PAGE 4096u

/* Who brings missing pages of RAM when a device touches them. */
struct guest_mem_pager {
	/* The page at this guest address is there again: true. Under the guest's lock. */
	bool (*bring)(struct guest_mem_pager *pager, uint64_t address);
};

/*
 * The guest's RAM. Filled once by its creator; slots are sorted by address, do not overlap and do
 * not wrap. devices (may be NULL) is asked only to name the reason of a refusal.
 */
struct guest_mem {
	struct guest_mem_slot slots[GUEST_MEM_SLOTS];
	unsigned count;
	const struct bus *devices;
	struct guest_mem_pager *pager; /* NULL: no page can be missing */
};

/* The slot that holds address; NULL: none. */
static inline const struct guest_mem_slot *guest_mem_slot(const struct guest_mem *mem,
                                                          uint64_t address)
{
	for (unsigned i = 0; i < mem->count; i++)
		if (address - mem->slots[i].address < mem->slots[i].size)
			return &mem->slots[i];
	return NULL;
}

/* The part of guest_mem_reach for RAM whose pages may be missing. */
uint8_t *guest_mem_paged(const struct guest_mem *mem, const struct guest_mem_slot *slot,
                         uint64_t offset, uint64_t want, uint64_t *run);

/*
 * Host address of a guest address and, in *run, the bytes that follow it in host memory, as far as
 * `want` at least if they do; NULL: not RAM, or read-only and write asked, or a page that is
 * missing and cannot be brought.
 */
static inline uint8_t *guest_mem_reach(const struct guest_mem *mem, uint64_t address, bool write,
                                       uint64_t want, uint64_t *run)
{
	const struct guest_mem_slot *slot = guest_mem_slot(mem, address);

	if (!slot || (write && slot->read_only))
		return NULL;
	if (slot->pages)
		return guest_mem_paged(mem, slot, address - slot->address, want, run);
	*run = slot->size - (address - slot->address);
	return slot->host + (address - slot->address);
}

/* The same, for what does not go on for more than a few pages. */
static inline uint8_t *guest_mem_run(const struct guest_mem *mem, uint64_t address, bool write,
                                     uint64_t *run)
{
	return guest_mem_reach(mem, address, write, 4 * GUEST_PAGE, run);
}

/* Copy; all or nothing. Else as guest_mem_check says. A range may cross slots that touch. */
int guest_mem_read(const struct guest_mem *mem, uint64_t address, void *to, size_t size);
int guest_mem_write(const struct guest_mem *mem, uint64_t address, const void *from, size_t size);

/*
 * 0 if a device may read (write) the whole range; else GD_READ_ONLY, GD_NOT_RAM (it starts in a
 * device's registers) or GD_FAULT. An empty range is always right.
 */
int guest_mem_check(const struct guest_mem *mem, uint64_t address, uint64_t size, bool write);

/*
 * Host address of a range, for payload that is moved and never interpreted (disk sectors, packet
 * bodies). NULL unless the whole range lies inside one writable slot. The guest may change the
 * bytes at any time.
 */
void *guest_mem_payload(const struct guest_mem *mem, uint64_t address, uint64_t size);

/* Little-endian scalars with single-copy atomicity (naturally aligned address, else GD_FAULT). */
int guest_mem_read16(const struct guest_mem *mem, uint64_t address, uint16_t *value);
int guest_mem_write16(const struct guest_mem *mem, uint64_t address, uint16_t value);

/*
 * The same once the host address is known (rings): exactly one load or store each, which the
 * compiler can neither repeat nor split. The barrier makes a copy a copy: no later use can be
 * served from guest memory again.
 */
static inline uint16_t guest_load16(const void *host)
{
	return __atomic_load_n((const uint16_t *)host, __ATOMIC_ACQUIRE);
}

static inline uint32_t guest_load32(const void *host)
{
	return __atomic_load_n((const uint32_t *)host, __ATOMIC_ACQUIRE);
}

/* Needs no alignment. */
static inline uint64_t guest_load64(const void *host)
{
	typedef uint64_t unaligned __attribute__((aligned(1), may_alias));

	return *(const volatile unaligned *)host;
}

static inline void guest_store16(void *host, uint16_t value)
{
	__atomic_store_n((uint16_t *)host, value, __ATOMIC_RELEASE);
}

static inline void guest_store32(void *host, uint32_t value)
{
	__atomic_store_n((uint32_t *)host, value, __ATOMIC_RELEASE);
}

static inline void guest_store64(void *host, uint64_t value)
{
	__atomic_store_n((uint64_t *)host, value, __ATOMIC_RELEASE);
}

static inline void guest_copy(void *to, const void *from, size_t size)
{
	memcpy(to, from, size);
	__asm__ volatile("" ::: "memory");
}
