/* SPDX-License-Identifier: BSD-2-Clause */
/* The first virtio disk of a bare guest, by polling: as little driver as a measurement needs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/guest/bare/virtio.h"

#define DISK_DEPTH 32
#define DISK_BLOCK 4096

struct disk {
	struct virtio virtio;
	volatile uint16_t *notify;
	uint64_t sectors;
};

/* Find the disk on the PCI bus and start its queue 0. false: there is none. */
bool disk_start(struct disk *disk);

/* Put count (1..DISK_DEPTH) reads of one block each, from random places, into the ring; the device
 * does not know yet. */
void disk_fill(struct disk *disk, unsigned count);
/* Tell the device, and wait until all of them are used. Returns false if one of them failed. */
bool disk_kick(struct disk *disk, unsigned count);

/* For a CPU beside the one that kicks: the requests that were filled in last, again and again in
 * the whole ring; and one more of them made available, if the ring has room. */
void disk_cycle(void);
void disk_offer(void);
