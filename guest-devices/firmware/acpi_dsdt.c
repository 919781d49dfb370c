/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/firmware/acpi_dsdt.h"

#include "guest-devices/firmware/aml.h"
#include "guest-devices/timer/acpi_pm.h"

#define PCI_SLOTS 32
#define PCI_PINS  4

#define RTC_PORT  0x70
#define RTC_IRQ   8
#define UART_SIZE 8

static void put_s5(struct acpi_writer *aml)
{
	size_t package;

	aml_name(aml, "_S5");
	package = aml_package_begin(aml, 4);
	aml_integer(aml, ACPI_PM_S5);
	aml_integer(aml, ACPI_PM_S5);
	aml_integer(aml, 0);
	aml_integer(aml, 0);
	aml_end(aml, package);
}

static void put_id(struct acpi_writer *aml, const char *hid, unsigned uid)
{
	aml_name(aml, "_HID");
	aml_eisa_id(aml, hid);
	aml_name(aml, "_UID");
	aml_integer(aml, uid);
}

static size_t begin_crs(struct acpi_writer *aml)
{
	aml_name(aml, "_CRS");
	return aml_resources_begin(aml);
}

/* Which GSI each slot's INTA..INTD ends at. */
static void put_prt(struct acpi_writer *aml, const struct acpi_machine *machine)
{
	size_t routes, route;

	aml_name(aml, "_PRT");
	routes = aml_package_begin(aml, (PCI_SLOTS - 1) * PCI_PINS);
	for (unsigned slot = 1; slot < PCI_SLOTS; slot++) {
		for (unsigned pin = 0; pin < PCI_PINS; pin++) {
			route = aml_package_begin(aml, 4);
			aml_integer(aml, (uint32_t)slot << 16 | 0xffff); /* all functions */
			aml_integer(aml, pin);
			aml_integer(aml, 0); /* no link device: */
			aml_integer(aml, machine->intx_gsi[(slot + pin) % PCI_PINS]);
			aml_end(aml, route);
		}
	}
	aml_end(aml, routes);
}

static void put_host_bridge(struct acpi_writer *aml, const struct acpi_machine *machine)
{
	size_t device = aml_device_begin(aml, "PCI0"), crs;

	put_id(aml, "PNP0A03", 0);
	aml_name(aml, "_SEG");
	aml_integer(aml, 0);
	aml_name(aml, "_BBN");
	aml_integer(aml, 0);
	crs = begin_crs(aml);
	aml_resource_bus_window(aml, 0, 0);
	aml_resource_io(aml, 0xcf8, 8);
	aml_resource_io_window(aml, 0, 0xcf7);
	aml_resource_io_window(aml, 0xd00, 0xffff);
	aml_resource_memory_window(aml, (uint32_t)machine->window32,
	                           (uint32_t)(machine->window32 + machine->window32_size - 1));
	aml_resources_end(aml, crs);
	put_prt(aml, machine);
	aml_end(aml, device);
}

/* What is decoded by no device that a driver looks for: without it Linux does not trust the MCFG.
 */
static void put_motherboard(struct acpi_writer *aml, const struct acpi_machine *machine)
{
	size_t device = aml_device_begin(aml, "MBRD"), crs;

	put_id(aml, "PNP0C02", 0);
	crs = begin_crs(aml);
	aml_resource_io(aml, machine->pm_port, ACPI_PM_SIZE);
	if (machine->ecam_base)
		aml_resource_memory(aml, (uint32_t)machine->ecam_base, 1u << 20);
	aml_resources_end(aml, crs);
	aml_end(aml, device);
}

static void put_isa_device(struct acpi_writer *aml, const char *name, const char *hid,
                           uint16_t port, uint8_t count, unsigned irq)
{
	size_t device = aml_device_begin(aml, name), crs;

	put_id(aml, hid, 1);
	crs = begin_crs(aml);
	aml_resource_io(aml, port, count);
	aml_resource_irq(aml, irq);
	aml_resources_end(aml, crs);
	aml_end(aml, device);
}

/* LNRO0005 is the name by which Linux knows virtio over MMIO. */
static void put_virtio_mmio(struct acpi_writer *aml, const struct acpi_machine *machine, unsigned n)
{
	const char name[] = {'V', 'I', 'O', (char)('A' + n), '\0'};
	size_t device = aml_device_begin(aml, name), crs;

	aml_name(aml, "_HID");
	aml_string(aml, "LNRO0005");
	aml_name(aml, "_UID");
	aml_integer(aml, n);
	crs = begin_crs(aml);
	aml_resource_memory(aml, (uint32_t)machine->mmio_base + n * machine->mmio_size,
	                    machine->mmio_size);
	aml_resource_gsi(aml, machine->mmio_gsi[n & 3]);
	aml_resources_end(aml, crs);
	aml_end(aml, device);
}

void acpi_put_dsdt(struct acpi_writer *writer, const struct acpi_machine *machine)
{
	size_t table = acpi_table_begin(writer, "DSDT", 2), scope;

	put_s5(writer);
	scope = aml_scope_begin(writer, "_SB");
	if (machine->pci)
		put_host_bridge(writer, machine);
	put_motherboard(writer, machine);
	if (machine->com1)
		put_isa_device(writer, "COM1", "PNP0501", machine->com1, UART_SIZE,
		               machine->com1_irq);
	if (machine->rtc)
		put_isa_device(writer, "RTC", "PNP0B00", RTC_PORT, 2, RTC_IRQ);
	for (unsigned i = 0; i < machine->mmio_count; i++)
		put_virtio_mmio(writer, machine, i);
	aml_end(writer, scope);
	acpi_table_end(writer, table);
}
