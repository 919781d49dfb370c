/* SPDX-License-Identifier: BSD-2-Clause */
/* An address space of device registers: guest physical memory, or port space. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bus_access {
	uint64_t address; /* in a handler: offset from the start of its region */
	uint64_t
	    value; /* little-endian scalar; a read handler fills it, bits above size are ignored */
	uint8_t size; /* bytes: 1, 2, 4, 8 */
	bool write;
};

/* Owned by the device that embeds it. */
struct bus_region {
	uint64_t start, size;
	void (*access)(void *context, struct bus_access *access);
	void *context;
	const char *name;
};

#define BUS_REGIONS 64

/* All zero is an empty bus. */
struct bus {
	struct bus_region *regions[BUS_REGIONS]; /* sorted by start, not overlapping */
	unsigned count;
	struct bus_region *last; /* where the last access went: tried first */
	uint64_t misses;
};

/* GD_INVALID: empty, wraps or overlaps a region already there; GD_FULL. */
int bus_add(struct bus *bus, struct bus_region *region);
void bus_remove(struct bus *bus, struct bus_region *region); /* no effect if it is not there */

/* The region that holds address; NULL: none. */
struct bus_region *bus_find(const struct bus *bus, uint64_t address);

/*
 * Dispatch one access. An access nobody claims, or one that crosses its region's end: reads give
 * all ones, writes are dropped, misses counts it; returns false. A handler may add and remove
 * regions, its own too.
 */
bool bus_dispatch(struct bus *bus, struct bus_access *access);
