/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio over PCI: configuration space, the BAR and the window into it, any access at any time,
 * with a small device behind.
 * Planted: guest-devices/virtio/virtio_pci_common.c: "address >= VIRTIO_PCI_COMMON_SIZE"
 * becomes "address >= 2 * VIRTIO_PCI_COMMON_SIZE"
 */
#include "guest-devices/pci/pci.h"
#include "guest-devices/virtio/virtio_pci.h"
#include "tests/fuzz/echo.h"
#include "tests/lib/raw_virtio_pci.h"

#include <stdlib.h>
#include <string.h>

enum { ECAM = 0x30000000, WINDOW = 0x20000000, WINDOW_SIZE = 0x1000000, SLOT = 3 };

static struct pci_host host;
static struct virtio_pci pci;
static struct bus ports;

static uint64_t access_at(struct fuzz *fuzz, uint64_t address, struct bus_access access)
{
	access.address = address;
	bus_dispatch(&fuzz->mem.bus, &access);
	return access.value;
}

static void set(struct fuzz *fuzz, unsigned offset, uint8_t size, uint64_t value)
{
	struct bus_access access = {.value = value, .size = size, .write = true};

	access.address = VIRTIO_PCI_COMMON + offset;
	virtio_pci_bar_access(&pci, &access);
}

static void create(struct fuzz *fuzz)
{
	struct pci_host_config config = {
	    .ecam_base = ECAM, .window32 = WINDOW, .window32_size = WINDOW_SIZE};

	memset(&host, 0, sizeof(host));
	memset(&pci, 0, sizeof(pci));
	memset(&ports, 0, sizeof(ports));
	echo_create(fuzz);
	pci_host_init(&host, &fuzz->mem.bus, &ports, &config);
	virtio_pci_init(&pci, fuzz->device);
	if (pci_host_add(&host, &pci.function, SLOT))
		abort();
	access_at(fuzz, ECAM + (SLOT << 15) + PCI_COMMAND,
	          (struct bus_access){
	              .value = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, .size = 2, .write = true});
}

static void set_queue(struct fuzz *fuzz, unsigned queue)
{
	uint64_t areas[3];

	set(fuzz, RAW_QUEUE_SELECT, 2, queue);
	set(fuzz, RAW_QUEUE_SIZE, 2, fuzz_ring_make(fuzz, queue)->size);
	set(fuzz, RAW_QUEUE_VECTOR, 2, queue);
	fuzz_ring_areas(fuzz, queue, areas);
	for (unsigned i = 0; i < 6; i++)
		set(fuzz, RAW_QUEUE_DESC + 4 * i, 4, (uint32_t)(areas[i / 2] >> 32 * (i & 1)));
	set(fuzz, RAW_QUEUE_ENABLE, 2, 1);
}

static void start(struct fuzz *fuzz, uint64_t features)
{
	set(fuzz, RAW_STATUS, 1, 0);
	set(fuzz, RAW_STATUS, 1, 1);
	set(fuzz, RAW_STATUS, 1, 3);
	for (unsigned half = 0; half < 2; half++) {
		set(fuzz, RAW_DRIVER_FEATURE_SELECT, 4, half);
		set(fuzz, RAW_DRIVER_FEATURE, 4, (uint32_t)(features >> 32 * half));
	}
	set(fuzz, RAW_STATUS, 1, 11);
	for (unsigned i = 0; i < fuzz->device->queue_count; i++)
		set_queue(fuzz, i);
	set(fuzz, RAW_STATUS, 1, 15);
}

static void kick(struct fuzz *fuzz, unsigned queue)
{
	struct bus_access access = {.address =
	                                VIRTIO_PCI_NOTIFY + queue * VIRTIO_PCI_NOTIFY_MULTIPLIER,
	                            .value = queue,
	                            .size = 2,
	                            .write = true};

	(void)fuzz;
	virtio_pci_bar_access(&pci, &access);
}

/* Configuration space, or somewhere in the BAR wherever it is now. */
static void any_access(struct fuzz *fuzz)
{
	uint8_t how = fuzz_u8(fuzz);
	uint64_t offset = fuzz_u16(fuzz), value = fuzz_u32(fuzz);
	struct bus_access access = {
	    .value = value, .size = (uint8_t)(1u << (how & 3)), .write = how & 4};

	if (how & 8)
		access_at(fuzz, ECAM + (SLOT << 15) + (offset & 0xfff), access);
	else if (how & 16)
		access_at(fuzz, WINDOW + offset, access);
	else
		access_at(fuzz, WINDOW + (offset & 0x3f), access);
}

const struct fuzz_target fuzz_target = {
    .create = create,
    .event = echo_event,
    .settle = echo_settle,
    .start = start,
    .kick = kick,
    .access = any_access,
};
