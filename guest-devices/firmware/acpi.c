/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/firmware/acpi.h"

#include "guest-devices/firmware/acpi_dsdt.h"
#include "guest-devices/timer/acpi_pm.h"

#define RSDP_SIZE    36
#define RSDP_SIZE_V1 20

#define FADT_WBINVD        (1u << 0)
#define FADT_PROC_C1       (1u << 2)
#define FADT_NO_SLP_BUTTON (1u << 5)
#define FADT_NO_FIX_RTC    (1u << 6)
#define FADT_TMR_VAL_EXT   (1u << 8)
#define FADT_RESET_REG     (1u << 10)
#define FADT_PHYSICAL_DEST (1u << 19)

#define BOOT_LEGACY_DEVICES 0x01
#define BOOT_NO_VGA         0x04
#define BOOT_NO_CMOS_RTC    0x20

#define GAS_IO           1
#define NO_CSTATE        0xffff /* worse than any allowed latency: there is none */
#define CENTURY_REGISTER 0x32

#define MADT_LAPIC        0
#define MADT_IOAPIC       1
#define MADT_OVERRIDE     2
#define MADT_LAPIC_NMI    4
#define MADT_PCAT_COMPAT  1 /* there are 8259s as well */
#define INTI_BUS_DEFAULT  0
#define INTI_LEVEL_HIGH   0x0d
#define FLAT_LOGICAL_CPUS 8 /* more need physical destinations */

struct tables {
	size_t facs, dsdt, fadt, madt, mcfg; /* offsets; mcfg 0: none */
};

static uint64_t guest(const struct acpi_writer *writer, size_t offset)
{
	return writer->address + offset;
}

static size_t put_facs(struct acpi_writer *writer)
{
	size_t table;

	acpi_align(writer, 64);
	table = writer->used;
	acpi_put_text(writer, "FACS", 4);
	acpi_put(writer, 64, 4);
	acpi_put_zeros(writer, 24);
	acpi_put(writer, 2, 1); /* version */
	acpi_put_zeros(writer, 31);
	return table;
}

/* Generic address structure of a port; access: 1 byte, 2 word, 3 double word. */
static void put_gas(struct acpi_writer *writer, uint16_t port, uint8_t bits, uint8_t access)
{
	acpi_put(writer, GAS_IO, 1);
	acpi_put(writer, bits, 1);
	acpi_put(writer, 0, 1);
	acpi_put(writer, access, 1);
	acpi_put(writer, port, 8);
}

static uint32_t fadt_flags(const struct acpi_machine *machine)
{
	uint32_t flags = FADT_WBINVD | FADT_PROC_C1 | FADT_NO_SLP_BUTTON | FADT_NO_FIX_RTC |
	                 FADT_TMR_VAL_EXT | FADT_RESET_REG;

	return machine->cpus > FLAT_LOGICAL_CPUS ? flags | FADT_PHYSICAL_DEST : flags;
}

/* The fields that have been there since ACPI 1.0: 32-bit addresses and block lengths. */
static void put_fadt_blocks(struct acpi_writer *writer, const struct acpi_machine *machine)
{
	acpi_put(writer, machine->pm_port + ACPI_PM_EVENT, 4);
	acpi_put(writer, 0, 4); /* PM1b_EVT_BLK */
	acpi_put(writer, machine->pm_port + ACPI_PM_CONTROL, 4);
	acpi_put(writer, 0, 4); /* PM1b_CNT_BLK */
	acpi_put(writer, 0, 4); /* PM2_CNT_BLK */
	acpi_put(writer, machine->pm_port + ACPI_PM_TIMER, 4);
	acpi_put_zeros(writer, 8);      /* GPE0_BLK, GPE1_BLK */
	acpi_put(writer, 4, 1);         /* PM1_EVT_LEN */
	acpi_put(writer, 2, 1);         /* PM1_CNT_LEN */
	acpi_put(writer, 0, 1);         /* PM2_CNT_LEN */
	acpi_put(writer, 4, 1);         /* PM_TMR_LEN */
	acpi_put_zeros(writer, 4);      /* GPE lengths and base, CST_CNT */
	acpi_put(writer, NO_CSTATE, 2); /* P_LVL2_LAT */
	acpi_put(writer, NO_CSTATE, 2); /* P_LVL3_LAT */
	acpi_put_zeros(writer, 4);      /* FLUSH_SIZE, FLUSH_STRIDE */
	acpi_put_zeros(writer, 4);      /* DUTY_, DAY_ALRM, MON_ALRM */
	acpi_put(writer, machine->rtc ? CENTURY_REGISTER : 0, 1);
}

