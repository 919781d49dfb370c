/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/common/nested.h"

#include <stdbool.h>

#include <arch/cpu.h>
#include <arch/err.h>
#include <arch/pages.h>
#include <arch/stage2.h>

#define ENTRIES    512u
#define FRAME_MASK 0x000ffffffffff000ull
#define UNMAPPED   (~0ull)

/* A range on its way down the tables. */
struct span {
	uint64_t gpa, end, hpa;
};

static uint64_t level_size(unsigned level)
{
	return 1ull << (12 + 9 * level);
}

static uint64_t limit_of(const struct nested_format *format)
{
	return 1ull << format->address_bits;
}

static size_t root_pages(const struct nested_format *format)
{
	uint64_t one = level_size(format->top + 1), limit = limit_of(format);
	return limit > one ? limit / one : 1;
}

/* In the root, addresses go on over all of its pages. */
static uint64_t *entry_of(const struct nested *nested, uint64_t *table, unsigned level,
                          uint64_t gpa)
{
	uint64_t index = gpa >> (12 + 9 * level);
	return &table[level == nested->format->top ? index : index & (ENTRIES - 1)];
}

static uint64_t *table_of(uint64_t entry)
{
	return (uint64_t *)(uintptr_t)(entry & FRAME_MASK);
}

static bool is_leaf(const struct nested *nested, uint64_t entry, unsigned level)
{
	const struct nested_format *f = nested->format;
	return entry && (level == 0 || (entry & f->kind) == f->kind_large);
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
	size_t pages = root_pages(format);
	*nested = (struct nested){.format = format, .generation = 1, .table_pages = pages};
	nested->root = pages_alloc(pages, pages * PAGE_SIZE);
	return nested->root ? 0 : ERR_NO_MEMORY;
}

static void free_tables(const struct nested *nested, uint64_t *table, unsigned level)
{
	size_t pages = level == nested->format->top ? root_pages(nested->format) : 1;
	for (size_t i = 0; level && i < pages * ENTRIES; i++)
		if (table[i] && !is_leaf(nested, table[i], level))
			free_tables(nested, table_of(table[i]), level - 1);
	pages_free(table, pages);
}

void nested_destroy(struct nested *nested)
{
	if (nested->root)
		free_tables(nested, nested->root, nested->format->top);
	nested->root = NULL;
	nested->table_pages = 0;
}

static uint64_t leaf_entry(const struct nested_format *f, uint64_t hpa, unsigned prot,
                           unsigned level)
{
	return hpa | f->leaf | (level ? f->large : f->small) |
	       (prot & STAGE2_WRITE ? f->write : 0) | (prot & STAGE2_EXEC ? f->exec : f->no_exec) |
	       (prot & STAGE2_DEVICE ? f->device : f->memory);
}

static bool any_mapped(const struct nested *nested, uint64_t *table, unsigned level,
                       struct span span)
{
	while (span.gpa < span.end) {
		struct span piece = first_piece(&span, level);
		uint64_t entry = *entry_of(nested, table, level, span.gpa);
		if (is_leaf(nested, entry, level))
			return true;
		if (entry && any_mapped(nested, table_of(entry), level - 1, piece))
			return true;
		advance(&span, &piece);
	}
	return false;
}

