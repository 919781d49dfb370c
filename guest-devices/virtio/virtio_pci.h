/* SPDX-License-Identifier: BSD-2-Clause */
/* VIRTIO 1.4 over PCI (4.1), modern: five capabilities in one 64-bit BAR, MSI-X with one vector a
 * queue and one for configuration. */
#pragma once

#include "guest-devices/pci/pci.h"
#include "guest-devices/virtio/virtio.h"

#define VIRTIO_PCI_QUEUES 8 /* most queues of a device behind this transport */

struct virtio_pci {
	struct pci_function function; /* add it to a PCI host */
	struct virtio_device *device;
	/* registers of the common configuration structure (4.1.4.3) */
	uint32_t device_feature_select, driver_feature_select;
	uint64_t driver_features;
	uint16_t queue_select, config_vector;
	uint16_t queue_vectors[VIRTIO_PCI_QUEUES];
	uint8_t isr;
	uint8_t generation_seen; /* see virtio_pci.c */
};

/* device is initialised and outlives it. The function gets vendor 1AF4, device 1040 + type. */
void virtio_pci_init(struct virtio_pci *transport, struct virtio_device *device);
