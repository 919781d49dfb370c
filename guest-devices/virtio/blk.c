/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/virtio/blk.h"

#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/work.h"

#define DEVICE_TYPE 2
#define SECTOR      512u
#define HEADER_SIZE 16 /* type, reserved, sector */
#define ID_SIZE     20

enum {
	F_SIZE_MAX = 1 << 1,
	F_SEG_MAX = 1 << 2,
	F_RO = 1 << 5,
	F_BLK_SIZE = 1 << 6,
	F_FLUSH = 1 << 9
};
enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8 };
enum { S_OK, S_IOERR, S_UNSUPP };
enum { /* struct virtio_blk_config, 5.2.4 */
       SPACE_CAPACITY = 0,
       SPACE_SIZE_MAX = 8,
       SPACE_SEG_MAX = 12,
       SPACE_BLK_SIZE = 20,
       SPACE_SIZE = 60,
};

static void serve_ring(struct virtio_blk *blk);

static void slot_release(struct virtio_blk_slot *slot)
{
	struct virtio_blk *blk = slot->owner;

	slot->next_free = blk->free_slots;
	blk->free_slots = slot;
	virtio_release(&blk->device);
}

/* "used" counts an unbroken run of bytes from the start (2.7.8.2): data, and the status after it.
 */
static uint32_t with_status(const struct vq_chain *chain, uint32_t data)
{
	return data + 1 == chain->write_size ? data + 1 : data;
}

static void answer(struct virtio_blk *blk, const struct vq_chain *chain, uint8_t status,
                   uint32_t written)
{
	if (chain->epoch != blk->queue.epoch || !virtio_running(&blk->device))
		return;
	if (chain->write_size > 0)
		vq_write(chain, chain->write_size - 1, &status, 1);
	blk->stats.errors += status != S_OK;
	vq_push(&blk->queue, chain, written);
}

static void finish_with(struct virtio_blk_slot *slot, uint8_t status, uint32_t written)
{
	struct virtio_blk *blk = slot->owner;
	bool full = !blk->free_slots;

	answer(blk, &slot->chain, status, written);
	slot_release(slot);
	if (blk->working)
		return;
	virtio_notify_queue(&blk->device, 0);
	if (full && virtio_running(&blk->device))
		serve_ring(blk);
}

static void finish(struct virtio_blk_slot *slot, uint8_t status, uint32_t data)
{
	finish_with(slot, status, with_status(&slot->chain, data));
}

/* No request at all (a part is missing): the head goes back with length 0. */
static void refuse(struct virtio_blk_slot *slot)
{
	finish_with(slot, S_IOERR, 0);
}

static uint8_t status_of(enum blk_result result)
{
	return result == BLK_OK ? S_OK : result == BLK_NOT_SUPPORTED ? S_UNSUPP : S_IOERR;
}

static void barrier_done(struct blk_request *barrier, enum blk_result result)
{
	struct virtio_blk_slot *slot =
	    (void *)((char *)barrier - offsetof(struct virtio_blk_slot, barrier));

	finish(slot, status_of(result), 0);
}

static void request_done(struct blk_request *request, enum blk_result result)
{
	struct virtio_blk_slot *slot =
	    (void *)((char *)request - offsetof(struct virtio_blk_slot, request));
	struct virtio_blk *blk = slot->owner;

	/* V14-BLK-030: without FLUSH a completed write is stable */
	if (request->op == BLK_WRITE && result == BLK_OK && virtio_running(&blk->device) &&
	    !virtio_has(&blk->device, F_FLUSH)) {
		slot->barrier = (struct blk_request){.op = BLK_FLUSH, .done = barrier_done};
		blk->backend->submit(blk->backend, &slot->barrier);
		return;
	}
	finish(slot, status_of(result),
	       request->op == BLK_READ && result == BLK_OK ? (uint32_t)request->size : 0);
}

static void submit(struct virtio_blk_slot *slot, enum blk_op op, uint64_t offset, uint32_t size,
                   unsigned spans)
{
	struct virtio_blk *blk = slot->owner;

	slot->request = (struct blk_request){
	    .op = op,
	    .offset = offset,
	    .size = size,
	    .spans = slot->spans,
	    .span_count = spans,
	    .done = request_done,
	};
	blk->backend->submit(blk->backend, &slot->request);
}

static bool in_bounds(const struct virtio_blk *blk, uint64_t sector, uint32_t size)
{
	uint64_t sectors = blk->backend->capacity / SECTOR;

	return size % SECTOR == 0 && size <= VIRTIO_BLK_DATA_MAX && sector <= sectors &&
	       size / SECTOR <= sectors - sector;
}

