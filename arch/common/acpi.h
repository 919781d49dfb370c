/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI's tables as all machines read them: found, checked, walked. Pure; every length and count in
 * them is checked, and a table that cannot be right is left out with a line that names it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACPI_HEADER    36         /* bytes before a table's content */
#define ACPI_TABLE_MAX (1u << 20) /* no table is larger; a length beyond is a mistake */

struct acpi_table {
	const uint8_t *bytes;
	uint32_t size;
};

/*
 * Memory of firmware's at that physical address, readable for size bytes; NULL if it cannot be.
 * Defined by the machine, or by a test.
 */
const void *acpi_memory(uint64_t physical, size_t size);

/* Little endian value of a table; fields beyond its end read as 0, as in older revisions. */
uint64_t acpi_field(const struct acpi_table *table, uint64_t offset, unsigned size);

/* The table at address, whole and with a right checksum. */
bool acpi_open(uint64_t address, struct acpi_table *table);

/* Call visit for each table behind the root pointer. ERR_NOT_FOUND: there are none. */
int acpi_walk(uint64_t rsdp, void (*visit)(void *context, const struct acpi_table *table),
              void *context);

/* The same for the entries of a multiple APIC description table, ACPI 5.2.12; each is at least two
 * bytes long (type, length) and as long as it says. */
void acpi_walk_madt(const struct acpi_table *madt,
                    void (*visit)(void *context, const struct acpi_table *entry), void *context);

/* Configuration space of PCI segment 0 from its first bus on, PCI Firmware 4.1.2. false: the table
 * has none. */
bool acpi_read_mcfg(const struct acpi_table *mcfg, uint64_t *base, unsigned *buses);
