/* SPDX-License-Identifier: BSD-2-Clause */
/* A legacy driver's queue in one piece (VIRTIO 1.4, 2.7.2), whatever the transport. */
#pragma once

#include "tests/lib/raw_ring.h"

/* Lay the queue out at base, all zero, the used ring at the next multiple of align. */
void raw_legacy_ring_init(struct raw_ring *ring, struct fake_mem *mem, uint64_t base, uint16_t size,
                          uint64_t align);
