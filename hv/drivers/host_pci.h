/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's PCI devices as firmware left them: found, named, their BARs, MSI-X. Everything a
 * device says about itself is checked before it is used. Boot CPU, start-up; accesses to an
 * enabled device's registers go through the pointers that host_pci_map() gives.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <arch/irq.h>

#define HOST_PCI_BARS 6
#define HOST_PCI_NAME 16

enum { /* PCI Local Bus 3.0, 6.1 and 6.7 */
       HOST_PCI_COMMAND = 0x04,
       HOST_PCI_STATUS = 0x06,
       HOST_PCI_HEADER_TYPE = 0x0e,
       HOST_PCI_BAR0 = 0x10,
       HOST_PCI_CAPABILITIES = 0x34,
       HOST_PCI_CAP_VENDOR = 0x09,
       HOST_PCI_CAP_MSIX = 0x11,
};

struct host_pci_bar {
	uint64_t address, size; /* bytes; size 0: no such BAR, or none that can be used */
};

struct host_pci_device {
	uint8_t bus, slot, function;
	uint16_t vendor, device;
	uint32_t class_code;                     /* 24 bits */
	char name[HOST_PCI_NAME];                /* "00:03.0", for messages */
	struct host_pci_bar bars[HOST_PCI_BARS]; /* memory BARs, after host_pci_start() */
	uint8_t msix;                            /* its capability; 0: none */
	unsigned msix_count;
};

/* Call found for each function of each bus that firmware numbered; the device is the callee's to
 * copy. Returns how many there are. */
unsigned host_pci_scan(void (*found)(const struct host_pci_device *device));

/* Configuration space; size 1, 2 or 4, aligned. A device that is gone reads as all ones. */
uint32_t host_pci_read(const struct host_pci_device *device, unsigned offset, unsigned size);
void host_pci_write(const struct host_pci_device *device, unsigned offset, unsigned size,
                    uint32_t value);

/* The next capability with this ID behind `after` (0: the first); 0: none. Bounded. */
uint8_t host_pci_capability(const struct host_pci_device *device, uint8_t id, uint8_t after);

/* Learn the BARs and MSI-X, let the device decode memory and do DMA, INTx off. */
void host_pci_start(struct host_pci_device *device);
/* No more DMA and interrupts from it. */
void host_pci_stop(struct host_pci_device *device);

/* Registers of a memory BAR. NULL: the range does not lie inside it. */
void *host_pci_map(const struct host_pci_device *device, unsigned bar, uint64_t offset,
                   uint64_t size);

/* Send entry of the MSI-X table to handler on the boot CPU. ERR_NOT_FOUND: no such entry;
 * ERR_NO_MEMORY: no vector left. */
int host_pci_msix(struct host_pci_device *device, unsigned entry, irq_handler *handler,
                  void *context);
