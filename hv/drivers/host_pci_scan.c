/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration space of the host and who answers there. Every bus number is asked instead of
 * following bridges: this also finds what is behind further root bridges, which only ACPI's
 * bytecode would name.
 */
#include <arch/io.h>
#include <stdio.h>

#include "hv/drivers/host_pci.h"

#define BUSES       256
#define PORT_BUSES  BUSES
#define PORT_SELECT 0xcf8
#define PORT_DATA   0xcfc

static struct {
	uint8_t *base; /* NULL: ports CF8/CFC */
	unsigned buses;
} space;

static void *ecam(const struct host_pci_device *device, unsigned offset)
{
	return space.base + ((uint64_t)device->bus << 20 | (uint64_t)device->slot << 15 |
	                     (uint64_t)device->function << 12 | offset);
}

static uint16_t select_port(const struct host_pci_device *device, unsigned offset)
{
	io_out32(PORT_SELECT, 1u << 31 | (uint32_t)device->bus << 16 |
	                          (uint32_t)device->slot << 11 | (uint32_t)device->function << 8 |
	                          (offset & 0xfc));
	return (uint16_t)(PORT_DATA + (offset & 3));
}

uint32_t host_pci_read(const struct host_pci_device *device, unsigned offset, unsigned size)
{
	if (!space.base) {
		uint16_t port = select_port(device, offset);

		return size == 1 ? io_in8(port) : size == 2 ? io_in16(port) : io_in32(port);
	}
	if (size == 1)
		return mmio_read8(ecam(device, offset));
	return size == 2 ? mmio_read16(ecam(device, offset)) : mmio_read32(ecam(device, offset));
}

static void write_port(const struct host_pci_device *device, unsigned offset, unsigned size,
                       uint32_t value)
{
	uint16_t port = select_port(device, offset);

	if (size == 1)
		io_out8(port, (uint8_t)value);
	else if (size == 2)
		io_out16(port, (uint16_t)value);
	else
		io_out32(port, value);
}

void host_pci_write(const struct host_pci_device *device, unsigned offset, unsigned size,
                    uint32_t value)
{
	if (!space.base)
		write_port(device, offset, size, value);
	else if (size == 1)
		mmio_write8(ecam(device, offset), (uint8_t)value);
	else if (size == 2)
		mmio_write16(ecam(device, offset), (uint16_t)value);
	else
		mmio_write32(ecam(device, offset), value);
}

static void open_space(void)
{
	unsigned buses = 0;
	uint64_t base = host_ecam_base(&buses);

	space.base = NULL;
	space.buses = PORT_BUSES;
	if (!base || !buses)
		return;
	space.buses = buses < BUSES ? buses : BUSES;
	space.base = mmio_map(base, (uint64_t)space.buses << 20);
	if (!space.base)
		space.buses = PORT_BUSES;
}

/* Fill in what answers at bus, slot and function. false: nothing does. */
static bool identify(struct host_pci_device *device)
{
	uint32_t id = host_pci_read(device, 0, 4);

	if ((id & 0xffff) == 0xffff || id == 0)
		return false;
	device->vendor = (uint16_t)id;
	device->device = (uint16_t)(id >> 16);
	device->class_code = host_pci_read(device, 8, 4) >> 8;
	snprintf(device->name, sizeof(device->name), "%02x:%02x.%x", device->bus, device->slot,
	         device->function);
	return true;
}

static unsigned scan_slot(unsigned bus, unsigned slot,
                          void (*found)(const struct host_pci_device *device))
{
	unsigned count = 0, functions = 1;

	for (unsigned function = 0; function < functions; function++) {
		struct host_pci_device device = {
		    .bus = (uint8_t)bus, .slot = (uint8_t)slot, .function = (uint8_t)function};

		if (!identify(&device))
			continue;
		if (function == 0 && host_pci_read(&device, HOST_PCI_HEADER_TYPE, 1) & 0x80)
			functions = 8;
		count++;
		found(&device);
	}
	return count;
}

unsigned host_pci_scan(void (*found)(const struct host_pci_device *device))
{
	unsigned count = 0;

	open_space();
	for (unsigned bus = 0; bus < space.buses; bus++)
		for (unsigned slot = 0; slot < 32; slot++)
			count += scan_slot(bus, slot, found);
	return count;
}
