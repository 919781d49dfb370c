/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One of the project's virtio devices behind a transport of the project's (PCI with its host
 * bridge, or MMIO), driven by the project's own driver side: guest RAM + bus + device + driver. The
 * driver's device memory and interrupts are those of arch/hosted.
 *
 *	driver_fixture_init(&f);
 *	virtio_rng_init(&rng, ... &f.mem ...);
 *	driver_fixture_plug(&f, &rng.device);
 *	cr_assert_eq(driver_fixture_start(&f, RING_FEATURES), 0);
 *	buffer = driver_fixture_alloc(&f, 64);
 *	driver_fixture_call(&f, 0, &(struct blk_span){buffer, 64}, 0, 1, &written);
 */
#pragma once

#include "guest-devices/bus.h"
#include "guest-devices/guest_mem.h"
#include "guest-devices/pci/pci.h"
#include "guest-devices/virtio/virtio_mmio.h"
#include "guest-devices/virtio/virtio_pci.h"
#include "hv/drivers/host_pci.h"
#include "hv/drivers/virtio_mmio.h"
#include "hv/drivers/virtio_pci.h"

#define FIXTURE_RAM       0x100000ull /* guest address */
#define FIXTURE_RAM_SIZE  (4u << 20)
#define FIXTURE_ECAM      0xe0000000ull
#define FIXTURE_WINDOW    0xc0000000ull
#define FIXTURE_SLOT      3
#define FIXTURE_MMIO      0xd0000000ull
#define FIXTURE_RING_SIZE 64

struct driver_fixture {
	struct guest_mem
	    mem; /* FIXTURE_RAM; with driver_fixture_share_all also the program's own */
	struct bus memory, ports;
	struct pci_host host;
	struct virtio_pci transport;
	struct virtio_mmio mmio; /* the other transport */
	bool over_mmio;
	/* the driver's side */
	struct host_pci_device pci;
	union {
		struct virtio_port port; /* the first member of the others */
		struct virtio_pci_port pci;
		struct virtio_mmio_port mmio;
	} port;
	struct ring rings[VIRTIO_PORT_QUEUES];
	unsigned queues; /* that driver_fixture_start set up */
	unsigned config_interrupts, queue_interrupts;
	uint8_t *ram;
	size_t ram_used;
	bool gone; /* the device is unplugged: all its registers read as all ones */
};

/* Any content before; everything of arch/hosted is reset too. */
void driver_fixture_init(struct driver_fixture *fixture);
void driver_fixture_free(struct driver_fixture *fixture);

/* Whole drivers take their memory from the page pool: let the device reach all of the program's
 * memory at addresses equal to its pointers. */
void driver_fixture_share_all(struct driver_fixture *fixture);

/* Put the device on the bus at FIXTURE_SLOT, as firmware would. Then find it: f->pci. */
void driver_fixture_plug(struct driver_fixture *fixture, struct virtio_device *device);
/* The same over MMIO, at FIXTURE_MMIO. */
void driver_fixture_plug_mmio(struct driver_fixture *fixture, struct virtio_device *device);

/* Open the port, interrupts on, negotiate `wanted`, set up all queues, DRIVER_OK. 0 or negative. */
int driver_fixture_start(struct driver_fixture *fixture, uint64_t wanted);
/* The same in steps: the port only; then features and queues. */
int driver_fixture_open(struct driver_fixture *fixture);
int driver_fixture_negotiate(struct driver_fixture *fixture, uint64_t wanted);

/* Zeroed guest RAM for buffers, aligned to 16; a test that asks for too much fails. */
void *driver_fixture_alloc(struct driver_fixture *fixture, size_t size);
uint64_t driver_fixture_address(const struct driver_fixture *fixture, const void *pointer);

/* Hand one chain over, notify, and take it back if it is done. 0, or ring_add's error; ERR_BUSY:
 * it was not done. */
int driver_fixture_call(struct driver_fixture *fixture, unsigned queue,
                        const struct blk_span *spans, unsigned readable, unsigned writable,
                        uint32_t *written);
