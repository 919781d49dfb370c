/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI tables for firmware that chooses their place itself: commands that tell it to fetch them
 * (fw_cfg.h), to add their address to each pointer in them, and to make checksums right again
 * (QEMU, hw/acpi/bios-linker-loader).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Files of the firmware's configuration, under the names that it looks for. */
#define ACPI_LOADER_TABLES "etc/acpi/tables"
#define ACPI_LOADER_RSDP   "etc/acpi/rsdp"
#define ACPI_LOADER_SCRIPT "etc/table-loader"

#define ACPI_LOADER_MAX        4096
#define ACPI_LOADER_RSDP_BYTES 36

/* The commands for what acpi_build() made for guest address 0: one file with all of it, one with
 * its first ACPI_LOADER_RSDP_BYTES only, which are to be found below 1 MiB, where there is little
 * room. Checksums that the firmware is to make become 0. Returns the bytes used; 0: size is too
 * small. */
size_t acpi_loader_build(uint8_t *tables, uint8_t *script, size_t size);
