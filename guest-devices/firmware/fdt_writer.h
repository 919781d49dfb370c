/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes and properties in the order in which they are in the tree, over libfdt. The first error
 * stays; what is written after it has no effect. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct fdt_writer {
	void *tree;
	int err; /* 0, or libfdt's */
};

void fdt_writer_start(struct fdt_writer *w, void *buffer, size_t size);
size_t fdt_writer_end(struct fdt_writer *w); /* bytes used; 0: there was an error */

/* name@unit; name has at most FDT_NAME_MAX - 18 bytes. */
#define FDT_NAME_MAX 48
void fdt_name_at(char to[FDT_NAME_MAX], const char *name, uint64_t unit);

void fdt_node(struct fdt_writer *w, const char *name);
void fdt_node_at(struct fdt_writer *w, const char *name, uint64_t unit); /* name@unit */
void fdt_node_end(struct fdt_writer *w);

void fdt_flag(struct fdt_writer *w, const char *name);
void fdt_text(struct fdt_writer *w, const char *name, const char *text);
void fdt_bytes(struct fdt_writer *w, const char *name, const void *bytes, size_t size);
void fdt_cells(struct fdt_writer *w, const char *name, const uint32_t *cells, size_t count);

/* fdt_list(w, "reg", FDT_WIDE(base), FDT_WIDE(size)) */
#define fdt_list(w, name, ...)                                                                     \
	fdt_cells(w, name, (const uint32_t[]){__VA_ARGS__},                                        \
	          sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))
#define FDT_WIDE(value) (uint32_t)((uint64_t)(value) >> 32), (uint32_t)(value)
