/* SPDX-License-Identifier: BSD-2-Clause */
/* One block request: parse, then execute (VIRTIO 1.4, 5.2.6). */
#include "guest-devices/bytes.h"
#include "guest-devices/virtio/blk_parts.h"

#define ID_SIZE 20

uint8_t blk_status_of(enum blk_result result)
{
	return result == BLK_OK              ? BLK_S_OK
	       : result == BLK_NOT_SUPPORTED ? BLK_S_UNSUPP
	                                     : BLK_S_IOERR;
}

bool blk_in_bounds(const struct virtio_blk *blk, uint64_t sector, uint64_t sectors)
{
	uint64_t capacity = blk->backend->capacity / BLK_SECTOR;

	return sector <= capacity && sectors <= capacity - sector;
}

static void barrier_done(struct blk_request *barrier, enum blk_result result)
{
	struct virtio_blk_slot *slot =
	    (void *)((char *)barrier - offsetof(struct virtio_blk_slot, barrier));

	blk_finish(slot, blk_status_of(result), 0);
}

/* V14-BLK-030 */
void blk_finish_change(struct virtio_blk_slot *slot)
{
	struct virtio_blk *blk = slot->queue->owner;

	if (!virtio_running(&blk->device) || !blk_write_through(blk)) {
		blk_finish(slot, BLK_S_OK, 0);
		return;
	}
	slot->barrier = (struct blk_request){.op = BLK_FLUSH, .done = barrier_done};
	blk->backend->submit(blk->backend, &slot->barrier);
}

static void moved(struct virtio_blk_slot *slot, bool write)
{
	if (slot->moved < slot->size)
		blk_put_off(slot);
	else if (write)
		blk_finish_change(slot);
	else
		blk_finish(slot, BLK_S_OK, slot->size);
}

static void request_done(struct blk_request *request, enum blk_result result)
{
	struct virtio_blk_slot *slot =
	    (void *)((char *)request - offsetof(struct virtio_blk_slot, request));

	slot->moved += (uint32_t)request->size;
	if (result == BLK_OK && request->op != BLK_FLUSH)
		moved(slot, request->op == BLK_WRITE);
	else
		blk_finish(slot, blk_status_of(result), 0);
}

static void submit(struct virtio_blk_slot *slot, enum blk_op op, uint64_t offset, uint32_t size,
                   unsigned spans)
{
	struct blk_backend *backend = slot->queue->owner->backend;

	slot->request = (struct blk_request){
	    .op = op,
	    .offset = offset,
	    .size = size,
	    .spans = slot->spans,
	    .span_count = spans,
	    .done = request_done,
	};
	backend->submit(backend, &slot->request);
}

/* The next piece of a transfer goes to or from this place. */
static void submit_piece(struct virtio_blk_slot *slot, bool write, uint64_t offset)
{
	const struct vq_chain *chain = &slot->chain;
	uint32_t left = slot->size - slot->moved;
	uint32_t size = left < VIRTIO_BLK_DATA_MAX ? left : VIRTIO_BLK_DATA_MAX;
	unsigned spans =
	    write ? vq_read_spans(chain, BLK_HEADER_SIZE + slot->moved, size, slot->spans,
	                          VIRTIO_BLK_SEG_MAX)
	          : vq_write_spans(chain, slot->moved, size, slot->spans, VIRTIO_BLK_SEG_MAX);

	if (spans == 0)
		blk_finish(slot, BLK_S_IOERR, 0);
	else
		submit(slot, write ? BLK_WRITE : BLK_READ, offset, size, spans);
}

void blk_go_on(struct virtio_blk_slot *slot)
{
	submit_piece(slot, slot->request.op == BLK_WRITE,
	             slot->request.offset + slot->request.size);
}

static void count(struct virtio_blk_stats *stats, bool write, uint32_t size)
{
	stats->writes += write;
	stats->written_bytes += write ? size : 0;
	stats->reads += !write;
	stats->read_bytes += write ? 0 : size;
}

/* May the data of this size go to or from the sector? */
static bool transfer_valid(const struct virtio_blk_slot *slot, bool write, uint64_t sector,
                           uint32_t size)
{
	const struct virtio_blk *blk = slot->queue->owner;
	bool both_ways = !write && slot->chain.read_size > BLK_HEADER_SIZE;

	return !both_ways && !(write && blk->backend->read_only) && size % BLK_SECTOR == 0 &&
	       blk_in_bounds(blk, sector, size / BLK_SECTOR);
}

static void transfer(struct virtio_blk_slot *slot, bool write, uint64_t sector)
{
	const struct vq_chain *chain = &slot->chain;
	uint32_t size = write ? chain->read_size - BLK_HEADER_SIZE : chain->write_size - 1;

	if (size == 0) {
		blk_refuse(slot);
		return;
	}
	if (!transfer_valid(slot, write, sector, size)) {
		blk_finish(slot, BLK_S_IOERR, 0);
		return;
	}
	count(&slot->queue->owner->stats, write, size);
	slot->size = size;
	slot->moved = 0;
	submit_piece(slot, write, sector * BLK_SECTOR);
}

static void flush(struct virtio_blk_slot *slot)
{
	slot->queue->owner->stats.flushes++;
	submit(slot, BLK_FLUSH, 0, 0, 0);
}

static void get_id(struct virtio_blk_slot *slot)
{
	const struct vq_chain *chain = &slot->chain;
	uint32_t room = chain->write_size - 1;
	uint32_t size = room < ID_SIZE ? room : ID_SIZE;

	vq_write(chain, 0, slot->queue->owner->backend->id, size);
	blk_finish(slot, BLK_S_OK, size);
}

static void dispatch(struct virtio_blk_slot *slot, uint32_t type, uint64_t sector)
{
	switch (type) {
	case BLK_T_IN:
	case BLK_T_OUT:
		transfer(slot, type == BLK_T_OUT, sector);
		break;
	case BLK_T_FLUSH:
		flush(slot);
		break;
	case BLK_T_GET_ID:
		get_id(slot);
		break;
	case BLK_T_DISCARD:
		blk_serve_ranges(slot, BLK_DISCARD);
		break;
	case BLK_T_WRITE_ZEROES:
		blk_serve_ranges(slot, BLK_WRITE_ZEROES);
		break;
	case BLK_T_SECURE_ERASE:
		blk_serve_ranges(slot, BLK_SECURE_ERASE);
		break;
	default:
		blk_finish(slot, BLK_S_UNSUPP, 0);
	}
}

void blk_serve(struct virtio_blk_slot *slot)
{
	uint8_t header[BLK_HEADER_SIZE];
	uint32_t type;

	slot->range_count = 0;
	if (slot->chain.write_size == 0 ||
	    vq_read(&slot->chain, 0, header, BLK_HEADER_SIZE) < BLK_HEADER_SIZE) {
		blk_refuse(slot);
		return;
	}
	type = le32_get(header);
	/* V14-BLK-L06 */
	if (type == BLK_T_FLUSH_OUT && !virtio_has(&slot->queue->owner->device, VIRTIO_F_VERSION_1))
		type = BLK_T_FLUSH;
	dispatch(slot, type, le64_get(header + 8));
}
