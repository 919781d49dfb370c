/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/acpi.h"

#include <string.h>

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

static void add_io_apic(struct acpi *acpi, const struct acpi_table *e)
{
	if (acpi->io_apic_count < ACPI_IO_APICS)
		acpi->io_apics[acpi->io_apic_count++] = (struct acpi_io_apic){
		    (uint32_t)acpi_field(e, 4, 4), (uint32_t)acpi_field(e, 8, 4)};
}

static void add_override(struct acpi *acpi, const struct acpi_table *e)
{
	if (acpi->override_count < ACPI_OVERRIDES)
		acpi->overrides[acpi->override_count++] = (struct acpi_override){
		    .line = (uint8_t)acpi_field(e, 3, 1),
		    .flags = (uint16_t)acpi_field(e, 8, 2),
		    .gsi = (uint32_t)acpi_field(e, 4, 4),
		};
}

static void read_madt_entry(void *context, const struct acpi_table *e)
{
	struct acpi *acpi = context;

	switch (e->bytes[0]) {
	case 0:
		if (e->size >= 8)
			add_cpu(acpi, (uint32_t)acpi_field(e, 3, 1), acpi_field(e, 4, 4));
		break;
	case 1:
		if (e->size >= 12)
			add_io_apic(acpi, e);
		break;
	case 2:
		if (e->size >= 10)
			add_override(acpi, e);
		break;
	case 9:
		if (e->size >= 16)
			add_cpu(acpi, (uint32_t)acpi_field(e, 4, 4), acpi_field(e, 8, 4));
		break;
	default:
		break;
	}
}

static struct acpi_address read_address(const struct acpi_table *fadt, uint64_t wide, uint64_t port)
{
	struct acpi_address address = {(uint8_t)acpi_field(fadt, wide, 1),
	                               acpi_field(fadt, wide + 4, 8)};

	if (!address.address || address.space > 1)
		address = (struct acpi_address){1, port ? acpi_field(fadt, port, 4) : 0};
	if (address.space == 1 && address.address > UINT16_MAX)
		address.address = 0;
	return address;
}

/*
 * The package \_S5 in DSDT's byte code: its first two elements are what to write into SLP_TYP. Its
 * definition is looked for as bytes, NameOp "_S5_" PackageOp, ACPI 20.2; the elements are byte
 * constants or the opcodes Zero and One.
 */
static bool read_s5(struct acpi *acpi, const struct acpi_table *dsdt)
{
	uint8_t values[2];
	uint64_t at;

	for (at = ACPI_HEADER; at + 16 <= dsdt->size; at++)
		if (!memcmp(dsdt->bytes + at, "_S5_\x12", 5) &&
		    (dsdt->bytes[at - 1] == 0x08 || dsdt->bytes[at - 1] == '\\'))
			break;
	if (at + 16 > dsdt->size)
		return false;
	at += 5;
	at += 1u + (dsdt->bytes[at] >> 6) + 1u; /* package length, element count */
	for (unsigned i = 0; i < 2; i++) {
		uint64_t opcode = acpi_field(dsdt, at++, 1);

		if (opcode == 0x0a)
			opcode = acpi_field(dsdt, at++, 1);
		else if (opcode > 1)
			return false;
		values[i] = opcode & 7;
	}
	acpi->s5_type_a = values[0];
	acpi->s5_type_b = values[1];
	return true;
}

/* Fixed description table, ACPI 5.2.9. */
static void read_fadt(struct acpi *acpi, const struct acpi_table *fadt)
{
	uint32_t flags = (uint32_t)acpi_field(fadt, 112, 4);
	uint64_t dsdt_address = acpi_field(fadt, 140, 8);
	struct acpi_table dsdt;

	if (acpi_field(fadt, 91, 1) == 4)
		acpi->pm_timer = (uint16_t)acpi_field(fadt, 76, 4);
	acpi->pm_timer_32 = flags >> 8 & 1;
	acpi->pm1a_control = read_address(fadt, 172, 64);
	acpi->pm1b_control = read_address(fadt, 184, 68);
	if (flags >> 10 & 1) {
		acpi->reset = read_address(fadt, 116, 0);
		acpi->reset_value = (uint8_t)acpi_field(fadt, 128, 1);
	}
	if (!dsdt_address)
		dsdt_address = acpi_field(fadt, 40, 4);
	if (acpi_open(dsdt_address, &dsdt))
		acpi->has_s5 = read_s5(acpi, &dsdt);
}

static void read_table(void *context, const struct acpi_table *table)
{
	struct acpi *acpi = context;

	if (!memcmp(table->bytes, "APIC", 4))
		acpi_walk_madt(table, read_madt_entry, acpi);
	else if (!memcmp(table->bytes, "MCFG", 4) && !acpi->ecam_base)
		acpi_read_mcfg(table, &acpi->ecam_base, &acpi->ecam_buses);
	else if (!memcmp(table->bytes, "FACP", 4))
		read_fadt(acpi, table);
}

int acpi_read(struct acpi *acpi, uint64_t rsdp)
{
	*acpi = (struct acpi){0};
	return acpi_walk(rsdp, read_table, acpi);
}
