/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes of ACPI tables, written one after the other into a buffer that may be too small. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct acpi_writer {
	uint8_t *buffer;
	size_t size, used;
	uint64_t address; /* of buffer, for the guest */
	bool full;        /* something did not fit and was left out */
};

#define ACPI_HEADER_SIZE     36
#define ACPI_HEADER_LENGTH   4 /* offsets in the header */
#define ACPI_HEADER_CHECKSUM 9

/* Little-endian, at the end. */
void acpi_put(struct acpi_writer *writer, uint64_t value, unsigned bytes);
void acpi_put_text(struct acpi_writer *writer, const char *text, size_t size); /* NUL-padded */
void acpi_put_zeros(struct acpi_writer *writer, size_t count);
void acpi_align(struct acpi_writer *writer, size_t align);
/* Change bytes written before. */
void acpi_patch(struct acpi_writer *writer, size_t at, uint64_t value, unsigned bytes);
/* Make the bytes [start, start + size) add up to 0 by the byte at. */
void acpi_checksum(struct acpi_writer *writer, size_t start, size_t size, size_t at);

/* A table with the common header: returns its offset; what is put until the end is its body. */
size_t acpi_table_begin(struct acpi_writer *writer, const char *signature, uint8_t revision);
void acpi_table_end(struct acpi_writer *writer, size_t table);
