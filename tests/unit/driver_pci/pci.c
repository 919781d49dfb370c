/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's PCI against functions that are well made, absent, or lie in every field. */
#include <criterion/criterion.h>
#include <string.h>

#include <arch/err.h>

#include "arch/hosted/hosted.h"
#include "hv/drivers/drivers.h"
#include "hv/drivers/host_pci.h"
#include "hv/drivers/virtio_pci.h"

#define ECAM 0xe0000000ull

/* One function at 01:02.0, all bytes as the test sets them; BAR writes stick under bar_masks. */
static uint8_t space[256];
static uint32_t bar_masks[6];
static unsigned port_selected, accesses;

static bool here(uint64_t address)
{
	return (address & ~0xfffull) == ECAM + (1u << 20 | 2u << 15) && (address & 0xfff) < 256;
}

static uint64_t read_space(void *context, uint64_t address, unsigned size)
{
	uint64_t value = 0;

	(void)context;
	accesses++;
	if (!here(address))
		return ~0ull;
	memcpy(&value, space + (address & 0xff), size);
	return value;
}

static void write_space(void *context, uint64_t address, unsigned size, uint64_t value)
{
	unsigned offset = address & 0xff;

	(void)context;
	if (!here(address))
		return;
	if (offset >= 0x10 && offset < 0x28 && size == 4) {
		uint32_t fixed, mask = bar_masks[(offset - 0x10) / 4];

		memcpy(&fixed, space + offset, 4);
		value = (fixed & 0xf) | (value & mask);
	}
	memcpy(space + offset, &value, size);
}

static uint32_t read_port(void *context, uint16_t port, unsigned size)
{
	(void)port;
	return (uint32_t)read_space(context,
	                            ECAM + ((uint64_t)(port_selected >> 16 & 0xff) << 20) +
	                                ((port_selected >> 8 & 0xff) << 12) +
	                                (port_selected & 0xfc) + (port & 3u),
	                            size);
}

static void write_port(void *context, uint16_t port, unsigned size, uint32_t value)
{
	(void)context;
	(void)size;
	if (port == 0xcf8)
		port_selected = value;
}

static void store(unsigned offset, uint32_t value)
{
	memcpy(space + offset, &value, 4);
}

static void set_up(void)
{
	hosted_reset();
	memset(space, 0, sizeof(space));
	memset(bar_masks, 0, sizeof(bar_masks));
	accesses = 0;
	store(0, 0x10411af4);
	store(8, 0x02000001);
	hosted_io.mmio_read = read_space;
	hosted_io.mmio_write = write_space;
	hosted_io.ecam_base = ECAM;
	hosted_io.ecam_buses = 4;
}

TestSuite(driver_pci, .init = set_up);

static struct host_pci_device device;

static void found(const struct host_pci_device *one)
{
	device = *one;
}

static void scan(void)
{
	cr_assert_eq(host_pci_scan(found), 1);
}

Test(driver_pci, found_behind_a_bridge_by_ecam)
{
	scan();
	cr_assert_str_eq(device.name, "01:02.0");
	cr_assert_eq(device.vendor, 0x1af4);
	cr_assert_eq(device.device, 0x1041);
	cr_assert_eq(device.class_code, 0x020000);
}

Test(driver_pci, found_by_ports)
{
	hosted_io.ecam_base = 0;
	hosted_io.port_read = read_port;
	hosted_io.port_write = write_port;
	scan();
	cr_assert_str_eq(device.name, "01:02.0");
	cr_assert_eq(host_pci_read(&device, 2, 2), 0x1041);
	cr_assert_eq(host_pci_read(&device, 3, 1), 0x10);
}

Test(driver_pci, nothing_at_all)
{
	hosted_io = (struct hosted_io){0};
	drivers_start();
	cr_assert_null(drivers_nic());
	cr_assert(hosted_log_has("pci: no device answers"));
}

