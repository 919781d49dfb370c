/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Version 1 of the registers of virtio over MMIO: page numbers, page sizes and alignments that the
 * driver chooses.
 * Planted: guest-devices/virtio/virtio_mmio_legacy.c: "if (value == 0 || (value"
 * becomes "if ((value"
 */
#include "tests/fuzz/mmio.h"

static void create(struct fuzz *fuzz)
{
	fuzz_mmio_create(fuzz, virtio_mmio_legacy_init);
}

static void set_queue(struct fuzz *fuzz, unsigned queue)
{
	const struct fuzz_ring *ring = fuzz_ring_make_legacy(fuzz, queue, fuzz_ring_size(fuzz));

	fuzz_mmio_set(VIRTIO_MMIO_QUEUE_SEL, queue);
	fuzz_mmio_set(VIRTIO_MMIO_QUEUE_SIZE, ring->size);
	fuzz_mmio_set(VIRTIO_MMIO_QUEUE_ALIGN, GUEST_PAGE);
	fuzz_mmio_set(VIRTIO_MMIO_QUEUE_PAGE, ring->split.desc / GUEST_PAGE);
}

static void start(struct fuzz *fuzz, uint64_t features)
{
	fuzz_mmio_set(VIRTIO_MMIO_PAGE_SIZE, GUEST_PAGE);
	fuzz_mmio_greet(features, 1);
	for (unsigned i = 0; i < fuzz->device->queue_count; i++)
		set_queue(fuzz, i);
	fuzz_mmio_set(VIRTIO_MMIO_STATUS, 7);
}

const struct fuzz_target fuzz_target = {
    .never = VIRTIO_F_RING_PACKED,
    .create = create,
    .event = echo_event,
    .settle = echo_settle,
    .start = start,
    .kick = fuzz_mmio_kick,
    .own = fuzz_mmio_access,
    .check = fuzz_mmio_check,
};
