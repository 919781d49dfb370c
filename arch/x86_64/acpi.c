/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/acpi.h"

#include <arch/err.h>
#include <arch/log.h>
#include <string.h>

#define TABLE_MAX   (1u << 20) /* no table is larger; a length beyond is a mistake */
#define TABLES_MAX  256
#define HEADER_SIZE 36

struct table {
	const uint8_t *bytes;
	uint32_t size;
};

/* Little endian value of a table; fields beyond its end read as 0, as in older revisions. */
static uint64_t field(const struct table *table, uint64_t offset, unsigned size)
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

/* The table at address, whole and with a right checksum. */
static bool open_table(uint64_t address, struct table *table)
{
	const uint8_t *header = address ? acpi_memory(address, HEADER_SIZE) : NULL;

	if (!header)
		return false;
	*table = (struct table){header, HEADER_SIZE};
	table->size = (uint32_t)field(table, 4, 4);
	if (table->size < HEADER_SIZE || table->size > TABLE_MAX)
		goto bad;
	table->bytes = acpi_memory(address, table->size);
	if (table->bytes && sum_is_zero(table->bytes, table->size))
		return true;
bad:
	log_warn("ACPI table %.4s at %#lx is damaged and ignored", (const char *)header, address);
	return false;
}

static void add_cpu(struct acpi *acpi, uint32_t apic_id, uint64_t flags)
{
	if (!(flags & 1)) /* not enabled: a socket without a CPU */
		return;
	for (unsigned i = 0; i < acpi->cpu_count; i++)
		if (acpi->apic_ids[i] == apic_id)
			return;
	if (acpi->cpu_count == CPU_MAX)
		acpi->cpus_left_out++;
	else
		acpi->apic_ids[acpi->cpu_count++] = apic_id;
}

static void add_io_apic(struct acpi *acpi, const struct table *e)
{
	if (acpi->io_apic_count < ACPI_IO_APICS)
		acpi->io_apics[acpi->io_apic_count++] =
		    (struct acpi_io_apic){(uint32_t)field(e, 4, 4), (uint32_t)field(e, 8, 4)};
}

static void add_override(struct acpi *acpi, const struct table *e)
{
	if (acpi->override_count < ACPI_OVERRIDES)
		acpi->overrides[acpi->override_count++] = (struct acpi_override){
		    .line = (uint8_t)field(e, 3, 1),
		    .flags = (uint16_t)field(e, 8, 2),
		    .gsi = (uint32_t)field(e, 4, 4),
		};
}

/* Multiple APIC description table, ACPI 5.2.12: entries of type, length, content. */
static void read_madt(struct acpi *acpi, const struct table *madt)
{
	for (uint64_t at = 44; at + 2 <= madt->size;) {
		struct table e = {madt->bytes + at, madt->bytes[at + 1]};

		if (e.size < 2 || e.size > madt->size - at) {
			log_warn("ACPI table APIC ends in an entry of length %u", e.size);
			return;
		}
		switch (e.bytes[0]) {
		case 0:
			if (e.size >= 8)
				add_cpu(acpi, (uint32_t)field(&e, 3, 1), field(&e, 4, 4));
			break;
		case 1:
			if (e.size >= 12)
				add_io_apic(acpi, &e);
			break;
		case 2:
			if (e.size >= 10)
				add_override(acpi, &e);
			break;
		case 9:
			if (e.size >= 16)
				add_cpu(acpi, (uint32_t)field(&e, 4, 4), field(&e, 8, 4));
			break;
		default:
			break;
		}
		at += e.size;
	}
}

/* PCI configuration space of segment 0, PCI Firmware 4.1.2. */
static void read_mcfg(struct acpi *acpi, const struct table *mcfg)
{
	for (uint64_t at = 44; at + 16 <= mcfg->size; at += 16) {
		uint64_t first = field(mcfg, at + 10, 1), last = field(mcfg, at + 11, 1);

		if (field(mcfg, at + 8, 2) || first || last < first)
			continue;
		acpi->ecam_base = field(mcfg, at, 8);
		acpi->ecam_buses = (unsigned)last + 1;
		return;
	}
}

static struct acpi_address read_address(const struct table *fadt, uint64_t wide, uint64_t port)
{
	struct acpi_address address = {(uint8_t)field(fadt, wide, 1), field(fadt, wide + 4, 8)};

