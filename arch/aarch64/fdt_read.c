/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/fdt_read.h"

#include <libfdt.h>
#include <string.h>

#define INTERRUPT_CELLS 3 /* kind, number, flags; what follows is not looked at */
#define BUSES_MAX       8 /* between a device and the root */

enum { INTERRUPT_SPI = 0, INTERRUPT_PPI = 1 };

unsigned fdt_read_count(const void *tree, int node, const char *property)
{
	int size = 0;

	return fdt_getprop(tree, node, property, &size) && size > 0 ? (unsigned)size / 4 : 0;
}

uint64_t fdt_read_cells(const void *tree, int node, const char *property, unsigned first,
                        unsigned count)
{
	int size;
	const uint8_t *bytes = fdt_getprop(tree, node, property, &size);
	uint64_t value = 0;

	if (!bytes || size < 0 || first > (unsigned)size / 4 || count > (unsigned)size / 4 - first)
		return 0;
	for (unsigned i = 4 * first; i < 4 * (first + count); i++)
		value = value << 8 | bytes[i];
	return value;
}

/* A bus's ranges, DTSpec 2.3.8: one entry that covers the range moves it; none is a closed door. */
static bool translate(const void *tree, int bus, int parent, struct host_range *range)
{
	unsigned own = (unsigned)fdt_address_cells(tree, bus), size_cells;
	unsigned up = (unsigned)fdt_address_cells(tree, parent), entry, count;
	int length = -1;

	if (!fdt_getprop(tree, bus, "ranges", &length))
		return false;
	if (!length)
		return true;
	size_cells = (unsigned)fdt_size_cells(tree, bus);
	entry = own + up + size_cells;
	count = fdt_read_count(tree, bus, "ranges");
	if (own > 2 || up > 2 || size_cells > 2)
		return false;
	for (unsigned at = 0; at + entry <= count; at += entry) {
		uint64_t base = fdt_read_cells(tree, bus, "ranges", at, own);
		uint64_t to = fdt_read_cells(tree, bus, "ranges", at + own, up);
		uint64_t size = fdt_read_cells(tree, bus, "ranges", at + own + up, size_cells);

		if (range->base < base || range->base - base >= size ||
		    range->size > size - (range->base - base))
			continue;
		range->base = range->base - base + to;
		return true;
	}
	return false;
}

bool fdt_read_place(const void *tree, int node, unsigned i, struct host_range *range)
{
	int bus = fdt_parent_offset(tree, node), address, size;
	unsigned first;

	if (bus < 0)
		return false;
	address = fdt_address_cells(tree, bus);
	size = fdt_size_cells(tree, bus);
	if (address < 1 || address > 2 || size < 0 || size > 2)
		return false;
	first = i * (unsigned)(address + size);
	if (first + (unsigned)(address + size) > fdt_read_count(tree, node, "reg"))
		return false;
	range->base = fdt_read_cells(tree, node, "reg", first, (unsigned)address);
	range->size = fdt_read_cells(tree, node, "reg", first + (unsigned)address, (unsigned)size);
	for (unsigned depth = 0; depth < BUSES_MAX; depth++) {
		int parent = fdt_parent_offset(tree, bus);

		if (parent < 0)
			return true; /* the root's addresses are the CPU's */
		if (!translate(tree, bus, parent, range))
			return false;
		bus = parent;
	}
	return false;
}

uint32_t fdt_read_interrupt(const void *tree, int node, unsigned i)
{
	unsigned count = fdt_read_count(tree, node, "interrupts"), first = i * INTERRUPT_CELLS;
	uint64_t number = fdt_read_cells(tree, node, "interrupts", first + 1, 1);

	if (first + INTERRUPT_CELLS > count)
		return 0;
	switch (fdt_read_cells(tree, node, "interrupts", first, 1)) {
	case INTERRUPT_SPI:
		return number < 988 ? (uint32_t)number + 32 : 0;
	case INTERRUPT_PPI:
		return number < 16 ? (uint32_t)number + 16 : 0;
	default:
		return 0;
	}
}

bool fdt_read_enabled(const void *tree, int node)
{
	int size;
	const char *status = fdt_getprop(tree, node, "status", &size);

	return !status || size <= 0 || !strncmp(status, "ok", 2);
}

int fdt_read_find(const void *tree, int after, const char *const *names)
{
	int depth = 0;

	for (int node = fdt_next_node(tree, after, &depth); node >= 0;
	     node = fdt_next_node(tree, node, &depth))
		for (unsigned i = 0; names[i]; i++)
			if (!fdt_node_check_compatible(tree, node, names[i]) &&
			    fdt_read_enabled(tree, node))
				return node;
	return -FDT_ERR_NOTFOUND;
}
