/* SPDX-License-Identifier: BSD-2-Clause */
/* Version 1 of the registers (VIRTIO 1.4, 4.2.4). */
#include "guest-devices/virtio/virtio_mmio_rows.h"

static uint32_t device_features(struct virtio_mmio *transport, uint32_t select)
{
	return transport->select[select] == 0 ? virtio_legacy_offered(transport->device) : 0;
}

static void set_driver_features(struct virtio_mmio *transport, uint32_t select, uint32_t value)
{
	if (transport->select[select] == 0)
		virtio_legacy_set_features(transport->device, value);
	else if (value != 0)
		virtio_misuse(transport->device);
}

/* It stays over a reset: drivers write it before they reset the device. */
static void set_page_size(struct virtio_mmio *transport, uint32_t unused, uint32_t value)
{
	(void)unused;
	if (value == 0 || (value & (value - 1)) != 0)
		virtio_misuse(transport->device);
	else
		transport->page_size = value;
}

static void set_align(struct virtio_mmio *transport, uint32_t select, uint32_t value)
{
	virtio_legacy_set_align(transport->device, transport->select[select], value);
}

static uint32_t page(struct virtio_mmio *transport, uint32_t select)
{
	uint64_t address = virtio_legacy_queue(transport->device, transport->select[select]);

	return address ? (uint32_t)(address / transport->page_size) : 0;
}

static void set_page(struct virtio_mmio *transport, uint32_t select, uint32_t value)
{
	uint64_t address = (uint64_t)value * transport->page_size;

	if (value != 0 && address == 0)
		virtio_misuse(transport->device); /* no page size yet */
	else
		virtio_legacy_set_queue(transport->device, transport->select[select], address);
}

static void notify(struct virtio_mmio *transport, uint32_t unused, uint32_t queue)
{
	(void)unused;
	virtio_legacy_kick(transport->device, queue);
}

static void set_status(struct virtio_mmio *transport, uint32_t unused, uint32_t value)
{
	(void)unused;
	if (value > UINT8_MAX)
		virtio_misuse(transport->device);
	else
		virtio_legacy_set_status(transport->device, (uint8_t)value);
}

/* clang-format off */
static const struct virtio_mmio_row rows[VIRTIO_MMIO_CONFIG / 4] = {
	AT(VIRTIO_MMIO_MAGIC)               = {virtio_mmio_constant, NULL, VIRTIO_MMIO_MAGIC_VALUE},
	AT(VIRTIO_MMIO_VERSION)             = {virtio_mmio_constant, NULL, VIRTIO_MMIO_VERSION_1},
	AT(VIRTIO_MMIO_DEVICE_ID)           = {virtio_mmio_device_id, NULL, 0},
	AT(VIRTIO_MMIO_VENDOR_ID)           = {virtio_mmio_constant, NULL, VENDOR},
	AT(VIRTIO_MMIO_DEVICE_FEATURES)     = {device_features, NULL, DEVICE_FEATURES},
	AT(VIRTIO_MMIO_DEVICE_FEATURES_SEL) = {NULL, virtio_mmio_set_select, DEVICE_FEATURES},
	AT(VIRTIO_MMIO_DRIVER_FEATURES)     = {NULL, set_driver_features, DRIVER_FEATURES},
	AT(VIRTIO_MMIO_DRIVER_FEATURES_SEL) = {NULL, virtio_mmio_set_select, DRIVER_FEATURES},
	AT(VIRTIO_MMIO_PAGE_SIZE)           = {NULL, set_page_size, 0},
	AT(VIRTIO_MMIO_QUEUE_SEL)           = {NULL, virtio_mmio_set_select, QUEUE},
	AT(VIRTIO_MMIO_QUEUE_SIZE_MAX)      = {virtio_mmio_queue_size_max, NULL, QUEUE},
	AT(VIRTIO_MMIO_QUEUE_SIZE)          = {NULL, virtio_mmio_set_queue_size, QUEUE},
	AT(VIRTIO_MMIO_QUEUE_ALIGN)         = {NULL, set_align, QUEUE},
	AT(VIRTIO_MMIO_QUEUE_PAGE)          = {page, set_page, QUEUE},
	AT(VIRTIO_MMIO_QUEUE_NOTIFY)        = {NULL, notify, 0},
	AT(VIRTIO_MMIO_INTERRUPT_STATUS)    = {virtio_mmio_interrupt_status, NULL, 0},
	AT(VIRTIO_MMIO_INTERRUPT_ACK)       = {NULL, virtio_mmio_acknowledge, 0},
	AT(VIRTIO_MMIO_STATUS)              = {virtio_mmio_status, set_status, 0},
};
/* clang-format on */

void virtio_mmio_legacy_init(struct virtio_mmio *transport, struct virtio_device *device,
                             uint64_t address, struct irq_line line)
{
	virtio_mmio_init(transport, device, address, line);
	transport->rows = rows;
	transport->config_access = virtio_legacy_config_access;
}
