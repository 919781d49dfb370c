/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/firmware/acpi_writer.h"

#include <string.h>

#define REVISION 1

void acpi_put(struct acpi_writer *writer, uint64_t value, unsigned bytes)
{
	if (writer->size - writer->used < bytes) {
		writer->full = true;
		return;
	}
	for (unsigned i = 0; i < bytes; i++)
		writer->buffer[writer->used++] = (uint8_t)(value >> 8 * i);
}

void acpi_put_text(struct acpi_writer *writer, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		acpi_put(writer, (uint8_t)(*text ? *text++ : 0), 1);
}

void acpi_put_zeros(struct acpi_writer *writer, size_t count)
{
	while (count--)
		acpi_put(writer, 0, 1);
}

void acpi_align(struct acpi_writer *writer, size_t align)
{
	acpi_put_zeros(writer, -writer->used & (align - 1));
}

void acpi_patch(struct acpi_writer *writer, size_t at, uint64_t value, unsigned bytes)
{
	if (writer->full)
		return;
	for (unsigned i = 0; i < bytes; i++)
		writer->buffer[at + i] = (uint8_t)(value >> 8 * i);
}

void acpi_checksum(struct acpi_writer *writer, size_t start, size_t size, size_t at)
{
	uint8_t sum = 0;

	if (writer->full)
		return;
	writer->buffer[at] = 0;
	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + writer->buffer[start + i]);
	writer->buffer[at] = (uint8_t)-sum;
}

size_t acpi_table_begin(struct acpi_writer *writer, const char *signature, uint8_t revision)
{
	size_t table;

	acpi_align(writer, 16);
	table = writer->used;
	acpi_put_text(writer, signature, 4);
	acpi_put(writer, 0, 4); /* length */
	acpi_put(writer, revision, 1);
	acpi_put(writer, 0, 1); /* checksum */
	acpi_put_text(writer, "VIREO", 6);
	acpi_put_text(writer, "VIREOVM", 8);
	acpi_put(writer, REVISION, 4);
	acpi_put_text(writer, "VIRE", 4);
	acpi_put(writer, REVISION, 4);
	return table;
}

void acpi_table_end(struct acpi_writer *writer, size_t table)
{
	size_t size = writer->used - table;

	acpi_patch(writer, table + ACPI_HEADER_LENGTH, size, 4);
	acpi_checksum(writer, table, size, table + ACPI_HEADER_CHECKSUM);
}
