/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/common/acpi.h"

#include <arch/err.h>
#include <arch/log.h>
#include <string.h>

#define TABLES_MAX 256

uint64_t acpi_field(const struct acpi_table *table, uint64_t offset, unsigned size)
{
	uint64_t value = 0;

	if (offset > table->size || table->size - offset < size)
		return 0;
	memcpy(&value, table->bytes + offset, size);
	return value;
}

static bool sum_is_zero(const uint8_t *bytes, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return !sum;
}

bool acpi_open(uint64_t address, struct acpi_table *table)
{
	const uint8_t *header = address ? acpi_memory(address, ACPI_HEADER) : NULL;

	if (!header)
		return false;
	*table = (struct acpi_table){header, ACPI_HEADER};
	table->size = (uint32_t)acpi_field(table, 4, 4);
	if (table->size < ACPI_HEADER || table->size > ACPI_TABLE_MAX)
		goto bad;
	table->bytes = acpi_memory(address, table->size);
	if (table->bytes && sum_is_zero(table->bytes, table->size))
		return true;
bad:
	log_warn("ACPI table %.4s at %#lx is damaged and ignored", (const char *)header, address);
	return false;
}

/* The table of tables: the one with 64-bit addresses where firmware has it. */
static bool open_root(uint64_t rsdp, struct acpi_table *root, unsigned *entry_size)
{
	struct acpi_table pointer = {rsdp ? acpi_memory(rsdp, 20) : NULL, 20};

	if (!pointer.bytes || memcmp(pointer.bytes, "RSD PTR ", 8) ||
	    !sum_is_zero(pointer.bytes, 20))
		return false;
	*entry_size = 4;
	if (pointer.bytes[15] >= 2) {
		struct acpi_table wide = {acpi_memory(rsdp, 36), 36};

		*entry_size = 8;
		if (wide.bytes && acpi_open(acpi_field(&wide, 24, 8), root))
			return true;
		*entry_size = 4;
	}
	return acpi_open(acpi_field(&pointer, 16, 4), root);
}

int acpi_walk(uint64_t rsdp, void (*visit)(void *context, const struct acpi_table *table),
              void *context)
{
	struct acpi_table root, table;
	unsigned entry_size;

	if (!open_root(rsdp, &root, &entry_size))
		return ERR_NOT_FOUND;
	for (unsigned i = 0; i < TABLES_MAX; i++) {
		uint64_t at = ACPI_HEADER + (uint64_t)i * entry_size;

		if (at + entry_size > root.size)
			break;
		if (acpi_open(acpi_field(&root, at, entry_size), &table))
			visit(context, &table);
	}
	return 0;
}

void acpi_walk_madt(const struct acpi_table *madt,
                    void (*visit)(void *context, const struct acpi_table *entry), void *context)
{
	for (uint64_t at = 44; at + 2 <= madt->size;) {
		struct acpi_table e = {madt->bytes + at, madt->bytes[at + 1]};

		if (e.size < 2 || e.size > madt->size - at) {
			log_warn("ACPI table APIC ends in an entry of length %u", e.size);
			return;
		}
		visit(context, &e);
		at += e.size;
	}
}

bool acpi_read_mcfg(const struct acpi_table *mcfg, uint64_t *base, unsigned *buses)
{
	for (uint64_t at = 44; at + 16 <= mcfg->size; at += 16) {
		uint64_t first = acpi_field(mcfg, at + 10, 1), last = acpi_field(mcfg, at + 11, 1);

		if (acpi_field(mcfg, at + 8, 2) || first || last < first)
			continue;
		*base = acpi_field(mcfg, at, 8);
		*buses = (unsigned)last + 1;
		return true;
	}
	return false;
}
