/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers by address: a sorted table, and the region used last is tried first. */
#include "guest-devices/bus.h"

#include "guest-devices/err.h"

/* How many regions start at or below address. */
static unsigned position(const struct bus *bus, uint64_t address)
{
	unsigned low = 0, high = bus->count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (bus->regions[middle]->start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct bus_region *bus_find(const struct bus *bus, uint64_t address)
{
	unsigned at = position(bus, address);

	if (at == 0)
		return NULL;

	struct bus_region *region = bus->regions[at - 1];
	return address - region->start < region->size ? region : NULL;
}

int bus_add(struct bus *bus, struct bus_region *region)
{
	uint64_t last = region->start + region->size - 1;

	if (region->size == 0 || last < region->start)
		return GD_INVALID;

	unsigned at = position(bus, last);
	if (at > 0) {
		const struct bus_region *below = bus->regions[at - 1];

		if (below->start >= region->start || region->start - below->start < below->size)
			return GD_INVALID;
	}
	if (bus->count == BUS_REGIONS)
		return GD_FULL;

	for (unsigned i = bus->count; i > at; i--)
		bus->regions[i] = bus->regions[i - 1];
	bus->regions[at] = region;
	bus->count++;
	return 0;
}

void bus_remove(struct bus *bus, struct bus_region *region)
{
	unsigned at = position(bus, region->start);

	if (at == 0 || bus->regions[at - 1] != region)
		return;
	bus->count--;
	for (unsigned i = at - 1; i < bus->count; i++)
		bus->regions[i] = bus->regions[i + 1];
	if (bus->last == region)
		bus->last = NULL;
}

static bool holds(const struct bus_region *region, uint64_t offset, unsigned size)
{
	return offset < region->size && size <= region->size - offset;
}

static bool miss(struct bus *bus, struct bus_access *access)
{
	bus->misses++;
	if (!access->write)
		access->value = UINT64_MAX;
	return false;
}

bool bus_dispatch(struct bus *bus, struct bus_access *access)
{
	struct bus_region *region = bus->last;
	uint64_t address = access->address;

	if (!region || !holds(region, address - region->start, access->size)) {
		region = bus_find(bus, address);
		if (!region || !holds(region, address - region->start, access->size))
			return miss(bus, access);
		bus->last = region; /* before the call: the handler may remove it */
	}
	access->address = address - region->start;
	region->access(region->context, access);
	access->address = address;
	return true;
}
