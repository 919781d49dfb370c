/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's ACPI tables, whole and damaged, in a little fake memory. The random damage was shown
 * to find planted mistakes: entries that may reach past the table's end, fields read past it.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include <arch/err.h>

#include "arch/hosted/hosted.h"
#include "arch/x86_64/acpi.c"
#include "tests/lib/fake_acpi.h"

#define MEMORY FAKE_ACPI_SIZE
#define RSDP   FAKE_RSDP
#define XSDT   FAKE_XSDT
#define MADT   0x1000
#define MCFG   0x2000
#define FADT   0x3000
#define DSDT   0x4000

#define memory fake_acpi
#define put    fake_acpi_put
#define finish fake_acpi_finish
#define table  fake_acpi_table

static struct acpi acpi;

static void madt_entry(const uint8_t *bytes, size_t size)
{
	fake_acpi_append(MADT, bytes, size);
}

static void madt_cpu(uint8_t apic_id, uint8_t flags)
{
	madt_entry((uint8_t[]){0, 8, 0, apic_id, flags, 0, 0, 0}, 8);
}

static void write_fadt(void)
{
	put(FADT + 40, 4, DSDT);
	put(FADT + 64, 4, 0x604);
	put(FADT + 76, 4, 0x608);
	memory[FADT + 91] = 4;
	put(FADT + 112, 4, 1u << 10 | 1u << 8);
	memory[FADT + 116] = 1;
	put(FADT + 120, 8, 0xcf9);
	memory[FADT + 128] = 0xf;
	table(FADT, "FACP", 244);
}

static void write_dsdt(const char *s5, size_t size)
{
	memset(memory + DSDT + ACPI_HEADER, 0, 200);
	memcpy(memory + DSDT + 60, s5, size);
	table(DSDT, "DSDT", 200);
}

static void setup(void)
{
	hosted_reset();
	fake_acpi_start();
	table(MADT, "APIC", 44);
	madt_cpu(0, 1);
	madt_cpu(1, 1);
	madt_entry((uint8_t[]){1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0}, 12);
	madt_entry((uint8_t[]){2, 10, 0, 0, 2, 0, 0, 0, 0, 0}, 10);
	put(MCFG + 44, 8, 0xb0000000);
	memory[MCFG + 55] = 255;
	table(MCFG, "MCFG", 60);
	write_fadt();
	write_dsdt("\x08_S5_\x12\x06\x04\x0a\x05\x0a\x07\x00\x00", 13);
	fake_acpi_list(MADT);
	fake_acpi_list(MCFG);
	fake_acpi_list(FADT);
}

static void teardown(void)
{
	fake_acpi_end();
}

TestSuite(acpi, .init = setup, .fini = teardown);

Test(acpi, whole_tables)
{
	cr_assert_eq(acpi_read(&acpi, RSDP), 0);
	cr_assert_eq(acpi.cpu_count, 2);
	cr_assert_eq(acpi.apic_ids[1], 1);
	cr_assert_eq(acpi.io_apic_count, 1);
	cr_assert_eq(acpi.io_apics[0].address, 0xfec00000);
	cr_assert_eq(acpi.override_count, 1);
	cr_assert_eq(acpi.overrides[0].gsi, 2);
	cr_assert_eq(acpi.ecam_base, 0xb0000000);
	cr_assert_eq(acpi.ecam_buses, 256);
	cr_assert_eq(acpi.pm_timer, 0x608);
	cr_assert(acpi.pm_timer_32);
	cr_assert_eq(acpi.pm1a_control.address, 0x604);
	cr_assert_eq(acpi.pm1b_control.address, 0);
	cr_assert_eq(acpi.reset.address, 0xcf9);
	cr_assert_eq(acpi.reset_value, 0xf);
	cr_assert(acpi.has_s5);
	cr_assert_eq(acpi.s5_type_a, 5);
	cr_assert_eq(acpi.s5_type_b, 7);
}

