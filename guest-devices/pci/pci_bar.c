/* SPDX-License-Identifier: BSD-2-Clause */
/* Where functions' registers appear in the guest's memory (PCI 3.0, 6.2.5.1). */
#include "guest-devices/pci/pci.h"
#include "guest-devices/port.h"

static uint64_t address(const struct pci_function *function, unsigned bar)
{
	unsigned offset = PCI_BAR0 + 4 * bar;
	uint64_t low = pci_config_get32(function, offset) & ~0xfu;

	if (!function->bars[bar].is_64)
		return low;
	return low | (uint64_t)pci_config_get32(function, offset + 4) << 32;
}

static bool decodes(const struct pci_function *function)
{
	return pci_config_get16(function, PCI_COMMAND) & PCI_COMMAND_MEMORY;
}

static bool inside_window(const struct pci_host *host, uint64_t start, uint64_t size)
{
	return start >= host->window32 && start < host->window32_end &&
	       size <= host->window32_end - start;
}

static void unmap_moved(struct pci_host *host, struct pci_function *function)
{
	for (unsigned i = 0; i < PCI_BARS; i++) {
		struct pci_bar *bar = &function->bars[i];

		if (!bar->mapped ||
		    (decodes(function) && bar->region.start == address(function, i)))
			continue;
		bus_remove(host->memory, &bar->region);
		bar->mapped = false;
	}
}

static void map_missing(struct pci_host *host, struct pci_function *function, bool moved)
{
	for (unsigned i = 0; i < PCI_BARS; i++) {
		struct pci_bar *bar = &function->bars[i];
		uint64_t start = address(function, i);

		if (bar->size == 0 || bar->mapped || !decodes(function))
			continue;
		bar->region.start = start;
		bar->mapped = inside_window(host, start, bar->size) &&
		              bus_add(host->memory, &bar->region) == 0;
		if (!bar->mapped && moved)
			port_log("%s: BAR %u at %llx is not decoded there", bar->region.name, i,
			         (unsigned long long)start);
	}
}

void pci_bars_follow(struct pci_host *host, struct pci_function *function)
{
	for (unsigned i = 0; i < PCI_SLOTS; i++)
		if (host->slots[i] && (!function || host->slots[i] == function))
			unmap_moved(host, host->slots[i]);
	for (unsigned i = 0; i < PCI_SLOTS; i++)
		if (host->slots[i])
			map_missing(host, host->slots[i], host->slots[i] == function);
}
