/* SPDX-License-Identifier: BSD-2-Clause */
/* A function's configuration space (PCI 3.0, ch. 6). */
#include <string.h>

#include "guest-devices/pci/pci.h"

enum { REVISION_CLASS = 0x08, SUBSYSTEM = 0x2c, INTERRUPT_LINE = 0x3c, INTERRUPT_PIN = 0x3d };
enum { FIRST_CAPABILITY = 0x40 };

static uint32_t get(const uint8_t *bytes, unsigned size)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (uint32_t)bytes[i] << (8 * i);
	return value;
}

static void set(uint8_t *bytes, unsigned size, uint32_t value)
{
	for (unsigned i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

uint16_t pci_config_get16(const struct pci_function *function, unsigned offset)
{
	return (uint16_t)get(function->config + offset, 2);
}

uint32_t pci_config_get32(const struct pci_function *function, unsigned offset)
{
	return get(function->config + offset, 4);
}

void pci_config_set32(struct pci_function *function, unsigned offset, uint32_t value)
{
	set(function->config + offset, 4, value);
}

void pci_function_init(struct pci_function *function, uint16_t vendor, uint16_t device,
                       uint32_t class_code, uint16_t subsystem_vendor, uint16_t subsystem)
{
	memset(function, 0, sizeof(*function));
	set(function->config, 4, vendor | (uint32_t)device << 16);
	set(function->config + REVISION_CLASS, 4, class_code << 8 | 1);
	set(function->config + SUBSYSTEM, 4, subsystem_vendor | (uint32_t)subsystem << 16);
	function->config[INTERRUPT_PIN] = 1;
	set(function->writable + PCI_COMMAND, 2,
	    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_OFF);
	function->writable[INTERRUPT_LINE] = 0xff;
	function->capabilities_end = FIRST_CAPABILITY;
}

void pci_bar_init(struct pci_function *function, unsigned bar, uint64_t size, bool is_64,
                  void (*access)(void *, struct bus_access *), void *context, const char *name)
{
	unsigned offset = PCI_BAR0 + 4 * bar;
	uint64_t mask = ~(size - 1);

	function->bars[bar] = (struct pci_bar){
	    .size = size, .is_64 = is_64, .region = {0, size, access, context, name}};
	set(function->config + offset, 4, is_64 ? 4 : 0);
	set(function->writable + offset, 4, (uint32_t)mask);
	if (is_64)
		set(function->writable + offset + 4, 4, (uint32_t)(mask >> 32));
}

void pci_ports_bar_init(struct pci_function *function, unsigned bar, uint64_t size,
                        void (*access)(void *, struct bus_access *), void *context,
                        const char *name)
{
	unsigned offset = PCI_BAR0 + 4 * bar;

	function->bars[bar] = (struct pci_bar){
	    .size = size, .is_ports = true, .region = {0, size, access, context, name}};
	set(function->config + offset, 4, 1);
	set(function->writable + offset, 4, (uint32_t) ~(size - 1));
	function->writable[PCI_COMMAND] |= PCI_COMMAND_IO;
}

uint8_t pci_capability_add(struct pci_function *function, uint8_t id, const void *body,
                           uint8_t size)
{
	uint8_t at = function->capabilities_end;

	function->config[at] = id;
	memcpy(function->config + at + 2, body, size - 2u);
	if (function->capabilities_last)
		function->config[function->capabilities_last + 1] = at;
	else
		function->config[PCI_CAPABILITIES] = at;
	function->config[PCI_STATUS] |= PCI_STATUS_CAPABILITIES;
	function->capabilities_last = at;
	function->capabilities_end = (uint8_t)((at + size + 3u) & ~3u);
	return at;
}

static bool touches(unsigned offset, unsigned size, unsigned what, unsigned what_size)
{
	return offset < what + what_size && what < offset + size;
}

static void store(struct pci_function *function, unsigned offset, unsigned size, uint64_t value)
{
	for (unsigned i = 0; i < size; i++) {
		uint8_t mask = function->writable[offset + i];
		uint8_t *byte = &function->config[offset + i];

		*byte = (uint8_t)((*byte & ~mask) | ((value >> (8 * i)) & mask));
	}
	if (function->config_write)
		function->config_write(function, offset, size);
	if (touches(offset, size, PCI_COMMAND, 2)) {
		pci_intx_set(function, function->intx_level);
		pci_msix_flush(function);
	}
	if (touches(offset, size, function->msix_capability + 2u, 2))
		pci_msix_flush(function);
	if (function->host && (touches(offset, size, PCI_COMMAND, 2) ||
	                       touches(offset, size, PCI_BAR0, 4 * PCI_BARS)))
		pci_bars_follow(function->host, function);
}

void pci_config_access(struct pci_function *function, struct bus_access *access)
{
	unsigned offset = (unsigned)access->address, size = access->size;
	bool good = access->address < PCI_CONFIG_SIZE && (size == 1 || size == 2 || size == 4) &&
	            offset % size == 0;

	if (!good) {
		access->value = UINT64_MAX;
	} else if (access->write) {
		store(function, offset, size, access->value);
	} else {
		if (function->config_read)
			function->config_read(function, offset, size);
		access->value = get(function->config + offset, size);
	}
}
