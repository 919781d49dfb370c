/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/blk/ram_disk.h"

#include <string.h>

#define SECTOR 512u

static void copy(uint8_t *disk, const struct blk_request *request)
{
	for (unsigned i = 0; i < request->span_count; i++) {
		const struct blk_span *span = &request->spans[i];

		if (request->op == BLK_READ)
			memcpy(span->data, disk, span->size);
		else
			memcpy(disk, span->data, span->size);
		disk += span->size;
	}
}

static enum blk_result serve(struct ram_disk *disk, const struct blk_request *request)
{
	uint8_t *at = disk->memory + request->offset;

	if (request->op == BLK_FLUSH)
		return BLK_OK;
	if (request->offset > disk->backend.capacity ||
	    request->size > disk->backend.capacity - request->offset)
		return BLK_IO_ERROR;
	if (request->op != BLK_READ && disk->backend.read_only)
		return BLK_IO_ERROR;
	switch (request->op) {
	case BLK_READ:
	case BLK_WRITE:
		copy(at, request);
		return BLK_OK;
	case BLK_DISCARD:
	case BLK_WRITE_ZEROES:
	case BLK_SECURE_ERASE: /* there is one copy of a sector */
		memset(at, 0, request->size);
		return BLK_OK;
	default:
		return BLK_NOT_SUPPORTED;
	}
}

static void submit(struct blk_backend *backend, struct blk_request *request)
{
	struct ram_disk *disk = (void *)((char *)backend - offsetof(struct ram_disk, backend));

	request->done(request, serve(disk, request));
}

void ram_disk_init(struct ram_disk *disk, void *memory, uint64_t size, bool read_only,
                   const char *id)
{
	*disk = (struct ram_disk){
	    .backend = {.submit = submit,
	                .capacity = size / SECTOR * SECTOR,
	                .read_only = read_only,
	                .operations =
	                    1u << BLK_DISCARD | 1u << BLK_WRITE_ZEROES | 1u << BLK_SECURE_ERASE},
	    .memory = memory,
	};
	for (size_t i = 0; i < sizeof(disk->backend.id) - 1 && id[i]; i++)
		disk->backend.id[i] = id[i];
}

void ram_disk_resize(struct ram_disk *disk, void *memory, uint64_t size)
{
	uint64_t capacity = size / SECTOR * SECTOR;
	uint64_t kept = capacity < disk->backend.capacity ? capacity : disk->backend.capacity;

	memcpy(memory, disk->memory, kept);
	memset((uint8_t *)memory + kept, 0, capacity - kept);
	disk->memory = memory;
	disk->backend.capacity = capacity;
}