/* What CPUs hold of the tables does not tell what is in them. */
static void became_wrong(struct nested *nested)
{
	nested->generation++;
	if (nested->format->invalidate)
		nested->format->invalidate(nested);
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
		uint64_t *entry = entry_of(nested, table, level, span.gpa);
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

static bool good_range(const struct nested *nested, uint64_t gpa, uint64_t size)
{
	uint64_t limit = limit_of(nested->format);
	return !((gpa | size) & (PAGE_SIZE - 1)) && gpa <= limit && size <= limit - gpa;
}

/* Everything in the span goes; no large page sticks out of it. */
static void clear_level(const struct nested *nested, uint64_t *table, unsigned level,
                        struct span span)
{
	while (span.gpa < span.end) {
		struct span piece = first_piece(&span, level);
		uint64_t *entry = entry_of(nested, table, level, span.gpa);
		if (is_leaf(nested, *entry, level))
			*entry = 0;
		else if (*entry)
			clear_level(nested, table_of(*entry), level - 1, piece);
		advance(&span, &piece);
	}
}

int nested_map(struct nested *nested, uint64_t gpa, uint64_t hpa, uint64_t size, unsigned prot)
{
	struct span span = {gpa, gpa + size, hpa};
	unsigned top = nested->format->top;
	if (!good_range(nested, gpa, size) || !size || (hpa & ~FRAME_MASK) ||
	    !(prot & STAGE2_READ) || any_mapped(nested, nested->root, top, span))
		return ERR_INVALID;
	int err = map_level(nested, nested->root, top, span, prot);
	if (err) {
		clear_level(nested, nested->root, top, span);
		became_wrong(nested);
	}
	return err;
}

/* Replace a large page by a table of the next smaller ones that mean the same. */
static int split(struct nested *nested, uint64_t *entry, unsigned level)
{
	uint64_t *below = new_table(nested);
	if (!below)
		return ERR_NO_MEMORY;
	const struct nested_format *f = nested->format;
	uint64_t page = level == 1 ? (*entry & ~f->large) | f->small : *entry;
	for (unsigned i = 0; i < ENTRIES; i++)
		below[i] = page + i * level_size(level - 1);
	if (f->invalidate) {
		*entry = 0;
		f->invalidate(nested);
	}
	*entry = (uintptr_t)below | f->table;
	nested->generation++;
	return 0;
}

/* Make sure that no page reaches across gpa. */
static int split_at(struct nested *nested, uint64_t gpa)
{
	uint64_t *table = nested->root;
	for (unsigned level = nested->format->top; level && (gpa & (level_size(level) - 1));
	     level--) {
		uint64_t *entry = entry_of(nested, table, level, gpa);
		if (is_leaf(nested, *entry, level)) {
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
	if (!good_range(nested, gpa, size))
		return ERR_INVALID;
	int err = size ? split_at(nested, gpa) : 0;
	if (!err && size && gpa + size < limit_of(nested->format))
		err = split_at(nested, gpa + size);
	if (err)
		return err;
	clear_level(nested, nested->root, nested->format->top, (struct span){gpa, gpa + size, 0});
	became_wrong(nested);
	return 0;
}

/* The page that gpa is in, or (page->hpa = UNMAPPED) how far nothing is mapped. */
static void look(const struct nested *nested, uint64_t gpa, struct nested_page *page)
{
	const struct nested_format *f = nested->format;
	uint64_t *table = nested->root;
	for (unsigned level = f->top;; level--) {
		uint64_t entry = *entry_of(nested, table, level, gpa);
		if (!entry || is_leaf(nested, entry, level)) {
			uint64_t offset = level_size(level) - 1;
			*page = (struct nested_page){
			    .gpa = gpa & ~offset,
			    .hpa = entry ? entry & FRAME_MASK & ~offset : UNMAPPED,
			    .size = offset + 1,
			    .device = (entry & (f->device | f->memory)) == f->device,
			    .writable = entry & f->write,
			};
			return;
		}
		table = table_of(entry);
	}
}

static uint64_t lookup(const struct nested *nested, uint64_t gpa, bool write)
{
	struct nested_page page;
	if (gpa >= limit_of(nested->format))
		return UNMAPPED;
	look(nested, gpa, &page);
	if (page.hpa == UNMAPPED || (write && !page.writable))
		return UNMAPPED;
	return page.hpa + (gpa - page.gpa);
}

uint64_t nested_lookup(const struct nested *nested, uint64_t gpa)
{
	return lookup(nested, gpa, false);
}

uint64_t nested_lookup_writable(const struct nested *nested, uint64_t gpa)
{
	return lookup(nested, gpa, true);
}

void nested_pageable(struct nested *nested, uint64_t gpa, uint64_t size)
{
	unsigned n = nested->pageable_count++;
	CHECK(n < STAGE2_RAM_RANGES);
	nested->pageable[n].gpa = gpa;
	nested->pageable[n].size = size;
}

enum nested_state nested_state(const struct nested *nested, uint64_t gpa)
{
	for (unsigned i = 0; i < nested->pageable_count; i++)
		if (gpa - nested->pageable[i].gpa < nested->pageable[i].size)
			return nested_lookup(nested, gpa) == UNMAPPED ? NESTED_MISSING
			                                              : NESTED_MAPPED;
	return NESTED_FIXED;
}

int nested_next(const struct nested *nested, uint64_t gpa, struct nested_page *page)
{
	for (; gpa < limit_of(nested->format); gpa = page->gpa + page->size) {
		look(nested, gpa, page);
		if (page->hpa != UNMAPPED)
			return 0;
	}
	return ERR_NOT_FOUND;
}
