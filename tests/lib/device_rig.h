/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio device in a small machine: guest memory, a bus, a PCI host and the PCI transport. All
 * the test does, it does as a guest would: through configuration space, registers and rings.
 */
#pragma once

#include "guest-devices/pci/pci.h"
#include "guest-devices/virtio/virtio.h"
#include "guest-devices/virtio/virtio_pci.h"
#include "tests/lib/fake_mem.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/raw_ring.h"

#define RIG_QUEUES    20
#define RIG_RING_SIZE 256
#define RIG_HEAP      0x200000 /* where rig_alloc begins; FAKE_HIGH */

struct rig {
	struct fake_mem mem;
	struct bus ports;
	struct pci_host host;
	struct virtio_pci transport;
	struct virtio_device *device;
	struct raw_ring rings[RIG_QUEUES];
	unsigned next_desc[RIG_QUEUES];
	uint16_t seen[RIG_QUEUES]; /* used entries that rig_used has given out */
	uint64_t registers;        /* address of BAR 0 */
	uint64_t common, notify, isr, config, notify_multiplier;
	unsigned interrupts[RIG_QUEUES + 1]; /* by vector: the queue, then configuration */
	unsigned config_vector;
	uint64_t heap;
};

/* A piece of guest memory in a chain. */
struct rig_buffer {
	uint64_t address;
	uint32_t size;
	bool write;
};

void rig_init(struct rig *rig); /* the memory; time 0 */
void rig_plug(struct rig *rig, struct virtio_device *device);
void rig_free(struct rig *rig);

uint64_t rig_read(struct rig *rig, uint64_t address, uint8_t size); /* a register */
void rig_write(struct rig *rig, uint64_t address, uint64_t value, uint8_t size);
uint8_t rig_status(struct rig *rig);
uint64_t rig_features(struct rig *rig); /* offered */

/* Reset, then the whole of 3.1.1 with these features (VERSION_1 is added), all queues, MSI-X.
 * false: FEATURES_OK was refused. */
bool rig_start(struct rig *rig, uint64_t features);
/* The same as a driver of before version 1.0 (3.1.2), behind no transport: without interrupts.
 * Until the next rig_reset or rig_start. */
void rig_start_legacy(struct rig *rig, uint32_t features);
void rig_write_config_legacy(struct rig *rig, uint64_t offset, uint64_t value, uint8_t size);
void rig_reset(struct rig *rig);

/* Zeroed guest memory, aligned to 16. It is never given back. */
uint64_t rig_alloc(struct rig *rig, uint32_t size);
void *rig_at(struct rig *rig, uint64_t address, uint64_t size);

/* Make a chain available; rig_kick tells the device. Returns the head. */
uint16_t rig_offer(struct rig *rig, unsigned queue, const struct rig_buffer *buffers,
                   unsigned count);
void rig_kick(struct rig *rig, unsigned queue);

/* The next used element not seen before; false: none. */
bool rig_used(struct rig *rig, unsigned queue, uint16_t *head, uint32_t *written);
unsigned rig_used_count(struct rig *rig, unsigned queue); /* not seen yet */
