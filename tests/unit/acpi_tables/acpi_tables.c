/* SPDX-License-Identifier: BSD-2-Clause */
/* Checksums and links of the tables, and what Intel's compiler says about them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest-devices/firmware/acpi.h"
#include "guest-devices/firmware/aml.h"

#define ADDRESS 0xe0000

static uint8_t buffer[ACPI_TABLES_MAX];

static struct acpi_machine machine(unsigned cpus)
{
	return (struct acpi_machine){
	    .cpus = cpus,
	    .lapic_base = 0xfee00000,
	    .ioapic_base = 0xfec00000,
	    .ioapic_id = 1,
	    .pm_port = 0x600,
	    .sci = 9,
	    .pci = true,
	    .ecam_base = 0xe0000000,
	    .window32 = 0xc0000000,
	    .window32_size = 0x10000000,
	    .intx_gsi = {16, 17, 18, 19},
	    .com1 = 0x3f8,
	    .com1_irq = 4,
	    .rtc = true,
	    .mmio_base = 0xd0000000,
	    .mmio_size = 0x200,
	    .mmio_gsi = {20, 21, 22, 23},
	};
}

static uint64_t number(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	memcpy(&value, at, bytes);
	return value;
}

static uint8_t sum(const uint8_t *at, size_t size)
{
	uint8_t total = 0;

	while (size--)
		total = (uint8_t)(total + *at++);
	return total;
}

static const uint8_t *at(uint64_t address)
{
	cr_assert_geq(address, ADDRESS);
	cr_assert_lt(address, ADDRESS + sizeof(buffer));
	return buffer + (address - ADDRESS);
}

/* The table with this signature that the XSDT or the FADT leads to; NULL: none. */
static const uint8_t *find(const char *signature)
{
	const uint8_t *xsdt = at(number(buffer + 24, 8));

	if (strcmp(signature, "XSDT") == 0)
		return xsdt;
	for (size_t i = 36; i < number(xsdt + 4, 4); i += 8) {
		const uint8_t *table = at(number(xsdt + i, 8));

		if (memcmp(table, signature, 4) == 0)
			return table;
		if (memcmp(table, "FACP", 4) == 0 && strcmp(signature, "DSDT") == 0)
			return at(number(table + 140, 8));
	}
	return NULL;
}

Test(acpi_tables, checksums_and_links)
{
	static const char *const names[] = {"XSDT", "FACP", "APIC", "MCFG", "DSDT"};
	struct acpi_machine description = machine(4);

	cr_assert_gt(acpi_build(&description, buffer, sizeof(buffer), ADDRESS), 0);
	cr_assert_eq(memcmp(buffer, "RSD PTR ", 8), 0);
	cr_assert_eq(sum(buffer, 20), 0);
	cr_assert_eq(sum(buffer, 36), 0);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const uint8_t *table = find(names[i]);

		cr_assert_not_null(table, "%s", names[i]);
		cr_assert_eq(memcmp(table, names[i], 4), 0);
		cr_assert_eq(sum(table, number(table + 4, 4)), 0, "%s", names[i]);
	}
	cr_assert_eq(memcmp(at(number(find("FACP") + 36, 4)), "FACS", 4), 0);
}

Test(acpi_tables, processors_are_listed)
{
	struct acpi_machine description = machine(64);
	unsigned cpus = 0;
	const uint8_t *madt;

	cr_assert_gt(acpi_build(&description, buffer, sizeof(buffer), ADDRESS), 0);
	madt = find("APIC");
	for (size_t i = 44; i < number(madt + 4, 4); i += madt[i + 1])
		cpus += madt[i] == 0;
	cr_assert_eq(cpus, 64);
}

Test(acpi_tables, what_cannot_be_described_is_refused)
{
	struct acpi_machine description = machine(0);

	cr_assert_eq(acpi_build(&description, buffer, sizeof(buffer), ADDRESS), 0);
	description = machine(65);
	cr_assert_eq(acpi_build(&description, buffer, sizeof(buffer), ADDRESS), 0);
	description = machine(1);
	cr_assert_eq(acpi_build(&description, buffer, sizeof(buffer), ADDRESS + 1), 0);
	cr_assert_eq(acpi_build(&description, buffer, sizeof(buffer), 1ull << 32), 0);
	description.mmio_count = ACPI_MMIO_MAX + 1;
	cr_assert_eq(acpi_build(&description, buffer, sizeof(buffer), ADDRESS), 0);
	description.mmio_count = 2;
	description.mmio_base = 0xffffff00;
	cr_assert_eq(acpi_build(&description, buffer, sizeof(buffer), ADDRESS), 0);
	description.mmio_count = 0;
	description.window32_size = UINT64_MAX;
	cr_assert_eq(acpi_build(&description, buffer, sizeof(buffer), ADDRESS), 0);
	description.pci = false;
	cr_assert_gt(acpi_build(&description, buffer, sizeof(buffer), ADDRESS), 0);
	cr_assert_null(find("MCFG"));
}

