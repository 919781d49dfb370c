/* SPDX-License-Identifier: BSD-2-Clause */
/* Each transport as a driver uses it, one table of calls for all; and each device, so that a wrong
 * ring can be given to any of them by any way. */
#pragma once

#include <criterion/criterion.h>

#include "guest-devices/virtio/virtio.h"
#include "tests/lib/fake_pci.h"
#include "tests/lib/raw_ring.h"

extern struct fake_pci machine; /* its memory is the guest's */

struct way {
	const char *name;
	void (*plug)(struct virtio_device *device);
	void (*begin)(uint64_t features); /* reset up to FEATURES_OK; VERSION_1 is added */
	void (*queue)(unsigned queue, const struct raw_ring *ring);
	void (*run)(void);
	void (*kick)(unsigned queue);
	uint8_t (*status)(void);
};
extern const struct way way_pci, way_mmio, way_ccw;

/* A device and a queue from which it takes chains at once. */
struct victim {
	const char *name;
	struct virtio_device *(*create)(const struct guest_mem *mem);
	unsigned queue;
	uint64_t features; /* that it needs for the queue */
};
extern const struct victim victims[];
extern const unsigned victim_count;

/* A new machine with the device in it; packed rings are offered. */
struct virtio_device *machine_with(const struct victim *victim, const struct way *way);
void machine_end(void);
