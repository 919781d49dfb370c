/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/driver_fixture.h"

#include <stdlib.h>
#include <string.h>

#include <arch/cpu.h>
#include <arch/err.h>

#include "arch/hosted/hosted.h"
#include "guest-devices/virtio/virtio_mmio_registers.h"
#include "tests/lib/fake_port.h"

#define SHARED_BASE (1ull << 40) /* a program's memory lies above on this machine */
#define SHARED_SIZE ((1ull << 47) - SHARED_BASE)

static struct driver_fixture *scanning;

/* ---- the driver's machine: device memory is the guest's bus ---- */

static uint64_t mmio_read(void *context, uint64_t address, unsigned size)
{
	struct driver_fixture *fixture = context;
	struct bus_access access = {.address = address, .size = (uint8_t)size};

	if (fixture->gone)
		return ~0ull;
	bus_dispatch(&fixture->memory, &access);
	return access.value;
}

static void mmio_write(void *context, uint64_t address, unsigned size, uint64_t value)
{
	struct driver_fixture *fixture = context;
	struct bus_access access = {
	    .address = address, .size = (uint8_t)size, .value = value, .write = true};

	if (!fixture->gone)
		bus_dispatch(&fixture->memory, &access);
}

static void send_message(void *context, uint64_t address, uint32_t data)
{
	(void)context;
	CHECK(address == HOSTED_IRQ_ADDRESS);
	hosted_irq(data);
}

void driver_fixture_init(struct driver_fixture *fixture)
{
	static const struct pci_host_config host = {
	    .ecam_base = FIXTURE_ECAM,
	    .window32 = FIXTURE_WINDOW,
	    .window32_size = 0x10000000,
	    .ports_cf8 = true,
	    .msi = {.send = send_message},
	};

	memset(fixture, 0, sizeof(*fixture));
	hosted_reset();
	fake_port_reset();
	fixture->ram = aligned_alloc(4096, FIXTURE_RAM_SIZE);
	CHECK(fixture->ram);
	memset(fixture->ram, 0, FIXTURE_RAM_SIZE);
	fixture->mem.slots[0] = (struct guest_mem_slot){
	    .address = FIXTURE_RAM, .size = FIXTURE_RAM_SIZE, .host = fixture->ram};
	fixture->mem.count = 1;
	pci_host_init(&fixture->host, &fixture->memory, &fixture->ports, &host);
	hosted_io.mmio_read = mmio_read;
	hosted_io.mmio_write = mmio_write;
	hosted_io.context = fixture;
	hosted_io.ecam_base = FIXTURE_ECAM;
	hosted_io.ecam_buses = 1;
}

void driver_fixture_free(struct driver_fixture *fixture)
{
	free(fixture->ram);
	fixture->ram = NULL;
}

void driver_fixture_share_all(struct driver_fixture *fixture)
{
	fixture->mem.slots[1] = (struct guest_mem_slot){
	    .address = SHARED_BASE, .size = SHARED_SIZE, .host = (uint8_t *)(uintptr_t)SHARED_BASE};
	fixture->mem.count = 2;
}

/* ---- plugging and starting ---- */

static void found(const struct host_pci_device *device)
{
	if (device->slot == FIXTURE_SLOT)
		scanning->pci = *device;
}

void driver_fixture_plug(struct driver_fixture *fixture, struct virtio_device *device)
{
	virtio_pci_init(&fixture->transport, device);
	CHECK(pci_host_add(&fixture->host, &fixture->transport.function, FIXTURE_SLOT) == 0);
	scanning = fixture;
	host_pci_scan(found);
	CHECK(fixture->pci.vendor == 0x1af4);
}

static void config_interrupt(void *context)
{
	((struct driver_fixture *)context)->config_interrupts++;
}

static void queue_interrupt(void *context)
{
	((struct driver_fixture *)context)->queue_interrupts++;
}

/* The line of the MMIO transport. A driver that is not there yet answers nothing. */
static void line_set(void *context, unsigned number, bool level)
{
	struct driver_fixture *fixture = context;
	uint32_t events;

	(void)number;
	if (!level || !fixture->port.mmio.at)
		return;
	events = virtio_mmio_port_interrupt(&fixture->port.mmio);
	CHECK(events);
	if (events & VIRTIO_MMIO_INT_CONFIG)
		config_interrupt(fixture);
	if (events & VIRTIO_MMIO_INT_QUEUE)
		queue_interrupt(fixture);
}

void driver_fixture_plug_mmio(struct driver_fixture *fixture, struct virtio_device *device)
{
	fixture->over_mmio = true;
	virtio_mmio_init(&fixture->mmio, device, FIXTURE_MMIO,
	                 (struct irq_line){line_set, fixture, 0});
	CHECK(bus_add(&fixture->memory, &fixture->mmio.region) == 0);
}

int driver_fixture_open(struct driver_fixture *fixture)
{
	int err = fixture->over_mmio
	              ? virtio_mmio_port_open(&fixture->port.mmio, FIXTURE_MMIO, VIRTIO_MMIO_SIZE,
	                                      "fixture")
	              : virtio_pci_port_open(&fixture->port.pci, &fixture->pci, "fixture");

	if (err)
		return err;
	fixture->port.port.dma_offset = FIXTURE_RAM - (uint64_t)(uintptr_t)fixture->ram;
	if (!fixture->over_mmio)
		virtio_pci_port_interrupts(&fixture->port.pci, config_interrupt, queue_interrupt,
		                           fixture);
	return 0;
}

int driver_fixture_negotiate(struct driver_fixture *fixture, uint64_t wanted)
{
	struct virtio_port *port = &fixture->port.port;
	int err = virtio_port_begin(port, wanted, 0);

	fixture->queues = 0;
	while (!err && fixture->queues < VIRTIO_PORT_QUEUES &&
	       port->ops->queue_size(port, fixture->queues)) {
		void *memory = driver_fixture_alloc(fixture, ring_bytes(FIXTURE_RING_SIZE, true));

		err = virtio_port_queue(port, fixture->queues, &fixture->rings[fixture->queues],
		                        memory, FIXTURE_RING_SIZE);
		fixture->queues++;
	}
	return err;
}

int driver_fixture_start(struct driver_fixture *fixture, uint64_t wanted)
{
	int err = driver_fixture_open(fixture);

	if (!err)
		err = driver_fixture_negotiate(fixture, wanted);
	return err ? err : virtio_port_go(&fixture->port.port);
}

/* ---- buffers and chains ---- */

void *driver_fixture_alloc(struct driver_fixture *fixture, size_t size)
{
	uint8_t *at = fixture->ram + fixture->ram_used;

	size = (size + 15) & ~(size_t)15;
	CHECK(size <= FIXTURE_RAM_SIZE - fixture->ram_used);
	fixture->ram_used += size;
	memset(at, 0, size);
	return at;
}

uint64_t driver_fixture_address(const struct driver_fixture *fixture, const void *pointer)
{
	return FIXTURE_RAM + (uint64_t)((const uint8_t *)pointer - fixture->ram);
}

int driver_fixture_call(struct driver_fixture *fixture, unsigned queue,
                        const struct blk_span *spans, unsigned readable, unsigned writable,
                        uint32_t *written)
{
	struct ring *ring = &fixture->rings[queue];
	uint32_t length = 0;
	int err = ring_add(ring, spans, readable, writable, fixture);

	if (err)
		return err;
	virtio_port_kick(&fixture->port.port, queue, ring);
	if (!ring_reap(ring, &length))
		return ERR_BUSY;
	if (written)
		*written = length;
	return 0;
}