Test(driver_pci, bars)
{
	store(0x10, 0xfe000000 | 0);
	bar_masks[0] = 0xfffff000;
	store(0x14, 0x8000000c & ~8u); /* 64-bit */
	bar_masks[1] = 0xffffc000;
	store(0x18, 0x00000020);
	bar_masks[2] = 0xffffffff;
	store(0x1c, 0x0000c001); /* ports */
	bar_masks[3] = 0x0000ffe0;
	scan();
	host_pci_start(&device);
	cr_assert_eq(device.bars[0].address, 0xfe000000);
	cr_assert_eq(device.bars[0].size, 0x1000);
	cr_assert_eq(device.bars[1].address, 0x2080000000ull);
	cr_assert_eq(device.bars[1].size, 0x4000);
	cr_assert_eq(device.bars[2].size, 0);
	cr_assert_eq(device.bars[3].size, 0);
	cr_assert_eq(host_pci_read(&device, 0x10, 4), 0xfe000000, "as firmware left it");
	cr_assert_eq(host_pci_read(&device, 4, 2), 0x406);
	cr_assert_not_null(host_pci_map(&device, 0, 0xfff, 1));
	cr_assert_null(host_pci_map(&device, 0, 0xfff, 2));
	cr_assert_null(host_pci_map(&device, 0, 0, 0));
	cr_assert_null(host_pci_map(&device, 0, UINT64_MAX, 2));
	cr_assert_null(host_pci_map(&device, 2, 0, 1));
	cr_assert_null(host_pci_map(&device, 6, 0, 1));
	cr_assert_null(host_pci_map(&device, 255, 0, 1));
}

Test(driver_pci, bars_that_cannot_be)
{
	store(0x10, 0); /* firmware gave it no place */
	bar_masks[0] = 0xfffff000;
	store(0x14, 0xfe000000); /* holes in its mask */
	bar_masks[1] = 0xff0ff000;
	store(0x18, 0xfe001000); /* not aligned to its size */
	bar_masks[2] = 0xffffe000;
	store(0x1c, 0xfe000002); /* a reserved type */
	bar_masks[3] = 0xfffff000;
	store(0x24, 0xfe000004); /* 64-bit without a second half */
	bar_masks[5] = 0xfffff000;
	scan();
	host_pci_start(&device);
	for (unsigned i = 0; i < HOST_PCI_BARS; i++)
		cr_assert_eq(device.bars[i].size, 0, "%u", i);
}

Test(driver_pci, capabilities_that_loop_end)
{
	space[6] = 0x10;
	space[0x34] = 0x40;
	space[0x40] = 1;
	space[0x41] = 0x50;
	space[0x50] = 2;
	space[0x51] = 0x40;
	scan();
	accesses = 0;
	cr_assert_eq(host_pci_capability(&device, 2, 0), 0x50);
	cr_assert_eq(host_pci_capability(&device, HOST_PCI_CAP_MSIX, 0), 0);
	cr_assert_leq(accesses, 200);
	cr_assert_eq(host_pci_msix(&device, 0, NULL, NULL), ERR_NOT_FOUND);
	space[0x34] = 0x10; /* into the header */
	cr_assert_eq(host_pci_capability(&device, 0, 0), 0);
}

Test(driver_pci, virtio_capabilities_that_loop_end)
{
	static struct virtio_pci_port port;

	space[6] = 0x10;
	space[0x34] = 0x40;
	space[0x40] = HOST_PCI_CAP_VENDOR;
	space[0x41] = 0x40;
	space[0x42] = 16;
	space[0x43] = 1;
	space[0x44] = 7; /* no such BAR */
	scan();
	accesses = 0;
	cr_assert_eq(virtio_pci_port_open(&port, &device, "virtio-net"), ERR_UNSUPPORTED);
	cr_assert_leq(accesses, 2000);
	cr_assert(hosted_log_has("virtio-net 01:02.0: no usable common configuration"));
	cr_assert_eq(host_pci_read(&device, 4, 2) & 4, 0, "no DMA");
}

/* Every byte of configuration space takes odd values: nothing hangs, nothing is mapped outside. */
Test(driver_pci, any_configuration_space)
{
	uint32_t state = 1;

	for (unsigned round = 0; round < 3000; round++) {
		for (unsigned i = 4; i < sizeof(space); i++) {
			state = state * 1664525 + 1013904223;
			space[i] = (uint8_t)(state >> 24);
		}
		for (unsigned i = 0; i < 6; i++)
			bar_masks[i] = ~0u << (round + i) % 32;
		space[0x0e] = 0;
		hosted_io.ecam_buses = 2;
		accesses = 0;
		drivers_start();
		cr_assert_leq(accesses, 10000);
		cr_assert_null(drivers_nic());
	}
}
