/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The block device over both rings; its back-end answers when the input says so, in any order, with
 * any result, and touches every byte that it was given.
 * Planted: guest-devices/virtio/blk_ranges.c: " || size / RANGE_SIZE > VIRTIO_BLK_RANGES"
 * becomes ""
 */
#include "guest-devices/virtio/blk.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static struct virtio_blk blk;
static struct disk {
	struct blk_backend backend;
	struct blk_request *waiting;
} disk;

static void submit(struct blk_backend *backend, struct blk_request *request)
{
	(void)backend;
	request->next = disk.waiting;
	disk.waiting = request;
}

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

static void answer(struct blk_request **at, enum blk_result result)
{
	struct blk_request *request = *at;

	*at = request->next;
	if (request->op == BLK_READ || request->op == BLK_WRITE)
		touch(request);
	request->done(request, result);
}

static void create(struct fuzz *fuzz)
{
	memset(&blk, 0, sizeof(blk));
	uint8_t how = fuzz_u8(fuzz);

	disk = (struct disk){.backend = {.submit = submit,
	                                 .capacity = 1 << 20,
	                                 .operations = how & 4 ? 0 : ~0u,
	                                 .unmaps = true,
	                                 .id = "disk"}};
	disk.backend.read_only = how & 1;
	virtio_blk_init(&blk, &(struct virtio_blk_config){
	                          .name = "blk",
	                          .mem = &fuzz->mem.mem,
	                          .backend = &disk.backend,
	                          .queues = how & 2 ? 4 : 1,
	                          .timer_scope = fuzz,
	                      });
	virtio_offer(&blk.device, VIRTIO_F_RING_PACKED);
	fuzz->device = &blk.device;
}

static void event(struct fuzz *fuzz, uint8_t what)
{
	struct blk_request **at = &disk.waiting;
	(void)fuzz;

	for (unsigned skip = what >> 4; *at && (*at)->next && skip; skip--)
		at = &(*at)->next;
	if (*at)
		answer(at, what % 3 == 0   ? BLK_IO_ERROR
		           : what % 7 == 0 ? BLK_NOT_SUPPORTED
		                           : BLK_OK);
}

static void settle(struct fuzz *fuzz)
{
	(void)fuzz;
	while (disk.waiting)
		answer(&disk.waiting, BLK_OK);
}

const struct fuzz_target fuzz_target = {.create = create, .event = event, .settle = settle};
