/* SPDX-License-Identifier: BSD-2-Clause */
/* The loader's commands, carried out as firmware does: wherever it puts the tables, they are what
 * acpi_build() makes for that place. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/firmware/acpi.h"
#include "guest-devices/firmware/acpi_loader.h"

enum { COMMAND = 128, NAME = 56 };

static const struct acpi_machine machine = {
    .cpus = 3,
    .lapic_base = 0xfee00000,
    .ioapic_base = 0xfec00000,
    .pm_port = 0x600,
    .sci = 9,
    .pci = true,
    .ecam_base = 0xb0000000,
    .window32 = 0xc0000000,
    .window32_size = 0x10000000,
    .com1 = 0x3f8,
    .com1_irq = 4,
    .rtc = true,
};

static uint8_t expected[ACPI_TABLES_MAX], tables[ACPI_TABLES_MAX], script[ACPI_LOADER_MAX];
static uint8_t rsdp[ACPI_LOADER_RSDP_BYTES];
static size_t size, script_size;

static void set_up(void)
{
	size = acpi_build(&machine, tables, sizeof(tables), 0);
	cr_assert_gt(size, 0);
	script_size = acpi_loader_build(tables, script, sizeof(script));
	cr_assert_gt(script_size, 0);
	memcpy(rsdp, tables, sizeof(rsdp));
}

TestSuite(acpi_loader, .init = set_up);

/* The file that is named there, and its size. */
static uint8_t *file(const uint8_t *at, size_t *bytes)
{
	char names[2][NAME] = {ACPI_LOADER_TABLES, ACPI_LOADER_RSDP};

	if (memcmp(at, names[1], NAME) == 0) {
		*bytes = sizeof(rsdp);
		return rsdp;
	}
	cr_assert_eq(memcmp(at, names[0], NAME), 0);
	*bytes = size;
	return tables;
}

static void add_pointer(const uint8_t *command, uint64_t base)
{
	uint32_t at = le32_get(command + 4 + 2 * NAME);
	unsigned bytes = command[8 + 2 * NAME];
	uint64_t pointer = 0;
	size_t end;
	uint8_t *in = file(command + 4, &end);

	cr_assert_leq(at + bytes, end);
	cr_assert_eq(file(command + 4 + NAME, &end), tables);
	memcpy(&pointer, in + at, bytes);
	cr_assert_lt(pointer, end);
	pointer += base;
	memcpy(in + at, &pointer, bytes);
}

static void add_checksum(const uint8_t *command)
{
	uint32_t at = le32_get(command + 4 + NAME), start = le32_get(command + 8 + NAME);
	uint32_t length = le32_get(command + 12 + NAME);
	uint8_t sum = 0;
	size_t end;
	uint8_t *in = file(command + 4, &end);

	cr_assert(at >= start && at < start + length && start + length <= end);
	cr_assert_eq(in[at], 0);
	for (uint32_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + in[start + i]);
	in[at] = (uint8_t)-sum;
}

static void load(uint64_t base)
{
	cr_assert_eq(script_size % COMMAND, 0);
	for (size_t i = 0; i < script_size; i += COMMAND) {
		const uint8_t *command = script + i;

		cr_assert_eq(le32_get(command) == 1, i <= COMMAND);
		if (le32_get(command) == 2)
			add_pointer(command, base);
		else if (le32_get(command) == 3)
			add_checksum(command);
		else
			cr_assert_eq(le32_get(command), 1);
	}
}

Test(acpi_loader, only_the_root_pointer_is_below_1_mib)
{
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *command = script + i * COMMAND;
		size_t bytes;

		cr_assert_eq(file(command + 4, &bytes), i == 0 ? tables : rsdp);
		cr_assert_eq(le32_get(command + 4 + NAME), 64); /* alignment */
		cr_assert_eq(command[8 + NAME], i + 1);
	}
}

Test(acpi_loader, the_tables_are_right_where_they_are_loaded)
{
	cr_assert_eq(acpi_build(&machine, expected, sizeof(expected), 0x7ffe0040), size);
	load(0x7ffe0040);
	for (size_t i = 0; i < size; i++)
		cr_assert_eq(i < sizeof(rsdp) ? rsdp[i] : tables[i], expected[i], "at %zu", i);
}

Test(acpi_loader, a_script_that_does_not_fit_is_none)
{
	for (size_t less = 1; less <= script_size; less += 61)
		cr_assert_eq(acpi_loader_build(tables, script, script_size - less), 0);
}
