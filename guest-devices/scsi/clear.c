/* SPDX-License-Identifier: BSD-2-Clause */
/* UNMAP, WRITE SAME and GET LBA STATUS (SBC-3, 5.4, 5.32, 5.46, 5.47). */
#include <string.h>

#include "guest-devices/scsi/parts.h"

#define LIST_HEADER 8
#define DESCRIPTOR  16
#define LIST_MAX    (LIST_HEADER + SCSI_RANGES * DESCRIPTOR)

enum { NDOB = 1 };

static bool does(const struct scsi_disk *disk, enum blk_op op)
{
	return disk->backend->operations & 1u << op;
}

bool scsi_unmaps_to_zero(const struct scsi_disk *disk)
{
	return does(disk, BLK_WRITE_ZEROES) && disk->backend->unmaps;
}

bool scsi_unmaps(const struct scsi_disk *disk)
{
	return scsi_unmaps_to_zero(disk) || does(disk, BLK_DISCARD);
}

static void next_range(struct scsi_task *task)
{
	const struct scsi_range *range;

	do {
		if (task->range == task->range_count) {
			scsi_finish(task);
			return;
		}
		range = &task->ranges[task->range++];
	} while (range->blocks == 0);
	scsi_submit(task, scsi_unmaps_to_zero(task->disk) ? BLK_WRITE_ZEROES : BLK_DISCARD, range,
	            NULL, 0);
}

/* The list, copied; false: the command has ended. */
static bool parse_list(struct scsi_task *task, const uint8_t *list, uint32_t size)
{
	uint32_t descriptors = be16_get(list + 2);
	uint64_t total = 0;

	if (descriptors > size - LIST_HEADER || descriptors % DESCRIPTOR ||
	    descriptors / DESCRIPTOR > SCSI_RANGES) {
		scsi_illegal(task, SCSI_INVALID_PARAMETER);
		return false;
	}
	task->range = 0;
	task->range_count = descriptors / DESCRIPTOR;
	for (unsigned i = 0; i < task->range_count; i++) {
		const uint8_t *at = list + LIST_HEADER + i * DESCRIPTOR;

		task->ranges[i] = (struct scsi_range){be64_get(at), be32_get(at + 8)};
		if (!scsi_in_range(task, &task->ranges[i]))
			return false;
		total += task->ranges[i].blocks;
	}
	if (total > SCSI_CLEAR_MAX)
		scsi_illegal(task, SCSI_INVALID_PARAMETER);
	return total <= SCSI_CLEAR_MAX;
}

void scsi_unmap(struct scsi_task *task)
{
	uint8_t list[LIST_MAX];
	uint32_t size = be16_get(task->cdb + 7), taken = size < LIST_MAX ? size : LIST_MAX;

	if (!scsi_unmaps(task->disk))
		scsi_illegal(task, SCSI_INVALID_OPCODE);
	else if (task->cdb[1] & 1) /* ANCHOR */
		scsi_illegal(task, SCSI_INVALID_FIELD);
	else if (size == 0)
		scsi_good(task);
	else if (size < LIST_HEADER)
		scsi_illegal(task, SCSI_PARAMETER_LIST_LENGTH);
	else if (size > task->out_size)
		scsi_overrun(task);
	else if (scsi_writable(task) && scsi_parameters(task, list, taken) &&
	         parse_list(task, list, size)) {
		task->step = next_range;
		next_range(task);
	}
}

/* The block again and again, a bounded number of times at once. */
static void next_copies(struct scsi_task *task)
{
	struct scsi_range *left = &task->ranges[0], now = *left;
	unsigned most = sizeof(task->pattern) / sizeof(task->pattern[0]);

	if (left->blocks == 0) {
		scsi_finish(task);
		return;
	}
	if (now.blocks > most)
		now.blocks = most;
	for (unsigned i = 0; i < now.blocks; i++)
		task->pattern[i] = (struct blk_span){task->block, SCSI_BLOCK};
	left->block += now.blocks;
	left->blocks -= now.blocks;
	scsi_submit(task, BLK_WRITE, &now, task->pattern, now.blocks);
}

static bool all_zero(const uint8_t *block)
{
	for (unsigned i = 0; i < SCSI_BLOCK; i++)
		if (block[i])
			return false;
	return true;
}

/* The block that is to be written; false: the command has ended. */
static bool fetch_block(struct scsi_task *task)
{
	memset(task->block, 0, sizeof(task->block));
	if (task->cdb[1] & NDOB) /* WRITE SAME (16) only: the other was refused with it */
		return true;
	return scsi_parameters(task, task->block, SCSI_BLOCK);
}

void scsi_write_same(struct scsi_task *task)
{
	struct scsi_range range = scsi_range_of(task);
	uint8_t refused = task->cdb[0] == 0x93 ? 0xf6 : 0xf7;

	if ((task->cdb[1] & refused) || range.blocks == 0 || range.blocks > SCSI_CLEAR_MAX) {
		scsi_illegal(task, SCSI_INVALID_FIELD);
		return;
	}
	if (!scsi_in_range(task, &range) || !scsi_writable(task) || !fetch_block(task))
		return;
	task->ranges[0] = range;
	if (all_zero(task->block) && does(task->disk, BLK_WRITE_ZEROES)) {
		task->step = scsi_finish;
		scsi_submit(task, BLK_WRITE_ZEROES, &range, NULL, 0);
	} else {
		task->step = next_copies;
		next_copies(task);
	}
}

/* No back-end tells what it has mapped: one extent up to the end, mapped or unknown. */
void scsi_lba_status(struct scsi_task *task)
{
	uint8_t data[8 + DESCRIPTOR] = {0};
	struct scsi_range first = {be64_get(task->cdb + 2), 1};
	uint64_t left = scsi_blocks(task->disk) - first.block;

	if (!scsi_in_range(task, &first))
		return;
	be32_put(data, sizeof(data) - 4);
	be64_put(data + 8, first.block);
	be32_put(data + 16, left < UINT32_MAX ? (uint32_t)left : UINT32_MAX);
	scsi_answer(task, data, sizeof(data), be32_get(task->cdb + 10));
}
