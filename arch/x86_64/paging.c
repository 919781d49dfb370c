/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/paging.h"

#include <arch/err.h>
#include <arch/io.h>
#include <arch/lock.h>
#include <arch/pages.h>

#include "arch/x86_64/host.h"
#include "arch/x86_64/image.h"

#define LEVELS  4
#define ENTRIES 512

static uint64_t *root;
static uint64_t address_end = 1ul << 32; /* of all RAM, and of the devices below 4 GiB */
static struct lock lock;

/* Bytes that one entry covers: level 0 is the table of 4 KiB pages. */
static uint64_t entry_size(unsigned level)
{
	return PAGE_SIZE << (9 * level);
}

static bool page_possible(unsigned level)
{
	static int giant = -1;

	if (giant < 0)
		giant = cpuid(0x80000001, 0).edx >> 26 & 1;
	return level < 2 || (level == 2 && giant);
}

static uint64_t *table_of(uint64_t entry)
{
	return (uint64_t *)(entry & PTE_FRAME);
}

/* A table below entry: the one there, or a new one that means what the entry meant. */
static uint64_t *descend(uint64_t *entry, unsigned level)
{
	uint64_t *table, size = entry_size(level - 1);

	if (*entry & PTE_P && !(*entry & PTE_PS))
		return table_of(*entry);
	table = pages_alloc(1, PAGE_SIZE);
	if (!table)
		return NULL;
	if (*entry & PTE_P)
		for (uint64_t i = 0; i < ENTRIES; i++)
			table[i] = (*entry & ~(level == 1 ? PTE_PS : 0)) + i * size;
	*entry = (uint64_t)table | PTE_P | PTE_RW;
	return table;
}

static int map_in(uint64_t *table, unsigned level, uint64_t base, uint64_t end, uint64_t rights)
{
	uint64_t size = entry_size(level);

	while (base < end) {
		uint64_t *entry = &table[base / size % ENTRIES], next = (base / size + 1) * size;
		bool has_table = level && *entry & PTE_P && !(*entry & PTE_PS);
		int error;

		if (base % size == 0 && next <= end && page_possible(level) && !has_table) {
			*entry = rights ? base | rights | (level ? PTE_PS : 0) : 0;
			invlpg((void *)base);
		} else {
			uint64_t *below = descend(entry, level);

			if (!below)
				return ERR_NO_MEMORY;
			error = map_in(below, level - 1, base, next < end ? next : end, rights);
			if (error)
				return error;
		}
		base = next;
	}
	return 0;
}

int paging_map(uint64_t base, uint64_t size, uint64_t rights)
{
	int error;

	lock_take(&lock);
	error = map_in(root, LEVELS - 1, base, base + size, rights);
	lock_drop(&lock);
	return error;
}

uint64_t paging_rights(uint64_t address)
{
	const uint64_t *table = root;

	for (unsigned level = LEVELS - 1;; level--) {
		uint64_t entry = table[address / entry_size(level) % ENTRIES];

		if (!(entry & PTE_P) || !level || entry & PTE_PS)
			return entry & PTE_P ? entry & ~(PTE_FRAME | PTE_PS) : 0;
		table = table_of(entry);
	}
}

uint64_t paging_root(void)
{
	return (uint64_t)root;
}

static void map_part(const uint8_t *from, const uint8_t *to, uint64_t rights)
{
	CHECK(!paging_map((uint64_t)from, (uint64_t)(to - from), rights));
}

static void map_image(void)
{
	map_part(image_start, image_text, MAP_CONSTANTS);
	map_part(image_text, image_text_end, MAP_TEXT);
	map_part(image_text_end, image_data, MAP_CONSTANTS);
	map_part(image_data, image_data_end, MAP_DATA);
	map_part(image_data_end, image_end, MAP_CONSTANTS);
	map_part(boot_stack, boot_stack + PAGE_SIZE, MAP_NOTHING);
}

void paging_init(const struct boot_info *info)
{
	root = pages_alloc(1, PAGE_SIZE);
	CHECK(root && (uint64_t)root >> 32 == 0); /* the trampoline loads 32 bits of CR3 */
	for (unsigned i = 0; i < info->region_count; i++) {
		const struct boot_region *region = &info->regions[i];

		if (region->kind == BOOT_MMIO)
			continue;
		CHECK(!paging_map(region->base, region->size, MAP_DATA));
		if (region->base + region->size > address_end)
			address_end = region->base + region->size;
	}
	if (paging_rights(0))
		CHECK(!paging_map(0, PAGE_SIZE, MAP_NOTHING)); /* NULL faults */
	map_image();
	paging_load();
}

/* The protections of CR4 that this CPU offers. */
static uint64_t cr4_wanted(void)
{
	struct cpuid_regs features = cpuid(7, 0);
	uint64_t cr4 = CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT;

	if (cpuid(1, 0).ecx >> 26 & 1)
		cr4 |= CR4_OSXSAVE;
	if (features.ebx >> 7 & 1)
		cr4 |= CR4_SMEP;
	if (features.ebx >> 20 & 1)
		cr4 |= CR4_SMAP;
	if (features.ecx >> 2 & 1)
		cr4 |= CR4_UMIP;
	return cr4;
}

void paging_load(void)
{
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	wrmsr(MSR_PAT, 0x0007040600070406); /* as after reset: PCD with PWT is uncached */
	write_cr0(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE);
	write_cr3((uint64_t)root);
	write_cr4(cr4_wanted());
}

int paging_open_all(void)
{
	uint64_t *open = pages_alloc(1, PAGE_SIZE);
	int error;

	if (!open)
		return ERR_NO_MEMORY;
	error = map_in(open, LEVELS - 1, 0, address_end, PTE_P | PTE_RW);
	if (!error)
		write_cr3((uint64_t)open);
	return error;
}

void *mmio_map(uint64_t physical, uint64_t size)
{
	uint64_t base = physical / PAGE_SIZE * PAGE_SIZE;
	uint64_t end = (physical + size + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;

	CHECK(!paging_map(base, end - base, MAP_DEVICE));
	return (void *)physical;
}
