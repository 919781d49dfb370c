/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "arch/aarch64/acpi_iort.h"
#include "arch/common/acpi.h"

/* Entries of the multiple APIC description table, ACPI 5.2.12.14 to 5.2.12.18. */
enum { MADT_GICC = 11, MADT_GICD, MADT_MSI_FRAME, MADT_GICR, MADT_ITS };
enum { GICC_ENABLED = 1, GICC_ONLINE_CAPABLE = 8 };
enum { MSI_FRAME_COUNT_HERE = 1 };
enum { BOOT_ARCH_PSCI = 1, BOOT_ARCH_PSCI_HVC = 2 }; /* FADT, ACPI 5.2.9.4 */

/* Serial port types of SPCR that a PL011 driver can drive: PL011, and SBSA's subset of it. */
enum { SPCR_16550 = 0, SPCR_PL011 = 3, SPCR_SBSA_32 = 0x0d, SPCR_SBSA = 0x0e };

static void add_gicc(struct host_description *host, const struct acpi_table *e)
{
	if (!(acpi_field(e, 12, 4) & (GICC_ENABLED | GICC_ONLINE_CAPABLE)))
		return;
	host_add_cpu(host, acpi_field(e, 68, 8), acpi_field(e, 60, 8));
	if (!host->gicc)
		host->gicc = acpi_field(e, 32, 8);
	if (!host->gicv)
		host->gicv = acpi_field(e, 40, 8);
	if (!host->gich)
		host->gich = acpi_field(e, 48, 8);
	if (!host->maintenance_irq)
		host->maintenance_irq = (uint32_t)acpi_field(e, 56, 4);
}

/* Version 0: the table is too old to say; then redistributors tell a GICv3. */
static void add_gicd(struct host_description *host, const struct acpi_table *e)
{
	uint64_t version = acpi_field(e, 20, 1);

	host->gicd = acpi_field(e, 8, 8);
	host->gic_version = version > 3 ? 3 : (unsigned)version;
}

static void add_frame(struct host_description *host, const struct acpi_table *e)
{
	struct host_v2m frame = {.base = acpi_field(e, 8, 8)};

	if (acpi_field(e, 16, 4) & MSI_FRAME_COUNT_HERE) {
		frame.count = (uint32_t)acpi_field(e, 20, 2);
		frame.first = (uint32_t)acpi_field(e, 22, 2);
	}
	if (frame.base && host->v2m_count < HOST_V2M_MAX)
		host->v2m[host->v2m_count++] = frame;
}

static void read_madt_entry(void *context, const struct acpi_table *e)
{
	struct host_description *host = context;

	switch (e->bytes[0]) {
	case MADT_GICC:
		if (e->size >= 76)
			add_gicc(host, e);
		break;
	case MADT_GICD:
		if (e->size >= 24)
			add_gicd(host, e);
		break;
	case MADT_MSI_FRAME:
		if (e->size >= 24)
			add_frame(host, e);
		break;
	case MADT_GICR:
		if (e->size >= 16 && host->gicr_count < HOST_GICR_RANGES)
			host->gicr[host->gicr_count++] =
			    (struct host_range){acpi_field(e, 4, 8), acpi_field(e, 12, 4)};
		break;
	case MADT_ITS:
		if (e->size >= 20 && host->its_count < HOST_ITS_MAX)
			host->its[host->its_count++] = acpi_field(e, 8, 8);
		break;
	default:
		break;
	}
}

static void read_spcr(struct host_description *host, const struct acpi_table *spcr)
{
	uint64_t type = acpi_field(spcr, 36, 1), space = acpi_field(spcr, 40, 1);

	if (space != 0 || (type != SPCR_PL011 && type != SPCR_SBSA_32 && type != SPCR_SBSA))
		return;
	host->serial = (struct host_serial){
	    .kind = HOST_SERIAL_PL011,
	    .base = acpi_field(spcr, 44, 8),
	    .line = (unsigned)acpi_field(spcr, 54, 4),
	};
}

/* Generic timer description table, ACPI 5.2.25. */
static void read_gtdt(struct host_description *host, const struct acpi_table *gtdt)
{
	host->virtual_timer_irq = (uint32_t)acpi_field(gtdt, 64, 4);
	host->hyp_timer_irq = (uint32_t)acpi_field(gtdt, 72, 4);
}

static void read_fadt(struct host_description *host, const struct acpi_table *fadt)
{
	uint64_t flags = acpi_field(fadt, 129, 2);

	if (flags & BOOT_ARCH_PSCI)
		host->psci = flags & BOOT_ARCH_PSCI_HVC ? PSCI_HVC : PSCI_SMC;
}

static void read_table(void *context, const struct acpi_table *table)
{
	struct host_description *host = context;

	if (!memcmp(table->bytes, "APIC", 4))
		acpi_walk_madt(table, read_madt_entry, host);
	else if (!memcmp(table->bytes, "MCFG", 4) && !host->ecam_base)
		acpi_read_mcfg(table, &host->ecam_base, &host->ecam_buses);
	else if (!memcmp(table->bytes, "FACP", 4))
		read_fadt(host, table);
	else if (!memcmp(table->bytes, "SPCR", 4))
		read_spcr(host, table);
	else if (!memcmp(table->bytes, "GTDT", 4))
		read_gtdt(host, table);
	else if (!memcmp(table->bytes, "IORT", 4))
		acpi_iort_read(host, table);
}

int acpi_host_read(struct host_description *host, uint64_t rsdp)
{
	int err;

	*host = (struct host_description){.source = "ACPI"};
	err = acpi_walk(rsdp, read_table, host);
	if (!host->gic_version && host->gicd)
		host->gic_version = host->gicr_count || host->cpu_gicr[0] ? 3 : 2;
	return err;
}
