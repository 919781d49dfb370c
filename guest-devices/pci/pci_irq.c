/* SPDX-License-Identifier: BSD-2-Clause */
/* A function's interrupts: MSI-X (PCI 3.0, 6.8.2) and the INTA line. */
#include "guest-devices/pci/pci.h"

enum { MSIX_ID = 0x11, MSIX_CONTROL = 2, MSIX_ENABLE = 0x8000, MSIX_MASK_ALL = 0x4000 };
enum { ENTRY_SIZE = 16, ENTRY_MASKED = 1 };

void pci_msix_init(struct pci_function *function, unsigned count, unsigned bar, uint32_t offset)
{
	uint32_t table = offset | bar, pba = (offset + PCI_MSIX_PBA) | bar;
	uint8_t body[10] = {(uint8_t)(count - 1)};

	for (unsigned i = 0; i < 4; i++) {
		body[2 + i] = (uint8_t)(table >> (8 * i));
		body[6 + i] = (uint8_t)(pba >> (8 * i));
	}
	function->msix_count = count;
	function->msix_capability = pci_capability_add(function, MSIX_ID, body, 12);
	function->writable[function->msix_capability + MSIX_CONTROL + 1] =
	    (MSIX_ENABLE | MSIX_MASK_ALL) >> 8;
	for (unsigned i = 0; i < count; i++)
		function->msix[i] = (struct pci_msix_entry){.control = ENTRY_MASKED};
}

static uint16_t control(const struct pci_function *function)
{
	if (!function->msix_capability)
		return 0;
	return pci_config_get16(function, function->msix_capability + MSIX_CONTROL);
}

bool pci_msix_enabled(const struct pci_function *function)
{
	return control(function) & MSIX_ENABLE;
}

void pci_msix_flush(struct pci_function *function)
{
	uint16_t command = pci_config_get16(function, PCI_COMMAND);

	if (!pci_msix_enabled(function)) {
		function->msix_pending = 0;
		return;
	}
	if ((control(function) & MSIX_MASK_ALL) || !(command & PCI_COMMAND_MASTER))
		return;
	for (unsigned i = 0; i < function->msix_count && function->msix_pending; i++) {
		const struct pci_msix_entry *entry = &function->msix[i];

		if (!(function->msix_pending & 1u << i) || (entry->control & ENTRY_MASKED))
			continue;
		function->msix_pending &= ~(1u << i);
		if (function->host)
			msi_send(&function->host->msi, entry->address, entry->data);
	}
}

void pci_msix_raise(struct pci_function *function, unsigned vector)
{
	if (vector >= function->msix_count)
		return;
	function->msix_pending |= 1u << vector;
	pci_msix_flush(function);
}

static void entry_write(struct pci_msix_entry *entry, unsigned field, uint32_t value)
{
	const uint64_t low = UINT32_MAX;

	switch (field) {
	case 0:
		entry->address = (entry->address & ~low) | (value & ~3u);
		break;
	case 1:
		entry->address = (entry->address & low) | (uint64_t)value << 32;
		break;
	case 2:
		entry->data = value;
		break;
	default:
		entry->control = value & ENTRY_MASKED;
	}
}

static uint32_t entry_read(const struct pci_msix_entry *entry, unsigned field)
{
	switch (field) {
	case 0:
		return (uint32_t)entry->address;
	case 1:
		return (uint32_t)(entry->address >> 32);
	case 2:
		return entry->data;
	default:
		return entry->control;
	}
}

void pci_msix_access(struct pci_function *function, struct bus_access *access)
{
	bool in_table = access->address < function->msix_count * ENTRY_SIZE;
	unsigned field = access->address / 4 % 4;

	if (access->size != 4 || access->address % 4 != 0 ||
	    !(in_table || access->address == PCI_MSIX_PBA)) {
		access->value = 0;
	} else if (!in_table) {
		if (!access->write)
			access->value = function->msix_pending;
	} else {
		struct pci_msix_entry *entry = &function->msix[access->address / ENTRY_SIZE];

		if (access->write) {
			entry_write(entry, field, (uint32_t)access->value);
			pci_msix_flush(function);
		} else {
			access->value = entry_read(entry, field);
		}
	}
}

void pci_intx_set(struct pci_function *function, bool level)
{
	uint16_t command = pci_config_get16(function, PCI_COMMAND);
	struct pci_host *host = function->host;

	function->intx_level = level;
	if (level)
		function->config[PCI_STATUS] |= PCI_STATUS_INTX;
	else
		function->config[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTX;
	if (!host)
		return;
	irq_share_set(&host->lines[function->slot & 3], function->slot,
	              level && !(command & PCI_COMMAND_INTX_OFF));
}
