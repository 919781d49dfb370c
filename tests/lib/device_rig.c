/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/device_rig.h"

#include <stdlib.h>
#include <string.h>

#include "tests/lib/raw_virtio_pci.h"

#include "tests/lib/raw_legacy.h"

enum { ECAM = 0x30000000, WINDOW = 0x20000000, WINDOW_SIZE = 0x1000000, SLOT = 3 };
enum { MSI_ADDRESS = 0xfee00000 };
enum { CAP_COMMON = 1, CAP_NOTIFY, CAP_ISR, CAP_DEVICE };

static void msi_sent(void *context, uint64_t address, uint32_t data)
{
	struct rig *rig = context;

	if (address == MSI_ADDRESS && data <= RIG_QUEUES)
		rig->interrupts[data]++;
}

void rig_init(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	fake_port_reset();
	fake_mem_init(&rig->mem);
	rig->heap = RIG_HEAP;
}

void rig_free(struct rig *rig)
{
	fake_mem_free(&rig->mem);
}

uint64_t rig_read(struct rig *rig, uint64_t address, uint8_t size)
{
	struct bus_access access = {.address = address, .size = size};

	bus_dispatch(&rig->mem.bus, &access);
	return size < 8 ? access.value & ((1ull << 8 * size) - 1) : access.value;
}

void rig_write(struct rig *rig, uint64_t address, uint64_t value, uint8_t size)
{
	struct bus_access access = {
	    .address = address, .value = value, .size = size, .write = true};

	bus_dispatch(&rig->mem.bus, &access);
}

static uint64_t config_at(unsigned offset)
{
	return ECAM + (SLOT << 15) + offset;
}

static void find_structure(struct rig *rig, unsigned cap)
{
	uint64_t at = rig->registers + rig_read(rig, config_at(cap + 8), 4);

	switch (rig_read(rig, config_at(cap + 3), 1)) {
	case CAP_COMMON:
		rig->common = at;
		break;
	case CAP_NOTIFY:
		rig->notify = at;
		rig->notify_multiplier = rig_read(rig, config_at(cap + 16), 4);
		break;
	case CAP_ISR:
		rig->isr = at;
		break;
	case CAP_DEVICE:
		rig->config = at;
		break;
	default:
		break;
	}
}

static void set_msix(struct rig *rig, unsigned cap)
{
	uint64_t table = rig->registers + (rig_read(rig, config_at(cap + 4), 4) & ~7ull);

	for (unsigned i = 0; i <= RIG_QUEUES; i++) {
		rig_write(rig, table + 16 * i, MSI_ADDRESS, 4);
		rig_write(rig, table + 16 * i + 8, i, 4);
		rig_write(rig, table + 16 * i + 12, 0, 4);
	}
	rig_write(rig, config_at(cap + 2), 0x8000, 2);
}