static void transfer(struct virtio_blk_slot *slot, bool write, uint64_t sector)
{
	struct virtio_blk *blk = slot->owner;
	const struct vq_chain *chain = &slot->chain;
	uint32_t readable = chain->read_size - HEADER_SIZE, writable = chain->write_size - 1;
	uint32_t size = write ? readable : writable;
	unsigned spans;

	if (size == 0) {
		refuse(slot);
		return;
	}
	if ((!write && readable > 0) || (write && blk->backend->read_only) ||
	    !in_bounds(blk, sector, size)) {
		finish(slot, S_IOERR, 0);
		return;
	}
	spans = write ? vq_read_spans(chain, HEADER_SIZE, size, slot->spans, VIRTIO_BLK_SEG_MAX)
	              : vq_write_spans(chain, 0, size, slot->spans, VIRTIO_BLK_SEG_MAX);
	if (spans == 0) {
		finish(slot, S_IOERR, 0);
		return;
	}
	if (write) {
		blk->stats.writes++;
		blk->stats.written_bytes += size;
	} else {
		blk->stats.reads++;
		blk->stats.read_bytes += size;
	}
	submit(slot, write ? BLK_WRITE : BLK_READ, sector * SECTOR, size, spans);
}

static void get_id(struct virtio_blk_slot *slot)
{
	const struct vq_chain *chain = &slot->chain;
	uint32_t room = chain->write_size - 1;
	uint32_t size = room < ID_SIZE ? room : ID_SIZE;

	vq_write(chain, 0, slot->owner->backend->id, size);
	finish(slot, S_OK, size);
}

static void serve(struct virtio_blk_slot *slot)
{
	uint8_t header[HEADER_SIZE];

	if (slot->chain.write_size == 0 ||
	    vq_read(&slot->chain, 0, header, HEADER_SIZE) < HEADER_SIZE) {
		refuse(slot);
		return;
	}
	switch (le32_get(header)) {
	case T_IN:
	case T_OUT:
		transfer(slot, le32_get(header) == T_OUT, le64_get(header + 8));
		break;
	case T_FLUSH:
		slot->owner->stats.flushes++;
		submit(slot, BLK_FLUSH, 0, 0, 0);
		break;
	case T_GET_ID:
		get_id(slot);
		break;
	default:
		finish(slot, S_UNSUPP, 0);
	}
}

/* Requests wait in the ring while the back-end holds all slots; finish() goes on then. */
static void serve_ring(struct virtio_blk *blk)
{
	struct work work = work_begin(&blk->queue, &blk->later);
	struct virtio_blk_slot *slot;

	blk->working = true;
	while ((slot = blk->free_slots) && work_next(&work, &slot->chain)) {
		blk->free_slots = slot->next_free;
		virtio_hold(&blk->device);
		work_spend(&work, (uint64_t)slot->chain.read_size + slot->chain.write_size);
		serve(slot);
	}
	blk->working = false;
	virtio_notify_queue(&blk->device, 0);
}

static void later(void *context)
{
	struct virtio_blk *blk = context;

	if (virtio_running(&blk->device))
		serve_ring(blk);
}

static void reset(struct virtio_device *device)
{
	struct virtio_blk *blk = (void *)((char *)device - offsetof(struct virtio_blk, device));

	/* held slots come back when the back-end is done; their chains are stale by then */
	port_timer_set(&blk->later, UINT64_MAX);
}

static void notify(struct virtio_device *device, unsigned queue)
{
	struct virtio_blk *blk = (void *)((char *)device - offsetof(struct virtio_blk, device));

	(void)queue;
	if (!blk->working)
		serve_ring(blk);
}

static const struct virtio_ops ops = {.reset = reset, .notify = notify};

static void fill_space(struct virtio_blk *blk)
{
	le64_put(blk->space + SPACE_CAPACITY, blk->backend->capacity / SECTOR);
	le32_put(blk->space + SPACE_SIZE_MAX, VIRTIO_BLK_SIZE_MAX);
	le32_put(blk->space + SPACE_SEG_MAX, VIRTIO_BLK_SEG_MAX);
	le32_put(blk->space + SPACE_BLK_SIZE, SECTOR);
}

void virtio_blk_init(struct virtio_blk *blk, const struct virtio_blk_config *config)
{
	memset(blk, 0, sizeof(*blk));
	blk->backend = config->backend;
	blk->later =
	    (struct port_timer){.fire = later, .context = blk, .scope = config->timer_scope};
	for (unsigned i = VIRTIO_BLK_IN_FLIGHT; i-- > 0;) {
		blk->slots[i].owner = blk;
		blk->slots[i].next_free = blk->free_slots;
		blk->free_slots = &blk->slots[i];
	}
	fill_space(blk);
	blk->device = (struct virtio_device){
	    .ops = &ops,
	    .name = config->name,
	    .type = DEVICE_TYPE,
	    .offered = F_SIZE_MAX | F_SEG_MAX | F_BLK_SIZE | F_FLUSH |
	               (config->backend->read_only ? F_RO : 0),
	    .config = blk->space,
	    .config_size = SPACE_SIZE,
	    .queues = &blk->queue,
	    .queue_count = 1,
	};
	virtio_init(&blk->device, config->mem, VQ_SIZE_MAX);
}
