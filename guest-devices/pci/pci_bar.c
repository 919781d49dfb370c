/* SPDX-License-Identifier: BSD-2-Clause */
/* Where functions' registers appear in the guest's memory (PCI 3.0, 6.2.5.1). */
#include "guest-devices/pci/pci.h"
#include "guest-devices/port.h"

static uint64_t address(const struct pci_function *function, unsigned bar)
{
	unsigned offset = PCI_BAR0 + 4 * bar;
	uint32_t low = pci_config_get32(function, offset);

	if (function->bars[bar].is_ports)
		return low & ~0x3u;
	if (!function->bars[bar].is_64)
		return low & ~0xfu;
	return (low & ~0xfu) | (uint64_t)pci_config_get32(function, offset + 4) << 32;
}

static bool decodes(const struct pci_function *function, const struct pci_bar *bar)
{
	return pci_config_get16(function, PCI_COMMAND) &
	       (bar->is_ports ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY);
}

static struct bus *bus_of(const struct pci_host *host, const struct pci_bar *bar)
{
	return bar->is_ports ? host->ports : host->memory;
}

static bool inside_window(const struct pci_host *host, const struct pci_bar *bar)
{
	uint64_t first = bar->is_ports ? host->ports_window : host->window32;
	uint64_t end = bar->is_ports ? host->ports_end : host->window32_end;
	uint64_t start = bar->region.start;

	return start >= first && start < end && bar->size <= end - start;
}

static void unmap_moved(struct pci_host *host, struct pci_function *function)
{
	for (unsigned i = 0; i < PCI_BARS; i++) {
		struct pci_bar *bar = &function->bars[i];

		if (decodes(function, bar) && bar->region.start == address(function, i))
			continue;
		bus_remove(bus_of(host, bar), &bar->region);
		bar->mapped = false;
	}
}

/* A driver writes ones to learn a BAR's size, a half at a time if there are two, and firmware
 * leaves it decoded meanwhile (PCI 3.0, 6.2.5.1). */
static bool asks_size(const struct pci_bar *bar)
{
	return (uint32_t)(bar->region.start | (bar->size - 1)) == UINT32_MAX ||
	       bar->region.start >> 32 == UINT32_MAX;
}

static void map_missing(struct pci_host *host, struct pci_function *function, bool moved)
{
	for (unsigned i = 0; i < PCI_BARS; i++) {
		struct pci_bar *bar = &function->bars[i];

		if (bar->size == 0 || bar->mapped || !decodes(function, bar))
			continue;
		bar->region.start = address(function, i);
		bar->mapped =
		    inside_window(host, bar) && bus_add(bus_of(host, bar), &bar->region) == 0;
		if (!bar->mapped && moved && !asks_size(bar))
			port_log("%s: BAR %u at %llx is not decoded there", bar->region.name, i,
			         (unsigned long long)bar->region.start);
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
