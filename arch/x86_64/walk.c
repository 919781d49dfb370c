/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/walk.h"

#include <string.h>

#include "arch/x86_64/regs.h"

#define PTE_PRESENT 0x01ull
#define PTE_WRITE   0x02ull
#define PTE_USER    0x04ull
#define PTE_LARGE   0x80ull
#define PTE_NX      (1ull << 63)
#define FRAME       0x000ffffffffff000ull
#define PAE_CR3     0xffffffe0ull
#define PAGE        4096ull

/* A way down the tables. */
struct level {
	uint8_t shift;      /* of the index in the linear address */
	uint8_t index_bits; /* width of the index */
	bool large;         /* an entry may map a page */
	bool no_rights;     /* an entry has no write and user bits (PAE's top) */
};

struct mode {
	unsigned count, entry_size;
	struct level levels[4];
};

static const struct mode mode_4level = {
    4,
    8,
    {{39, 9, false, false}, {30, 9, true, false}, {21, 9, true, false}, {12, 9, false, false}}};
static const struct mode mode_pae = {
    3, 8, {{30, 2, false, true}, {21, 9, true, false}, {12, 9, false, false}}};
static const struct mode mode_32bit = {2, 4, {{22, 10, true, false}, {12, 10, false, false}}};

static const struct mode *paging_mode(const struct walk *walk)
{
	if (walk->efer & EFER_LMA)
		return &mode_4level;
	return walk->cr4 & CR4_PAE ? &mode_pae : &mode_32bit;
}

static uint64_t first_table(const struct walk *walk, const struct mode *mode)
{
	if (mode == &mode_pae)
		return walk->cr3 & PAE_CR3;
	return walk->cr3 & (mode == &mode_32bit ? 0xfffff000ull : FRAME);
}

static bool read_entry(const struct walk *walk, uint64_t gpa, unsigned size, uint64_t *entry)
{
	struct walk_trace *trace = walk->trace;
	uint64_t hpa = stage2_lookup(walk->s2, gpa);
	if (hpa == ~0ull)
		return false;
	const volatile uint64_t *at = (const volatile uint64_t *)(uintptr_t)(hpa & ~7ull);
	uint64_t word = *at;
	*entry = size == 8 ? word : (uint32_t)(word >> (hpa & 4) * 8);
	if (trace) {
		trace->words[trace->count] = at;
		trace->values[trace->count++] = word;
	}
	return true;
}

static void start_trace(struct walk_trace *trace)
{
	static const uint64_t zero;
	trace->count = 0;
	for (unsigned i = 0; i < WALK_LEVELS; i++) {
		trace->words[i] = &zero;
		trace->values[i] = 0;
	}
}

static uint32_t fault_code(const struct walk *walk, unsigned access, bool present)
{
	uint32_t error = present ? PF_PRESENT : 0;
	if (access & WALK_WRITE)
		error |= PF_WRITE;
	if (walk->cpl == 3)
		error |= PF_USER;
	if ((access & WALK_FETCH) && (walk->efer & EFER_NXE))
		error |= PF_FETCH;
	return error;
}

/* May the access use a page with these rights (the AND of all entries; NX the OR)? */
static bool allowed(const struct walk *walk, uint64_t rights, bool no_exec, unsigned access)
{
	bool user = walk->cpl == 3;
	if (user && !(rights & PTE_USER))
		return false;
	if ((access & WALK_WRITE) && !(rights & PTE_WRITE) && (user || (walk->cr0 & CR0_WP)))
		return false;
	if (access & WALK_FETCH)
		return !(no_exec && (walk->efer & EFER_NXE)) &&
		       !(!user && (rights & PTE_USER) && (walk->cr4 & CR4_SMEP));
	return user || !(rights & PTE_USER) || !(walk->cr4 & CR4_SMAP) ||
	       (walk->rflags & RFLAGS_AC);
}

static bool is_large(const struct walk *walk, const struct mode *mode, const struct level *level,
                     uint64_t entry)
{
	if (!level->large || !(entry & PTE_LARGE))
		return false;
	return mode != &mode_32bit || (walk->cr4 & CR4_PSE);
}

static uint64_t page_address(const struct mode *mode, const struct level *level, uint64_t entry,
                             uint64_t linear)
{
	uint64_t offset = (1ull << level->shift) - 1;
	uint64_t frame = entry & FRAME;
	if (mode == &mode_32bit && level->shift == 22) /* PSE-36 */
		frame = (entry & 0xffc00000) | (entry >> 13 & 0xff) << 32;
	return (frame & ~offset) | (linear & offset);
}

enum walk_result walk_linear(const struct walk *walk, uint64_t linear, unsigned access,
                             uint64_t *gpa, uint32_t *error)
{
	if (walk->trace)
		start_trace(walk->trace);
	if (!(walk->efer & EFER_LMA))
		linear &= 0xffffffff;
	else if ((uint64_t)((int64_t)(linear << 16) >> 16) != linear)
		return WALK_NON_CANONICAL;
	if (!(walk->cr0 & CR0_PG)) {
		*gpa = linear;
		return WALK_OK;
	}
	const struct mode *mode = paging_mode(walk);
	uint64_t table = first_table(walk, mode), rights = PTE_WRITE | PTE_USER, entry;
	bool no_exec = false;
	for (unsigned i = 0; i < mode->count; i++) {
		const struct level *level = &mode->levels[i];
		uint64_t index = linear >> level->shift & ((1u << level->index_bits) - 1);
		if (!read_entry(walk, table + index * mode->entry_size, mode->entry_size, &entry))
			return WALK_NOT_RAM;
		if (!(entry & PTE_PRESENT)) {
			*error = fault_code(walk, access, false);
			return WALK_PAGE_FAULT;
		}
		if (!level->no_rights) {
			rights &= entry;
			no_exec |= entry >> 63;
		}
		if (level->shift != 12 && !is_large(walk, mode, level, entry)) {
			table = entry & (mode == &mode_32bit ? 0xfffff000ull : FRAME);
			continue;
		}
		if (!allowed(walk, rights, no_exec, access)) {
			*error = fault_code(walk, access, true);
			return WALK_PAGE_FAULT;
		}
		*gpa = page_address(mode, level, entry, linear);
		return WALK_OK;
	}
	return WALK_NOT_RAM;
}

unsigned walk_fetch(const struct walk *walk, uint64_t linear, uint8_t *to, unsigned count,
                    uint32_t *error)
{
	unsigned done = 0;
	while (done < count) {
		uint64_t gpa, hpa, at = linear + done;
		uint64_t piece = PAGE - (at & (PAGE - 1));
		if (piece > count - done)
			piece = count - done;
		if (walk_linear(walk, at, WALK_FETCH, &gpa, error) != WALK_OK)
			break;
		hpa = stage2_lookup(walk->s2, gpa);
		if (hpa == ~0ull)
			break;
		memcpy(to + done, (const void *)(uintptr_t)hpa, piece);
		done += (unsigned)piece;
	}
	return done;
}
