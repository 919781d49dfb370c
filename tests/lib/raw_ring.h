/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver that writes a split ring field by field and obeys nothing: for tests of what a hostile
 * guest does. */
#pragma once

#include "guest-devices/virtio/virtio.h"
#include "tests/lib/fake_mem.h"

enum { RAW_NEXT = 1, RAW_WRITE = 2, RAW_INDIRECT = 4 };

struct raw_ring {
	struct fake_mem *mem;
	uint16_t size, avail_idx;
	uint64_t desc, avail, used; /* guest addresses */
};

struct raw_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

/* Lay the three areas out from base (page aligned), all zero. At most 16 KiB for 256 entries. */
void raw_ring_init(struct raw_ring *ring, struct fake_mem *mem, uint64_t base, uint16_t size);
void raw_desc(struct raw_ring *ring, unsigned i, uint64_t addr, uint32_t len, uint16_t flags,
              uint16_t next);
/* Entry i of a table anywhere in RAM. */
void raw_table(struct raw_ring *ring, uint64_t table, unsigned i, uint64_t addr, uint32_t len,
               uint16_t flags, uint16_t next);
void raw_offer(struct raw_ring *ring, uint16_t head); /* next avail entry, then avail idx */
void raw_set_avail_idx(struct raw_ring *ring, uint16_t idx);
void raw_set_avail_flags(struct raw_ring *ring, uint16_t flags);
void raw_set_used_event(struct raw_ring *ring, uint16_t event);
uint16_t raw_avail_event(const struct raw_ring *ring);
uint16_t raw_used_flags(const struct raw_ring *ring);
uint16_t raw_used_idx(const struct raw_ring *ring);
uint32_t raw_used_id(const struct raw_ring *ring, uint16_t i);
uint32_t raw_used_len(const struct raw_ring *ring, uint16_t i);

/* Give the areas and the size to queue number queue of device and enable it. */
bool raw_ring_attach(const struct raw_ring *ring, struct virtio_device *device, unsigned queue);
