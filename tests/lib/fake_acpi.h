/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Firmware's memory with ACPI tables for tests: acpi_memory() gives copies of just the bytes asked
 * for, so that the sanitizer notices an access outside.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { FAKE_ACPI_SIZE = 65536, FAKE_RSDP = 0x100, FAKE_XSDT = 0x200, FAKE_TABLES = 0x1000 };

extern uint8_t *fake_acpi; /* FAKE_ACPI_SIZE bytes */

/* Zeroed memory with a root pointer to an XSDT without entries. */
void fake_acpi_start(void);
void fake_acpi_end(void);
void fake_acpi_drop_views(void); /* what acpi_memory() gave */

void fake_acpi_put(uint64_t at, unsigned size, uint64_t value);
/* Make size bytes from at on sum up to zero by the byte at sum_at. */
void fake_acpi_finish(uint64_t at, size_t size, uint64_t sum_at);
/* Name, length and checksum of a table. */
void fake_acpi_table(uint64_t at, const char *name, uint32_t size);
/* One more address in the XSDT. */
void fake_acpi_list(uint64_t table);
/* Append size bytes to the table there, and make it right again. */
void fake_acpi_append(uint64_t table, const void *bytes, size_t size);

/*
 * One round of random damage: four bytes of the table's content, sometimes a shorter length, with a
 * right checksum. whole is the memory before.
 */
void fake_acpi_damage(const uint8_t *whole, uint64_t table);
