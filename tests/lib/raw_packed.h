/* SPDX-License-Identifier: BSD-2-Clause */
/* The packed counterpart of raw_ring.h: a driver that can keep the rules and need not. */
#pragma once

#include "tests/lib/raw_ring.h"

enum { RAW_AVAIL = 1 << 7, RAW_USED = 1 << 15 };
enum { RAW_EVENT_ENABLE, RAW_EVENT_DISABLE, RAW_EVENT_DESC };

struct raw_packed {
	struct fake_mem *mem;
	uint16_t size;
	uint64_t desc, driver, device; /* guest addresses */
	uint16_t avail, used; /* where the next chain goes; the next used one is looked for */
	bool avail_wrap, used_wrap;
	uint16_t slots[65536]; /* of the chains that are out, by id */
};

/* One buffer of a chain. */
struct raw_piece {
	uint64_t addr;
	uint32_t len;
	uint16_t flags; /* RAW_NEXT is added by raw_packed_offer */
};

/* Lay the three areas out from base (page aligned), all zero. */
void raw_packed_init(struct raw_packed *ring, struct fake_mem *mem, uint64_t base, uint16_t size);
/* One entry of the ring or of a table, as it is. */
void raw_packed_entry(const struct raw_packed *ring, uint64_t table, unsigned i, uint64_t addr,
                      uint32_t len, uint16_t id, uint16_t flags);
uint16_t raw_packed_lap(bool wrap); /* the flags of an available descriptor */

/* A chain at the next place, as a good driver does it. */
void raw_packed_offer(struct raw_packed *ring, uint16_t id, const struct raw_piece *pieces,
                      unsigned count);
void raw_packed_offer1(struct raw_packed *ring, uint16_t id, uint64_t addr, uint32_t len,
                       uint16_t flags);
/* The next used descriptor; false: none yet. */
bool raw_packed_used(struct raw_packed *ring, uint16_t *id, uint32_t *len);
uint16_t raw_packed_flags(const struct raw_packed *ring, unsigned slot);

void raw_packed_event(const struct raw_packed *ring, uint16_t off_wrap, uint16_t flags);
uint32_t raw_packed_device_event(const struct raw_packed *ring); /* off_wrap | flags << 16 */
bool raw_packed_attach(const struct raw_packed *ring, struct virtio_device *device, unsigned queue);
