/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/hostile_rings/ways.h"

#include <string.h>

#include "guest-devices/virtio/virtio_mmio.h"
#include "guest-devices/virtio/virtio_mmio_registers.h"
#include "guest-devices/virtio/virtio_pci.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/raw_ccw.h"
#include "tests/lib/raw_virtio_pci.h"

enum { SLOT = 3, MMIO_AT = 0x40000000, SUBCHANNEL = 0x10001 };
enum { ACK = 1, DRV = 3, FOK = 11, UP = 15 };

struct fake_pci machine;

struct virtio_device *machine_with(const struct victim *victim, const struct way *way)
{
	struct virtio_device *device;

	fake_port_reset();
	fake_pci_init(&machine);
	device = victim->create(&machine.mem.mem);
	virtio_offer(device, VIRTIO_F_RING_PACKED);
	way->plug(device);
	return device;
}

void machine_end(void)
{
	fake_pci_free(&machine);
}

/* ---- PCI ---- */

static struct virtio_pci pci;
static struct raw_virtio_pci raw_pci;

static void pci_plug(struct virtio_device *device)
{
	virtio_pci_init(&pci, device);
	cr_assert_eq(pci_host_add(&machine.host, &pci.function, SLOT), 0);
	raw_virtio_pci_init(&raw_pci, &machine, SLOT);
}

static void pci_begin(uint64_t features)
{
	raw_negotiate(&raw_pci, features);
}

static void pci_queue(unsigned queue, const struct raw_ring *ring)
{
	raw_queue(&raw_pci, queue, ring, VIRTIO_NO_VECTOR);
}

static void pci_run(void)
{
	raw_driver_ok(&raw_pci);
}

static void pci_kick(unsigned queue)
{
	raw_notify(&raw_pci, queue);
}

static uint8_t pci_status(void)
{
	return raw_status(&raw_pci);
}

const struct way way_pci = {"pci", pci_plug, pci_begin, pci_queue, pci_run, pci_kick, pci_status};

/* ---- MMIO ---- */

static struct virtio_mmio mmio;

static void set(unsigned offset, uint64_t value)
{
	fake_pci_write(&machine, MMIO_AT + offset, 4, (uint32_t)value);
}

static void mmio_plug(struct virtio_device *device)
{
	virtio_mmio_init(&mmio, device, MMIO_AT, (struct irq_line){0});
	cr_assert_eq(bus_add(&machine.mem.bus, &mmio.region), 0);
}

static void mmio_begin(uint64_t features)
{
	features |= VIRTIO_F_VERSION_1;
	set(VIRTIO_MMIO_STATUS, 0);
	set(VIRTIO_MMIO_STATUS, ACK);
	set(VIRTIO_MMIO_STATUS, DRV);
	for (unsigned half = 0; half < 2; half++) {
		set(VIRTIO_MMIO_DRIVER_FEATURES_SEL, half);
		set(VIRTIO_MMIO_DRIVER_FEATURES, features >> 32 * half);
	}
	set(VIRTIO_MMIO_STATUS, FOK);
}

static void mmio_area(unsigned offset, uint64_t address)
{
	set(offset, address);
	set(offset + 4, address >> 32);
}

static void mmio_queue(unsigned queue, const struct raw_ring *ring)
{
	set(VIRTIO_MMIO_QUEUE_SEL, queue);
	set(VIRTIO_MMIO_QUEUE_SIZE, ring->size);
	mmio_area(VIRTIO_MMIO_QUEUE_DESC, ring->desc);
	mmio_area(VIRTIO_MMIO_QUEUE_DRIVER, ring->avail);
	mmio_area(VIRTIO_MMIO_QUEUE_DEVICE, ring->used);
	set(VIRTIO_MMIO_QUEUE_READY, 1);
}

static void mmio_run(void)
{
	set(VIRTIO_MMIO_STATUS, UP);
}

static void mmio_kick(unsigned queue)
{
	set(VIRTIO_MMIO_QUEUE_NOTIFY, queue);
}

static uint8_t mmio_status(void)
{
	return (uint8_t)fake_pci_read(&machine, MMIO_AT + VIRTIO_MMIO_STATUS, 4);
}

const struct way way_mmio = {"mmio",   mmio_plug, mmio_begin, mmio_queue,
                             mmio_run, mmio_kick, mmio_status};

/* ---- channel I/O ---- */

static struct virtio_ccw ccw;
static struct raw_ccw raw_ccw;

static void ccw_plug(struct virtio_device *device)
{
	raw_ccw = (struct raw_ccw){.mem = &machine.mem, .ccw = &ccw};
	virtio_ccw_init(&ccw, &(struct virtio_ccw_config){
	                          .device = device,
	                          .mem = &machine.mem.mem,
	                          .subchannel = SUBCHANNEL,
	                          .io_interrupt = raw_ccw_io_interrupt,
	                          .adapter_interrupt = raw_ccw_adapter_interrupt,
	                          .context = &raw_ccw,
	                      });
	cr_assert_eq(virtio_ccw_enable(&ccw, true), CCW_CC_DONE);
	cr_assert(raw_ccw_revision(&raw_ccw, 2));
}

static void ccw_begin(uint64_t features)
{
	features |= VIRTIO_F_VERSION_1;
	raw_ccw_set_status(&raw_ccw, 0);
	raw_ccw_set_status(&raw_ccw, ACK);
	raw_ccw_set_status(&raw_ccw, DRV);
	for (uint8_t half = 0; half < 2; half++)
		raw_ccw_set_features(&raw_ccw, half, (uint32_t)(features >> 32 * half));
	raw_ccw_set_status(&raw_ccw, FOK);
}

static void ccw_queue(unsigned queue, const struct raw_ring *ring)
{
	raw_ccw_queue(&raw_ccw, (uint16_t)queue, ring->size, ring->desc, ring->avail, ring->used);
}

static void ccw_run(void)
{
	raw_ccw_set_status(&raw_ccw, UP);
}

static void ccw_kick(unsigned queue)
{
	struct virtio_ccw *all[] = {&ccw};

	virtio_ccw_diagnose(all, 1, (uint64_t[]){CCW_DIAGNOSE_NOTIFY, SUBCHANNEL, queue, 0});
}

static uint8_t ccw_status(void)
{
	return raw_ccw_get_status(&raw_ccw);
}

const struct way way_ccw = {"ccw", ccw_plug, ccw_begin, ccw_queue, ccw_run, ccw_kick, ccw_status};
