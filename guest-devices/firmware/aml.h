/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small emitter of ACPI Machine Language (ACPI 6.4, ch. 20) and of resource descriptors (6.4).
 * Things that contain others are opened by a _begin that returns where they are and closed by an
 * _end. Names are single segments of up to four characters, padded with '_'.
 */
#pragma once

#include "guest-devices/firmware/acpi_writer.h"

size_t aml_scope_begin(struct acpi_writer *aml, const char *name); /* of the root */
size_t aml_device_begin(struct acpi_writer *aml, const char *name);
void aml_end(struct acpi_writer *aml, size_t begun); /* scope, device, package */

void aml_name(struct acpi_writer *aml, const char *name); /* Name(name, what comes next) */
void aml_integer(struct acpi_writer *aml, uint64_t value);
void aml_string(struct acpi_writer *aml, const char *text);
void aml_eisa_id(struct acpi_writer *aml, const char *id); /* "PNP0A03" */
size_t aml_package_begin(struct acpi_writer *aml, uint8_t elements);

size_t aml_resources_begin(struct acpi_writer *aml);
void aml_resources_end(struct acpi_writer *aml, size_t begun);
void aml_resource_io(struct acpi_writer *aml, uint16_t port, uint8_t count);
void aml_resource_irq(struct acpi_writer *aml, unsigned irq); /* edge, active high */
void aml_resource_gsi(struct acpi_writer *aml, uint32_t gsi); /* level, active high, shared */
void aml_resource_memory(struct acpi_writer *aml, uint32_t base, uint32_t size);
/* Windows that a bridge passes on. */
void aml_resource_bus_window(struct acpi_writer *aml, uint16_t first, uint16_t last);
void aml_resource_io_window(struct acpi_writer *aml, uint16_t first, uint16_t last);
void aml_resource_memory_window(struct acpi_writer *aml, uint32_t first, uint32_t last);
