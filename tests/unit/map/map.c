/* SPDX-License-Identifier: BSD-2-Clause */
/* Firmware's memory map, sane and otherwise, and leaving firmware with it. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "boot/map.c"

#define STRIDE 48 /* what real firmware uses; larger than the structure */

static struct boot_info info;
static uint8_t raw[600 * 56];
static size_t raw_entries;

static void add_at(size_t stride, uint32_t type, uint64_t base, uint64_t pages)
{
	struct map_entry entry = {.type = type, .physical = base, .pages = pages};

	memset(raw + raw_entries * stride, 0xff, stride);
	memcpy(raw + raw_entries++ * stride, &entry, sizeof(entry));
}

static void add(uint32_t type, uint64_t base, uint64_t pages)
{
	add_at(STRIDE, type, base, pages);
}

static unsigned convert(void)
{
	return map_convert(&info, raw, raw_entries * STRIDE, STRIDE);
}

static void expect(unsigned i, uint64_t base, uint64_t pages, enum boot_region_kind kind)
{
	cr_assert_lt(i, info.region_count);
	cr_assert_eq(info.regions[i].base, base);
	cr_assert_eq(info.regions[i].size, pages * PAGE);
	cr_assert_eq(info.regions[i].kind, kind);
}

Test(map, kinds)
{
	add(MAP_CONVENTIONAL, 0x1000, 1);
	add(MAP_BOOT_DATA, 0x3000, 1);
	add(MAP_LOADER_DATA, 0x5000, 1);
	add(MAP_RUNTIME_CODE, 0x7000, 1);
	add(MAP_ACPI_NVS, 0x9000, 1);
	add(MAP_MMIO, 0xb000, 1);
	add(MAP_RESERVED, 0xd000, 1);
	cr_assert_eq(convert(), 0);
	cr_assert_eq(info.region_count, 6);
	expect(0, 0x1000, 1, BOOT_RAM_FREE);
	expect(1, 0x3000, 1, BOOT_RAM_FIRMWARE);
	expect(2, 0x5000, 1, BOOT_RAM_USED);
	expect(3, 0x7000, 1, BOOT_RAM_USED);
	expect(4, 0x9000, 1, BOOT_RAM_USED);
	expect(5, 0xb000, 1, BOOT_MMIO);
	cr_assert_eq(map_free_bytes(&info), 2 * PAGE);
}

Test(map, BT_001_unsorted_neighbours_are_sorted_and_joined)
{
	add(MAP_CONVENTIONAL, 0x8000, 4);
	add(MAP_CONVENTIONAL, 0x1000, 3);
	add(MAP_CONVENTIONAL, 0x4000, 4);
	cr_assert_eq(convert(), 0);
	cr_assert_eq(info.region_count, 1);
	expect(0, 0x1000, 11, BOOT_RAM_FREE);
}

Test(map, BT_001_overlap_is_resolved_to_the_most_restrictive)
{
	add(MAP_CONVENTIONAL, 0x1000, 16);
	add(MAP_RESERVED, 0x3000, 2);
	add(MAP_RUNTIME_DATA, 0x8000, 100);
	cr_assert_gt(convert(), 0);
	expect(0, 0x1000, 2, BOOT_RAM_FREE);
	expect(1, 0x5000, 3, BOOT_RAM_FREE);
	expect(2, 0x8000, 100, BOOT_RAM_USED);
	cr_assert_eq(info.region_count, 3);
}

Test(map, BT_001_the_same_range_twice)
{
	add(MAP_CONVENTIONAL, 0x1000, 4);
	add(MAP_CONVENTIONAL, 0x1000, 4);
	cr_assert_eq(convert(), 1);
	cr_assert_eq(info.region_count, 1);
	expect(0, 0x1000, 4, BOOT_RAM_FREE);
}

Test(map, BT_001_impossible_entries_are_left_out)
{
	add(MAP_CONVENTIONAL, 0x1800, 4);
	add(MAP_CONVENTIONAL, 0x1000, 0);
	add(MAP_CONVENTIONAL, 0x1000, UINT64_MAX);
	add(MAP_CONVENTIONAL, UINT64_MAX - 4095, 1);
	add(MAP_CONVENTIONAL, 1ul << 52, 1);
	add(MAP_CONVENTIONAL, 0x2000, (1ul << 40) - 1);
	cr_assert_eq(convert(), 6);
	cr_assert_eq(info.region_count, 0);
}

Test(map, BT_001_unknown_types_are_not_used)
{
	add(15, 0x1000, 1);
	add(0x70000001, 0x2000, 1);
	add(0x80000000, 0x3000, 1);
	add(UINT32_MAX, 0x4000, 1);
	cr_assert_eq(convert(), 0);
	cr_assert_eq(info.region_count, 0);
}

