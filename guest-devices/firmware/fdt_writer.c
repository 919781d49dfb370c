/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/firmware/fdt_writer.h"

#include <libfdt.h>
#include <limits.h>
#include <string.h>

static void note(struct fdt_writer *w, int err)
{
	if (err < 0 && !w->err)
		w->err = err;
}

void fdt_writer_start(struct fdt_writer *w, void *buffer, size_t size)
{
	*w = (struct fdt_writer){.tree = buffer};
	note(w, fdt_create(buffer, size < INT_MAX ? (int)size : INT_MAX));
	if (!w->err)
		note(w, fdt_finish_reservemap(buffer));
}

size_t fdt_writer_end(struct fdt_writer *w)
{
	if (!w->err)
		note(w, fdt_finish(w->tree));
	return w->err ? 0 : fdt_totalsize(w->tree);
}

void fdt_node(struct fdt_writer *w, const char *name)
{
	if (!w->err)
		note(w, fdt_begin_node(w->tree, name));
}

void fdt_name_at(char to[FDT_NAME_MAX], const char *name, uint64_t unit)
{
	size_t length = strlen(name);
	unsigned digits = 1;

	memcpy(to, name, length);
	to[length++] = '@';
	while (digits < 16 && unit >> 4 * digits)
		digits++;
	while (digits--)
		to[length++] = "0123456789abcdef"[unit >> 4 * digits & 15];
	to[length] = 0;
}

void fdt_node_at(struct fdt_writer *w, const char *name, uint64_t unit)
{
	char text[FDT_NAME_MAX];

	fdt_name_at(text, name, unit);
	fdt_node(w, text);
}

void fdt_node_end(struct fdt_writer *w)
{
	if (!w->err)
		note(w, fdt_end_node(w->tree));
}

void fdt_bytes(struct fdt_writer *w, const char *name, const void *bytes, size_t size)
{
	if (!w->err)
		note(w, fdt_property(w->tree, name, bytes, (int)size));
}

void fdt_flag(struct fdt_writer *w, const char *name)
{
	fdt_bytes(w, name, "", 0);
}

void fdt_text(struct fdt_writer *w, const char *name, const char *text)
{
	fdt_bytes(w, name, text, strlen(text) + 1);
}

void fdt_cells(struct fdt_writer *w, const char *name, const uint32_t *cells, size_t count)
{
	void *place = NULL;

	if (!w->err)
		note(w, fdt_property_placeholder(w->tree, name, (int)(count * 4), &place));
	for (size_t i = 0; i < count && !w->err; i++)
		fdt32_st((uint8_t *)place + 4 * i, cells[i]);
}
