/* SPDX-License-Identifier: BSD-2-Clause */
/* Translation tables with 4 KiB granule, 48 bits, four levels: Arm ARM D8.3. */
#include "arch/aarch64/paging.h"

#include <arch/err.h>
#include <arch/io.h>
#include <arch/lock.h>
#include <arch/pages.h>

#include "arch/aarch64/host.h"
#include "arch/aarch64/image.h"
#include "arch/aarch64/stacks.h"

#define LEVELS  4
#define ENTRIES 512

/* Descriptors. A block has bit 1 clear, except on the last level. */
#define D_VALID      (1ul << 0)
#define D_TABLE      (1ul << 1)
#define D_ATTRIBUTES 2 /* index into MAIR */
#define D_AP1        (1ul << 6)
#define D_READ_ONLY  (1ul << 7)
#define D_INNER      (3ul << 8) /* shareable */
#define D_ACCESSED   (1ul << 10)
#define D_GUARDED    (1ul << 50) /* BTI */
#define D_PXN        (1ul << 53)
#define D_XN         (1ul << 54)
#define D_FRAME      0x0000fffffffff000ul

/* Memory attributes: device memory without gathering, reordering, early acknowledgement; RAM. */
#define MAIR      0xff00ul
#define MAIR_RAM  1
#define ENTRY_RAM (MAIR_RAM << D_ATTRIBUTES | D_INNER)

/* TCR_EL2: 48 bits, walks through the caches, 4 KiB; the places of the size differ with E2H. */
#define TCR_COMMON      (16ul | 1ul << 8 | 1ul << 10 | 3ul << 12 | 1ul << 23)
#define TCR_EL2_RES1    (1ul << 31)
#define TCR_EL2_PS      16
#define TCR_VHE_IPS     32
#define TCR_VHE_T1SZ    (16ul << 16)
#define PARANGE_48_BITS 5

static uint64_t *root;
static unsigned parange;
static bool in_use, guarded;
static struct lock lock;

/* Bytes that one entry covers: level 0 is the table of 4 KiB pages. */
static uint64_t entry_size(unsigned level)
{
	return PAGE_SIZE << (9 * level);
}

/* The entry for `base` of that level. */
static uint64_t entry_of(uint64_t base, unsigned level, enum paging_rights rights)
{
	/* E2H = 1 has a bit for each privilege level, and AP1 means "also EL0". */
	uint64_t never = host_vhe ? D_PXN | D_XN : D_XN, text = host_vhe ? D_XN : 0;
	uint64_t entry =
	    base | D_VALID | D_ACCESSED | (level ? 0 : D_TABLE) | (host_vhe ? 0 : D_AP1);

	switch (rights) {
	case MAP_DATA:
		return entry | ENTRY_RAM | never;
	case MAP_CONSTANTS:
		return entry | ENTRY_RAM | never | D_READ_ONLY;
	case MAP_TEXT:
		return entry | ENTRY_RAM | text | D_READ_ONLY | (guarded ? D_GUARDED : 0);
	case MAP_DEVICE:
		return entry | never;
	default:
		return 0;
	}
}

static bool is_leaf(uint64_t entry, unsigned level)
{
	return entry & D_VALID && (!level || !(entry & D_TABLE));
}

/* A table below entry: the one there, or a new one that means what the entry meant. */
static uint64_t *descend(uint64_t *entry, unsigned level)
{
	uint64_t *table, size = entry_size(level - 1);

	if (*entry & D_VALID && !is_leaf(*entry, level))
		return (uint64_t *)(*entry & D_FRAME);
	table = pages_alloc(1, PAGE_SIZE);
	if (!table)
		return NULL;
	if (*entry & D_VALID)
		for (uint64_t i = 0; i < ENTRIES; i++)
			table[i] = (*entry | (level == 1 ? D_TABLE : 0)) + i * size;
	dsb_ish();
	__atomic_store_n(entry, (uint64_t)table | D_VALID | D_TABLE, __ATOMIC_RELAXED);
	return table;
}

static int map_in(uint64_t *table, unsigned level, uint64_t base, uint64_t end,
                  enum paging_rights rights)
{
	uint64_t size = entry_size(level);

	while (base < end) {
		uint64_t *entry = &table[base / size % ENTRIES], next = (base / size + 1) * size;
		uint64_t wanted = entry_of(base / size * size, level, rights);
		bool leaf = is_leaf(*entry, level);

		if (leaf && *entry == wanted) {
			/* as it should be */
		} else if (leaf && in_use) {
			return ERR_INVALID;
		} else if (base % size == 0 && next <= end && level < LEVELS - 1 &&
		           (leaf || !(*entry & D_VALID))) {
			__atomic_store_n(entry, wanted, __ATOMIC_RELAXED);
		} else {
			uint64_t *below = descend(entry, level);
			int err =
			    below ? map_in(below, level - 1, base, next < end ? next : end, rights)
			          : ERR_NO_MEMORY;

			if (err)
				return err;
		}
		base = next;
	}
	return 0;
}

static int map_range(uint64_t *table, uint64_t base, uint64_t size, enum paging_rights rights)
{
	static const uint8_t bits[] = {32, 36, 40, 42, 44, 48};
	uint64_t limit = 1ul << bits[parange];

	if (base > limit || size > limit - base)
		return ERR_INVALID;
	return map_in(table, LEVELS - 1, base, base + size, rights);
}

