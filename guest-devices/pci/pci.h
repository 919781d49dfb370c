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
#define PCI_MSIX_MAX    32
#define PCI_MSIX_PBA    0x800 /* the pending bits, after the start of the table */

enum { /* type 0 header (PCI 3.0, 6.1) */
       PCI_COMMAND = 0x04,
       PCI_STATUS = 0x06,
       PCI_BAR0 = 0x10,
       PCI_CAPABILITIES = 0x34,
       PCI_COMMAND_IO = 0x0001,
       PCI_COMMAND_MEMORY = 0x0002,
       PCI_COMMAND_MASTER = 0x0004,
       PCI_COMMAND_INTX_OFF = 0x0400,
       PCI_STATUS_INTX = 0x0008,
       PCI_STATUS_CAPABILITIES = 0x0010,
};

struct pci_host;

struct pci_bar {
	uint64_t size; /* power of two, at least 4096, of ports at least 4; 0: no BAR */
	bool is_64, is_ports;
	bool mapped;
	struct bus_region region; /* access and context are the owner's; start follows the BAR */
};

struct pci_msix_entry {
	uint64_t address;
	uint32_t data, control; /* bit 0: masked */
};

struct pci_function {
	uint8_t config[PCI_CONFIG_SIZE];
	uint8_t writable[PCI_CONFIG_SIZE]; /* mask of the bits a driver may write */
	uint8_t initial[PCI_CONFIG_SIZE];  /* config as pci_host_add left it */
	struct pci_bar bars[PCI_BARS];
	uint8_t capabilities_last; /* offset of the capability added last; 0: none */
	uint8_t capabilities_end;  /* where the next capability goes */
	/* MSI-X */
	unsigned msix_count;
	struct pci_msix_entry msix[PCI_MSIX_MAX];
	uint32_t msix_pending; /* a bit a vector */
	uint8_t msix_capability;
	bool intx_level; /* what the function wants, before Interrupt Disable */
	/* The owner's hooks, after its own bytes were stored, before they are read, and when the
	 * machine is reset; may be NULL. */
	void (*config_write)(struct pci_function *function, unsigned offset, unsigned size);
	void (*config_read)(struct pci_function *function, unsigned offset, unsigned size);
	void (*reset)(struct pci_function *function);
	struct pci_host *host;
	unsigned slot;
};

/* Fill the type 0 header. class: 24 bits (class, subclass, interface). */
void pci_function_init(struct pci_function *function, uint16_t vendor, uint16_t device,
                       uint32_t class_code, uint16_t subsystem_vendor, uint16_t subsystem);
/* Reserve a BAR before the function is added. A 64-bit BAR takes bar + 1 too. */
void pci_bar_init(struct pci_function *function, unsigned bar, uint64_t size, bool is_64,
                  void (*access)(void *, struct bus_access *), void *context, const char *name);
/* The same in port space. */
void pci_ports_bar_init(struct pci_function *function, unsigned bar, uint64_t size,
                        void (*access)(void *, struct bus_access *), void *context,
                        const char *name);
/* Append a capability of size bytes: its 2-byte header, then body. Returns its offset. */
uint8_t pci_capability_add(struct pci_function *function, uint8_t id, const void *body,
                           uint8_t size);
/* Configuration registers in host order; offsets are constants of the caller. */
uint16_t pci_config_get16(const struct pci_function *function, unsigned offset);
uint32_t pci_config_get32(const struct pci_function *function, unsigned offset);
void pci_config_set32(struct pci_function *function, unsigned offset, uint32_t value);
/* One access of the driver; address is the offset. 1, 2 or 4 bytes, aligned, inside the 256 bytes;
 * anything else reads all ones or is dropped. */
void pci_config_access(struct pci_function *function, struct bus_access *access);

/* Add the MSI-X capability; table and PBA lie in BAR bar at offset (table) and offset +
 * PCI_MSIX_PBA; the owner of the BAR passes accesses there to pci_msix_access. */
void pci_msix_init(struct pci_function *function, unsigned count, unsigned bar, uint32_t offset);
/* address relative to the table; only aligned 4-byte accesses do something. */
void pci_msix_access(struct pci_function *function, struct bus_access *access);
bool pci_msix_enabled(const struct pci_function *function);
/* Send the vector's message, or hold it as pending while it is masked or bus mastering is off. */
void pci_msix_raise(struct pci_function *function, unsigned vector);
/* Send what is pending and no longer held back. */
void pci_msix_flush(struct pci_function *function);

void pci_intx_set(struct pci_function *function, bool level);

struct pci_host {
	struct bus *memory, *ports;
	struct msi_target msi;
	struct pci_function *slots[PCI_SLOTS]; /* bus 0, function 0 of each device */
	struct bus_region ecam, address_port, data_port, mapped_ports;
	uint32_t config_address;         /* CF8 */
	struct pci_function bridge;      /* 00:00.0 */
	uint64_t window32, window32_end; /* where memory BARs below 4 GiB may be */
	uint64_t window32_next;
	uint64_t ports_window, ports_end, ports_next; /* where BARs of ports may be */
	struct irq_share lines[4];                    /* INTA of slot n goes to line n & 3 */
};

struct pci_host_config {
	uint64_t ecam_base;                /* 1 MiB for bus 0; 0: none */
	uint64_t window32, window32_size;  /* no RAM and no other registers may lie in it */
	uint64_t ports_window, ports_size; /* no other ports may lie in it; size 0: none */
	bool ports_cf8;                    /* offer CF8/CFC on the port bus */
	uint64_t ports_mapped; /* 64 KiB of memory that are the port bus, for CPUs without ports;
	                          0: none */
	struct msi_target msi;
	struct irq_line lines[4];
};

void pci_host_init(struct pci_host *host, struct bus *memory, struct bus *ports,
                   const struct pci_host_config *config);
/* Add at a slot (1-31). BARs are given addresses from the window and memory decoding is enabled, as
 * firmware would have done; bus mastering is off. GD_INVALID: slot taken; GD_FULL: no room. */
int pci_host_add(struct pci_host *host, struct pci_function *function, unsigned slot);
/* Reset of the machine: every function as pci_host_add left it. */
void pci_host_reset(struct pci_host *host);

/*
 * Let the bus follow the BARs and the command register of a function (NULL: of all). A BAR is
 * decoded only inside its window and where nothing else is: never over RAM, whatever the driver
 * writes. One that is refused stays unmapped, and is tried again when another function's BAR moves.
 */
void pci_bars_follow(struct pci_host *host, struct pci_function *function);
