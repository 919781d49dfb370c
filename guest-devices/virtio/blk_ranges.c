/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests that name ranges of sectors (VIRTIO 1.4, 5.2.6): all ranges are copied and checked
 * before the first one is touched; they go to the back-end one after the other.
 */
#include "guest-devices/bytes.h"
#include "guest-devices/virtio/blk_parts.h"

#define RANGE_SIZE 16
#define FLAG_UNMAP 1u

static uint64_t feature_of(enum blk_op op)
{
	return op == BLK_DISCARD        ? BLK_F_DISCARD
	       : op == BLK_WRITE_ZEROES ? BLK_F_WRITE_ZEROES
	                                : BLK_F_SECURE_ERASE;
}

static bool copy_ranges(struct virtio_blk_slot *slot)
{
	uint32_t size = slot->chain.read_size - BLK_HEADER_SIZE;
	uint8_t bytes[RANGE_SIZE];

	if (size == 0 || size % RANGE_SIZE || size / RANGE_SIZE > VIRTIO_BLK_RANGES)
		return false;
	slot->range_count = size / RANGE_SIZE;
	for (unsigned i = 0; i < slot->range_count; i++) {
		vq_read(&slot->chain, BLK_HEADER_SIZE + i * RANGE_SIZE, bytes, RANGE_SIZE);
		slot->ranges[i] = (struct virtio_blk_range){le64_get(bytes), le32_get(bytes + 8),
		                                            le32_get(bytes + 12)};
	}
	return true;
}

/* Flags first: unknown ones are unsupported whatever else is wrong (V14-BLK-023, 024). */
static uint8_t check_ranges(const struct virtio_blk_slot *slot, enum blk_op op)
{
	uint32_t known = op == BLK_WRITE_ZEROES ? FLAG_UNMAP : 0;

	for (unsigned i = 0; i < slot->range_count; i++)
		if (slot->ranges[i].flags & ~known)
			return BLK_S_UNSUPP;
	for (unsigned i = 0; i < slot->range_count; i++) {
		const struct virtio_blk_range *range = &slot->ranges[i];

		if (range->num_sectors > VIRTIO_BLK_RANGE_SECTORS ||
		    !blk_in_bounds(slot->queue->owner, range->sector, range->num_sectors))
			return BLK_S_IOERR;
	}
	return BLK_S_OK;
}

static uint64_t ranges_size(const struct virtio_blk_slot *slot)
{
	uint64_t size = 0;

	for (unsigned i = 0; i < slot->range_count; i++)
		size += (uint64_t)slot->ranges[i].num_sectors * BLK_SECTOR;
	return size;
}

static void range_done(struct blk_request *request, enum blk_result result);

static void submit_range(struct virtio_blk_slot *slot, enum blk_op op)
{
	const struct virtio_blk_range *range = &slot->ranges[slot->range];
	struct blk_backend *backend = slot->queue->owner->backend;

	slot->request = (struct blk_request){
	    .op = op,
	    .offset = range->sector * BLK_SECTOR,
	    .size = (uint64_t)range->num_sectors * BLK_SECTOR,
	    .unmap = range->flags & FLAG_UNMAP,
	    .done = range_done,
	};
	backend->submit(backend, &slot->request);
}

static void range_done(struct blk_request *request, enum blk_result result)
{
	struct virtio_blk_slot *slot =
	    (void *)((char *)request - offsetof(struct virtio_blk_slot, request));

	if (result != BLK_OK)
		blk_finish(slot, blk_status_of(result), 0);
	else if (++slot->range < slot->range_count)
		submit_range(slot, request->op);
	else
		blk_finish_change(slot);
}

void blk_serve_ranges(struct virtio_blk_slot *slot, enum blk_op op)
{
	struct virtio_blk *blk = slot->queue->owner;
	uint8_t status = BLK_S_IOERR;

	slot->range = 0;
	if (!virtio_has(&blk->device, feature_of(op)))
		status = BLK_S_UNSUPP;
	else if (copy_ranges(slot))
		status = check_ranges(slot, op);
	if (status != BLK_S_OK) {
		slot->range_count = 0;
		blk_finish(slot, status, 0);
		return;
	}
	blk->stats.cleared_bytes += ranges_size(slot);
	submit_range(slot, op);
}
