/* SPDX-License-Identifier: BSD-2-Clause */
/* What the host's ACPI tables say that we need. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <arch/cpu.h>

#include "arch/common/acpi.h"

#define ACPI_IO_APICS  8
#define ACPI_OVERRIDES 16

struct acpi_io_apic {
	uint32_t address, gsi_base;
};

struct acpi_override { /* of an ISA line */
	uint8_t line;
	uint16_t flags; /* MPS INTI flags: polarity in bits 1:0, trigger mode in bits 3:2 */
	uint32_t gsi;
};

/* Generic address structure, ACPI 5.2.3.2; space 0: memory, 1: port. address 0: there is none. */
struct acpi_address {
	uint8_t space;
	uint64_t address;
};

struct acpi {
	uint32_t apic_ids[CPU_MAX]; /* of the enabled CPUs, in firmware's order */
	unsigned cpu_count, cpus_left_out;
	struct acpi_io_apic io_apics[ACPI_IO_APICS];
	unsigned io_apic_count;
	struct acpi_override overrides[ACPI_OVERRIDES];
	unsigned override_count;
	uint64_t ecam_base;
	unsigned ecam_buses;
	uint16_t pm_timer; /* port, 0: there is none */
	bool pm_timer_32;  /* 32 bits wide, otherwise 24 */
	struct acpi_address pm1a_control, pm1b_control;
	bool has_s5;
	uint8_t s5_type_a, s5_type_b;
	struct acpi_address reset;
	uint8_t reset_value;
};

/* Fill *acpi from the tables behind the root pointer. ERR_NOT_FOUND: there are none. */
int acpi_read(struct acpi *acpi, uint64_t rsdp);

extern struct acpi host_acpi; /* this machine's */
