/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/raw_virtio_pci.h"

#include <string.h>

static uint32_t get(struct raw_virtio_pci *raw, unsigned offset, uint8_t size)
{
	return fake_pci_get(raw->pci, raw->slot, offset, size);
}

static uint64_t structure(struct raw_virtio_pci *raw, unsigned type)
{
	unsigned at = raw->cap[type];
	unsigned bar = 0x10 + 4 * get(raw, at + 4, 1);
	uint64_t base = (get(raw, bar, 4) & ~0xfu) | (uint64_t)get(raw, bar + 4, 4) << 32;

	return at ? base + get(raw, at + 8, 4) : 0;
}

void raw_virtio_pci_init(struct raw_virtio_pci *raw, struct fake_pci *pci, unsigned slot)
{
	memset(raw, 0, sizeof(*raw));
	raw->pci = pci;
	raw->slot = slot;
	for (unsigned at = get(raw, 0x34, 1); at != 0; at = get(raw, at + 1, 1)) {
		unsigned id = get(raw, at, 1), type = get(raw, at + 3, 1);

		if (id == 0x11)
			raw->msix = at;
		else if (id == 0x09 && type < 10 && !raw->cap[type])
			raw->cap[type] = at;
	}
	raw->common = structure(raw, 1);
	raw->notify = structure(raw, 2);
	raw->isr = structure(raw, 3);
	raw->config = structure(raw, 4);
	raw->multiplier = get(raw, raw->cap[2] + 16, 4);
	fake_pci_set(pci, slot, 4, 2, 6);
}

uint64_t raw_common_read(struct raw_virtio_pci *raw, unsigned offset, uint8_t size)
{
	return fake_pci_read(raw->pci, raw->common + offset, size);
}

void raw_common_write(struct raw_virtio_pci *raw, unsigned offset, uint8_t size, uint64_t value)
{
	fake_pci_write(raw->pci, raw->common + offset, size, value);
}

uint8_t raw_status(struct raw_virtio_pci *raw)
{
	return (uint8_t)raw_common_read(raw, RAW_STATUS, 1);
}

static void add_status(struct raw_virtio_pci *raw, unsigned bits)
{
	raw_common_write(raw, RAW_STATUS, 1, raw_status(raw) | bits);
}

void raw_negotiate(struct raw_virtio_pci *raw, uint64_t features)
{
	features |= VIRTIO_F_VERSION_1;
	raw_common_write(raw, RAW_STATUS, 1, 0);
	add_status(raw, VIRTIO_ACKNOWLEDGE);
	add_status(raw, VIRTIO_DRIVER);
	for (unsigned i = 0; i < 2; i++) {
		raw_common_write(raw, RAW_DRIVER_FEATURE_SELECT, 4, i);
		raw_common_write(raw, RAW_DRIVER_FEATURE, 4, (uint32_t)(features >> (32 * i)));
	}
	add_status(raw, VIRTIO_FEATURES_OK);
}

static void area(struct raw_virtio_pci *raw, unsigned offset, uint64_t address)
{
	raw_common_write(raw, offset, 4, (uint32_t)address);
	raw_common_write(raw, offset + 4, 4, address >> 32);
}

void raw_queue(struct raw_virtio_pci *raw, unsigned queue, const struct raw_ring *ring,
               uint16_t vector)
{
	raw_common_write(raw, RAW_QUEUE_SELECT, 2, queue);
	raw_common_write(raw, RAW_QUEUE_SIZE, 2, ring->size);
	raw_common_write(raw, RAW_QUEUE_VECTOR, 2, vector);
	area(raw, RAW_QUEUE_DESC, ring->desc);
	area(raw, RAW_QUEUE_DRIVER, ring->avail);
	area(raw, RAW_QUEUE_DEVICE, ring->used);
	raw_common_write(raw, RAW_QUEUE_ENABLE, 2, 1);
}

void raw_driver_ok(struct raw_virtio_pci *raw)
{
	add_status(raw, VIRTIO_DRIVER_OK);
}

void raw_notify(struct raw_virtio_pci *raw, unsigned queue)
{
	raw_common_write(raw, RAW_QUEUE_SELECT, 2, queue);
	uint64_t off = raw_common_read(raw, RAW_QUEUE_NOTIFY_OFF, 2);
	fake_pci_write(raw->pci, raw->notify + off * raw->multiplier, 2, queue);
}
