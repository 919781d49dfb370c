/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver's hands on a virtio function: finds the capabilities by walking the list, then reads and
 * writes registers as told, legal or not. */
#pragma once

#include "tests/lib/fake_pci.h"
#include "tests/lib/raw_ring.h"

enum { /* common configuration structure, 4.1.4.3 */
       RAW_DEVICE_FEATURE_SELECT = 0x00,
       RAW_DEVICE_FEATURE = 0x04,
       RAW_DRIVER_FEATURE_SELECT = 0x08,
       RAW_DRIVER_FEATURE = 0x0c,
       RAW_CONFIG_VECTOR = 0x10,
       RAW_NUM_QUEUES = 0x12,
       RAW_STATUS = 0x14,
       RAW_GENERATION = 0x15,
       RAW_QUEUE_SELECT = 0x16,
       RAW_QUEUE_SIZE = 0x18,
       RAW_QUEUE_VECTOR = 0x1a,
       RAW_QUEUE_ENABLE = 0x1c,
       RAW_QUEUE_NOTIFY_OFF = 0x1e,
       RAW_QUEUE_DESC = 0x20,
       RAW_QUEUE_DRIVER = 0x28,
       RAW_QUEUE_DEVICE = 0x30,
       RAW_QUEUE_NOTIF_CONFIG_DATA = 0x38,
       RAW_QUEUE_RESET = 0x3a,
};

struct raw_virtio_pci {
	struct fake_pci *pci;
	unsigned slot;
	/* offsets in configuration space of the capabilities; 0: not there */
	unsigned msix, cap[10];
	uint64_t common, notify, isr, config; /* guest physical addresses */
	uint32_t multiplier;
};

/* Finds everything and turns memory decoding and bus mastering on. */
void raw_virtio_pci_init(struct raw_virtio_pci *raw, struct fake_pci *pci, unsigned slot);
uint64_t raw_common_read(struct raw_virtio_pci *raw, unsigned offset, uint8_t size);
void raw_common_write(struct raw_virtio_pci *raw, unsigned offset, uint8_t size, uint64_t value);
uint8_t raw_status(struct raw_virtio_pci *raw);
/* Status 0 ... FEATURES_OK with these features and VERSION_1. */
void raw_negotiate(struct raw_virtio_pci *raw, uint64_t features);
/* All registers of a queue, from a ring; then queue_enable. */
void raw_queue(struct raw_virtio_pci *raw, unsigned queue, const struct raw_ring *ring,
               uint16_t vector);
void raw_driver_ok(struct raw_virtio_pci *raw);
void raw_notify(struct raw_virtio_pci *raw, unsigned queue);