void rig_plug(struct rig *rig, struct virtio_device *device)
{
	struct pci_host_config config = {
	    .ecam_base = ECAM,
	    .window32 = WINDOW,
	    .window32_size = WINDOW_SIZE,
	    .msi = {msi_sent, rig},
	};

	rig->device = device;
	pci_host_init(&rig->host, &rig->mem.bus, &rig->ports, &config);
	virtio_pci_init(&rig->transport, device);
	if (pci_host_add(&rig->host, &rig->transport.function, SLOT))
		abort();
	rig_write(rig, config_at(PCI_COMMAND), PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
	rig->registers = rig_read(rig, config_at(PCI_BAR0), 4) & ~15ull;
	unsigned cap = (unsigned)rig_read(rig, config_at(PCI_CAPABILITIES), 1);
	for (; cap; cap = (unsigned)rig_read(rig, config_at(cap + 1), 1)) {
		uint64_t id = rig_read(rig, config_at(cap), 1);

		if (id == 0x09)
			find_structure(rig, cap);
		else if (id == 0x11)
			set_msix(rig, cap);
	}
}

static uint64_t common_read(struct rig *rig, unsigned offset, uint8_t size)
{
	return rig_read(rig, rig->common + offset, size);
}

static void common_write(struct rig *rig, unsigned offset, uint64_t value, uint8_t size)
{
	rig_write(rig, rig->common + offset, value, size);
}

uint8_t rig_status(struct rig *rig)
{
	return (uint8_t)common_read(rig, RAW_STATUS, 1);
}

uint64_t rig_features(struct rig *rig)
{
	common_write(rig, RAW_DEVICE_FEATURE_SELECT, 1, 4);
	uint64_t high = common_read(rig, RAW_DEVICE_FEATURE, 4);
	common_write(rig, RAW_DEVICE_FEATURE_SELECT, 0, 4);
	return high << 32 | common_read(rig, RAW_DEVICE_FEATURE, 4);
}

static void set_features(struct rig *rig, uint64_t features)
{
	for (unsigned half = 0; half < 2; half++) {
		common_write(rig, RAW_DRIVER_FEATURE_SELECT, half, 4);
		common_write(rig, RAW_DRIVER_FEATURE, (uint32_t)(features >> 32 * half), 4);
	}
}

static void set_queue(struct rig *rig, unsigned queue)
{
	struct raw_ring *ring = &rig->rings[queue];

	common_write(rig, RAW_QUEUE_SELECT, queue, 2);
	uint16_t most = (uint16_t)common_read(rig, RAW_QUEUE_SIZE, 2);
	uint16_t size = most < RIG_RING_SIZE ? most : RIG_RING_SIZE;
	raw_ring_init(ring, &rig->mem, 0x8000 * (queue + 1ull), size ? size : RIG_RING_SIZE);
	rig->next_desc[queue] = 0;
	rig->seen[queue] = 0;
	common_write(rig, RAW_QUEUE_SIZE, ring->size, 2);
	common_write(rig, RAW_QUEUE_VECTOR, queue, 2);
	for (unsigned half = 0; half < 2; half++) {
		common_write(rig, RAW_QUEUE_DESC + 4 * half, (uint32_t)(ring->desc >> 32 * half),
		             4);
		common_write(rig, RAW_QUEUE_DRIVER + 4 * half, (uint32_t)(ring->avail >> 32 * half),
		             4);
		common_write(rig, RAW_QUEUE_DEVICE + 4 * half, (uint32_t)(ring->used >> 32 * half),
		             4);
	}
	common_write(rig, RAW_QUEUE_ENABLE, 1, 2);
}

void rig_reset(struct rig *rig)
{
	common_write(rig, RAW_STATUS, 0, 1);
}

bool rig_start(struct rig *rig, uint64_t features)
{
	uint8_t status = VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER;

	rig_reset(rig);
	common_write(rig, RAW_STATUS, VIRTIO_ACKNOWLEDGE, 1);
	common_write(rig, RAW_STATUS, status, 1);
	set_features(rig, features | VIRTIO_F_VERSION_1);
	status |= VIRTIO_FEATURES_OK;
	common_write(rig, RAW_STATUS, status, 1);
	if (!(rig_status(rig) & VIRTIO_FEATURES_OK))
		return false;
	rig->config_vector = (unsigned)common_read(rig, RAW_NUM_QUEUES, 2);
	common_write(rig, RAW_CONFIG_VECTOR, rig->config_vector, 2);
	for (unsigned i = 0; i < rig->config_vector; i++)
		set_queue(rig, i);
	common_write(rig, RAW_STATUS, status | VIRTIO_DRIVER_OK, 1);
	return true;
}

void rig_start_legacy(struct rig *rig, uint32_t features)
{
	struct virtio_device *device = rig->device;

	rig_reset(rig);
	virtio_legacy_set_status(device, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	virtio_legacy_set_features(device, features);
	for (unsigned i = 0; i < device->queue_count; i++) {
		raw_legacy_ring_init(&rig->rings[i], &rig->mem, 0x8000 * (i + 1ull),
		                     device->queues[i].size_max, VQ_ALIGN_LEGACY);
		rig->next_desc[i] = 0;
		rig->seen[i] = 0;
		virtio_legacy_set_queue(device, i, rig->rings[i].desc);
	}
	virtio_legacy_set_status(device, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_DRIVER_OK);
}

void rig_write_config_legacy(struct rig *rig, uint64_t offset, uint64_t value, uint8_t size)
{
	struct bus_access access = {.value = value, .size = size, .write = true};

	virtio_legacy_config_access(rig->device, offset, &access);
}

uint64_t rig_alloc(struct rig *rig, uint32_t size)
{
	uint64_t address = rig->heap;

	rig->heap += (size + 15) & ~15u;
	memset(rig_at(rig, address, size), 0, size);
	return address;
}

void *rig_at(struct rig *rig, uint64_t address, uint64_t size)
{
	return fake_mem_at(&rig->mem, address, size);
}

uint16_t rig_offer(struct rig *rig, unsigned queue, const struct rig_buffer *buffers,
                   unsigned count)
{
	struct raw_ring *ring = &rig->rings[queue];
	unsigned head = rig->next_desc[queue];

	for (unsigned i = 0; i < count; i++) {
		unsigned at = (head + i) % ring->size;

		raw_desc(
		    ring, at, buffers[i].address, buffers[i].size,
		    (uint16_t)((buffers[i].write ? RAW_WRITE : 0) | (i + 1 < count ? RAW_NEXT : 0)),
		    (uint16_t)((at + 1) % ring->size));
	}
	rig->next_desc[queue] = (head + count) % ring->size;
	raw_offer(ring, (uint16_t)head);
	return (uint16_t)head;
}

void rig_kick(struct rig *rig, unsigned queue)
{
	if (virtio_legacy(rig->device)) {
		virtio_legacy_kick(rig->device, queue);
		return;
	}
	common_write(rig, RAW_QUEUE_SELECT, queue, 2);
	uint64_t offset = common_read(rig, RAW_QUEUE_NOTIFY_OFF, 2) * rig->notify_multiplier;
	rig_write(rig, rig->notify + offset, queue, 2);
}

unsigned rig_used_count(struct rig *rig, unsigned queue)
{
	return (uint16_t)(raw_used_idx(&rig->rings[queue]) - rig->seen[queue]);
}

bool rig_used(struct rig *rig, unsigned queue, uint16_t *head, uint32_t *written)
{
	if (rig_used_count(rig, queue) == 0)
		return false;
	uint16_t at = rig->seen[queue]++;
	*head = (uint16_t)raw_used_id(&rig->rings[queue], at);
	*written = raw_used_len(&rig->rings[queue], at);
	return true;
}
