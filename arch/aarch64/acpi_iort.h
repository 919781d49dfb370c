/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include "arch/aarch64/description.h"
#include "arch/common/acpi.h"

/* Fill host->msi_maps from an I/O remapping table: PCI segment 0. */
void acpi_iort_read(struct host_description *host, const struct acpi_table *iort);
