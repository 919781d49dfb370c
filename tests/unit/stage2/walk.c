/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks of a guest's own page tables. */
#include <arch/pages.h>
#include <arch/stage2.h>
#include <criterion/criterion.h>
#include <string.h>

#include "arch/x86_64/regs.h"
#include "arch/x86_64/walk.h"

#define RAM    (64 * PAGE_SIZE)
#define LONG   (EFER_LME | EFER_LMA | EFER_NXE)
#define NX     (1ull << 63)
#define P      1ull
#define W      2ull
#define U      4ull
#define LARGE  0x80ull
#define LINEAR 0x7f1234567000ull

static uint8_t *ram;
static struct walk walk;
static uint64_t gpa;
static uint32_t error;

static void start(void)
{
	ram = pages_alloc(64, PAGE_SIZE);
	struct stage2 *s2 = stage2_create();
	cr_assert_eq(stage2_map(s2, 0, (uintptr_t)ram, RAM, STAGE2_RWX), 0);
	walk = (struct walk){
	    .s2 = s2, .cr0 = CR0_PE | CR0_PG | CR0_WP, .cr3 = 0x1000, .cr4 = CR4_PAE, .efer = LONG};
}

static void finish(void)
{
	stage2_destroy((struct stage2 *)(uintptr_t)walk.s2);
	pages_free(ram, 64);
}

TestSuite(walk, .init = start, .fini = finish);

static void set64(uint64_t at, uint64_t value)
{
	memcpy(ram + at, &value, 8);
}

/* Tables at 0x1000..0x4000 that map LINEAR to 0x5000 with these flags on every level. */
static void four_levels(uint64_t flags)
{
	for (unsigned level = 0; level < 4; level++) {
		uint64_t index = LINEAR >> (39 - 9 * level) & 511;
		set64(0x1000 * (level + 1) + index * 8, (0x1000 * (level + 2)) | flags);
	}
}

static enum walk_result go(unsigned access)
{
	return walk_linear(&walk, LINEAR + 0x89, access, &gpa, &error);
}

Test(walk, four_levels)
{
	four_levels(P | W);
	cr_assert_eq(go(WALK_WRITE), WALK_OK);
	cr_assert_eq(gpa, 0x5089);
}

Test(walk, large_page)
{
	four_levels(P | W | U);
	set64(0x3000 + (LINEAR >> 21 & 511) * 8, 0x400000 | P | LARGE);
	cr_assert_eq(go(0), WALK_OK);
	cr_assert_eq(gpa, 0x400000 + ((LINEAR + 0x89) & 0x1fffff));
}

Test(walk, EM_008_guest_protection_is_honoured)
{
	four_levels(P);
	cr_assert_eq(go(WALK_WRITE), WALK_PAGE_FAULT);
	cr_assert_eq(error, (unsigned)(PF_PRESENT | PF_WRITE));
	walk.cr0 &= ~CR0_WP;
	cr_assert_eq(go(WALK_WRITE), WALK_OK);
	walk.cpl = 3;
	cr_assert_eq(go(0), WALK_PAGE_FAULT);
	cr_assert_eq(error, (unsigned)(PF_PRESENT | PF_USER));
	four_levels(P | U | NX);
	cr_assert_eq(go(0), WALK_OK);
	cr_assert_eq(go(WALK_WRITE), WALK_PAGE_FAULT);
	cr_assert_eq(go(WALK_FETCH), WALK_PAGE_FAULT);
	cr_assert_eq(error, (unsigned)(PF_PRESENT | PF_USER | PF_FETCH));
}

Test(walk, EM_008_smap_and_smep)
{
	four_levels(P | W | U);
	walk.cr4 |= CR4_SMAP | CR4_SMEP;
	cr_assert_eq(go(0), WALK_PAGE_FAULT);
	cr_assert_eq(go(WALK_FETCH), WALK_PAGE_FAULT);
	walk.rflags = RFLAGS_AC;
	cr_assert_eq(go(0), WALK_OK);
	walk.cpl = 3;
	cr_assert_eq(go(WALK_FETCH), WALK_OK);
}

Test(walk, X8_010_tables_outside_ram)
{
	walk.cr3 = 0xfee00000;
	cr_assert_eq(go(0), WALK_NOT_RAM);
	walk.cr3 = ~0ull;
	cr_assert_eq(go(0), WALK_NOT_RAM);
	walk.cr3 = 0x1000;
	four_levels(P | W);
	set64(0x1000 + (LINEAR >> 39 & 511) * 8, 0x000ffffffffff000ull | P);
	cr_assert_eq(go(0), WALK_NOT_RAM);
}

Test(walk, X8_023_non_canonical)
{
	cr_assert_eq(walk_linear(&walk, 0x800000000000ull, 0, &gpa, &error), WALK_NON_CANONICAL);
}

Test(walk, not_present)
{
	cr_assert_eq(go(0), WALK_PAGE_FAULT);
	cr_assert_eq(error, 0);
}

Test(walk, paging_off_wraps_at_4_gib)
{
	walk.cr0 = CR0_PE;
	walk.efer = 0;
	cr_assert_eq(walk_linear(&walk, 0x100001234ull, 0, &gpa, &error), WALK_OK);
	cr_assert_eq(gpa, 0x1234);
}

Test(walk, two_levels_of_32_bit_entries)
{
	uint32_t entry = 0x2000 | P | W;
	walk.efer = 0;
	walk.cr4 = CR4_PSE;
	memcpy(ram + 0x1000 + 1 * 4, &entry, 4);
	entry = 0x7000 | P;
	memcpy(ram + 0x2000 + 3 * 4, &entry, 4);
	cr_assert_eq(walk_linear(&walk, 0x403010, 0, &gpa, &error), WALK_OK);
	cr_assert_eq(gpa, 0x7010);
	entry = 0x00800000 | 1u << 13 | P | LARGE; /* PSE-36: bit 32 */
	memcpy(ram + 0x1000 + 2 * 4, &entry, 4);
	cr_assert_eq(walk_linear(&walk, 0x812345, 0, &gpa, &error), WALK_OK);
	cr_assert_eq(gpa, 0x100812345ull);
}

Test(walk, pae)
{
	walk.efer = 0;
	walk.cr3 = 0x1020;
	set64(0x1020 + 2 * 8, 0x2000 | P);
	set64(0x2000 + 1 * 8, 0x3000 | P | W | U);
	set64(0x3000 + 5 * 8, 0x9000 | P | W | U);
	cr_assert_eq(walk_linear(&walk, 0x80205abcull, WALK_WRITE, &gpa, &error), WALK_OK);
	cr_assert_eq(gpa, 0x9abc);
}

Test(walk, EM_003_fetch_stops_at_the_missing_page)
{
	uint8_t bytes[15];
	four_levels(P);
	memset(ram + 0x5000, 0x90, PAGE_SIZE);
	cr_assert_eq(walk_fetch(&walk, LINEAR + 0x10, bytes, 15, &error), 15u);
	cr_assert_eq(walk_fetch(&walk, LINEAR + 0xffb, bytes, 15, &error), 5u);
	cr_assert_eq(error, (unsigned)PF_FETCH);
	set64(0x4000 + ((LINEAR >> 12 & 511) + 1) * 8, 0xfee00000 | P);
	cr_assert_eq(walk_fetch(&walk, LINEAR + 0xffb, bytes, 15, &error), 5u);
}
