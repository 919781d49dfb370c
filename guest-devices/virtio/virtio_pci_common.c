/* SPDX-License-Identifier: BSD-2-Clause */
/* The common configuration structure (VIRTIO 1.4, 4.1.4.3): one register a case. */
#include "guest-devices/virtio/virtio_pci.h"

enum {
	DEVICE_FEATURE_SELECT = 0x00,
	DEVICE_FEATURE = 0x04,
	DRIVER_FEATURE_SELECT = 0x08,
	DRIVER_FEATURE = 0x0c,
	CONFIG_VECTOR = 0x10,
	NUM_QUEUES = 0x12,
	DEVICE_STATUS = 0x14,
	CONFIG_GENERATION = 0x15,
	QUEUE_SELECT = 0x16,
	QUEUE_SIZE = 0x18,
	QUEUE_VECTOR = 0x1a,
	QUEUE_ENABLE = 0x1c,
	QUEUE_NOTIFY_OFF = 0x1e,
	QUEUE_DESC = 0x20,
	QUEUE_DRIVER = 0x28,
	QUEUE_DEVICE = 0x30,
	QUEUE_NOTIF_CONFIG_DATA = 0x38,
	QUEUE_RESET = 0x3a,
};

/* The one width that is legal at an offset; 64-bit fields are two halves. 0: no field. */
static const uint8_t width[VIRTIO_PCI_COMMON_SIZE] = {
    [DEVICE_FEATURE_SELECT] = 4, [DEVICE_FEATURE] = 4,
    [DRIVER_FEATURE_SELECT] = 4, [DRIVER_FEATURE] = 4,
    [CONFIG_VECTOR] = 2,         [NUM_QUEUES] = 2,
    [DEVICE_STATUS] = 1,         [CONFIG_GENERATION] = 1,
    [QUEUE_SELECT] = 2,          [QUEUE_SIZE] = 2,
    [QUEUE_VECTOR] = 2,          [QUEUE_ENABLE] = 2,
    [QUEUE_NOTIFY_OFF] = 2,      [QUEUE_DESC] = 4,
    [QUEUE_DESC + 4] = 4,        [QUEUE_DRIVER] = 4,
    [QUEUE_DRIVER + 4] = 4,      [QUEUE_DEVICE] = 4,
    [QUEUE_DEVICE + 4] = 4,      [QUEUE_NOTIF_CONFIG_DATA] = 2,
    [QUEUE_RESET] = 2,
};

static unsigned area_word(unsigned offset)
{
	return (offset - QUEUE_DESC) / 4;
}

/* Registers of the selected queue; a queue that is not there reads 0 (4.1.4.3.1). */
static uint32_t queue_read(struct virtio_pci *transport, unsigned offset)
{
	struct virtqueue *vq = virtio_queue(transport->device, transport->queue_select);

	if (!vq)
		return 0;
	switch (offset) {
	case QUEUE_SIZE:
		return vq->size;
	case QUEUE_VECTOR:
		return transport->queue_vectors[transport->queue_select];
	case QUEUE_ENABLE:
		return virtio_queue_ready(transport->device, transport->queue_select);
	case QUEUE_NOTIFY_OFF:
	case QUEUE_NOTIF_CONFIG_DATA:
		return transport->queue_select;
	case QUEUE_RESET:
		return virtio_queue_resetting(transport->device, transport->queue_select);
	default:
		return virtio_area_word(transport->device, transport->queue_select,
		                        area_word(offset));
	}
}

static uint32_t read(struct virtio_pci *transport, unsigned offset)
{
	struct virtio_device *device = transport->device;

	switch (offset) {
	case DEVICE_FEATURE_SELECT:
		return transport->device_feature_select;
	case DEVICE_FEATURE:
		return virtio_offered_word(device, transport->device_feature_select);
	case DRIVER_FEATURE_SELECT:
		return transport->driver_feature_select;
	case DRIVER_FEATURE:
		return virtio_driver_word(device, transport->driver_feature_select);
	case CONFIG_VECTOR:
		return transport->config_vector;
	case NUM_QUEUES:
		return device->queue_count;
	case DEVICE_STATUS:
		return virtio_status(device);
	case CONFIG_GENERATION:
		return virtio_generation(device) & 0xff;
	case QUEUE_SELECT:
		return transport->queue_select;
	default:
		return queue_read(transport, offset);
	}
}

static uint16_t valid_vector(const struct virtio_pci *transport, uint16_t vector)
{
	return vector < transport->function.msix_count ? vector : VIRTIO_NO_VECTOR;
}

void virtio_pci_set_config_vector(struct virtio_pci *transport, uint16_t vector)
{
	transport->config_vector = valid_vector(transport, vector);
}

void virtio_pci_set_queue_vector(struct virtio_pci *transport, uint16_t vector)
{
	if (virtio_queue(transport->device, transport->queue_select))
		transport->queue_vectors[transport->queue_select] = valid_vector(transport, vector);
	else
		virtio_misuse(transport->device);
}

static void queue_write(struct virtio_pci *transport, unsigned offset, uint32_t value)
{
	struct virtio_device *device = transport->device;
	uint16_t queue = transport->queue_select;

	switch (offset) {
	case QUEUE_SIZE:
		virtio_set_queue_size(device, queue, (uint16_t)value);
		return;
	case QUEUE_VECTOR:
		virtio_pci_set_queue_vector(transport, (uint16_t)value);
		return;
	case QUEUE_ENABLE:
		if (value == 1)
			virtio_queue_enable(device, queue);
		else
			virtio_misuse(device);
		return;
	case QUEUE_RESET:
		if (value == 1)
			virtio_queue_reset(device, queue);
		else
			virtio_misuse(device);
		return;
	case QUEUE_NOTIFY_OFF:
	case QUEUE_NOTIF_CONFIG_DATA:
		virtio_misuse(device);
		return;
	default:
		virtio_set_area_word(device, queue, area_word(offset), value);
	}
}

static void write(struct virtio_pci *transport, unsigned offset, uint32_t value)
{
	switch (offset) {
	case DEVICE_FEATURE_SELECT:
		transport->device_feature_select = value;
		return;
	case DRIVER_FEATURE_SELECT:
		transport->driver_feature_select = value;
		return;
	case DRIVER_FEATURE:
		virtio_set_driver_word(transport->device, transport->driver_feature_select, value);
		return;
	case CONFIG_VECTOR:
		virtio_pci_set_config_vector(transport, (uint16_t)value);
		return;
	case DEVICE_STATUS:
		virtio_set_status(transport->device, (uint8_t)value);
		return;
	case QUEUE_SELECT:
		transport->queue_select = (uint16_t)value;
		return;
	case DEVICE_FEATURE:
	case NUM_QUEUES:
	case CONFIG_GENERATION:
		virtio_misuse(transport->device);
		return;
	default:
		queue_write(transport, offset, value);
	}
}

/* The first bytes of a field may be read alone: the iPXE of Debian 12 reads half of the features.
 */
static bool right_width(const struct bus_access *access)
{
	if (access->address >= VIRTIO_PCI_COMMON_SIZE)
		return false;
	return access->write ? access->size == width[access->address]
	                     : access->size <= width[access->address];
}

void virtio_pci_common_access(struct virtio_pci *transport, struct bus_access *access)
{
	unsigned offset = (unsigned)access->address;

	if (!right_width(access)) {
		virtio_misuse(transport->device);
		access->value = 0;
	} else if (access->write) {
		write(transport, offset, (uint32_t)access->value);
	} else {
		access->value = read(transport, offset);
	}
}
