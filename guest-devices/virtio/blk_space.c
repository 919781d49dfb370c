/* SPDX-License-Identifier: BSD-2-Clause */
/* The block device's configuration structure (VIRTIO 1.4, 5.2.4) and its write cache mode. */
#include "guest-devices/bytes.h"
#include "guest-devices/virtio/blk_parts.h"

enum { /* struct virtio_blk_config; what has no line is 0 */
       SPACE_CAPACITY = 0,
       SPACE_SIZE_MAX = 8,
       SPACE_SEG_MAX = 12,
       SPACE_CYLINDERS = 16,
       SPACE_HEADS = 18,
       SPACE_SECTORS = 19,
       SPACE_BLK_SIZE = 20,
       SPACE_PHYSICAL_BLOCK_EXP = 24,
       SPACE_MIN_IO_SIZE = 26,
       SPACE_OPT_IO_SIZE = 28,
       SPACE_WRITEBACK = 32,
       SPACE_NUM_QUEUES = 34,
       SPACE_MAX_DISCARD_SECTORS = 36,
       SPACE_MAX_DISCARD_SEG = 40,
       SPACE_DISCARD_SECTOR_ALIGNMENT = 44,
       SPACE_MAX_WRITE_ZEROES_SECTORS = 48,
       SPACE_MAX_WRITE_ZEROES_SEG = 52,
       SPACE_WRITE_ZEROES_MAY_UNMAP = 56,
       SPACE_MAX_SECURE_ERASE_SECTORS = 60,
       SPACE_MAX_SECURE_ERASE_SEG = 64,
       SPACE_SECURE_ERASE_SECTOR_ALIGNMENT = 68,
};

enum { GEOMETRY_HEADS = 16, GEOMETRY_SECTORS = 63, PAGE_EXP = 3, PAGE_SECTORS = 1 << PAGE_EXP };

static struct virtio_blk *of_device(struct virtio_device *device)
{
	return (void *)((char *)device - offsetof(struct virtio_blk, device));
}

static bool does(const struct virtio_blk *blk, enum blk_op op)
{
	return !blk->backend->read_only && (blk->backend->operations & 1u << op);
}

uint64_t blk_offered(const struct virtio_blk *blk)
{
	return BLK_F_SIZE_MAX | BLK_F_SEG_MAX | BLK_F_GEOMETRY | BLK_F_BLK_SIZE | BLK_F_FLUSH |
	       BLK_F_TOPOLOGY | BLK_F_CONFIG_WCE | (blk->device.queue_count > 1 ? BLK_F_MQ : 0) |
	       (blk->backend->read_only ? BLK_F_RO : 0) |
	       (does(blk, BLK_DISCARD) ? BLK_F_DISCARD : 0) |
	       (does(blk, BLK_WRITE_ZEROES) ? BLK_F_WRITE_ZEROES : 0) |
	       (does(blk, BLK_SECURE_ERASE) ? BLK_F_SECURE_ERASE : 0);
}

void blk_space_capacity(struct virtio_blk *blk)
{
	uint64_t sectors = blk->backend->capacity / BLK_SECTOR;
	uint64_t cylinders = sectors / (GEOMETRY_HEADS * GEOMETRY_SECTORS);

	le64_put(blk->space + SPACE_CAPACITY, sectors);
	le16_put(blk->space + SPACE_CYLINDERS,
	         cylinders < UINT16_MAX ? (uint16_t)cylinders : UINT16_MAX);
}

static void put_ranges(uint8_t *sectors, uint8_t *segments)
{
	le32_put(sectors, VIRTIO_BLK_RANGE_SECTORS);
	le32_put(segments, VIRTIO_BLK_RANGES);
}

void blk_space_init(struct virtio_blk *blk, uint32_t size_max)
{
	uint8_t *space = blk->space;

	blk_space_capacity(blk);
	le32_put(space + SPACE_SIZE_MAX, size_max);
	le32_put(space + SPACE_SEG_MAX, VIRTIO_BLK_SEG_MAX);
	space[SPACE_HEADS] = GEOMETRY_HEADS;
	space[SPACE_SECTORS] = GEOMETRY_SECTORS;
	le32_put(space + SPACE_BLK_SIZE, BLK_SECTOR);
	space[SPACE_PHYSICAL_BLOCK_EXP] = PAGE_EXP;
	le16_put(space + SPACE_MIN_IO_SIZE, PAGE_SECTORS);
	le32_put(space + SPACE_OPT_IO_SIZE, VIRTIO_BLK_SIZE_MAX / BLK_SECTOR);
	le16_put(space + SPACE_NUM_QUEUES, (uint16_t)blk->device.queue_count);
	put_ranges(space + SPACE_MAX_DISCARD_SECTORS, space + SPACE_MAX_DISCARD_SEG);
	le32_put(space + SPACE_DISCARD_SECTOR_ALIGNMENT, PAGE_SECTORS);
	put_ranges(space + SPACE_MAX_WRITE_ZEROES_SECTORS, space + SPACE_MAX_WRITE_ZEROES_SEG);
	space[SPACE_WRITE_ZEROES_MAY_UNMAP] = blk->backend->unmaps;
	put_ranges(space + SPACE_MAX_SECURE_ERASE_SECTORS, space + SPACE_MAX_SECURE_ERASE_SEG);
	le32_put(space + SPACE_SECURE_ERASE_SECTOR_ALIGNMENT, 1);
	blk_space_reset(blk);
}

void blk_space_reset(struct virtio_blk *blk)
{
	blk->space[SPACE_WRITEBACK] = 1;
}

/* V14-BLK-L03: under a legacy driver the mode is not ours to change. */
void blk_space_negotiated(struct virtio_blk *blk)
{
	if (virtio_has(&blk->device, VIRTIO_F_VERSION_1 | BLK_F_CONFIG_WCE) &&
	    !virtio_has(&blk->device, BLK_F_FLUSH))
		blk->space[SPACE_WRITEBACK] = 0;
}

void blk_space_write(struct virtio_device *device, size_t offset, const void *from, size_t size)
{
	if (offset == SPACE_WRITEBACK && size == 1 && virtio_has(device, BLK_F_CONFIG_WCE))
		of_device(device)->space[SPACE_WRITEBACK] = *(const uint8_t *)from != 0;
	else
		virtio_misuse(device);
}

bool blk_write_through(const struct virtio_blk *blk)
{
	if (virtio_has(&blk->device, BLK_F_CONFIG_WCE))
		return !blk->space[SPACE_WRITEBACK];
	return !virtio_has(&blk->device, BLK_F_FLUSH);
}