Test(acpi_tables, a_buffer_too_small_is_not_overrun)
{
	struct acpi_machine description = machine(2);
	size_t whole = acpi_build(&description, buffer, sizeof(buffer), ADDRESS);

	for (size_t size = 0; size < whole; size++) {
		uint8_t *exact = malloc(size + !size);

		cr_assert_eq(acpi_build(&description, exact, size, ADDRESS), 0);
		free(exact);
	}
}

/* Each buffer of resources ends with its end tag, and the buffer with it. */
Test(acpi_tables, resources_fill_their_buffers)
{
	struct acpi_machine description = machine(1);
	const uint8_t *dsdt, *end;
	unsigned found = 0;

	description.mmio_count = 3;
	cr_assert_gt(acpi_build(&description, buffer, sizeof(buffer), ADDRESS), 0);
	dsdt = find("DSDT");
	end = dsdt + number(dsdt + 4, 4);
	for (const uint8_t *crs = dsdt; crs + 16 < end; crs++) {
		const uint8_t *package = crs + 5, *data = package + 6;
		size_t length, size;

		if (memcmp(crs, "_CRS\x11", 5) != 0)
			continue;
		length = (package[0] & 0xfu) | (size_t)number(package + 1, 2) << 4;
		size = number(package + 4, 2);
		cr_assert_eq(package[3], 0x0b);
		cr_assert_eq(package + length, data + size);
		cr_assert_eq(number(data + size - 2, 2), 0x0079);
		found++;
	}
	cr_assert_eq(found, 7);
}

/* A device each, found by LNRO0005, with its registers and its line (level, high, shared). */
Test(acpi_tables, virtio_over_mmio)
{
	static const uint8_t hid[] = "_HID\x0dLNRO0005";
	struct acpi_machine description = machine(ACPI_CPUS_MAX);
	const uint8_t *dsdt, *end;
	unsigned n = 0;

	description.mmio_count = ACPI_MMIO_MAX;
	cr_assert_gt(acpi_build(&description, buffer, sizeof(buffer), ADDRESS), 0, "always fits");
	dsdt = find("DSDT");
	end = dsdt + number(dsdt + 4, 4);
	for (const uint8_t *here = dsdt; here + sizeof(hid) < end; here++) {
		const uint8_t *crs = here;

		if (memcmp(here, hid, sizeof(hid)) != 0)
			continue;
		while (memcmp(crs, "_CRS", 4) != 0)
			crs++;
		crs += 11;
		cr_assert_eq(crs[0], 0x86);
		cr_assert_eq(number(crs + 4, 4), 0xd0000000 + n * 0x200);
		cr_assert_eq(number(crs + 8, 4), 0x200);
		cr_assert_eq(crs[12], 0x89);
		cr_assert_eq(crs[15], 0x09);
		cr_assert_eq(crs[16], 1);
		cr_assert_eq(number(crs + 17, 4), 20 + n % 4);
		n++;
	}
	cr_assert_eq(n, ACPI_MMIO_MAX);
}

static bool dsdt_has(const char *bytes, size_t size)
{
	const uint8_t *dsdt = find("DSDT"), *end = dsdt + number(dsdt + 4, 4) - size;

	for (const uint8_t *here = dsdt; here <= end; here++)
		if (memcmp(here, bytes, size) == 0)
			return true;
	return false;
}

/* What a machine does not have is named nowhere (ACPI 6.5, 5.2.9.3: boot flags). */
Test(acpi_tables, a_machine_without_old_devices)
{
	static const char com1[] = "\x0c\x41\xd0\x05\x01", rtc[] = "\x0c\x41\xd0\x0b\x00";
	struct acpi_machine description = machine(2);

	cr_assert_gt(acpi_build(&description, buffer, sizeof(buffer), ADDRESS), 0);
	cr_assert(dsdt_has(com1, 5) && dsdt_has(rtc, 5));
	cr_assert_eq(number(find("FACP") + 109, 2) & 0x21, 1, "old devices, and a clock");
	cr_assert_neq(find("FACP")[108], 0);
	description.com1 = 0;
	description.rtc = false;
	description.ecam_base = 0;
	cr_assert_gt(acpi_build(&description, buffer, sizeof(buffer), ADDRESS), 0);
	cr_assert_not(dsdt_has(com1, 5) || dsdt_has(rtc, 5));
	cr_assert_eq(number(find("FACP") + 109, 2) & 0x21, 0x20, "neither");
	cr_assert_eq(find("FACP")[108], 0, "no century");
	cr_assert_null(find("MCFG"));
	cr_assert_not_null(find("APIC"));
}

