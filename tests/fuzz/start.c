/* SPDX-License-Identifier: BSD-2-Clause */
/* How a driver starts a device, and the rings that it makes for it. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/oracle.h"
#include "tests/lib/raw_legacy.h"

#define LEGACY_ALIGN 4096

enum { ACKNOWLEDGED = 1, DRIVER = 3, FEATURES = 11, RUNNING = 15, RUNNING_LEGACY = 7 };

/* ---- rings ---- */

uint16_t fuzz_ring_size(struct fuzz *fuzz)
{
	static const uint16_t sizes[] = {8, 1, 2, 4, 16, 64, 256, 3};

	return sizes[fuzz_u8(fuzz) & 7];
}

static struct fuzz_ring *begin(struct fuzz *fuzz, unsigned queue, uint16_t size)
{
	struct fuzz_ring *ring = &fuzz->rings[queue];

	ring->size = size;
	ring->next = 0;
	oracle_ring_made(ring);
	if (queue >= fuzz->driven)
		fuzz->driven = queue + 1;
	return ring;
}

static uint64_t base_of(unsigned queue)
{
	return FUZZ_RINGS + FUZZ_RING_ROOM * queue;
}

struct fuzz_ring *fuzz_ring_make(struct fuzz *fuzz, unsigned queue)
{
	struct fuzz_ring *ring = begin(fuzz, queue, fuzz_ring_size(fuzz));

	if (fuzz->packed)
		raw_packed_init(&ring->packed, &fuzz->mem, base_of(queue), ring->size);
	else
		raw_ring_init(&ring->split, &fuzz->mem, base_of(queue), ring->size);
	return ring;
}

struct fuzz_ring *fuzz_ring_make_legacy(struct fuzz *fuzz, unsigned queue, uint16_t size)
{
	struct fuzz_ring *ring = begin(fuzz, queue, size);

	raw_legacy_ring_init(&ring->split, &fuzz->mem, base_of(queue), size, LEGACY_ALIGN);
	return ring;
}

void fuzz_ring_areas(const struct fuzz *fuzz, unsigned queue, uint64_t areas[3])
{
	const struct fuzz_ring *ring = &fuzz->rings[queue];

	areas[0] = fuzz->packed ? ring->packed.desc : ring->split.desc;
	areas[1] = fuzz->packed ? ring->packed.driver : ring->split.avail;
	areas[2] = fuzz->packed ? ring->packed.device : ring->split.used;
}

/* ---- the calls that a transport makes ---- */

static unsigned driven_queues(const struct fuzz *fuzz)
{
	unsigned count = fuzz->device->queue_count;

	return count < FUZZ_QUEUES ? count : FUZZ_QUEUES;
}

static void attach(struct fuzz *fuzz, unsigned queue)
{
	struct fuzz_ring *ring = fuzz_ring_make(fuzz, queue);

	if (fuzz->packed)
		raw_packed_attach(&ring->packed, fuzz->device, queue);
	else
		raw_ring_attach(&ring->split, fuzz->device, queue);
}

void fuzz_queue_again(struct fuzz *fuzz, unsigned queue)
{
	if (!fuzz_target.start && !fuzz->device->legacy && queue < fuzz->driven &&
	    virtio_queue_configurable(fuzz->device, queue))
		attach(fuzz, queue);
}

static void start_directly(struct fuzz *fuzz, uint64_t features)
{
	struct virtio_device *device = fuzz->device;

	virtio_set_status(device, 0);
	virtio_set_status(device, ACKNOWLEDGED);
	virtio_set_status(device, DRIVER);
	virtio_set_features(device, features);
	virtio_set_status(device, FEATURES);
	for (unsigned i = 0; i < driven_queues(fuzz) && virtio_queue(device, i); i++)
		attach(fuzz, i);
	virtio_set_status(device, RUNNING);
}

/* A driver of before version 1.0: structures of other sizes, queues in one piece. */
static void start_legacy_directly(struct fuzz *fuzz, uint64_t features)
{
	struct virtio_device *device = fuzz->device;

	virtio_legacy_set_status(device, 0);
	virtio_legacy_set_status(device, DRIVER);
	virtio_legacy_set_features(device, (uint32_t)features);
	for (unsigned i = 0; i < driven_queues(fuzz); i++) {
		const struct fuzz_ring *ring = fuzz_ring_make_legacy(fuzz, i, fuzz_ring_size(fuzz));

		virtio_set_queue_size(device, i, ring->size);
		virtio_legacy_set_queue(device, i, ring->split.desc);
	}
	virtio_legacy_set_status(device, RUNNING_LEGACY);
}

void fuzz_start(struct fuzz *fuzz)
{
	uint8_t how = fuzz_u8(fuzz);
	uint64_t features = (uint64_t)virtio_offered_word(fuzz->device, 1) << 32 |
	                    virtio_offered_word(fuzz->device, 0);
	bool legacy = (how & 8) && !fuzz_target.start;

	features &= ~VIRTIO_F_RING_PACKED;
	if (how & 1)
		features &= fuzz_u64(fuzz);
	if (how & 2)
		features |= VIRTIO_F_RING_PACKED;
	if (how & 4)
		features ^= 1ull << (fuzz_u8(fuzz) & 63);
	features = (features | fuzz_target.always) & ~fuzz_target.never;
	if (legacy)
		features = (uint32_t)features;
	fuzz->packed = features & VIRTIO_F_RING_PACKED;
	fuzz->driven = 0;
	if (legacy)
		start_legacy_directly(fuzz, features);
	else if (fuzz_target.start)
		fuzz_target.start(fuzz, features | VIRTIO_F_VERSION_1);
	else
		start_directly(fuzz, features | VIRTIO_F_VERSION_1);
}
