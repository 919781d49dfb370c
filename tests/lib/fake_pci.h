/* SPDX-License-Identifier: BSD-2-Clause */
/* A PCI host with both buses, recorders at the far ends of its wires, and a driver's hands. */
#pragma once

#include "guest-devices/pci/pci.h"
#include "tests/lib/fake_mem.h"

#define FAKE_ECAM       0xb0000000u
#define FAKE_WINDOW     0xc0000000u
#define FAKE_WINDOW_END 0xc0200000u
#define FAKE_PORTS      0xc000u

struct fake_pci {
	struct fake_mem mem; /* its bus is the memory bus */
	struct bus ports;
	struct pci_host host;
	unsigned messages; /* MSI-X */
	uint64_t message_address;
	uint32_t message_data;
	unsigned lines; /* levels of the four lines, as a bit mask */
	unsigned line_changes;
};

void fake_pci_init(struct fake_pci *pci);
void fake_pci_free(struct fake_pci *pci);

/* Memory and port accesses of a vCPU. */
uint64_t fake_pci_read(struct fake_pci *pci, uint64_t address, uint8_t size);
void fake_pci_write(struct fake_pci *pci, uint64_t address, uint8_t size, uint64_t value);
uint64_t fake_pci_in(struct fake_pci *pci, uint16_t port, uint8_t size);
void fake_pci_out(struct fake_pci *pci, uint16_t port, uint8_t size, uint64_t value);
/* Configuration space of a slot through ECAM. */
uint32_t fake_pci_get(struct fake_pci *pci, unsigned slot, unsigned offset, uint8_t size);
void fake_pci_set(struct fake_pci *pci, unsigned slot, unsigned offset, uint8_t size,
                  uint32_t value);
