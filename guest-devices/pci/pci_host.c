/* SPDX-License-Identifier: BSD-2-Clause */
/* The host bridge: ways to configuration space, and what firmware does once. */
#include <string.h>

#include "guest-devices/err.h"
#include "guest-devices/pci/pci.h"

enum { ECAM_SIZE = 1 << 20, ECAM_FUNCTION = 1 << 12, MAPPED_PORTS = 1 << 16 };
enum { CF8 = 0xcf8, CFC = 0xcfc };
#define CF8_ENABLE 0x80000000u

/* Only function 0 of devices on bus 0 is there. */
static struct pci_function *find(struct pci_host *host, uint64_t bus_device_function)
{
	if (bus_device_function % 8 != 0 || bus_device_function / 8 >= PCI_SLOTS)
		return NULL;
	return host->slots[bus_device_function / 8];
}

static void config(struct pci_host *host, uint64_t bus_device_function, uint64_t offset,
                   struct bus_access *access)
{
	struct pci_function *function = find(host, bus_device_function);

	if (!function) {
		access->value = UINT64_MAX;
		return;
	}
	access->address = offset;
	pci_config_access(function, access);
}

static void ecam_access(void *context, struct bus_access *access)
{
	config(context, access->address / ECAM_FUNCTION, access->address % ECAM_FUNCTION, access);
}

static void address_port_access(void *context, struct bus_access *access)
{
	struct pci_host *host = context;

	if (access->size == 4 && access->write)
		host->config_address = (uint32_t)access->value & ~3u;
	else if (access->size == 4)
		access->value = host->config_address;
	else
		access->value = UINT64_MAX;
}

static void data_port_access(void *context, struct bus_access *access)
{
	struct pci_host *host = context;
	uint32_t address = host->config_address;

	if (address & CF8_ENABLE)
		config(host, address >> 8 & 0xffff, (address & 0xfc) + access->address, access);
	else
		access->value = UINT64_MAX;
}

/* A port that nobody claims reads all ones, as on a PCI bus. */
static void mapped_ports_access(void *context, struct bus_access *access)
{
	struct pci_host *host = context;

	bus_dispatch(host->ports, access);
}

static void add_regions(struct pci_host *host, const struct pci_host_config *config)
{
	host->ecam = (struct bus_region){config->ecam_base, ECAM_SIZE, ecam_access, host, "ecam"};
	host->address_port = (struct bus_region){CF8, 4, address_port_access, host, "cf8"};
	host->data_port = (struct bus_region){CFC, 4, data_port_access, host, "cfc"};
	if (config->ecam_base)
		bus_add(host->memory, &host->ecam);
	host->mapped_ports = (struct bus_region){config->ports_mapped, MAPPED_PORTS,
	                                         mapped_ports_access, host, "pci ports"};
	if (config->ports_mapped)
		bus_add(host->memory, &host->mapped_ports);
	if (config->ports_cf8) {
		bus_add(host->ports, &host->address_port);
		bus_add(host->ports, &host->data_port);
	}
}

void pci_host_init(struct pci_host *host, struct bus *memory, struct bus *ports,
                   const struct pci_host_config *config)
{
	memset(host, 0, sizeof(*host));
	host->memory = memory;
	host->ports = ports;
	host->msi = config->msi;
	for (unsigned i = 0; i < 4; i++)
		host->lines[i].line = config->lines[i];
	host->window32 = host->window32_next = config->window32;
	host->window32_end = config->window32 + config->window32_size;
	host->ports_window = host->ports_next = config->ports_window;
	host->ports_end = config->ports_window + config->ports_size;
	add_regions(host, config);
	/* By its subsystem firmware knows that it may ask for fw_cfg. */
	pci_function_init(&host->bridge, 0x1b36, 0x0008, 0x060000, 0x1af4, 0x1100);
	host->bridge.config[0x3d] = 0; /* no interrupt pin */
	host->bridge.host = host;
	memcpy(host->bridge.initial, host->bridge.config, PCI_CONFIG_SIZE);
	host->slots[0] = &host->bridge;
}

/* The next place for a BAR of this size; false: the window is full. */
static bool place(uint64_t *next, uint64_t end, uint64_t size, uint64_t *at)
{
	*at = (*next + size - 1) & ~(size - 1);
	if (*at > end || size > end - *at)
		return false;
	*next = *at + size;
	return true;
}

static int place_bars(struct pci_host *host, struct pci_function *function)
{
	uint64_t memory = host->window32_next, ports = host->ports_next, at;

	for (unsigned i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &function->bars[i];
		unsigned offset = PCI_BAR0 + 4 * i;

		if (bar->size == 0)
			continue;
		if (!place(bar->is_ports ? &ports : &memory,
		           bar->is_ports ? host->ports_end : host->window32_end, bar->size, &at))
			return GD_FULL;
		pci_config_set32(function, offset,
		                 (uint32_t)at | (pci_config_get32(function, offset) & 0xf));
	}
	host->window32_next = memory;
	host->ports_next = ports;
	return 0;
}

int pci_host_add(struct pci_host *host, struct pci_function *function, unsigned slot)
{
	if (slot >= PCI_SLOTS || host->slots[slot])
		return GD_INVALID;

	int error = place_bars(host, function);
	if (error)
		return error;
	function->config[PCI_COMMAND] |=
	    PCI_COMMAND_MEMORY | (function->writable[PCI_COMMAND] & PCI_COMMAND_IO);
	memcpy(function->initial, function->config, PCI_CONFIG_SIZE);
	function->host = host;
	function->slot = slot;
	host->slots[slot] = function;
	pci_bars_follow(host, function);
	return 0;
}

static void reset_function(struct pci_function *function)
{
	if (function->reset)
		function->reset(function);
	pci_intx_set(function, false);
	memcpy(function->config, function->initial, PCI_CONFIG_SIZE);
	function->msix_pending = 0;
	for (unsigned i = 0; i < function->msix_count; i++)
		function->msix[i] = (struct pci_msix_entry){.control = 1};
}

void pci_host_reset(struct pci_host *host)
{
	host->config_address = 0;
	for (unsigned i = 0; i < PCI_SLOTS; i++)
		if (host->slots[i])
			reset_function(host->slots[i]);
	pci_bars_follow(host, NULL);
}
