/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdint.h>

#include "arch/x86_64/acpi.h"

/* Find the frequencies and start time; boot CPU, once. The local APIC runs. */
void timer_init(const struct acpi *acpi, int64_t wall_clock, uint64_t entry_cycles);
void timer_start(void); /* on each CPU */
void timer_fired(void); /* its interrupt */
