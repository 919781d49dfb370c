/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/disk.h"

#include "tests/guest/bare/bare.h"

/* Three descriptors for each of DISK_DEPTH requests fit into RING_SIZE. */
static struct ring ring;
static struct {
	uint32_t type, reserved;
	uint64_t sector;
} headers[DISK_DEPTH];
static volatile uint8_t status[DISK_DEPTH];
static uint8_t data[DISK_DEPTH][DISK_BLOCK] __attribute__((aligned(4096)));

bool disk_start(struct disk *disk)
{
	if (!virtio_find(&disk->virtio, VIRTIO_BLK, 0))
		return false;
	disk->sectors = *(volatile uint32_t *)disk->virtio.config;
	virtio_ring(&disk->virtio, 0, &ring);
	disk->notify = ring.notify;
	return virtio_run(&disk->virtio);
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
	ring_describe(&ring, first, &headers[i], sizeof(headers[i]));
	ring.desc[first].flags = DESC_F_NEXT;
	ring_describe(&ring, first + 1, data[i], DISK_BLOCK);
	ring.desc[first + 1].flags = DESC_F_NEXT | DESC_F_WRITE;
	ring_describe(&ring, first + 2, &status[i], 1);
	ring.desc[first + 2].flags = DESC_F_WRITE;
	ring.avail.ring[(uint16_t)(ring.avail.idx + i) % RING_SIZE] = (uint16_t)first;
}

void disk_fill(struct disk *disk, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		fill_one(i, random_block(disk->sectors / 8) * 8);
}

bool disk_kick(struct disk *disk, unsigned count)
{
	bool good = true;

	(void)disk;
	ring_offer(&ring, count);
	while (ring.used.idx != ring.avail.idx)
		relax();
	for (unsigned i = 0; i < count; i++)
		good = good && status[i] == 0;
	return good;
}

void disk_cycle(void)
{
	for (unsigned i = 0; i < RING_SIZE; i++)
		ring.avail.ring[i] = (uint16_t)(i % DISK_DEPTH * 3);
}

void disk_offer(void)
{
	if ((uint16_t)(ring.avail.idx - ring.used.idx) == RING_SIZE)
		return;
	barrier();
	__atomic_store_n(&ring.avail.idx, (uint16_t)(ring.avail.idx + 1), __ATOMIC_RELEASE);
}
