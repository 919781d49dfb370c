/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The legacy interface of a transitional or legacy function: a header in ports, behind it the
 * device's configuration, which moves when MSI-X goes on or off (VIRTIO 1.4, 4.1.4.10).
 */
#include "guest-devices/virtio/virtio_pci.h"

enum {
	DEVICE_FEATURES = 0,
	DRIVER_FEATURES = 4,
	QUEUE_PFN = 8,
	QUEUE_SIZE = 12,
	QUEUE_SELECT = 14,
	QUEUE_NOTIFY = 16,
	DEVICE_STATUS = 18,
	ISR_STATUS = 19,
	HEADER = 20,
	CONFIG_VECTOR = 20,
	QUEUE_VECTOR = 22,
	HEADER_MSIX = 24,
	PAGE_SHIFT = 12,
};

/* The one width that is legal at an offset. */
static const uint8_t width[HEADER_MSIX] = {
    [DEVICE_FEATURES] = 4, [DRIVER_FEATURES] = 4, [QUEUE_PFN] = 4,     [QUEUE_SIZE] = 2,
    [QUEUE_SELECT] = 2,    [QUEUE_NOTIFY] = 2,    [DEVICE_STATUS] = 1, [ISR_STATUS] = 1,
    [CONFIG_VECTOR] = 2,   [QUEUE_VECTOR] = 2,
};

static uint32_t read(struct virtio_pci *transport, unsigned offset)
{
	struct virtio_device *device = transport->device;
	struct virtqueue *vq = virtio_queue(device, transport->queue_select);

	switch (offset) {
	case DEVICE_FEATURES:
		return virtio_legacy_offered(device);
	case DRIVER_FEATURES:
		return (uint32_t)device->driver_features;
	case QUEUE_PFN:
		return (uint32_t)(virtio_legacy_queue(device, transport->queue_select) >>
		                  PAGE_SHIFT);
	case QUEUE_SIZE:
		return vq ? vq->size : 0;
	case QUEUE_SELECT:
		return transport->queue_select;
	case DEVICE_STATUS:
		return virtio_status(device);
	case ISR_STATUS:
		return virtio_pci_isr(transport);
	case CONFIG_VECTOR:
		return transport->config_vector;
	case QUEUE_VECTOR:
		return vq ? transport->queue_vectors[transport->queue_select] : VIRTIO_NO_VECTOR;
	default: /* QUEUE_NOTIFY */
		return 0;
	}
}

static void write(struct virtio_pci *transport, unsigned offset, uint32_t value)
{
	struct virtio_device *device = transport->device;

	switch (offset) {
	case DRIVER_FEATURES:
		virtio_legacy_set_features(device, value);
		return;
	case QUEUE_PFN:
		virtio_legacy_set_queue(device, transport->queue_select,
		                        (uint64_t)value << PAGE_SHIFT);
		return;
	case QUEUE_SELECT:
		transport->queue_select = (uint16_t)value;
		return;
	case QUEUE_NOTIFY:
		virtio_legacy_kick(device, value);
		return;
	case DEVICE_STATUS:
		virtio_legacy_set_status(device, (uint8_t)value);
		return;
	case CONFIG_VECTOR:
		virtio_pci_set_config_vector(transport, (uint16_t)value);
		return;
	case QUEUE_VECTOR:
		virtio_pci_set_queue_vector(transport, (uint16_t)value);
		return;
	default:
		virtio_misuse(device);
	}
}

void virtio_pci_legacy_access(void *context, struct bus_access *access)
{
	struct virtio_pci *transport = context;
	unsigned header = pci_msix_enabled(&transport->function) ? HEADER_MSIX : HEADER;

	if (access->address >= header) {
		virtio_legacy_config_access(transport->device, access->address - header, access);
	} else if (width[access->address] != access->size) {
		virtio_misuse(transport->device);
		access->value = 0;
	} else if (access->write) {
		write(transport, (unsigned)access->address, (uint32_t)access->value);
	} else {
		access->value = read(transport, (unsigned)access->address);
	}
}

/* The whole header and the configuration, in a power of two of ports. */
void virtio_pci_legacy_init(struct virtio_pci *transport)
{
	uint64_t size = 32;

	while (size < HEADER_MSIX + transport->device->config_size)
		size *= 2;
	pci_ports_bar_init(&transport->function, 0, size, virtio_pci_legacy_access, transport,
	                   transport->device->name);
}
