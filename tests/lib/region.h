/* SPDX-License-Identifier: BSD-2-Clause */
/* One access to a device's region, as a bus would make it: whatever crosses its end does not
 * arrive. */
#pragma once

#include "guest-devices/bus.h"

static inline uint64_t region_read(struct bus_region *region, uint64_t offset, uint8_t size)
{
	struct bus_access access = {.address = offset, .size = size};

	if (offset + size > region->size)
		return UINT64_MAX;
	region->access(region->context, &access);
	return size == 8 ? access.value : access.value & ((1ull << size * 8) - 1);
}

static inline void region_write(struct bus_region *region, uint64_t offset, uint8_t size,
                                uint64_t value)
{
	struct bus_access access = {.address = offset, .value = value, .size = size, .write = true};

	if (offset + size <= region->size)
		region->access(region->context, &access);
}
