/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/firmware/acpi_loader.h"

#include "guest-devices/bytes.h"
#include "guest-devices/firmware/acpi_writer.h"

enum { ALLOCATE = 1, ADD_POINTER, ADD_CHECKSUM };
enum { ZONE_LOW = 2 }; /* below 1 MiB, where an RSDP is looked for */
enum { COMMAND_BYTES = 128, NAME_BYTES = 56, ALIGNMENT = 64 };

enum { RSDP_CHECKSUM = 8, RSDP_XSDT = 24, RSDP_CHECKSUM_2 = 32 };
enum { RSDP_BYTES = 36, RSDP_BYTES_1 = 20 };
enum { FADT_FACS = 36, FADT_DSDT = 40, FADT_X_DSDT = 140 };

static void put_name(struct acpi_writer *script)
{
	acpi_put_text(script, ACPI_LOADER_TABLES, NAME_BYTES);
}

static void finish(struct acpi_writer *script)
{
	acpi_put_zeros(script, -script->used % COMMAND_BYTES);
}

static void put_allocate(struct acpi_writer *script)
{
	acpi_put(script, ALLOCATE, 4);
	put_name(script);
	acpi_put(script, ALIGNMENT, 4);
	acpi_put(script, ZONE_LOW, 1);
	finish(script);
}

/* The bytes at `at` are a pointer into the same file. */
static void put_pointer(struct acpi_writer *script, size_t at, unsigned bytes)
{
	acpi_put(script, ADD_POINTER, 4);
	put_name(script);
	put_name(script);
	acpi_put(script, at, 4);
	acpi_put(script, bytes, 1);
	finish(script);
}

/* The byte at `at` becomes right; some firmware wants it to be 0 before. */
static void put_checksum(struct acpi_writer *script, uint8_t *tables, size_t start, size_t size,
                         size_t at)
{
	tables[at] = 0;
	acpi_put(script, ADD_CHECKSUM, 4);
	put_name(script);
	acpi_put(script, at, 4);
	acpi_put(script, start, 4);
	acpi_put(script, size, 4);
	finish(script);
}

static void put_table_checksum(struct acpi_writer *script, uint8_t *tables, size_t table)
{
	put_checksum(script, tables, table, le32_get(tables + table + ACPI_HEADER_LENGTH),
	             table + ACPI_HEADER_CHECKSUM);
}

static void put_fadt(struct acpi_writer *script, uint8_t *tables, size_t fadt)
{
	put_pointer(script, fadt + FADT_FACS, 4);
	put_pointer(script, fadt + FADT_DSDT, 4);
	put_pointer(script, fadt + FADT_X_DSDT, 8);
	put_table_checksum(script, tables, fadt);
}

size_t acpi_loader_build(uint8_t *tables, uint8_t *script, size_t size)
{
	struct acpi_writer writer = {.buffer = script, .size = size};
	size_t xsdt = (size_t)le64_get(tables + RSDP_XSDT);
	size_t xsdt_end = xsdt + le32_get(tables + xsdt + ACPI_HEADER_LENGTH);

	put_allocate(&writer);
	/* The first table that the XSDT names is the FADT, the only one with pointers. */
	put_fadt(&writer, tables, (size_t)le64_get(tables + xsdt + ACPI_HEADER_SIZE));
	for (size_t at = xsdt + ACPI_HEADER_SIZE; at < xsdt_end; at += 8)
		put_pointer(&writer, at, 8);
	put_table_checksum(&writer, tables, xsdt);
	put_pointer(&writer, RSDP_XSDT, 8);
	put_checksum(&writer, tables, 0, RSDP_BYTES_1, RSDP_CHECKSUM);
	put_checksum(&writer, tables, 0, RSDP_BYTES, RSDP_CHECKSUM_2);
	return writer.full ? 0 : writer.used;
}
