/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/firmware/acpi_loader.h"

#include "guest-devices/bytes.h"
#include "guest-devices/firmware/acpi_writer.h"

enum { ALLOCATE = 1, ADD_POINTER, ADD_CHECKSUM };
enum zone { ZONE_ANY = 1, ZONE_LOW };
enum { COMMAND_BYTES = 128, NAME_BYTES = 56, ALIGNMENT = 64 };

enum { RSDP_CHECKSUM = 8, RSDP_XSDT = 24, RSDP_CHECKSUM_2 = 32 };
enum { RSDP_BYTES_1 = 20 };
enum { FADT_FACS = 36, FADT_DSDT = 40, FADT_X_DSDT = 140 };

static void begin(struct acpi_writer *script, unsigned command, const char *file)
{
	acpi_put(script, command, 4);
	acpi_put_text(script, file, NAME_BYTES);
}

static void finish(struct acpi_writer *script)
{
	acpi_put_zeros(script, -script->used % COMMAND_BYTES);
}

static void put_allocate(struct acpi_writer *script, const char *file, enum zone zone)
{
	begin(script, ALLOCATE, file);
	acpi_put(script, ALIGNMENT, 4);
	acpi_put(script, zone, 1);
	finish(script);
}

/* The bytes at `at` are a pointer into the tables. */
static void put_pointer(struct acpi_writer *script, const char *file, size_t at, unsigned bytes)
{
	begin(script, ADD_POINTER, file);
	acpi_put_text(script, ACPI_LOADER_TABLES, NAME_BYTES);
	acpi_put(script, at, 4);
	acpi_put(script, bytes, 1);
	finish(script);
}

/* The byte at `at` becomes right. */
static void put_checksum(struct acpi_writer *script, const char *file, size_t start, size_t size,
                         size_t at)
{
	begin(script, ADD_CHECKSUM, file);
	acpi_put(script, at, 4);
	acpi_put(script, start, 4);
	acpi_put(script, size, 4);
	finish(script);
}

/* Some firmware wants the byte to be 0 before. */
static void put_table_checksum(struct acpi_writer *script, uint8_t *tables, size_t table)
{
	size_t at = table + ACPI_HEADER_CHECKSUM;

	tables[at] = 0;
	put_checksum(script, ACPI_LOADER_TABLES, table,
	             le32_get(tables + table + ACPI_HEADER_LENGTH), at);
}

static void put_fadt(struct acpi_writer *script, uint8_t *tables, size_t fadt)
{
	put_pointer(script, ACPI_LOADER_TABLES, fadt + FADT_FACS, 4);
	put_pointer(script, ACPI_LOADER_TABLES, fadt + FADT_DSDT, 4);
	put_pointer(script, ACPI_LOADER_TABLES, fadt + FADT_X_DSDT, 8);
	put_table_checksum(script, tables, fadt);
}

static void put_rsdp(struct acpi_writer *script, uint8_t *rsdp)
{
	put_pointer(script, ACPI_LOADER_RSDP, RSDP_XSDT, 8);
	rsdp[RSDP_CHECKSUM] = rsdp[RSDP_CHECKSUM_2] = 0;
	put_checksum(script, ACPI_LOADER_RSDP, 0, RSDP_BYTES_1, RSDP_CHECKSUM);
	put_checksum(script, ACPI_LOADER_RSDP, 0, ACPI_LOADER_RSDP_BYTES, RSDP_CHECKSUM_2);
}

size_t acpi_loader_build(uint8_t *tables, uint8_t *script, size_t size)
{
	struct acpi_writer writer = {.buffer = script, .size = size};
	size_t xsdt = (size_t)le64_get(tables + RSDP_XSDT);
	size_t xsdt_end = xsdt + le32_get(tables + xsdt + ACPI_HEADER_LENGTH);

	put_allocate(&writer, ACPI_LOADER_TABLES, ZONE_ANY);
	put_allocate(&writer, ACPI_LOADER_RSDP, ZONE_LOW);
	/* The first table that the XSDT names is the FADT, the only one with pointers. */
	put_fadt(&writer, tables, (size_t)le64_get(tables + xsdt + ACPI_HEADER_SIZE));
	for (size_t at = xsdt + ACPI_HEADER_SIZE; at < xsdt_end; at += 8)
		put_pointer(&writer, ACPI_LOADER_TABLES, at, 8);
	put_table_checksum(&writer, tables, xsdt);
	put_rsdp(&writer, tables);
	return writer.full ? 0 : writer.used;
}
