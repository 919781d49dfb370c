/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/map.h"

#include <stdbool.h>
#include <string.h>

#define PAGE        4096ul
#define ADDRESS_END (1ul << 52) /* no machine that we run on has memory above */
#define UNUSABLE    ((enum boot_region_kind)(BOOT_MMIO + 1)) /* the most restrictive kind */

struct raw_map {
	const uint8_t *bytes;
	size_t size, entry_size;
};

static enum boot_region_kind kind_of(uint32_t type)
{
	switch (type) {
	case MAP_CONVENTIONAL:
		return BOOT_RAM_FREE;
	case MAP_BOOT_CODE:
	case MAP_BOOT_DATA:
		return BOOT_RAM_FIRMWARE;
	case MAP_LOADER_CODE:
	case MAP_LOADER_DATA:
	case MAP_RUNTIME_CODE:
	case MAP_RUNTIME_DATA:
	case MAP_ACPI_RECLAIM:
	case MAP_ACPI_NVS:
		return BOOT_RAM_USED;
	case MAP_MMIO:
		return BOOT_MMIO;
	default: /* reserved, unusable, and types that we do not know */
		return UNUSABLE;
	}
}

/* Entry number i as a region; false past the end. An impossible one comes out with size 0. */
static bool region_at(const struct raw_map *map, size_t i, struct boot_region *region)
{
	struct map_entry entry;

	if (i >= map->size / map->entry_size)
		return false;
	memcpy(&entry, map->bytes + i * map->entry_size, sizeof(entry));
	*region = (struct boot_region){.base = entry.physical, .kind = kind_of(entry.type)};
	if (entry.physical % PAGE == 0 && entry.physical < ADDRESS_END &&
	    entry.pages <= (ADDRESS_END - entry.physical) / PAGE)
		region->size = entry.pages * PAGE;
	return true;
}

/*
 * What is at address: the most restrictive kind of all entries there (-1: none), how far that holds
 * (*end), and how many entries there are.
 */
static int kind_at(const struct raw_map *map, uint64_t address, uint64_t *end, unsigned *layers)
{
	struct boot_region region;
	int kind = -1;

	*end = UINT64_MAX;
	*layers = 0;
	for (size_t i = 0; region_at(map, i, &region); i++) {
		uint64_t edge = region.base > address ? region.base : region.base + region.size;

		if (!region.size || edge <= address)
			continue;
		if (edge < *end)
			*end = edge;
		if (region.base > address)
			continue;
		(*layers)++;
		if ((int)region.kind > kind)
			kind = (int)region.kind;
	}
	return kind;
}

/* false: the table is full. */
static bool append(struct boot_info *info, uint64_t base, uint64_t end, enum boot_region_kind kind)
{
	struct boot_region *last = &info->regions[info->region_count];

	if (info->region_count && last[-1].kind == kind && last[-1].base + last[-1].size == base) {
		last[-1].size += end - base;
		return true;
	}
	if (info->region_count == BOOT_REGIONS_MAX)
		return false;
	*last = (struct boot_region){base, end - base, kind};
	info->region_count++;
	return true;
}

static unsigned count_impossible(const struct raw_map *map)
{
	struct boot_region region;
	unsigned count = 0;

	for (size_t i = 0; region_at(map, i, &region); i++)
		count += !region.size;
	return count;
}

unsigned map_convert(struct boot_info *info, const void *bytes, size_t size, size_t entry_size)
{
	struct raw_map map = {bytes, size, entry_size};
	unsigned odd, layers;

	info->region_count = 0;
	if (entry_size < sizeof(struct map_entry))
		return 1;
	odd = count_impossible(&map);
	for (uint64_t address = 0, end; address != UINT64_MAX; address = end) {
		int kind = kind_at(&map, address, &end, &layers);

		odd += layers > 1;
		if (kind < 0 || kind == (int)UNUSABLE)
			continue;
		odd += !append(info, address, end, (enum boot_region_kind)kind);
	}
	return odd;
}

uint64_t map_free_bytes(const struct boot_info *info)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < info->region_count; i++)
		if (info->regions[i].kind <= BOOT_RAM_FIRMWARE)
			bytes += info->regions[i].size;
	return bytes;
}

uint64_t map_leave(struct map_firmware *firmware, struct boot_info *info, unsigned *odd)
{
	uint64_t error = 0, key = 0;

	for (unsigned try = 0; try < MAP_EXIT_TRIES; try++) {
		const void *map;
		size_t size, entry_size;

		error = firmware->read(firmware, &map, &size, &entry_size, &key);
		if (error)
			return error;
		error = firmware->exit(firmware, key);
		if (!error) {
			*odd = map_convert(info, map, size, entry_size);
			return 0;
		}
	}
	return error;
}
