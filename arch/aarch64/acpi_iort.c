/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O remapping table, Arm DEN 0049: how the requester ids of PCI become the device ids that the
 * ITS knows. A mapping leads to an ITS, or to an SMMU whose own mappings lead on.
 */
#include "arch/aarch64/acpi_iort.h"

#define NODE_HEADER   16
#define MAPPING_SIZE  20
#define DEPTH_MAX     3
#define REQUESTER_IDS 0x10000
#define NODES_MAX     64

enum { NODE_ITS = 0, NODE_ROOT_COMPLEX = 2, NODE_SMMU = 3, NODE_SMMU3 = 4 };

struct mapping {
	uint64_t first, count, output, to; /* to: offset of the next node */
};

/* Requester ids on their way: count of them from `first` on have become ids from `now` on. */
struct ids {
	uint64_t first, count, now;
	unsigned nodes_left;
};

/* The node at an offset; size 0: there is none. */
static struct acpi_table node_at(const struct acpi_table *iort, uint64_t offset)
{
	struct acpi_table node = {0};
	uint64_t size = acpi_field(iort, offset + 1, 2);

	if (offset < ACPI_HEADER || offset > iort->size || size < NODE_HEADER ||
	    size > iort->size - offset)
		return node;
	return (struct acpi_table){iort->bytes + offset, (uint32_t)size};
}

static unsigned mapping_count(const struct acpi_table *node)
{
	uint64_t count = acpi_field(node, 8, 4), first = acpi_field(node, 12, 4);

	if (first > node->size)
		return 0;
	return count < (node->size - first) / MAPPING_SIZE
	           ? (unsigned)count
	           : (unsigned)((node->size - first) / MAPPING_SIZE);
}

static struct mapping mapping_at(const struct acpi_table *node, unsigned i)
{
	uint64_t at = acpi_field(node, 12, 4) + (uint64_t)i * MAPPING_SIZE;

	return (struct mapping){
	    .first = acpi_field(node, at, 4),
	    .count = acpi_field(node, at + 4, 4) + 1, /* the table holds one less */
	    .output = acpi_field(node, at + 8, 4),
	    .to = acpi_field(node, at + 12, 4),
	};
}

static void add_map(struct host_description *host, const struct ids *ids)
{
	if (host->msi_map_count < HOST_MSI_MAPS)
		host->msi_maps[host->msi_map_count++] = (struct host_msi_map){
		    (uint32_t)ids->first, (uint32_t)ids->count, (uint32_t)ids->now};
}

/* The ids that a mapping takes, after it; count 0: none. */
static struct ids apply(const struct mapping *m, const struct ids *ids)
{
	uint64_t low = m->first > ids->now ? m->first : ids->now;
	uint64_t end = m->first + m->count, ids_end = ids->now + ids->count;

	end = end < ids_end ? end : ids_end;
	if (low >= end)
		return (struct ids){0};
	return (struct ids){ids->first + (low - ids->now), end - low, m->output + (low - m->first),
	                    ids->nodes_left - 1};
}

static void follow(struct host_description *host, const struct acpi_table *iort,
                   const struct acpi_table *node, const struct ids *ids)
{
	for (unsigned i = 0; ids->nodes_left && i < mapping_count(node); i++) {
		struct mapping m = mapping_at(node, i);
		struct acpi_table next = node_at(iort, m.to);
		struct ids part = apply(&m, ids);

		if (!next.size || !part.count)
			continue;
		if (next.bytes[0] == NODE_ITS)
			add_map(host, &part);
		else if (next.bytes[0] == NODE_SMMU || next.bytes[0] == NODE_SMMU3)
			follow(host, iort, &next, &part);
	}
}

void acpi_iort_read(struct host_description *host, const struct acpi_table *iort)
{
	static const struct ids all = {0, REQUESTER_IDS, 0, DEPTH_MAX};
	uint64_t at = acpi_field(iort, 40, 4), count = acpi_field(iort, 36, 4);

	for (unsigned i = 0; i < count && i < NODES_MAX; i++) {
		struct acpi_table node = node_at(iort, at);

		if (!node.size)
			return;
		if (node.bytes[0] == NODE_ROOT_COMPLEX && acpi_field(&node, 28, 4) == 0)
			follow(host, iort, &node, &all);
		at += node.size;
	}
}
