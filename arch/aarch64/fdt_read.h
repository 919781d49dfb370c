/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of a device tree that has been checked whole: properties as cells, places, interrupts. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arch/aarch64/description.h"

/* count cells of a property as one number, from its cell `first` on; 0 where it is too short. */
uint64_t fdt_read_cells(const void *tree, int node, const char *property, unsigned first,
                        unsigned count);
unsigned fdt_read_count(const void *tree, int node, const char *property);

/* Entry number i of a node's reg, as the CPU sees it. false: there is none that can be reached. */
bool fdt_read_place(const void *tree, int node, unsigned i, struct host_range *range);

/* INTID of entry number i of a node's interrupts, when they are the GIC's; 0: there is none. */
uint32_t fdt_read_interrupt(const void *tree, int node, unsigned i);

bool fdt_read_enabled(const void *tree, int node); /* by its status */

/* The first enabled node with one of these names in its compatible, from the node after `after` on
 * (-1: the first of all); negative: none. names ends with NULL. */
int fdt_read_find(const void *tree, int after, const char *const *names);