Test(acpi, no_root_pointer)
{
	cr_assert_eq(acpi_read(&acpi, 0), ERR_NOT_FOUND);
	cr_assert_eq(acpi_read(&acpi, MEMORY - 4), ERR_NOT_FOUND);
	memory[RSDP]++;
	cr_assert_eq(acpi_read(&acpi, RSDP), ERR_NOT_FOUND);
}

Test(acpi, old_root_with_32_bit_addresses)
{
	memory[RSDP + 15] = 0;
	put(RSDP + 16, 4, XSDT);
	finish(RSDP, 20, 8);
	put(XSDT + 36, 4, MADT);
	table(XSDT, "RSDT", 40);
	cr_assert_eq(acpi_read(&acpi, RSDP), 0);
	cr_assert_eq(acpi.cpu_count, 2);
}

Test(acpi, CP_001_disabled_cpus_do_not_count)
{
	madt_cpu(2, 0);
	madt_cpu(3, 2); /* could be plugged in later */
	madt_cpu(4, 1);
	acpi_read(&acpi, RSDP);
	cr_assert_eq(acpi.cpu_count, 3);
	cr_assert_eq(acpi.apic_ids[2], 4);
}

Test(acpi, CP_002_a_cpu_listed_twice_counts_once)
{
	madt_cpu(1, 1);
	madt_entry((uint8_t[]){9, 16, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}, 16);
	acpi_read(&acpi, RSDP);
	cr_assert_eq(acpi.cpu_count, 2);
}

Test(acpi, more_cpus_than_we_have_room_for)
{
	for (unsigned i = 2; i < 200; i++)
		madt_cpu((uint8_t)i, 1);
	acpi_read(&acpi, RSDP);
	cr_assert_eq(acpi.cpu_count, CPU_MAX);
	cr_assert_eq(acpi.cpus_left_out, 200 - CPU_MAX);
}

Test(acpi, more_io_apics_and_overrides_than_we_have_room_for)
{
	for (unsigned i = 0; i < 100; i++) {
		madt_entry((uint8_t[]){1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0}, 12);
		madt_entry((uint8_t[]){2, 10, 0, 0, 2, 0, 0, 0, 0, 0}, 10);
	}
	acpi_read(&acpi, RSDP);
	cr_assert_eq(acpi.io_apic_count, ACPI_IO_APICS);
	cr_assert_eq(acpi.override_count, ACPI_OVERRIDES);
}

Test(acpi, an_entry_without_length_ends_the_table)
{
	madt_entry((uint8_t[]){0, 0, 0, 0}, 4);
	madt_cpu(5, 1);
	cr_assert_eq(acpi_read(&acpi, RSDP), 0);
	cr_assert_eq(acpi.cpu_count, 2);
	cr_assert(hosted_log_has("ACPI table APIC"));
}

Test(acpi, an_entry_longer_than_the_table)
{
	madt_entry((uint8_t[]){0, 200, 0, 9, 1, 0, 0, 0}, 8);
	acpi_read(&acpi, RSDP);
	cr_assert_eq(acpi.cpu_count, 2);
}

Test(acpi, an_entry_shorter_than_its_type)
{
	madt_entry((uint8_t[]){0, 4, 0, 9}, 4);
	madt_entry((uint8_t[]){9, 2}, 2);
	madt_entry((uint8_t[]){1, 3, 0}, 3);
	madt_cpu(7, 1);
	acpi_read(&acpi, RSDP);
	cr_assert_eq(acpi.cpu_count, 3);
	cr_assert_eq(acpi.io_apic_count, 1);
}

Test(acpi, a_wrong_checksum_costs_that_table_only)
{
	memory[MCFG + 50] ^= 1;
	cr_assert_eq(acpi_read(&acpi, RSDP), 0);
	cr_assert_eq(acpi.ecam_base, 0);
	cr_assert_eq(acpi.cpu_count, 2);
	cr_assert(hosted_log_has("ACPI table MCFG"));
}

