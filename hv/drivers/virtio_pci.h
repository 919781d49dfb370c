/* SPDX-License-Identifier: BSD-2-Clause */
/* A virtio port on PCI, the modern interface only (VIRTIO 1.4, 4.1): also what transitional devices
 * offer in their capabilities. */
#pragma once

#include "hv/drivers/host_pci.h"
#include "hv/drivers/virtio.h"

struct virtio_pci_window {
	uint8_t *at; /* NULL: the device has none */
	uint32_t size;
};

struct virtio_pci_port {
	struct virtio_port port; /* first: the operations find us by it */
	struct host_pci_device *pci;
	struct virtio_pci_window common, notify, isr, device;
	uint32_t notify_multiplier;
	uint8_t *doorbells[VIRTIO_PORT_QUEUES]; /* NULL: queue not enabled */
	uint16_t config_vector, queue_vector;   /* MSI-X entries; VIRTIO_NO_VECTOR: polled */
	char name[40];
};

/*
 * Start the PCI device and find its registers. kind: "virtio-net", for messages.
 * ERR_UNSUPPORTED: no usable modern interface; the log says what is missing.
 */
int virtio_pci_port_open(struct virtio_pci_port *port, struct host_pci_device *pci,
                         const char *kind);

/*
 * Interrupts, before virtio_port_begin: config when something other than a queue wants attention,
 * queue for all queues. With one MSI-X entry both are called for it; without any neither is ever,
 * and the device is polled. They only note what happened.
 */
void virtio_pci_port_interrupts(struct virtio_pci_port *port, irq_handler *config,
                                irq_handler *queue, void *context);

/* After the device was reset: no more DMA. */
void virtio_pci_port_close(struct virtio_pci_port *port);