static void put_fadt_extended(struct acpi_writer *writer, const struct acpi_machine *machine)
{
	uint16_t port = machine->pm_port;

	put_gas(writer, (uint16_t)(port + ACPI_PM_EVENT), 32, 2);
	acpi_put_zeros(writer, 12);
	put_gas(writer, (uint16_t)(port + ACPI_PM_CONTROL), 16, 2);
	acpi_put_zeros(writer, 12 + 12);
	put_gas(writer, (uint16_t)(port + ACPI_PM_TIMER), 32, 3);
	acpi_put_zeros(writer, 12 + 12); /* GPE blocks */
	acpi_put_zeros(writer, 12 + 12); /* sleep control and status */
	acpi_put_zeros(writer, 8);       /* hypervisor vendor */
}

static size_t put_fadt(struct acpi_writer *writer, const struct acpi_machine *machine,
                       const struct tables *tables)
{
	size_t table = acpi_table_begin(writer, "FACP", 6);

	acpi_put(writer, guest(writer, tables->facs), 4);
	acpi_put(writer, guest(writer, tables->dsdt), 4);
	acpi_put(writer, 0, 1);
	acpi_put(writer, 4, 1); /* preferred profile: enterprise server */
	acpi_put(writer, machine->sci, 2);
	acpi_put_zeros(writer, 8); /* SMI_CMD 0: always in ACPI mode */
	put_fadt_blocks(writer, machine);
	acpi_put(writer,
	         (machine->com1 ? BOOT_LEGACY_DEVICES : 0u) | BOOT_NO_VGA |
	             (machine->rtc ? 0u : BOOT_NO_CMOS_RTC),
	         2);
	acpi_put(writer, 0, 1);
	acpi_put(writer, fadt_flags(machine), 4);
	put_gas(writer, (uint16_t)(machine->pm_port + ACPI_PM_RESET), 8, 1);
	acpi_put(writer, ACPI_PM_RESET_VALUE, 1);
	acpi_put(writer, 0, 2); /* ARM_BOOT_ARCH */
	acpi_put(writer, 4, 1); /* minor version */
	acpi_put(writer, 0, 8); /* X_FIRMWARE_CTRL: the 32-bit one is used */
	acpi_put(writer, guest(writer, tables->dsdt), 8);
	put_fadt_extended(writer, machine);
	acpi_table_end(writer, table);
	return table;
}

static void put_override(struct acpi_writer *writer, uint8_t irq, uint32_t gsi, uint16_t flags)
{
	acpi_put(writer, MADT_OVERRIDE, 1);
	acpi_put(writer, 10, 1);
	acpi_put(writer, 0, 1); /* ISA */
	acpi_put(writer, irq, 1);
	acpi_put(writer, gsi, 4);
	acpi_put(writer, flags, 2);
}

static void put_madt_ioapic(struct acpi_writer *writer, const struct acpi_machine *machine)
{
	acpi_put(writer, MADT_IOAPIC, 1);
	acpi_put(writer, 12, 1);
	acpi_put(writer, machine->ioapic_id, 2); /* and a reserved byte */
	acpi_put(writer, machine->ioapic_base, 4);
	acpi_put(writer, 0, 4); /* first GSI */
	put_override(writer, 0, 2, INTI_BUS_DEFAULT);
	put_override(writer, machine->sci, machine->sci, INTI_LEVEL_HIGH);
}

static size_t put_madt(struct acpi_writer *writer, const struct acpi_machine *machine)
{
	size_t table = acpi_table_begin(writer, "APIC", 5);

	acpi_put(writer, machine->lapic_base, 4);
	acpi_put(writer, MADT_PCAT_COMPAT, 4);
	for (unsigned cpu = 0; cpu < machine->cpus; cpu++) {
		acpi_put(writer, MADT_LAPIC, 1);
		acpi_put(writer, 8, 1);
		acpi_put(writer, cpu, 1); /* processor UID */
		acpi_put(writer, cpu, 1); /* APIC id */
		acpi_put(writer, 1, 4);   /* enabled */
	}
	put_madt_ioapic(writer, machine);
	acpi_put(writer, MADT_LAPIC_NMI, 1);
	acpi_put(writer, 6, 1);
	acpi_put(writer, 0xff, 1); /* every processor */
	acpi_put(writer, INTI_BUS_DEFAULT, 2);
	acpi_put(writer, 1, 1); /* LINT1 */
	acpi_table_end(writer, table);
	return table;
}

