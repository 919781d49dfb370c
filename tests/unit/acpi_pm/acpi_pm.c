/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "guest-devices/firmware/reset_ports.h"
#include "guest-devices/timer/acpi_pm.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/region.h"

static struct acpi_pm pm;
static unsigned power_offs, resets;
static bool sci;

static void set_irq(void *context, unsigned number, bool level)
{
	(void)context;
	(void)number;
	sci = level;
}

static void on_power_off(void *context)
{
	(void)context;
	power_offs++;
}

static void on_reset(void *context)
{
	(void)context;
	resets++;
}

static const struct acpi_pm_events events = {on_power_off, on_reset};

static void set_up(void)
{
	fake_port_reset();
	power_offs = resets = 0;
	sci = false;
	acpi_pm_init(&pm, (struct irq_line){set_irq, NULL, 9}, &events, NULL);
}

TestSuite(acpi_pm, .init = set_up);

Test(acpi_pm, timer_runs_at_its_rate)
{
	fake_port_advance(1000000000);
	cr_assert_eq(region_read(&pm.region, ACPI_PM_TIMER, 4), ACPI_PM_TIMER_HZ);
	fake_port.now_ns = 7 * 86400 * 1000000000ull; /* a week */
	cr_assert_eq(region_read(&pm.region, ACPI_PM_TIMER, 4),
	             (uint32_t)(7 * 86400ull * ACPI_PM_TIMER_HZ));
}

Test(acpi_pm, soft_off)
{
	region_write(&pm.region, ACPI_PM_CONTROL, 2, ACPI_PM_S5 << 10);
	cr_assert_eq(power_offs, 0);
	cr_assert_eq(region_read(&pm.region, ACPI_PM_CONTROL, 2), ACPI_PM_S5 << 10 | 1);
	region_write(&pm.region, ACPI_PM_CONTROL, 2, 1 << 10 | 1 << 13);
	cr_assert_eq(power_offs, 0, "another sleep state");
	region_write(&pm.region, ACPI_PM_CONTROL, 2, ACPI_PM_S5 << 10 | 1 << 13);
	cr_assert_eq(power_offs, 1);
}

Test(acpi_pm, power_button)
{
	acpi_pm_power_button(&pm);
	cr_assert_not(sci);
	region_write(&pm.region, ACPI_PM_EVENT + 2, 2, 0x100);
	cr_assert(sci);
	cr_assert_eq(region_read(&pm.region, ACPI_PM_EVENT, 4), 0x01000100);
	region_write(&pm.region, ACPI_PM_EVENT, 2, 0x100);
	cr_assert_not(sci);
}

Test(acpi_pm, reset_register)
{
	region_write(&pm.region, ACPI_PM_RESET, 1, 0);
	cr_assert_eq(resets, 0);
	region_write(&pm.region, ACPI_PM_RESET, 1, ACPI_PM_RESET_VALUE);
	cr_assert_eq(resets, 1);
}

static uint64_t cf8_written;

static void access_cf8(void *context, struct bus_access *access)
{
	(void)context;
	if (access->write)
		cf8_written = access->value;
	else
		access->value = 0x80000000;
}

Test(acpi_pm, cf9_is_shared_with_the_pci_address_port)
{
	struct bus_region cf8 = {0xcf8, 4, access_cf8, NULL, "cf8"};

	acpi_pm_share_cf9(&pm, &cf8);
	region_write(&cf8, 0, 4, 0x80000810);
	cr_assert_eq(cf8_written, 0x80000810);
	cr_assert_eq(region_read(&cf8, 0, 4), 0x80000000);
	region_write(&cf8, 1, 1, 0x02);
	cr_assert_eq(resets, 0);
	cr_assert_eq(region_read(&cf8, 1, 1), 0x02);
	region_write(&cf8, 1, 1, 0x06);
	cr_assert_eq(resets, 1);
}

Test(acpi_pm, every_offset_and_width)
{
	for (unsigned offset = 0; offset < ACPI_PM_SIZE; offset++) {
		for (uint8_t size = 1; size <= 8; size *= 2) {
			region_write(&pm.region, offset, size, UINT64_MAX);
			region_read(&pm.region, offset, size);
		}
	}
	cr_assert_eq(region_read(&pm.region, 0xe, 2), 0);
	cr_assert_eq(power_offs, 0, "SLP_TYP 7 is no state");
	acpi_pm_reset(&pm);
	cr_assert_eq(region_read(&pm.region, ACPI_PM_EVENT, 4), 0);
}

Test(acpi_pm, old_reset_ports)
{
	struct reset_ports ports;

	reset_ports_init(&ports, on_reset, NULL);
	cr_assert_eq(region_read(&ports.command, 0, 1) & 3, 0, "neither full");
	region_write(&ports.command, 0, 1, 0xfe);
	cr_assert_eq(resets, 1);
	region_write(&ports.command, 0, 1, 0xaa);
	cr_assert_eq(resets, 1);
	cr_assert_eq(region_read(&ports.port_92, 0, 1), 2);
	region_write(&ports.port_92, 0, 1, 3);
	cr_assert_eq(resets, 2);
	region_write(&ports.port_92, 0, 1, 0);
	cr_assert_eq(resets, 2);
	cr_assert_eq(region_read(&ports.port_92, 0, 1), 0, "A20 reads as it was written");
	region_write(&ports.data, 0, 1, 0xfe);
	cr_assert_eq(resets, 2, "no keyboard, no commands of one");
	cr_assert_eq(region_read(&ports.data, 0, 1), 0);
	reset_ports_reset(&ports);
	cr_assert_eq(region_read(&ports.port_92, 0, 1), 2);
}

/* Wires that lead nowhere: a board may have no use for them. */
Test(acpi_pm, nobody_listens)
{
	static const struct acpi_pm_events nothing;
	struct bus_region cf8 = {0xcf8, 4, access_cf8, NULL, "cf8"};
	struct reset_ports ports;

	acpi_pm_init(&pm, (struct irq_line){0}, &nothing, NULL);
	acpi_pm_share_cf9(&pm, &cf8);
	region_write(&pm.region, ACPI_PM_EVENT + 2, 2, 0x100);
	acpi_pm_power_button(&pm);
	region_write(&pm.region, ACPI_PM_CONTROL, 2, ACPI_PM_S5 << 10 | 1 << 13);
	region_write(&pm.region, ACPI_PM_RESET, 1, ACPI_PM_RESET_VALUE);
	region_write(&cf8, 1, 1, 0x06);
	reset_ports_init(&ports, NULL, NULL);
	region_write(&ports.command, 0, 1, 0xfe);
	region_write(&ports.port_92, 0, 1, 1);
	cr_assert_eq(power_offs + resets, 0);
	cr_assert_not(sci);
}

Test(acpi_pm, only_byte_1_of_cf8_is_cf9)
{
	struct bus_region cf8 = {0xcf8, 4, access_cf8, NULL, "cf8"};

	acpi_pm_share_cf9(&pm, &cf8);
	region_write(&cf8, 1, 2, 0x0606);
	region_write(&cf8, 2, 1, 0x06);
	region_write(&cf8, 0, 1, 0x06);
	cr_assert_eq(resets, 0);
}
