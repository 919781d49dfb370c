/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/disk.h"

#include <stddef.h>

#include "tests/guest/bare/bare.h"

#define PCI_COMMAND   0x04
#define PCI_BAR0      0x10
#define PCI_CAPS      0x34
#define VIRTIO_BLK_ID 0x10421af4u
#define CAP_VENDOR    0x09
#define CAP_COMMON    1
#define CAP_NOTIFY    2
#define CAP_DEVICE    4
#define QUEUE_SIZE                                                                                 \
	128 /* three descriptors for each of DISK_DEPTH requests, to the next power of two */
#define DESC_F_NEXT    1
#define DESC_F_WRITE   2
#define STATUS_RUNNING 0x0f /* ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK */

/* struct virtio_pci_common_cfg, VIRTIO 1.2, 4.1.4.3 */
struct common {
	uint32_t device_feature_select, device_feature, driver_feature_select, driver_feature;
	uint16_t config_msix_vector, num_queues;
	uint8_t device_status, config_generation;
	uint16_t queue_select, queue_size, queue_msix_vector, queue_enable, queue_notify_off;
	uint32_t queue_desc[2], queue_driver[2], queue_device[2]; /* low, high: 4.1.3.1 */
};

static struct {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
} desc[QUEUE_SIZE] __attribute__((aligned(4096)));
static struct {
	uint16_t flags, idx, ring[QUEUE_SIZE];
} avail __attribute__((aligned(4096)));
static volatile struct {
	uint16_t flags, idx;
	struct {
		uint32_t id, len;
	} ring[QUEUE_SIZE];
} used __attribute__((aligned(4096)));
static struct {
	uint32_t type, reserved;
	uint64_t sector;
} headers[DISK_DEPTH];
static volatile uint8_t status[DISK_DEPTH];
static uint8_t data[DISK_DEPTH][DISK_BLOCK] __attribute__((aligned(4096)));

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
static void use_capability(struct disk *disk, uint32_t slot, uint32_t cap, uint16_t **notify,
                           uint32_t *multiplier)
{
	uintptr_t at = bar_address(slot, pci_read(slot, cap + 4) & 0xff) + pci_read(slot, cap + 8);

	switch (pci_read(slot, cap) >> 24) {
	case CAP_COMMON:
		disk->common = (volatile uint8_t *)at;
		break;
	case CAP_NOTIFY:
		*notify = (uint16_t *)at;
		*multiplier = pci_read(slot, cap + 16);
		break;
	case CAP_DEVICE:
		disk->sectors = *(volatile uint32_t *)at;
		break;
	}
}

static bool find(struct disk *disk, uint16_t **notify, uint32_t *multiplier)
{
	uint32_t slot = 0, cap;

	while (pci_read(slot, 0) != VIRTIO_BLK_ID)
		if (++slot == 32)
			return false;
	pci_write(slot, PCI_COMMAND, 6); /* memory, bus master */
	for (cap = pci_read(slot, PCI_CAPS) & 0xfc; cap; cap = pci_read(slot, cap + 1) & 0xfc)
		if ((pci_read(slot, cap) & 0xff) == CAP_VENDOR)
			use_capability(disk, slot, cap, notify, multiplier);
	return disk->common && *notify;
}

bool disk_start(struct disk *disk)
{
	uint16_t *notify = NULL;
	uint32_t multiplier = 0;
	volatile struct common *common;

	disk->common = NULL;
	if (!find(disk, &notify, &multiplier))
		return false;
	common = (volatile struct common *)disk->common;
	common->device_status = 0;
	common->device_status = 3;
	common->driver_feature_select = 0;
	common->driver_feature = 0;
	common->driver_feature_select = 1;
	common->driver_feature = 1; /* VIRTIO_F_VERSION_1 */
	common->device_status = 11;
	common->queue_select = 0;
	common->queue_size = QUEUE_SIZE;
	common->queue_desc[0] = (uint32_t)(uintptr_t)desc;
	common->queue_desc[1] = 0;
	common->queue_driver[0] = (uint32_t)(uintptr_t)&avail;
	common->queue_driver[1] = 0;
	common->queue_device[0] = (uint32_t)(uintptr_t)&used;
	common->queue_device[1] = 0;
	disk->notify =
	    (volatile uint16_t *)((uintptr_t)notify + common->queue_notify_off * multiplier);
	avail.flags = 1; /* VIRTQ_AVAIL_F_NO_INTERRUPT */
	common->queue_enable = 1;
	common->device_status = STATUS_RUNNING;
	return common->device_status == STATUS_RUNNING;
}

static uint64_t random_block(uint64_t blocks)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 33) % blocks;
}

static void fill_one(unsigned i, uint64_t sector)
{
	unsigned first = i * 3;

	headers[i].sector = sector;
	status[i] = 0xff;
	desc[first].addr = (uintptr_t)&headers[i];
	desc[first].len = sizeof(headers[i]);
	desc[first].flags = DESC_F_NEXT;
	desc[first].next = (uint16_t)(first + 1);
	desc[first + 1].addr = (uintptr_t)data[i];
	desc[first + 1].len = DISK_BLOCK;
	desc[first + 1].flags = DESC_F_NEXT | DESC_F_WRITE;
	desc[first + 1].next = (uint16_t)(first + 2);
	desc[first + 2].addr = (uintptr_t)&status[i];
	desc[first + 2].len = 1;
	desc[first + 2].flags = DESC_F_WRITE;
	avail.ring[(uint16_t)(avail.idx + i) % QUEUE_SIZE] = (uint16_t)first;
}

void disk_fill(struct disk *disk, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		fill_one(i, random_block(disk->sectors / 8) * 8);
}

bool disk_kick(struct disk *disk, unsigned count)
{
	bool good = true;

	barrier();
	avail.idx = (uint16_t)(avail.idx + count);
	barrier();
	*disk->notify = 0;
	while (used.idx != avail.idx)
		relax();
	for (unsigned i = 0; i < count; i++)
		good = good && status[i] == 0;
	return good;
}

void disk_cycle(void)
{
	for (unsigned i = 0; i < QUEUE_SIZE; i++)
		avail.ring[i] = (uint16_t)(i % DISK_DEPTH * 3);
}

void disk_offer(void)
{
	if ((uint16_t)(avail.idx - used.idx) == QUEUE_SIZE)
		return;
	barrier();
	__atomic_store_n(&avail.idx, (uint16_t)(avail.idx + 1), __ATOMIC_RELEASE);
}
