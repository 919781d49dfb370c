/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/fake_acpi.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "arch/common/acpi.h"

#define VIEWS 1024

uint8_t *fake_acpi;
static void *views[VIEWS];
static unsigned view_count;

const void *acpi_memory(uint64_t physical, size_t size)
{
	if (physical >= FAKE_ACPI_SIZE || size > FAKE_ACPI_SIZE - physical)
		return NULL;
	cr_assert_lt(view_count, VIEWS);
	views[view_count] = malloc(size);
	return memcpy(views[view_count++], fake_acpi + physical, size);
}

void fake_acpi_drop_views(void)
{
	while (view_count)
		free(views[--view_count]);
}

void fake_acpi_put(uint64_t at, unsigned size, uint64_t value)
{
	memcpy(fake_acpi + at, &value, size);
}

void fake_acpi_finish(uint64_t at, size_t size, uint64_t sum_at)
{
	uint8_t sum = 0;

	fake_acpi[at + sum_at] = 0;
	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + fake_acpi[at + i]);
	fake_acpi[at + sum_at] = (uint8_t)-sum;
}

void fake_acpi_table(uint64_t at, const char *name, uint32_t size)
{
	memcpy(fake_acpi + at, name, 4);
	fake_acpi_put(at + 4, 4, size);
	fake_acpi_finish(at, size, 9);
}

void fake_acpi_append(uint64_t table, const void *bytes, size_t size)
{
	uint32_t before;

	memcpy(&before, fake_acpi + table + 4, 4);
	memcpy(fake_acpi + table + before, bytes, size);
	fake_acpi_put(table + 4, 4, before + size);
	fake_acpi_finish(table, before + size, 9);
}

void fake_acpi_list(uint64_t table)
{
	fake_acpi_append(FAKE_XSDT, &table, sizeof(table));
}

void fake_acpi_start(void)
{
	fake_acpi = calloc(1, FAKE_ACPI_SIZE);
	memcpy(fake_acpi + FAKE_RSDP, "RSD PTR ", 8);
	fake_acpi[FAKE_RSDP + 15] = 2;
	fake_acpi_put(FAKE_RSDP + 24, 8, FAKE_XSDT);
	fake_acpi_finish(FAKE_RSDP, 20, 8);
	fake_acpi_table(FAKE_XSDT, "XSDT", ACPI_HEADER);
}

void fake_acpi_end(void)
{
	fake_acpi_drop_views();
	free(fake_acpi);
}

void fake_acpi_damage(const uint8_t *whole, uint64_t table)
{
	uint32_t size;

	memcpy(fake_acpi, whole, FAKE_ACPI_SIZE);
	memcpy(&size, fake_acpi + table + 4, 4);
	if (rand() % 4 == 0) {
		size = ACPI_HEADER + 1 + (uint32_t)rand() % (size - ACPI_HEADER);
		fake_acpi_put(table + 4, 4, size);
	}
	for (unsigned i = 0; i < 4; i++)
		fake_acpi[table + ACPI_HEADER + (unsigned)rand() % (size - ACPI_HEADER)] =
		    (uint8_t)rand();
	fake_acpi_finish(table, size, 9);
}
