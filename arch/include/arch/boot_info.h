/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the EFI program hands over: everything the hypervisor will ever know from firmware.
 * All addresses are physical and, in the hypervisor, equal to virtual ones. The structure and the
 * files stay where they are for good; none of it is in a BOOT_RAM_FREE region.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define BOOT_REGIONS_MAX 256
#define BOOT_FILES_MAX   64
#define BOOT_NAME_MAX    128

enum boot_region_kind {
	BOOT_RAM_FREE,     /* RAM for the page pool */
	BOOT_RAM_FIRMWARE, /* the same, once the page tables that firmware left are out of use */
	BOOT_RAM_USED, /* RAM that holds the hypervisor, its files, ACPI tables, runtime services */
	BOOT_MMIO,     /* mapped uncached */
};

struct boot_region {
	uint64_t base, size; /* bytes, multiples of 4096 */
	enum boot_region_kind kind;
};

/* A file of the EFI system partition, named as the configuration names it. */
struct boot_file {
	char name[BOOT_NAME_MAX];
	uint8_t *data; /* 4 KiB aligned */
	size_t size;   /* bytes; what follows up to the end of the last page is zero */
};

struct boot_info {
	struct boot_region regions[BOOT_REGIONS_MAX]; /* sorted, not overlapping */
	unsigned region_count;
	unsigned odd_regions; /* firmware's descriptors that overlapped or could not be */
	struct boot_file files[BOOT_FILES_MAX]; /* files[0] is vireo.ini when it was found */
	unsigned file_count;
	uint64_t image_base, image_size; /* the EFI program as loaded */
	uint64_t rsdp;                   /* ACPI root pointer, 0 if firmware gave none */
	uint64_t device_tree;            /* flattened device tree, 0 if firmware gave none */
	uint64_t runtime_services;       /* EFI_RUNTIME_SERVICES, identity mapped; 0 if none */
	uint64_t entry_cycles;           /* cycle counter at efi_main */
	int64_t wall_clock;              /* seconds since 1970-01-01 UTC at start, 0 if unknown */
	uint8_t entropy[64];             /* from EFI_RNG_PROTOCOL */
	unsigned entropy_size;           /* bytes of it that are valid, 0 if firmware has none */
	char error[256]; /* what went wrong with the files, one line; "" if nothing */
};

/* Look a file up by the name the configuration uses. NULL if it was not loaded. */
const struct boot_file *boot_file_find(const struct boot_info *info, const char *name);