Test(map, BT_001_descriptors_of_56_bytes)
{
	add_at(56, MAP_CONVENTIONAL, 0x1000, 2);
	add_at(56, MAP_CONVENTIONAL, 0x9000, 2);
	cr_assert_eq(map_convert(&info, raw, 2 * 56, 56), 0);
	expect(0, 0x1000, 2, BOOT_RAM_FREE);
	expect(1, 0x9000, 2, BOOT_RAM_FREE);
}

Test(map, BT_001_descriptors_too_small_to_be_any)
{
	cr_assert_eq(map_convert(&info, raw, 400, 8), 1);
	cr_assert_eq(map_convert(&info, raw, 400, 0), 1);
	cr_assert_eq(info.region_count, 0);
}

Test(map, BT_001_a_part_of_a_descriptor_at_the_end_is_ignored)
{
	add(MAP_CONVENTIONAL, 0x1000, 2);
	cr_assert_eq(map_convert(&info, raw, STRIDE + 20, STRIDE), 0);
	cr_assert_eq(info.region_count, 1);
}

Test(map, BT_001_more_regions_than_there_is_room_for)
{
	for (unsigned i = 0; i < 600; i++)
		add(MAP_CONVENTIONAL, i * 0x2000ul, 1);
	cr_assert_eq(convert(), 600 - BOOT_REGIONS_MAX);
	cr_assert_eq(info.region_count, BOOT_REGIONS_MAX);
}

/* Against a map of single pages: what is free must have been said to be free and nothing else. */
Test(map, BT_001_random_maps_never_give_a_page_that_is_not_free)
{
	srand(1);
	for (unsigned round = 0; round < 300; round++) {
		int kinds[64];

		memset(kinds, -1, sizeof(kinds));
		raw_entries = 0;
		for (unsigned i = 0; i < 12; i++) {
			uint32_t type = (uint32_t)rand() % 16;
			uint64_t first = (uint64_t)rand() % 60, pages = 1 + (uint64_t)rand() % 4;

			add(type, first * PAGE, pages);
			for (uint64_t p = first; p < first + pages; p++)
				if ((int)kind_of(type) > kinds[p])
					kinds[p] = (int)kind_of(type);
		}
		convert();
		for (unsigned i = 0; i < info.region_count; i++) {
			const struct boot_region *r = &info.regions[i];

			cr_assert(!i || r[-1].base + r[-1].size <= r->base);
			for (uint64_t p = r->base / PAGE; p < (r->base + r->size) / PAGE; p++) {
				cr_assert_eq(kinds[p], (int)r->kind);
				kinds[p] = -1;
			}
		}
		for (unsigned p = 0; p < 64; p++)
			cr_assert(kinds[p] == -1 || kinds[p] == (int)UNUSABLE);
	}
}

/* A firmware whose map key goes stale a number of times. */
struct fake_firmware {
	struct map_firmware calls; /* first */
	unsigned stale, reads, exits;
	uint64_t key, read_error;
};

#define INVALID_PARAMETER 0x8000000000000002ul

static uint64_t fake_read(struct map_firmware *firmware, const void **map, size_t *size,
                          size_t *entry_size, uint64_t *key)
{
	struct fake_firmware *fake = (struct fake_firmware *)firmware;

	fake->reads++;
	raw_entries = 0;
	add(MAP_CONVENTIONAL, 0x1000, fake->reads);
	*map = raw;
	*size = STRIDE;
	*entry_size = STRIDE;
	*key = fake->key;
	return fake->read_error;
}

static uint64_t fake_exit(struct map_firmware *firmware, uint64_t key)
{
	struct fake_firmware *fake = (struct fake_firmware *)firmware;

	cr_assert_eq(key, fake->key, "a stale key is used again");
	fake->key++;
	return fake->exits++ < fake->stale ? INVALID_PARAMETER : 0;
}

Test(map, BT_002_stale_key_once)
{
	struct fake_firmware fake = {.calls = {fake_read, fake_exit}, .stale = 1};
	unsigned odd;

	cr_assert_eq(map_leave(&fake.calls, &info, &odd), 0);
	cr_assert_eq(fake.exits, 2);
	expect(0, 0x1000, 2, BOOT_RAM_FREE); /* the second map counts */
}

Test(map, BT_002_stale_key_for_ever)
{
	struct fake_firmware fake = {.calls = {fake_read, fake_exit}, .stale = 1000};
	unsigned odd;

	info.region_count = 7;
	cr_assert_eq(map_leave(&fake.calls, &info, &odd), INVALID_PARAMETER);
	cr_assert_eq(fake.exits, 4);
	cr_assert_eq(info.region_count, 7);
}

Test(map, BT_002_no_map_at_all)
{
	struct fake_firmware fake = {.calls = {fake_read, fake_exit}, .read_error = 5};
	unsigned odd;

	cr_assert_eq(map_leave(&fake.calls, &info, &odd), 5);
	cr_assert_eq(fake.exits, 0);
}
