/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/raw_legacy.h"

#include <string.h>

void raw_legacy_ring_init(struct raw_ring *ring, struct fake_mem *mem, uint64_t base, uint16_t size,
                          uint64_t align)
{
	uint64_t avail_end = 16ull * size + 2 * (3ull + size);
	uint64_t used = (avail_end + align - 1) / align * align;

	*ring = (struct raw_ring){.mem = mem,
	                          .size = size,
	                          .desc = base,
	                          .avail = base + 16ull * size,
	                          .used = base + used};
	memset(fake_mem_at(mem, base, used + 6 + 8ull * size), 0, used + 6 + 8ull * size);
}
