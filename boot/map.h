/* SPDX-License-Identifier: BSD-2-Clause */
/* Firmware's memory map turned into ours. Pure: knows the map's format, not firmware. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <arch/boot_info.h>

/* EFI_MEMORY_DESCRIPTOR and its types, UEFI 7.2.3. */
struct map_entry {
	uint32_t type, reserved;
	uint64_t physical, virtual, pages, attribute;
};

enum map_type {
	MAP_RESERVED,
	MAP_LOADER_CODE,
	MAP_LOADER_DATA,
	MAP_BOOT_CODE,
	MAP_BOOT_DATA,
	MAP_RUNTIME_CODE,
	MAP_RUNTIME_DATA,
	MAP_CONVENTIONAL,
	MAP_UNUSABLE,
	MAP_ACPI_RECLAIM,
	MAP_ACPI_NVS,
	MAP_MMIO,
	MAP_MMIO_PORT,
	MAP_PAL_CODE,
	MAP_PERSISTENT,
};

/*
 * Fill info->regions from size bytes of descriptors, entry_size bytes apart (firmware's may be
 * larger than ours). Where descriptors overlap the most restrictive kind wins; entries with a size
 * or address that cannot be are left out. Returns how many descriptors were overlapping or left
 * out.
 */
unsigned map_convert(struct boot_info *info, const void *map, size_t size, size_t entry_size);

/* Bytes of RAM that the hypervisor can use. */
uint64_t map_free_bytes(const struct boot_info *info);

#define MAP_EXIT_TRIES 4

/* Firmware as map_leave() needs it; calls return 0 or firmware's error. */
struct map_firmware {
	/* Read the map anew into a buffer of the implementation's; *key names this very map. */
	uint64_t (*read)(struct map_firmware *firmware, const void **map, size_t *size,
	                 size_t *entry_size, uint64_t *key);
	uint64_t (*exit)(struct map_firmware *firmware, uint64_t key);
};

/*
 * Leave firmware and convert the map it was left with. A stale key is retried with a new map, at
 * most MAP_EXIT_TRIES times. Returns 0 or firmware's last error; then nothing was changed.
 */
uint64_t map_leave(struct map_firmware *firmware, struct boot_info *info, unsigned *odd);
