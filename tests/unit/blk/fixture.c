/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/blk/fixture.h"

#include <string.h>

struct rig rig;
struct virtio_blk blk;
struct test_disk disk;

static void perform(struct blk_request *request)
{
	uint8_t *at = disk.data + request->offset;

	disk.flushes += request->op == BLK_FLUSH;
	disk.unmaps += request->unmap;
	if (disk.result == BLK_OK && !request->spans && request->op != BLK_FLUSH)
		memset(at, 0, request->size);
	for (unsigned i = 0; disk.result == BLK_OK && i < request->span_count; i++) {
		struct blk_span *span = &request->spans[i];

		memcpy(request->op == BLK_READ ? span->data : at,
		       request->op == BLK_READ ? at : span->data, span->size);
		at += span->size;
	}
	request->done(request, disk.result);
}

static void submit(struct blk_backend *backend, struct blk_request *request)
{
	(void)backend;
	disk.submits++;
	if (disk.submitted)
		disk.submitted();
	if (disk.slow)
		disk.held[disk.held_count++] = request;
	else
		perform(request);
}

void disk_finish(unsigned i)
{
	struct blk_request *request = disk.held[i];

	disk.held[i] = NULL;
	perform(request);
}

static void setup(bool read_only, uint32_t operations, unsigned queues)
{
	rig_init(&rig);
	memset(&disk, 0, sizeof(disk));
	for (unsigned i = 0; i < DISK_SIZE; i++)
		disk.data[i] = (uint8_t)(i * 7 + i / 512);
	disk.backend = (struct blk_backend){
	    .submit = submit,
	    .capacity = DISK_SIZE,
	    .read_only = read_only,
	    .operations = operations,
	    .id = "disk-serial",
	};
	virtio_blk_init(&blk, &(struct virtio_blk_config){.name = "test blk0",
	                                                  .mem = &rig.mem.mem,
	                                                  .backend = &disk.backend,
	                                                  .queues = queues});
	rig_plug(&rig, &blk.device);
}

void blk_setup_on(bool read_only, uint64_t features)
{
	setup(read_only, 0, 0);
	cr_assert(rig_start(&rig, features));
}

void blk_setup_full(uint64_t features)
{
	setup(false, ~0u, QUEUES);
	cr_assert(rig_start(&rig, features));
}

void blk_setup(void)
{
	blk_setup_on(false, F_FLUSH);
}

void blk_teardown(void)
{
	rig_free(&rig);
}

uint64_t header_at(uint32_t type, uint64_t sector)
{
	uint64_t address = rig_alloc(&rig, 16);
	uint32_t words[4] = {type, 0, (uint32_t)sector, (uint32_t)(sector >> 32)};

	memcpy(rig_at(&rig, address, 16), words, 16);
	return address;
}

uint64_t status_at(void)
{
	uint64_t address = rig_alloc(&rig, 1);

	*(uint8_t *)rig_at(&rig, address, 1) = S_NONE;
	return address;
}

struct outcome run_chain(const struct rig_buffer *buffers, unsigned count, uint64_t status)
{
	return run_chain_on(0, buffers, count, status);
}

struct outcome run_chain_on(unsigned queue, const struct rig_buffer *buffers, unsigned count,
                            uint64_t status)
{
	struct outcome outcome = {.status = S_NONE};
	uint16_t head = rig_offer(&rig, queue, buffers, count), back = 0;

	rig_kick(&rig, queue);
	outcome.used = rig_used(&rig, queue, &back, &outcome.written);
	cr_assert(!outcome.used || back == head);
	if (status)
		outcome.status = *(uint8_t *)rig_at(&rig, status, 1);
	return outcome;
}

struct outcome request(uint32_t type, uint64_t sector, uint64_t data, uint32_t size)
{
	uint64_t status = status_at();
	struct rig_buffer buffers[3] = {
	    {header_at(type, sector), 16, false},
	    {data, size, type != T_OUT},
	    {status, 1, true},
	};

	if (size == 0)
		buffers[1] = buffers[2];
	return run_chain(buffers, size ? 3 : 2, status);
}
