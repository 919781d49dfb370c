/* SPDX-License-Identifier: BSD-2-Clause */
/* VIRTIO 1.4 over PCI (4.1): five capabilities in one 64-bit BAR, MSI-X with one vector a queue and
 * one for configuration; for legacy drivers a header in ports. */
#pragma once

#include "guest-devices/pci/pci.h"
#include "guest-devices/virtio/virtio.h"

#define VIRTIO_PCI_QUEUES 24 /* most queues of a device behind this transport */

/* The structures in the memory BAR; each has pages of its own. */
enum {
	VIRTIO_PCI_COMMON = 0x0000,
	VIRTIO_PCI_ISR = 0x1000,
	VIRTIO_PCI_CONFIG = 0x2000,
	VIRTIO_PCI_NOTIFY = 0x3000,
	VIRTIO_PCI_MSIX = 0x4000,
	VIRTIO_PCI_BAR_SIZE = 0x8000,
	VIRTIO_PCI_NOTIFY_MULTIPLIER = 4,
	VIRTIO_PCI_COMMON_SIZE = 0x3c, /* up to queue_reset */
};

struct virtio_pci {
	struct pci_function function; /* add it to a PCI host */
	struct virtio_device *device;
	/* registers of the common configuration structure (4.1.4.3) */
	uint32_t device_feature_select, driver_feature_select;
	uint16_t queue_select, config_vector;
	uint16_t queue_vectors[VIRTIO_PCI_QUEUES];
	uint8_t isr;
	uint8_t window; /* offset of the PCI_CFG capability; 0: none */
	uint8_t bar;    /* number of the memory BAR */
	enum virtio_face face;
};

/*
 * device is initialised, has at most VIRTIO_PCI_QUEUES queues and outlives it. The function gets
 * vendor 1AF4, device 1040 + type. Other faces than the modern one have the transitional device ID
 * and BAR 0 in ports; types that have no such ID (registry.h) are modern always.
 */
void virtio_pci_init_as(struct virtio_pci *transport, struct virtio_device *device,
                        enum virtio_face face);
static inline void virtio_pci_init(struct virtio_pci *transport, struct virtio_device *device)
{
	virtio_pci_init_as(transport, device, VIRTIO_MODERN);
}

/* --- inside the transport --- */
/* One access to the common configuration structure; address relative to it. */
void virtio_pci_common_access(struct virtio_pci *transport, struct bus_access *access);
/* One access to the BAR. */
void virtio_pci_bar_access(void *context, struct bus_access *access);
/* The driver wrote, or is about to read, the PCI_CFG capability (4.1.4.9). */
void virtio_pci_window(struct virtio_pci *transport, unsigned offset, unsigned size, bool write);
/* Add the legacy BAR; one access to it. */
void virtio_pci_legacy_init(struct virtio_pci *transport);
void virtio_pci_legacy_access(void *context, struct bus_access *access);
/* Registers that both interfaces have. Reading ISR clears it. */
uint8_t virtio_pci_isr(struct virtio_pci *transport);
void virtio_pci_set_config_vector(struct virtio_pci *transport, uint16_t vector);
void virtio_pci_set_queue_vector(struct virtio_pci *transport, uint16_t vector); /* selected */
