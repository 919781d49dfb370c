/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/timer/acpi_pm.h"

#include <string.h>

#define STATUS_TIMER  (1u << 0)
#define STATUS_GLOBAL (1u << 5)
#define STATUS_BUTTON (1u << 8)
#define STATUS_WAKE   (1u << 15)
#define STATUS_BITS   (STATUS_TIMER | STATUS_GLOBAL | STATUS_BUTTON | STATUS_WAKE)
/* Events that never come may be enabled all the same: sleep button, RTC. */
#define ENABLE_BITS (STATUS_TIMER | STATUS_GLOBAL | STATUS_BUTTON | 1u << 9 | 1u << 10)

#define CONTROL_SCI_EN   (1u << 0)
#define CONTROL_SLP_TYP  10 /* shift */
#define CONTROL_SLP_EN   (1u << 13)
#define CONTROL_WRITABLE 0x1c02u

#define CF9_RESET_CPU 0x04

static uint32_t timer_count(void)
{
	uint64_t ns = port_time_ns();

	/* In two parts: the product of all nanoseconds would overflow within an hour and a half. */
	return (uint32_t)(ns / 1000000000 * ACPI_PM_TIMER_HZ +
	                  ns % 1000000000 * ACPI_PM_TIMER_HZ / 1000000000);
}

static void update_sci(struct acpi_pm *pm)
{
	irq_line_set(&pm->sci, pm->status & pm->enable & ENABLE_BITS);
}

static void write_control(struct acpi_pm *pm, uint16_t value)
{
	pm->control = value & CONTROL_WRITABLE;
	if ((value & CONTROL_SLP_EN) && (value >> CONTROL_SLP_TYP & 7) == ACPI_PM_S5 &&
	    pm->events->power_off)
		pm->events->power_off(pm->context);
}

static void write_register(struct acpi_pm *pm, unsigned offset, uint16_t value)
{
	switch (offset) {
	case ACPI_PM_EVENT: /* write one to clear */
		pm->status &= (uint16_t)~value;
		break;
	case ACPI_PM_EVENT + 2:
		pm->enable = value & ENABLE_BITS;
		break;
	case ACPI_PM_CONTROL:
		write_control(pm, value);
		break;
	case ACPI_PM_RESET:
		if ((uint8_t)value == ACPI_PM_RESET_VALUE && pm->events->reset)
			pm->events->reset(pm->context);
		break;
	default:
		break;
	}
}

/* The 16 bytes of the block as they read now. */
static void fill(const struct acpi_pm *pm, uint8_t block[ACPI_PM_SIZE])
{
	uint32_t count = timer_count();
	uint16_t control = pm->control | CONTROL_SCI_EN; /* there is no legacy mode */

	memset(block, 0, ACPI_PM_SIZE);
	memcpy(block + ACPI_PM_EVENT, &pm->status, 2);
	memcpy(block + ACPI_PM_EVENT + 2, &pm->enable, 2);
	memcpy(block + ACPI_PM_CONTROL, &control, 2);
	memcpy(block + ACPI_PM_TIMER, &count, 4);
}

static void access_block(void *context, struct bus_access *access)
{
	struct acpi_pm *pm = context;
	unsigned offset = (unsigned)access->address;
	uint8_t block[ACPI_PM_SIZE];
	uint64_t value = 0;

	if (!access->write) {
		fill(pm, block);
		memcpy(&value, block + offset, access->size);
		access->value = value;
		return;
	}
	/* Registers are 16 bits wide; a 32-bit write reaches two. Half a register cannot be
	 * written, but for the one-byte reset register. */
	if (access->size == 1 && offset != ACPI_PM_RESET)
		return;
	if (offset & 1)
		return;
	write_register(pm, offset, (uint16_t)access->value);
	if (access->size == 4)
		write_register(pm, offset + 2, (uint16_t)(access->value >> 16));
	update_sci(pm);
}

void acpi_pm_power_button(struct acpi_pm *pm)
{
	pm->status |= STATUS_BUTTON;
	update_sci(pm);
}

static void access_cf9(void *context, struct bus_access *access)
{
	struct acpi_pm *pm = context;

	if (access->address != 1 || access->size != 1) {
		pm->cf8_access(pm->cf8_context, access);
		return;
	}
	if (!access->write) {
		access->value = pm->cf9;
		return;
	}
	pm->cf9 = access->value & 0x0e;
	if ((pm->cf9 & CF9_RESET_CPU) && pm->events->reset)
		pm->events->reset(pm->context);
}

void acpi_pm_share_cf9(struct acpi_pm *pm, struct bus_region *cf8)
{
	pm->cf8_access = cf8->access;
	pm->cf8_context = cf8->context;
	cf8->access = access_cf9;
	cf8->context = pm;
}

void acpi_pm_reset(struct acpi_pm *pm)
{
	pm->status = pm->enable = pm->control = 0;
	pm->cf9 = 0;
	update_sci(pm);
}

void acpi_pm_init(struct acpi_pm *pm, struct irq_line sci, const struct acpi_pm_events *events,
                  void *context)
{
	memset(pm, 0, sizeof(*pm));
	pm->sci = sci;
	pm->events = events;
	pm->context = context;
	pm->region = (struct bus_region){ACPI_PM_PORT, ACPI_PM_SIZE, access_block, pm, "acpi-pm"};
}