	if (!address.address || address.space > 1)
		address = (struct acpi_address){1, port ? field(fadt, port, 4) : 0};
	if (address.space == 1 && address.address > UINT16_MAX)
		address.address = 0;
	return address;
}

/*
 * The package \_S5 in DSDT's byte code: its first two elements are what to write into SLP_TYP. Its
 * definition is looked for as bytes, NameOp "_S5_" PackageOp, ACPI 20.2; the elements are byte
 * constants or the opcodes Zero and One.
 */
static bool read_s5(struct acpi *acpi, const struct table *dsdt)
{
	uint8_t values[2];
	uint64_t at;

	for (at = HEADER_SIZE; at + 16 <= dsdt->size; at++)
		if (!memcmp(dsdt->bytes + at, "_S5_\x12", 5) &&
		    (dsdt->bytes[at - 1] == 0x08 || dsdt->bytes[at - 1] == '\\'))
			break;
	if (at + 16 > dsdt->size)
		return false;
	at += 5;
	at += 1u + (dsdt->bytes[at] >> 6) + 1u; /* package length, element count */
	for (unsigned i = 0; i < 2; i++) {
		uint64_t opcode = field(dsdt, at++, 1);

		if (opcode == 0x0a)
			opcode = field(dsdt, at++, 1);
		else if (opcode > 1)
			return false;
		values[i] = opcode & 7;
	}
	acpi->s5_type_a = values[0];
	acpi->s5_type_b = values[1];
	return true;
}

/* Fixed description table, ACPI 5.2.9. */
static void read_fadt(struct acpi *acpi, const struct table *fadt)
{
	uint32_t flags = (uint32_t)field(fadt, 112, 4);
	uint64_t dsdt_address = field(fadt, 140, 8);
	struct table dsdt;

	if (field(fadt, 91, 1) == 4)
		acpi->pm_timer = (uint16_t)field(fadt, 76, 4);
	acpi->pm_timer_32 = flags >> 8 & 1;
	acpi->pm1a_control = read_address(fadt, 172, 64);
	acpi->pm1b_control = read_address(fadt, 184, 68);
	if (flags >> 10 & 1) {
		acpi->reset = read_address(fadt, 116, 0);
		acpi->reset_value = (uint8_t)field(fadt, 128, 1);
	}
	if (!dsdt_address)
		dsdt_address = field(fadt, 40, 4);
	if (open_table(dsdt_address, &dsdt))
		acpi->has_s5 = read_s5(acpi, &dsdt);
}

static void read_table(struct acpi *acpi, uint64_t address)
{
	struct table table;

	if (!open_table(address, &table))
		return;
	if (!memcmp(table.bytes, "APIC", 4))
		read_madt(acpi, &table);
	else if (!memcmp(table.bytes, "MCFG", 4))
		read_mcfg(acpi, &table);
	else if (!memcmp(table.bytes, "FACP", 4))
		read_fadt(acpi, &table);
}

/* The table of tables: the one with 64-bit addresses where firmware has it. */
static bool open_root(uint64_t rsdp, struct table *root, unsigned *entry_size)
{
	struct table pointer = {rsdp ? acpi_memory(rsdp, 20) : NULL, 20};

	if (!pointer.bytes || memcmp(pointer.bytes, "RSD PTR ", 8) ||
	    !sum_is_zero(pointer.bytes, 20))
		return false;
	*entry_size = 4;
	if (pointer.bytes[15] >= 2) {
		struct table wide = {acpi_memory(rsdp, 36), 36};

		*entry_size = 8;
		if (wide.bytes && open_table(field(&wide, 24, 8), root))
			return true;
		*entry_size = 4;
	}
	return open_table(field(&pointer, 16, 4), root);
}

int acpi_read(struct acpi *acpi, uint64_t rsdp)
{
	struct table root;
	unsigned entry_size;

	*acpi = (struct acpi){0};
	if (!open_root(rsdp, &root, &entry_size))
		return ERR_NOT_FOUND;
	for (unsigned i = 0; i < TABLES_MAX; i++) {
		uint64_t at = HEADER_SIZE + (uint64_t)i * entry_size;

		if (at + entry_size > root.size)
			break;
		read_table(acpi, field(&root, at, entry_size));
	}
	return 0;
}
