/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest PCI: functions with configuration space, BARs and MSI-X, and a host bridge that reaches
 * them by ECAM and by ports CF8/CFC; both end in the same function (PCI Local Bus 3.0, PCI
 * Express 6.0 ch. 7).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/bus.h"
#include "guest-devices/irq.h"

#define PCI_CONFIG_SIZE 256
#define PCI_BARS        6
#define PCI_SLOTS       32
#define PCI_MSIX_MAX    16

struct pci_host;

struct pci_bar {
	uint64_t size; /* power of two; 0: no BAR. Memory only: at least 4096 for memory BARs */
	bool is_io, is_64;
	struct bus_region
	    region; /* access and context set by the owner; start and size follow the BAR */
	bool mapped;
};

struct pci_msix_entry {
	uint64_t address;
	uint32_t data, control; /* bit 0: masked */
};

struct pci_function {
	uint8_t config[PCI_CONFIG_SIZE];
	uint8_t writable[PCI_CONFIG_SIZE]; /* mask of the bits a driver may write */
	struct pci_bar bars[PCI_BARS];
	uint8_t capabilities_end; /* where the next capability goes */
	/* MSI-X */
	unsigned msix_count, msix_bar;
	uint32_t msix_offset;
	struct pci_msix_entry msix[PCI_MSIX_MAX];
	uint16_t msix_pending;
	uint8_t msix_capability;
	/* INTx */
	struct irq_line intx;
	bool intx_level;
	/* owner's hooks; may be NULL. Called after the bytes were stored (write) or before they are
	 * read. */
	void (*config_write)(struct pci_function *function, unsigned offset, unsigned size);
	void (*config_read)(struct pci_function *function, unsigned offset, unsigned size);
	struct pci_host *host;
	unsigned slot;
};

/* Fill the type 0 header. class: 24 bits (class, subclass, interface). */
void pci_function_init(struct pci_function *function, uint16_t vendor, uint16_t device,
                       uint32_t class_code, uint16_t subsystem_vendor, uint16_t subsystem);
/* Reserve a BAR before the function is added; region.access and .context must be set. */
void pci_bar_init(struct pci_function *function, unsigned bar, uint64_t size, bool is_64,
                  void (*access)(void *, struct bus_access *), void *context, const char *name);
/* Append a capability of size bytes (including the 2-byte header); returns its offset. */
uint8_t pci_capability_add(struct pci_function *function, uint8_t id, const void *body,
                           uint8_t size);
/* Add the MSI-X capability; its table and PBA lie in BAR bar at offset (table) and offset + 0x800
 * (PBA); accesses there are to be passed to pci_msix_access by the owner of the BAR. */
void pci_msix_init(struct pci_function *function, unsigned count, unsigned bar, uint32_t offset);
void pci_msix_access(struct pci_function *function,
                     struct bus_access *access); /* address relative to the table */
bool pci_msix_enabled(const struct pci_function *function);
void pci_msix_raise(struct pci_function *function,
                    unsigned vector); /* sends, or sets pending while masked */
void pci_intx_set(struct pci_function *function,
                  bool level);                          /* respects the Interrupt Disable bit */
void pci_function_reset(struct pci_function *function); /* BARs, command, MSI-X as after power on */

struct pci_host {
	struct bus *memory, *ports;
	struct msi_target msi;
	struct pci_function *slots[PCI_SLOTS]; /* bus 0, function 0 of each device */
	struct bus_region ecam, address_port, data_port;
	uint32_t config_address;         /* CF8 */
	struct pci_function bridge;      /* 00:00.0 */
	uint64_t window32, window32_end; /* guest physical window for memory BARs below 4 GiB */
	uint64_t window32_next;
	struct irq_line lines[4]; /* INTA..INTD of slot n go to line (slot + pin) & 3 */
	unsigned line_levels[4];  /* asserting functions, as a bit mask of slots */
};

struct pci_host_config {
	uint64_t ecam_base; /* 1 MiB for bus 0; 0: none */
	uint64_t window32, window32_size;
	bool ports_cf8; /* offer CF8/CFC on the port bus */
	struct msi_target msi;
	struct irq_line lines[4];
};

void pci_host_init(struct pci_host *host, struct bus *memory, struct bus *ports,
                   const struct pci_host_config *config);
/* Add at a slot (1-31). BARs are given addresses from the window and memory decoding is enabled, as
 * firmware would have done. GD_INVALID: slot taken; GD_FULL: window used up. */
int pci_host_add(struct pci_host *host, struct pci_function *function, unsigned slot);
void pci_host_reset(
    struct pci_host *host); /* all functions, and BARs back to what pci_host_add gave */
