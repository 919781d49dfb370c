/* SPDX-License-Identifier: BSD-2-Clause */
/* VIRTIO 1.4 over MMIO (4.2), version 2 or the legacy 1: one region of registers and one
 * level-triggered line. */
#pragma once

#include "guest-devices/bus.h"
#include "guest-devices/irq.h"
#include "guest-devices/virtio/virtio.h"

#define VIRTIO_MMIO_SIZE 0x200 /* registers, then up to 256 bytes of device configuration */

/* Registers that only choose what others mean. */
enum virtio_mmio_select {
	VIRTIO_MMIO_SELECT_DEVICE_FEATURES,
	VIRTIO_MMIO_SELECT_DRIVER_FEATURES,
	VIRTIO_MMIO_SELECT_QUEUE,
	VIRTIO_MMIO_SELECT_SHM,
	VIRTIO_MMIO_SELECTS,
};

struct virtio_mmio_row;

struct virtio_mmio {
	struct bus_region region; /* add it to the guest's memory bus */
	struct virtio_device *device;
	struct irq_line line;
	uint32_t select[VIRTIO_MMIO_SELECTS];
	uint32_t interrupt_status;
	uint32_t page_size; /* legacy: what a queue's page number counts */
	/* which version it is */
	const struct virtio_mmio_row *rows;
	void (*config_access)(struct virtio_device *device, uint64_t offset,
	                      struct bus_access *access);
};

/* device is initialised and outlives it. line may be shared with others if whoever owns the far end
 * holds it up as long as one of them does. */
void virtio_mmio_init(struct virtio_mmio *transport, struct virtio_device *device, uint64_t address,
                      struct irq_line line);
/* The same, version 1 (4.2.4): for legacy drivers only. */
void virtio_mmio_legacy_init(struct virtio_mmio *transport, struct virtio_device *device,
                             uint64_t address, struct irq_line line);
