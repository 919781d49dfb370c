/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of virtio over MMIO, any access at any time, with a small device behind.
 * Planted: guest-devices/virtio/virtio_mmio.c: "access->address < VIRTIO_MMIO_CONFIG"
 * becomes "access->address <= VIRTIO_MMIO_CONFIG"
 */
#include "tests/fuzz/mmio.h"

static void create(struct fuzz *fuzz)
{
	fuzz_mmio_create(fuzz, virtio_mmio_init);
}

static void set_queue(struct fuzz *fuzz, unsigned queue)
{
	static const unsigned places[] = {VIRTIO_MMIO_QUEUE_DESC, VIRTIO_MMIO_QUEUE_DRIVER,
	                                  VIRTIO_MMIO_QUEUE_DEVICE};
	uint64_t areas[3];

	fuzz_mmio_set(VIRTIO_MMIO_QUEUE_SEL, queue);
	fuzz_mmio_set(VIRTIO_MMIO_QUEUE_SIZE, fuzz_ring_make(fuzz, queue)->size);
	fuzz_ring_areas(fuzz, queue, areas);
	for (unsigned i = 0; i < 3; i++) {
		fuzz_mmio_set(places[i], areas[i]);
		fuzz_mmio_set(places[i] + 4, areas[i] >> 32);
	}
	fuzz_mmio_set(VIRTIO_MMIO_QUEUE_READY, 1);
}

static void start(struct fuzz *fuzz, uint64_t features)
{
	fuzz_mmio_greet(features, 2);
	fuzz_mmio_set(VIRTIO_MMIO_STATUS, 11);
	for (unsigned i = 0; i < fuzz->device->queue_count; i++)
		set_queue(fuzz, i);
	fuzz_mmio_set(VIRTIO_MMIO_STATUS, 15);
}

const struct fuzz_target fuzz_target = {
    .create = create,
    .event = echo_event,
    .settle = echo_settle,
    .start = start,
    .kick = fuzz_mmio_kick,
    .own = fuzz_mmio_access,
    .check = fuzz_mmio_check,
};
