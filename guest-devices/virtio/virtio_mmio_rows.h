/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers as a table, one row each; what is not there reads 0 and ignores writes. */
#pragma once

#include "guest-devices/virtio/virtio_mmio.h"
#include "guest-devices/virtio/virtio_mmio_registers.h"

struct virtio_mmio_row {
	uint32_t (*read)(struct virtio_mmio *transport, uint32_t argument);
	void (*write)(struct virtio_mmio *transport, uint32_t argument, uint32_t value);
	uint32_t argument;
};

#define AT(offset)      [(offset) / 4]
#define ROWS(rows)      (sizeof(rows) / sizeof((rows)[0]))
#define DEVICE_FEATURES VIRTIO_MMIO_SELECT_DEVICE_FEATURES
#define DRIVER_FEATURES VIRTIO_MMIO_SELECT_DRIVER_FEATURES
#define QUEUE           VIRTIO_MMIO_SELECT_QUEUE
#define SHM             VIRTIO_MMIO_SELECT_SHM
#define VENDOR          0x1af4 /* as on PCI */

/* Those of both versions. select: the register that says which. */
uint32_t virtio_mmio_constant(struct virtio_mmio *transport, uint32_t value);
uint32_t virtio_mmio_device_id(struct virtio_mmio *transport, uint32_t unused);
uint32_t virtio_mmio_queue_size_max(struct virtio_mmio *transport, uint32_t select);
uint32_t virtio_mmio_interrupt_status(struct virtio_mmio *transport, uint32_t unused);
uint32_t virtio_mmio_status(struct virtio_mmio *transport, uint32_t unused);
void virtio_mmio_set_select(struct virtio_mmio *transport, uint32_t select, uint32_t value);
void virtio_mmio_set_queue_size(struct virtio_mmio *transport, uint32_t select, uint32_t value);
void virtio_mmio_acknowledge(struct virtio_mmio *transport, uint32_t unused, uint32_t bits);