static size_t put_mcfg(struct acpi_writer *writer, const struct acpi_machine *machine)
{
	size_t table = acpi_table_begin(writer, "MCFG", 1);

	acpi_put_zeros(writer, 8);
	acpi_put(writer, machine->ecam_base, 8);
	acpi_put(writer, 0, 2); /* segment */
	acpi_put(writer, 0, 2); /* first and last bus: 0 */
	acpi_put(writer, 0, 4);
	acpi_table_end(writer, table);
	return table;
}

static size_t put_xsdt(struct acpi_writer *writer, const struct tables *tables)
{
	size_t table = acpi_table_begin(writer, "XSDT", 1);

	acpi_put(writer, guest(writer, tables->fadt), 8);
	acpi_put(writer, guest(writer, tables->madt), 8);
	if (tables->mcfg)
		acpi_put(writer, guest(writer, tables->mcfg), 8);
	acpi_table_end(writer, table);
	return table;
}

/* The root pointer, at the start of the buffer. */
static void patch_rsdp(struct acpi_writer *writer, size_t xsdt)
{
	struct acpi_writer rsdp = {writer->buffer, writer->size, 0, writer->address, false};

	acpi_put_text(&rsdp, "RSD PTR ", 8);
	acpi_put(&rsdp, 0, 1);
	acpi_put_text(&rsdp, "VIREO", 6);
	acpi_put(&rsdp, 2, 1); /* revision */
	acpi_put(&rsdp, 0, 4); /* no RSDT */
	acpi_put(&rsdp, RSDP_SIZE, 4);
	acpi_put(&rsdp, guest(writer, xsdt), 8);
	acpi_put_zeros(&rsdp, 4);
	acpi_checksum(&rsdp, 0, RSDP_SIZE_V1, 8);
	acpi_checksum(&rsdp, 0, RSDP_SIZE, 32);
}

static bool describable(const struct acpi_machine *machine, size_t size, uint64_t address)
{
	uint64_t window_end = machine->window32 + machine->window32_size;
	uint64_t mmio_bytes = (uint64_t)machine->mmio_count * machine->mmio_size;

	if (!machine->cpus || machine->cpus > ACPI_CPUS_MAX || machine->sci > 15 ||
	    machine->com1_irq > 15 || (address & 15) || address > UINT32_MAX ||
	    size > UINT32_MAX - address)
		return false;
	if (machine->mmio_count > ACPI_MMIO_MAX || machine->mmio_base > UINT32_MAX ||
	    mmio_bytes > UINT32_MAX - machine->mmio_base)
		return false;
	if (machine->pci &&
	    (!machine->window32_size || window_end < machine->window32 || window_end > UINT32_MAX))
		return false;
	return machine->lapic_base <= UINT32_MAX && machine->ioapic_base <= UINT32_MAX &&
	       machine->ecam_base <= UINT32_MAX;
}

size_t acpi_build(const struct acpi_machine *machine, uint8_t *buffer, size_t size,
                  uint64_t guest_address)
{
	struct acpi_writer writer = {buffer, size, 0, guest_address, false};
	struct tables tables = {0};
	size_t xsdt;

	if (!describable(machine, size, guest_address))
		return 0;
	acpi_put_zeros(&writer, RSDP_SIZE);
	tables.facs = put_facs(&writer);
	acpi_align(&writer, 16);
	tables.dsdt = writer.used;
	acpi_put_dsdt(&writer, machine);
	tables.fadt = put_fadt(&writer, machine, &tables);
	tables.madt = put_madt(&writer, machine);
	if (machine->pci && machine->ecam_base)
		tables.mcfg = put_mcfg(&writer, machine);
	xsdt = put_xsdt(&writer, &tables);
	if (writer.full)
		return 0;
	patch_rsdp(&writer, xsdt);
	return writer.used;
}