int paging_map(uint64_t base, uint64_t size, enum paging_rights rights)
{
	int err;

	lock_take(&lock);
	err = map_range(root, base, size, rights);
	lock_drop(&lock);
	dsb_ish();
	isb();
	return err;
}

static void map_part(const uint8_t *from, const uint8_t *to, enum paging_rights rights)
{
	CHECK(!paging_map((uint64_t)from, (uint64_t)(to - from), rights));
}

static void map_image(void)
{
	map_part(image_start, image_text, MAP_CONSTANTS);
	map_part(image_text, image_text_end, MAP_TEXT);
	map_part(image_text_end, image_data, MAP_CONSTANTS);
	map_part(image_data, image_data_end, MAP_DATA);
	map_part(boot_stack, boot_stack + PAGE_SIZE, MAP_NOTHING);
}

static void map_guards(void)
{
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
		for (unsigned i = 0; i < CPU_STACKS; i++) {
			const uint8_t *guard = stacks_guard(cpu_by_id(cpu), i);

			if (guard)
				map_part(guard, guard + PAGE_SIZE, MAP_NOTHING);
		}
}

struct paging_registers paging_registers(void)
{
	uint64_t tcr = TCR_COMMON,
	         sctlr = SCTLR_RES1 | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_SA | SCTLR_WXN;

	tcr |= host_vhe ? (uint64_t)parange << TCR_VHE_IPS | TCR_VHE_T1SZ
	                : (uint64_t)parange << TCR_EL2_PS | TCR_EL2_RES1;
	if (guarded)
		sctlr |= SCTLR_BT;
	if (host_pauth)
		sctlr |= SCTLR_ENIA;
	return (struct paging_registers){host_hcr, MAIR, tcr, (uint64_t)root, sctlr};
}

void paging_clean(const void *from, uint64_t size)
{
	uint64_t line = 4ul << (sysreg_read(ctr_el0) >> 16 & 15);
	uint64_t at = (uint64_t)from / line * line;

	for (; at < (uint64_t)from + size; at += line)
		__asm__ volatile("dc cvac, %0" : : "r"(at) : "memory");
	dsb();
}

static bool first_page_mapped(const struct boot_info *info)
{
	return info->region_count && info->regions[0].base == 0 &&
	       info->regions[0].kind != BOOT_MMIO;
}

void paging_init(const struct boot_info *info)
{
	parange = id_field(sysreg_read(id_aa64mmfr0_el1), ID_MMFR0_PARANGE);
	if (parange > PARANGE_48_BITS)
		parange = PARANGE_48_BITS;
	guarded = id_field(sysreg_read(id_aa64pfr1_el1), ID_PFR1_BT) > 0;
	root = pages_alloc(1, PAGE_SIZE);
	CHECK(root);
	for (unsigned i = 0; i < info->region_count; i++)
		if (info->regions[i].kind != BOOT_MMIO)
			CHECK(!paging_map(info->regions[i].base, info->regions[i].size, MAP_DATA));
	if (first_page_mapped(info))
		CHECK(!paging_map(0, PAGE_SIZE, MAP_NOTHING)); /* NULL faults */
	map_image();
	map_guards();
}

/* Other CPUs begin with their MMU off, so the text has to be in memory itself. */
void paging_use(void)
{
	struct paging_registers registers = paging_registers();

	paging_clean(image_text, (uint64_t)(image_text_end - image_text));
	paging_enter(&registers);
	in_use = true;
}

/* In the open map a block is device memory unless it has RAM in it. */
static int open_regions(uint64_t *table, const struct boot_info *info)
{
	int err = 0;

	for (unsigned i = 0; i < info->region_count && !err; i++)
		err = map_range(table, info->regions[i].base, info->regions[i].size,
		                info->regions[i].kind == BOOT_MMIO ? MAP_DEVICE : MAP_DATA);
	return err;
}

static void open_entries(uint64_t *table, unsigned level)
{
	for (unsigned i = 0; i < ENTRIES; i++)
		if (is_leaf(table[i], level))
			table[i] &= ~(D_PXN | D_XN | D_READ_ONLY);
		else if (table[i] & D_VALID)
			open_entries((uint64_t *)(table[i] & D_FRAME), level - 1);
}

int paging_open_all(const struct boot_info *info)
{
	uint64_t *open = pages_alloc(1, PAGE_SIZE);
	struct paging_registers registers = paging_registers();
	int err = open ? open_regions(open, info) : ERR_NO_MEMORY;

	if (err)
		return err;
	open_entries(open, LEVELS - 1);
	registers.ttbr0 = (uint64_t)open;
	registers.sctlr &= ~SCTLR_WXN; /* return addresses on the stack stay signed */
	paging_enter(&registers);
	return 0;
}

void *mmio_map(uint64_t physical, uint64_t size)
{
	uint64_t base = physical / PAGE_SIZE * PAGE_SIZE;
	uint64_t end = (physical + size + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;

	CHECK(!paging_map(base, end - base, MAP_DEVICE));
	return (void *)physical;
}
