/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fuzz/disk.h"

#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512, CAPACITY = 1 << 20 };

static void touch(const struct blk_request *request)
{
	for (unsigned i = 0; i < request->span_count; i++) {
		volatile uint8_t sum = 0;
		uint8_t *data = request->spans[i].data;

		if (request->op == BLK_READ)
			memset(data, 0x5a, request->spans[i].size);
		for (size_t at = 0; at < request->spans[i].size; at++)
			sum = (uint8_t)(sum + data[at]);
	}
}

static bool moves_data(const struct blk_request *request)
{
	return request->op == BLK_READ || request->op == BLK_WRITE;
}

static uint64_t bytes_of(const struct blk_request *request)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < request->span_count; i++)
		sum += request->spans[i].size;
	return sum;
}

/* What struct blk_request promises. */
static bool right(const struct fuzz_disk *disk, const struct blk_request *request)
{
	const struct blk_backend *backend = &disk->backend;
	bool known = request->op <= BLK_FLUSH || (backend->operations & 1u << request->op);
	bool writes = request->op != BLK_READ && request->op != BLK_FLUSH;

	if (request->op == BLK_FLUSH)
		return true;
	return known && !(writes && backend->read_only) && request->offset % SECTOR == 0 &&
	       request->size % SECTOR == 0 && request->offset <= backend->capacity &&
	       request->size <= backend->capacity - request->offset &&
	       (!moves_data(request) || bytes_of(request) == request->size);
}

static void answer(struct blk_request *request, enum blk_result result)
{
	if (moves_data(request))
		touch(request);
	request->done(request, result);
}

static void submit(struct blk_backend *backend, struct blk_request *request)
{
	struct fuzz_disk *disk = (void *)((char *)backend - offsetof(struct fuzz_disk, backend));

	if (!right(disk, request))
		abort();
	if (disk->at_once) {
		answer(request, BLK_OK);
		return;
	}
	request->next = disk->waiting;
	disk->waiting = request;
}

void fuzz_disk_init(struct fuzz_disk *disk, uint32_t operations)
{
	*disk = (struct fuzz_disk){.backend = {.submit = submit,
	                                       .capacity = CAPACITY,
	                                       .operations = operations,
	                                       .unmaps = true,
	                                       .id = "disk"}};
}

static void answer_at(struct blk_request **at, enum blk_result result)
{
	struct blk_request *request = *at;

	*at = request->next;
	answer(request, result);
}

void fuzz_disk_event(struct fuzz_disk *disk, uint8_t what)
{
	struct blk_request **at = &disk->waiting;

	for (unsigned skip = what >> 4; *at && (*at)->next && skip; skip--)
		at = &(*at)->next;
	if (*at)
		answer_at(at, what % 3 == 0   ? BLK_IO_ERROR
		              : what % 7 == 0 ? BLK_NOT_SUPPORTED
		                              : BLK_OK);
}

void fuzz_disk_settle(struct fuzz_disk *disk)
{
	while (disk->waiting)
		answer_at(&disk->waiting, BLK_OK);
}
