/* SPDX-License-Identifier: BSD-2-Clause */
/* The differentiated description: what cannot be found by looking, in AML. */
#pragma once

#include "guest-devices/firmware/acpi.h"
#include "guest-devices/firmware/acpi_writer.h"

void acpi_put_dsdt(struct acpi_writer *writer, const struct acpi_machine *machine);
