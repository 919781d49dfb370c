/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/fake_pci.h"

#include <string.h>

static void message(void *context, uint64_t address, uint32_t data)
{
	struct fake_pci *pci = context;

	pci->messages++;
	pci->message_address = address;
	pci->message_data = data;
}

static void line(void *context, unsigned number, bool level)
{
	struct fake_pci *pci = context;

	pci->lines = level ? pci->lines | 1u << number : pci->lines & ~(1u << number);
	pci->line_changes++;
}

void fake_pci_init(struct fake_pci *pci)
{
	memset(pci, 0, sizeof(*pci));
	fake_mem_init(&pci->mem);

	struct pci_host_config config = {
	    .ecam_base = FAKE_ECAM,
	    .window32 = FAKE_WINDOW,
	    .window32_size = FAKE_WINDOW_END - FAKE_WINDOW,
	    .ports_window = FAKE_PORTS,
	    .ports_size = 0x1000,
	    .ports_cf8 = true,
	    .msi = {message, pci},
	};
	for (unsigned i = 0; i < 4; i++)
		config.lines[i] = (struct irq_line){line, pci, i};
	pci_host_init(&pci->host, &pci->mem.bus, &pci->ports, &config);
}

void fake_pci_free(struct fake_pci *pci)
{
	fake_mem_free(&pci->mem);
}

static uint64_t trim(uint64_t value, uint8_t size)
{
	return size < 8 ? value & ((1ull << (8 * size)) - 1) : value;
}

static uint64_t access(struct bus *bus, uint64_t address, uint8_t size, bool write, uint64_t value)
{
	struct bus_access access = {address, value, size, write};

	bus_dispatch(bus, &access);
	return trim(access.value, size);
}

uint64_t fake_pci_read(struct fake_pci *pci, uint64_t address, uint8_t size)
{
	return access(&pci->mem.bus, address, size, false, 0xbad0bad0bad0bad0);
}

void fake_pci_write(struct fake_pci *pci, uint64_t address, uint8_t size, uint64_t value)
{
	access(&pci->mem.bus, address, size, true, value);
}

uint64_t fake_pci_in(struct fake_pci *pci, uint16_t port, uint8_t size)
{
	return access(&pci->ports, port, size, false, 0xbad0bad0);
}

void fake_pci_out(struct fake_pci *pci, uint16_t port, uint8_t size, uint64_t value)
{
	access(&pci->ports, port, size, true, value);
}

uint32_t fake_pci_get(struct fake_pci *pci, unsigned slot, unsigned offset, uint8_t size)
{
	return (uint32_t)fake_pci_read(pci, FAKE_ECAM + (slot << 15) + offset, size);
}

void fake_pci_set(struct fake_pci *pci, unsigned slot, unsigned offset, uint8_t size,
                  uint32_t value)
{
	fake_pci_write(pci, FAKE_ECAM + (slot << 15) + offset, size, value);
}
