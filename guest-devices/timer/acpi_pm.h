/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI fixed hardware: PM1a event and control blocks, PM timer, reset register (ACPI 6.4, 4.8). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/bus.h"
#include "guest-devices/irq.h"
#include "guest-devices/port.h"

#define ACPI_PM_PORT        0x600
#define ACPI_PM_EVENT       0x00 /* PM1a_EVT_BLK, 4 bytes */
#define ACPI_PM_CONTROL     0x04 /* PM1a_CNT_BLK, 2 bytes */
#define ACPI_PM_TIMER       0x08 /* PM_TMR_BLK, 4 bytes; 32-bit counter */
#define ACPI_PM_RESET       0x0c /* reset register, write ACPI_PM_RESET_VALUE */
#define ACPI_PM_SIZE        0x10
#define ACPI_PM_TIMER_HZ    3579545
#define ACPI_PM_S5          5 /* SLP_TYP of soft off, as _S5 in the DSDT says */
#define ACPI_PM_RESET_VALUE 0x06
#define ACPI_PM_SCI         9 /* interrupt line, level */

/* Called under the guest's lock, from the vCPU that wrote; do the work after the access. */
struct acpi_pm_events {
	void (*power_off)(void *context);
	void (*reset)(void *context);
};

struct acpi_pm {
	struct bus_region region; /* ACPI_PM_PORT on the port bus */
	struct irq_line sci;
	const struct acpi_pm_events *events;
	void *context;
	uint16_t status, enable, control;
	/* CF9: what the shared region did before */
	void (*cf8_access)(void *context, struct bus_access *access);
	void *cf8_context;
	uint8_t cf9;
};

void acpi_pm_init(struct acpi_pm *pm, struct irq_line sci, const struct acpi_pm_events *events,
                  void *context);
void acpi_pm_reset(struct acpi_pm *pm);

/* A press of the power button: an orderly shutdown if the guest listens. */
void acpi_pm_power_button(struct acpi_pm *pm);

/* Put the reset control register CF9 in front of the region that has ports CF8-CFB: single bytes
 * at CF9 end here, everything else goes on to the region's own handler. Once, before use. */
void acpi_pm_share_cf9(struct acpi_pm *pm, struct bus_region *cf8);
