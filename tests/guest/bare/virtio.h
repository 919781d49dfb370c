/* SPDX-License-Identifier: BSD-2-Clause */
/* The least virtio driver over PCI, by polling: one device of a kind, split rings without
 * interrupts. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define RING_SIZE    128
#define DESC_F_NEXT  1
#define DESC_F_WRITE 2

/* Which device, as its first configuration word */
#define VIRTIO_NET 0x10411af4u
#define VIRTIO_BLK 0x10421af4u
#define VIRTIO_RTC 0x10511af4u

/* VIRTIO 1.2, 2.7 */
struct ring {
	struct {
		uint64_t addr;
		uint32_t len;
		uint16_t flags, next;
	} desc[RING_SIZE] __attribute__((aligned(4096)));
	struct {
		uint16_t flags, idx, ring[RING_SIZE];
	} avail __attribute__((aligned(4096)));
	volatile struct {
		uint16_t flags, idx;
		struct {
			uint32_t id, len;
		} ring[RING_SIZE];
	} used __attribute__((aligned(4096)));
	volatile uint16_t *notify;
	uint16_t queue;
};

struct virtio {
	volatile uint8_t *common; /* 4.1.4.3 */
	volatile uint8_t *config;
	uint8_t *notify;
	uint32_t multiplier;
};

/* Find the first device of this kind and reset it, offering features (and VERSION_1). false: there
 * is none. */
bool virtio_find(struct virtio *device, uint32_t kind, uint32_t features);
void virtio_ring(struct virtio *device, uint16_t queue, struct ring *ring);
/* All rings are there. Returns whether the device runs. */
bool virtio_run(struct virtio *device);

/* Descriptor number index of a chain; it is put into the ring by its head. */
void ring_describe(struct ring *ring, unsigned index, const volatile void *data, uint32_t size);
/* Offer count heads that lie in the avail ring after its index, and tell the device. */
void ring_offer(struct ring *ring, unsigned count);
