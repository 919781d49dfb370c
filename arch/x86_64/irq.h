/* SPDX-License-Identifier: BSD-2-Clause */
/* Host interrupts by vector. */
#pragma once

#include <stdint.h>

#include "arch/x86_64/acpi.h"

void irq_init(const struct acpi *acpi); /* mask all that firmware left; boot CPU, once */
void irq_dispatch(uint8_t vector);      /* from the trap entry */
