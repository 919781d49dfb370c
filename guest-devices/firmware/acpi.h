/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI tables of a PC-like guest, computed from a description of the machine (ACPI 6.4): RSDP,
 * XSDT, FADT, FACS, MADT, MCFG and a DSDT whose AML this folder emits itself. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACPI_TABLES_MAX 8192 /* always enough for ACPI_CPUS_MAX */
#define ACPI_CPUS_MAX   64
#define ACPI_MMIO_MAX   16

struct acpi_machine {
	unsigned cpus; /* local APIC ids 0..cpus-1 */
	uint64_t lapic_base, ioapic_base;
	uint8_t ioapic_id;
	uint16_t pm_port;                 /* base of the ACPI_PM_ block */
	uint8_t sci;                      /* ISA line and GSI of the SCI, level, active high */
	bool pci;                         /* a host bridge with bus 0 */
	uint64_t ecam_base;               /* 1 MiB for bus 0; 0: no MCFG */
	uint64_t window32, window32_size; /* for memory BARs */
	uint32_t intx_gsi[4];             /* GSI of lines 0-3; INTx of slot n is line (n + x) & 3 */
	uint16_t com1, com1_irq;          /* com1 0: none */
	bool rtc;                         /* at ports 0x70-0x71, line 8 */
	/* virtio over MMIO: device n has mmio_size bytes from mmio_base + n * mmio_size, and the
	 * level-triggered mmio_gsi[n & 3] */
	unsigned mmio_count; /* at most ACPI_MMIO_MAX */
	uint64_t mmio_base;
	uint32_t mmio_size;
	uint32_t mmio_gsi[4];
};

/*
 * Build the tables in buffer, which the guest will see at guest_address (below 4 GiB, 16-byte
 * aligned); the RSDP comes first. Returns the bytes used, 0 if size is too small or the machine
 * cannot be described. Linux finds the RSDP by acpi_rsdp_addr of its boot_params, or by scanning
 * if guest_address is in 0xe0000-0xfffff.
 */
size_t acpi_build(const struct acpi_machine *machine, uint8_t *buffer, size_t size,
                  uint64_t guest_address);
