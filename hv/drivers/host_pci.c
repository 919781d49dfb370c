/* SPDX-License-Identifier: BSD-2-Clause */
/* One device of the host: capabilities, BARs, MSI-X. */
#include "hv/drivers/host_pci.h"

#include <arch/err.h>
#include <arch/io.h>

#define CAPABILITIES_MAX 48 /* 192 bytes of 4 each: more is a loop */
#define FIRST_CAPABILITY 0x40
#define SIZE_LIMIT       (1ull << 40) /* bytes a BAR */

enum {
	COMMAND_MEMORY = 2,
	COMMAND_MASTER = 4,
	COMMAND_NO_INTX = 0x400,
	STATUS_CAPABILITIES = 0x10
};
enum { MSIX_ENABLE = 0x8000, MSIX_MASK_ALL = 0x4000, MSIX_COUNT = 0x7ff };

uint8_t host_pci_capability(const struct host_pci_device *device, uint8_t id, uint8_t after)
{
	unsigned at = after ? after + 1u : HOST_PCI_CAPABILITIES;

	if (!(host_pci_read(device, HOST_PCI_STATUS, 2) & STATUS_CAPABILITIES))
		return 0;
	for (unsigned i = 0; i < CAPABILITIES_MAX; i++) {
		at = host_pci_read(device, at, 1) & 0xfc;
		if (at < FIRST_CAPABILITY)
			return 0;
		if (host_pci_read(device, at, 1) == id)
			return (uint8_t)at;
		at++;
	}
	return 0;
}

static uint32_t bar_mask(const struct host_pci_device *device, unsigned offset)
{
	uint32_t before = host_pci_read(device, offset, 4), mask;

	host_pci_write(device, offset, 4, ~0u);
	mask = host_pci_read(device, offset, 4);
	host_pci_write(device, offset, 4, before);
	return mask;
}

/* Read BAR number bar with decoding off. Returns how many registers it takes. */
static unsigned read_bar(struct host_pci_device *device, unsigned bar)
{
	unsigned offset = HOST_PCI_BAR0 + 4 * bar;
	uint32_t low = host_pci_read(device, offset, 4);
	unsigned type = low >> 1 & 3; /* 0: 32 bits, 2: 64 bits; a last one has no second half */
	bool wide = type == 2 && bar + 1 < HOST_PCI_BARS;
	uint64_t address = low & ~15u, mask = bar_mask(device, offset) & ~15u, size;

	if (low & 1 || (type && !wide))
		return 1;
	if (wide) {
		address |= (uint64_t)host_pci_read(device, offset + 4, 4) << 32;
		mask |= (uint64_t)bar_mask(device, offset + 4) << 32;
	} else if (mask) {
		mask |= 0xffffffffull << 32;
	}
	size = ~mask + 1;
	/* firmware gave it a place, and it is one that a BAR can have */
	if (size <= SIZE_LIMIT && address && !(size & (size - 1)) && !(address & (size - 1)))
		device->bars[bar] = (struct host_pci_bar){address, size};
	return wide ? 2 : 1;
}

static void read_bars(struct host_pci_device *device)
{
	uint32_t command = host_pci_read(device, HOST_PCI_COMMAND, 2);

	host_pci_write(device, HOST_PCI_COMMAND, 2, command & ~(uint32_t)(COMMAND_MEMORY | 1));
	for (unsigned bar = 0; bar < HOST_PCI_BARS;)
		bar += read_bar(device, bar);
	host_pci_write(device, HOST_PCI_COMMAND, 2, command);
}

void host_pci_start(struct host_pci_device *device)
{
	uint32_t command;

	if ((host_pci_read(device, HOST_PCI_HEADER_TYPE, 1) & 0x7f) == 0)
		read_bars(device);
	device->msix = host_pci_capability(device, HOST_PCI_CAP_MSIX, 0);
	if (device->msix)
		device->msix_count = (host_pci_read(device, device->msix + 2u, 2) & MSIX_COUNT) + 1;
	command = host_pci_read(device, HOST_PCI_COMMAND, 2);
	host_pci_write(device, HOST_PCI_COMMAND, 2,
	               command | COMMAND_MEMORY | COMMAND_MASTER | COMMAND_NO_INTX);
}

void host_pci_stop(struct host_pci_device *device)
{
	uint32_t command = host_pci_read(device, HOST_PCI_COMMAND, 2);

	if (device->msix)
		host_pci_write(device, device->msix + 2u, 2, MSIX_MASK_ALL);
	host_pci_write(device, HOST_PCI_COMMAND, 2, command & ~(uint32_t)COMMAND_MASTER);
}

void *host_pci_map(const struct host_pci_device *device, unsigned bar, uint64_t offset,
                   uint64_t size)
{
	const struct host_pci_bar *range = bar < HOST_PCI_BARS ? &device->bars[bar] : NULL;
	uint8_t *at;

	if (!range || !size || offset >= range->size || size > range->size - offset)
		return NULL;
	at = mmio_map((range->address + offset) & ~4095ull,
	              ((range->address + offset + size + 4095) & ~4095ull) -
	                  ((range->address + offset) & ~4095ull));
	return at ? at + ((range->address + offset) & 4095) : NULL;
}

int host_pci_msix(struct host_pci_device *device, unsigned entry, irq_handler *handler,
                  void *context)
{
	struct irq_message message = {.requester = (uint32_t)device->bus << 8 |
	                                           (uint32_t)device->slot << 3 | device->function};
	uint32_t table;
	uint8_t *at;
	int err;

	if (!device->msix || entry >= device->msix_count)
		return ERR_NOT_FOUND;
	table = host_pci_read(device, device->msix + 4u, 4);
	at = host_pci_map(device, table & 7, (table & ~7u) + 16ull * entry, 16);
	if (!at)
		return ERR_NOT_FOUND;
	err = irq_alloc_message(handler, context, 0, &message);
	if (err)
		return err;
	host_pci_write(device, device->msix + 2u, 2, MSIX_ENABLE | MSIX_MASK_ALL);
	mmio_write32(at, (uint32_t)message.address);
	mmio_write32(at + 4, (uint32_t)(message.address >> 32));
	mmio_write32(at + 8, message.data);
	mmio_write32(at + 12, 0);
	host_pci_write(device, device->msix + 2u, 2, MSIX_ENABLE);
	return 0;
}