/* The tables have 32 bits for addresses, ISA has 16 lines. */
Test(acpi_tables, each_limit_by_itself)
{
	static const struct acpi_machine good = {.cpus = 1, .sci = 15, .com1_irq = 15};
	struct acpi_machine bad[7];

	for (unsigned i = 0; i < 7; i++)
		bad[i] = good;
	bad[0].sci = 16;
	bad[1].com1_irq = 16;
	bad[2].lapic_base = 1ull << 32;
	bad[3].ioapic_base = 1ull << 32;
	bad[4].ecam_base = 1ull << 32;
	bad[5].mmio_base = 1ull << 32;
	bad[6].pci = true; /* without a window */
	cr_assert_gt(acpi_build(&good, buffer, sizeof(buffer), ADDRESS), 0);
	for (unsigned i = 0; i < 7; i++)
		cr_expect_eq(acpi_build(&bad[i], buffer, sizeof(buffer), ADDRESS), 0, "%u", i);
	bad[6].window32 = 0xffff0000;
	bad[6].window32_size = 0x10000;
	cr_expect_eq(acpi_build(&bad[6], buffer, sizeof(buffer), ADDRESS), 0, "beyond 4 GiB");
	bad[6].window32_size = 0xf000;
	cr_expect_gt(acpi_build(&bad[6], buffer, sizeof(buffer), ADDRESS), 0);
	cr_expect_eq(acpi_build(&good, buffer, sizeof(buffer), 0xfffffff0), 0, "wraps");
}

/* The shortest of AML's constants that holds the value (20.2.3). */
Test(acpi_tables, integers_are_short)
{
	static const struct {
		uint64_t value;
		uint8_t size, op;
	} cases[] = {{0, 1, 0x00},         {1, 1, 0x01},          {2, 2, 0x0a},
	             {0xff, 2, 0x0a},      {0x100, 3, 0x0b},      {0xffff, 3, 0x0b},
	             {0x10000, 5, 0x0c},   {UINT32_MAX, 5, 0x0c}, {1ull << 32, 9, 0x0e},
	             {UINT64_MAX, 9, 0x0e}};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct acpi_writer aml = {.buffer = buffer, .size = 16};

		aml_integer(&aml, cases[i].value);
		cr_expect_eq(aml.used, cases[i].size);
		cr_expect_eq(buffer[0], cases[i].op);
		if (cases[i].size > 1)
			cr_expect_eq(number(buffer + 1, cases[i].size - 1u), cases[i].value);
	}
}

/* Disassemble, look for complaints, and compile what came out again. */
static void ask_iasl(const char *folder, const char *signature)
{
	const uint8_t *table = find(signature);
	char command[512], line[512];
	FILE *file;

	snprintf(command, sizeof(command), "%s/%s.dat", folder, signature);
	file = fopen(command, "wb");
	cr_assert_not_null(file);
	fwrite(table, 1, number(table + 4, 4), file);
	fclose(file);
	snprintf(command, sizeof(command), "cd %s && { iasl -d %s.dat && iasl %s.dsl; } 2>&1",
	         folder, signature, signature);
	file = popen(command, "r");
	cr_assert_not_null(file);
	while (fgets(line, sizeof(line), file)) {
		bool complaint = strstr(line, "rror") || strstr(line, "arning") ||
		                 strstr(line, "nvalid") || strstr(line, "ncorrect");

		cr_assert(!complaint || strstr(line, "0 Errors, 0 Warnings"), "%s: %s", signature,
		          line);
	}
	cr_assert_eq(pclose(file), 0, "iasl ended with an error on %s", signature);
}

Test(acpi_tables, iasl_understands_them, .timeout = 60)
{
	static const char *const names[] = {"FACP", "APIC", "MCFG", "DSDT", "XSDT"};
	struct acpi_machine description = machine(2);
	char folder[] = "/tmp/vireo-acpi-XXXXXX", command[64];

	if (system("iasl -v >/dev/null 2>&1") != 0)
		cr_skip_test("iasl is not installed");
	description.mmio_count = 3;
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_gt(acpi_build(&description, buffer, sizeof(buffer), ADDRESS), 0);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ask_iasl(folder, names[i]);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_assert_eq(system(command), 0);
}
