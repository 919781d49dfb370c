/* SPDX-License-Identifier: BSD-2-Clause */
/* A virtio port over MMIO, version 2 (VIRTIO 1.4, 4.2). Whoever finds the device (a table of the
 * firmware's) knows where its registers and its line are. */
#pragma once

#include "hv/drivers/virtio.h"

struct virtio_mmio_port {
	struct virtio_port port; /* first: the operations find us by it */
	uint8_t *at;
	uint32_t config_size; /* bytes behind the registers, not all of them the device's */
	char name[40];
};

/*
 * Find the registers at this physical address, size bytes. kind: "virtio-net", for messages.
 * ERR_NOT_FOUND: a placeholder without a device, not worth a message; ERR_UNSUPPORTED: no device of
 * version 2, the log says what is there.
 */
int virtio_mmio_port_open(struct virtio_mmio_port *port, uint64_t address, uint32_t size,
                          const char *kind);

/* The line went up: acknowledges and returns what happened, VIRTIO_MMIO_INT_*; 0: it was another
 * device of the line. */
uint32_t virtio_mmio_port_interrupt(struct virtio_mmio_port *port);
