/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/virtio.h"

#include <stddef.h>

#include "tests/guest/bare/bare.h"

#define PCI_COMMAND    0x04
#define PCI_BAR0       0x10
#define PCI_CAPS       0x34
#define CAP_VENDOR     0x09
#define CAP_COMMON     1
#define CAP_NOTIFY     2
#define CAP_DEVICE     4
#define STATUS_RUNNING 0x0f /* ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK */

/* struct virtio_pci_common_cfg, VIRTIO 1.2, 4.1.4.3 */
struct common {
	uint32_t device_feature_select, device_feature, driver_feature_select, driver_feature;
	uint16_t config_msix_vector, num_queues;
	uint8_t device_status, config_generation;
	uint16_t queue_select, queue_size, queue_msix_vector, queue_enable, queue_notify_off;
	uint32_t queue_desc[2], queue_driver[2], queue_device[2]; /* low, high: 4.1.3.1 */
};

/* Where a BAR lies; one that nobody placed is put into the window. */
static uintptr_t bar_address(uint32_t slot, uint32_t bar)
{
	uint32_t offset = PCI_BAR0 + bar * 4, low = pci_read(slot, offset);

	if (!(low & ~0xfu)) {
		pci_write(slot, offset, PCI_WINDOW + slot * 0x100000 + bar * 0x10000);
		if (low & 4)
			pci_write(slot, offset + 4, 0);
		low = pci_read(slot, offset);
	}
	return low & ~0xfu;
}

/* One virtio capability: its structure's address, by its kind. */
static void use_capability(struct virtio *device, uint32_t slot, uint32_t cap)
{
	uintptr_t at = bar_address(slot, pci_read(slot, cap + 4) & 0xff) + pci_read(slot, cap + 8);

	switch (pci_read(slot, cap) >> 24) {
	case CAP_COMMON:
		device->common = (volatile uint8_t *)at;
		break;
	case CAP_NOTIFY:
		device->notify = (uint8_t *)at;
		device->multiplier = pci_read(slot, cap + 16);
		break;
	case CAP_DEVICE:
		device->config = (volatile uint8_t *)at;
		break;
	}
}

bool virtio_find(struct virtio *device, uint32_t kind, uint32_t features)
{
	volatile struct common *common;
	uint32_t slot = 0, cap;

	*device = (struct virtio){0};
	while (pci_read(slot, 0) != kind)
		if (++slot == 32)
			return false;
	pci_write(slot, PCI_COMMAND, 6); /* memory, bus master */
	for (cap = pci_read(slot, PCI_CAPS) & 0xfc; cap; cap = pci_read(slot, cap + 1) & 0xfc)
		if ((pci_read(slot, cap) & 0xff) == CAP_VENDOR)
			use_capability(device, slot, cap);
	if (!device->common || !device->notify)
		return false;
	common = (volatile struct common *)device->common;
	common->device_status = 0;
	common->device_status = 3;
	common->driver_feature_select = 0;
	common->driver_feature = features;
	common->driver_feature_select = 1;
	common->driver_feature = 1; /* VIRTIO_F_VERSION_1 */
	common->device_status = 11;
	return true;
}

void virtio_ring(struct virtio *device, uint16_t queue, struct ring *ring)
{
	volatile struct common *common = (volatile struct common *)device->common;

	ring->queue = queue;
	common->queue_select = queue;
	common->queue_size = RING_SIZE;
	common->queue_desc[0] = (uint32_t)(uintptr_t)ring->desc;
	common->queue_desc[1] = 0;
	common->queue_driver[0] = (uint32_t)(uintptr_t)&ring->avail;
	common->queue_driver[1] = 0;
	common->queue_device[0] = (uint32_t)(uintptr_t)&ring->used;
	common->queue_device[1] = 0;
	ring->notify =
	    (volatile uint16_t *)(device->notify + common->queue_notify_off * device->multiplier);
	ring->avail.flags = 1; /* VIRTQ_AVAIL_F_NO_INTERRUPT */
	common->queue_enable = 1;
}

bool virtio_run(struct virtio *device)
{
	volatile struct common *common = (volatile struct common *)device->common;

	common->device_status = STATUS_RUNNING;
	return common->device_status == STATUS_RUNNING;
}

void ring_describe(struct ring *ring, unsigned index, const volatile void *data, uint32_t size)
{
	ring->desc[index].addr = (uintptr_t)data;
	ring->desc[index].len = size;
	ring->desc[index].next = (uint16_t)(index + 1);
}

void ring_offer(struct ring *ring, unsigned count)
{
	barrier();
	ring->avail.idx = (uint16_t)(ring->avail.idx + count);
	barrier();
	*ring->notify = ring->queue;
}