Test(acpi, impossible_lengths)
{
	static const uint32_t lengths[] = {0, 1, 35, ACPI_TABLE_MAX + 1, UINT32_MAX, MEMORY};

	for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		put(MADT + 4, 4, lengths[i]);
		cr_assert_eq(acpi_read(&acpi, RSDP), 0);
		cr_assert_eq(acpi.cpu_count, 0);
		cr_assert(acpi.has_s5);
	}
}

Test(acpi, table_addresses_outside_memory)
{
	put(XSDT + 36, 8, UINT64_MAX - 10);
	put(XSDT + 44, 8, MEMORY - 8);
	put(XSDT + 52, 8, 0);
	table(XSDT, "XSDT", 60);
	cr_assert_eq(acpi_read(&acpi, RSDP), 0);
	cr_assert_eq(acpi.cpu_count, 0);
}

Test(acpi, a_root_that_names_itself)
{
	put(XSDT + 36, 8, XSDT);
	put(XSDT + 44, 8, RSDP);
	table(XSDT, "XSDT", 60);
	cr_assert_eq(acpi_read(&acpi, RSDP), 0);
}

Test(acpi, a_short_fadt_of_revision_1)
{
	table(FADT, "FACP", 116);
	acpi_read(&acpi, RSDP);
	cr_assert_eq(acpi.pm1a_control.address, 0x604);
	cr_assert_eq(acpi.reset.address, 0);
	cr_assert(acpi.has_s5);
}

Test(acpi, an_mcfg_with_buses_the_wrong_way_round)
{
	memory[MCFG + 54] = 9;
	memory[MCFG + 55] = 3;
	table(MCFG, "MCFG", 60);
	acpi_read(&acpi, RSDP);
	cr_assert_eq(acpi.ecam_base, 0);
}

Test(acpi, sleep_state_in_other_spellings)
{
	write_dsdt("\x08_S5_\x12\x06\x04\x01\x00\x00\x00", 11);
	acpi_read(&acpi, RSDP);
	cr_assert(acpi.has_s5);
	cr_assert_eq(acpi.s5_type_a, 1);
	cr_assert_eq(acpi.s5_type_b, 0);
	write_dsdt("\x08\\_S5_\x12\x06\x04\x0a\x03\x0a\x03", 12);
	acpi_read(&acpi, RSDP);
	cr_assert_eq(acpi.s5_type_a, 3);
}

Test(acpi, sleep_state_that_is_none)
{
	write_dsdt("\x08_S5_\x12\x06\x04\x0c\x05\x0a\x07", 11);
	acpi_read(&acpi, RSDP);
	cr_assert_not(acpi.has_s5);
	write_dsdt("X_S5_\x12\x06\x04\x0a\x05\x0a\x07", 11);
	acpi_read(&acpi, RSDP);
	cr_assert_not(acpi.has_s5);
}

Test(acpi, sleep_state_cut_off_by_the_end)
{
	for (uint32_t size = ACPI_HEADER; size < 80; size++) {
		table(DSDT, "DSDT", size);
		cr_assert_eq(acpi_read(&acpi, RSDP), 0);
	}
}

/* Nothing but the sanitizers and the bounds above to satisfy: any byte may be anything. */
Test(acpi, random_damage_with_right_checksums)
{
	uint8_t *whole = malloc(MEMORY);

	memcpy(whole, memory, MEMORY);
	srand(1);
	for (unsigned round = 0; round < 20000; round++) {
		static const uint32_t places[] = {MADT, MCFG, FADT, DSDT, XSDT};

		fake_acpi_damage(whole, places[(unsigned)rand() % 5]);
		acpi_read(&acpi, RSDP);
		fake_acpi_drop_views();
		cr_assert_leq(acpi.cpu_count, CPU_MAX);
		cr_assert_leq(acpi.ecam_buses, 256);
		cr_assert_lt(acpi.s5_type_a, 8);
	}
	free(whole);
}
