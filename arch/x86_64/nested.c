/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/nested.h"

#include <stdbool.h>

#include <arch/err.h>
#include <arch/pages.h>
#include <arch/stage2.h>

#define ENTRIES    512u
#define TOP        3u /* level of the root; level 0 holds 4 KiB pages */
#define FRAME_MASK 0x000ffffffffff000ull
#define LARGE      (1ull << 7) /* page, not table, above level 0: the same bit for both vendors */
#define UNMAPPED   (~0ull)

/* A range on its way down the tables. */
struct span {
	uint64_t gpa, end, hpa;
};

static uint64_t level_size(unsigned level)
{
	return 1ull << (12 + 9 * level);
}

static uint64_t *entry_of(uint64_t *table, unsigned level, uint64_t gpa)
{
	return &table[gpa >> (12 + 9 * level) & (ENTRIES - 1)];
}

static uint64_t *table_of(uint64_t entry)
{
	return (uint64_t *)(uintptr_t)(entry & FRAME_MASK);
}

static bool is_leaf(uint64_t entry, unsigned level)
{
	return entry && (level == 0 || (entry & LARGE));
}

/* Cut the first piece that lies inside one entry of the level off the span. */
static struct span first_piece(const struct span *span, unsigned level)
{
	uint64_t next = (span->gpa | (level_size(level) - 1)) + 1;
	return (struct span){span->gpa, next < span->end ? next : span->end, span->hpa};
}

static void advance(struct span *span, const struct span *piece)
{
	span->hpa += piece->end - piece->gpa;
	span->gpa = piece->end;
}

static uint64_t *new_table(struct nested *nested)
{
	uint64_t *table = pages_alloc(1, PAGE_SIZE);
	if (table)
		nested->table_pages++;
	return table;
}

int nested_init(struct nested *nested, const struct nested_format *format)
{
	*nested = (struct nested){.format = format, .generation = 1};
	nested->root = new_table(nested);
	return nested->root ? 0 : ERR_NO_MEMORY;
}

static void free_tables(uint64_t *table, unsigned level)
{
	for (unsigned i = 0; level && i < ENTRIES; i++)
		if (table[i] && !is_leaf(table[i], level))
			free_tables(table_of(table[i]), level - 1);
	pages_free(table, 1);
}

void nested_destroy(struct nested *nested)
{
	if (nested->root)
		free_tables(nested->root, TOP);
	nested->root = NULL;
	nested->table_pages = 0;
}

static uint64_t leaf_entry(const struct nested_format *f, uint64_t hpa, unsigned prot,
                           unsigned level)
{
	return hpa | f->leaf | (level ? f->large : 0) | (prot & STAGE2_WRITE ? f->write : 0) |
	       (prot & STAGE2_EXEC ? f->exec : f->no_exec);
}

static bool any_mapped(uint64_t *table, unsigned level, struct span span)
{
	while (span.gpa < span.end) {
		struct span piece = first_piece(&span, level);
		uint64_t entry = *entry_of(table, level, span.gpa);
		if (is_leaf(entry, level))
			return true;
		if (entry && any_mapped(table_of(entry), level - 1, piece))
			return true;
		advance(&span, &piece);
	}
	return false;
}

static bool fits_leaf(const struct nested *nested, const struct span *piece, unsigned level)
{
	uint64_t size = level_size(level);
	return level < nested->format->leaf_levels && piece->end - piece->gpa == size &&
	       !(piece->hpa & (size - 1));
}

static int map_level(struct nested *nested, uint64_t *table, unsigned level, struct span span,
                     unsigned prot)
{
	while (span.gpa < span.end) {
		struct span piece = first_piece(&span, level);
		uint64_t *entry = entry_of(table, level, span.gpa);
		if (!*entry && fits_leaf(nested, &piece, level)) {
			*entry = leaf_entry(nested->format, piece.hpa, prot, level);
		} else {
			if (!*entry) {
				uint64_t *below = new_table(nested);
				if (!below)
					return ERR_NO_MEMORY;
				*entry = (uintptr_t)below | nested->format->table;
			}
			int err = map_level(nested, table_of(*entry), level - 1, piece, prot);
			if (err)
				return err;
		}
		advance(&span, &piece);
	}
	return 0;
}

static bool good_range(uint64_t gpa, uint64_t size)
{
	return !((gpa | size) & (PAGE_SIZE - 1)) && gpa <= NESTED_LIMIT &&
	       size <= NESTED_LIMIT - gpa;
}

/* Everything in the span goes; no large page sticks out of it. */
static void clear_level(uint64_t *table, unsigned level, struct span span)
{
	while (span.gpa < span.end) {
		struct span piece = first_piece(&span, level);
		uint64_t *entry = entry_of(table, level, span.gpa);
		if (is_leaf(*entry, level))
			*entry = 0;
		else if (*entry)
			clear_level(table_of(*entry), level - 1, piece);
		advance(&span, &piece);
	}
}

int nested_map(struct nested *nested, uint64_t gpa, uint64_t hpa, uint64_t size, unsigned prot)
{
	struct span span = {gpa, gpa + size, hpa};
	if (!good_range(gpa, size) || !size || (hpa & ~FRAME_MASK) || !(prot & STAGE2_READ) ||
	    any_mapped(nested->root, TOP, span))
		return ERR_INVALID;
	int err = map_level(nested, nested->root, TOP, span, prot);
	if (err) {
		clear_level(nested->root, TOP, span);
		nested->generation++;
	}
	return err;
}

/* Replace a large page by a table of the next smaller ones that mean the same. */
static int split(struct nested *nested, uint64_t *entry, unsigned level)
{
	uint64_t *below = new_table(nested);
	if (!below)
		return ERR_NO_MEMORY;
	uint64_t page = level == 1 ? *entry & ~nested->format->large : *entry;
	for (unsigned i = 0; i < ENTRIES; i++)
		below[i] = page + i * level_size(level - 1);
	*entry = (uintptr_t)below | nested->format->table;
	nested->generation++;
	return 0;
}

/* Make sure that no page reaches across gpa. */
static int split_at(struct nested *nested, uint64_t gpa)
{
	uint64_t *table = nested->root;
	for (unsigned level = TOP; level && (gpa & (level_size(level) - 1)); level--) {
		uint64_t *entry = entry_of(table, level, gpa);
		if (is_leaf(*entry, level)) {
			int err = split(nested, entry, level);
			if (err)
				return err;
		}
		if (!*entry)
			break;
		table = table_of(*entry);
	}
	return 0;
}

int nested_unmap(struct nested *nested, uint64_t gpa, uint64_t size)
{
	if (!good_range(gpa, size))
		return ERR_INVALID;
	int err = size ? split_at(nested, gpa) : 0;
	if (!err && size && gpa + size < NESTED_LIMIT)
		err = split_at(nested, gpa + size);
	if (err)
		return err;
	clear_level(nested->root, TOP, (struct span){gpa, gpa + size, 0});
	nested->generation++;
	return 0;
}

uint64_t nested_lookup(const struct nested *nested, uint64_t gpa)
{
	uint64_t *table = nested->root;
	if (gpa >= NESTED_LIMIT)
		return UNMAPPED;
	for (unsigned level = TOP;; level--) {
		uint64_t entry = *entry_of(table, level, gpa);
		if (!entry)
			return UNMAPPED;
		if (is_leaf(entry, level)) {
			uint64_t offset = level_size(level) - 1;
			return (entry & FRAME_MASK & ~offset) | (gpa & offset);
		}
		table = table_of(entry);
	}
}
