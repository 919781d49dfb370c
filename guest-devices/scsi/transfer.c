/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands that move blocks or make them stable (SBC-3, ch. 5). */
#include "guest-devices/scsi/parts.h"

#define FUA 8

struct scsi_range scsi_range_of(const struct scsi_task *task)
{
	const uint8_t *cdb = task->cdb;

	switch (cdb[0] >> 5) {
	case 0:
		return (struct scsi_range){be32_get(cdb) & 0x1fffff, cdb[4] ? cdb[4] : 256};
	case 4:
		return (struct scsi_range){be64_get(cdb + 2), be32_get(cdb + 10)};
	case 5:
		return (struct scsi_range){be32_get(cdb + 2), be32_get(cdb + 6)};
	default:
		return (struct scsi_range){be32_get(cdb + 2), be16_get(cdb + 7)};
	}
}

bool scsi_in_range(struct scsi_task *task, const struct scsi_range *range)
{
	uint64_t blocks = scsi_blocks(task->disk);

	if (range->block <= blocks && range->blocks <= blocks - range->block)
		return true;
	scsi_illegal(task, SCSI_OUT_OF_RANGE);
	return false;
}

bool scsi_writable(struct scsi_task *task)
{
	if (task->disk->backend->read_only)
		scsi_check(task, KEY_DATA_PROTECT, SCSI_WRITE_PROTECTED);
	return !task->disk->backend->read_only;
}

static void request_done(struct blk_request *request, enum blk_result result)
{
	struct scsi_task *task = (void *)((char *)request - offsetof(struct scsi_task, request));

	if (result == BLK_NOT_SUPPORTED)
		scsi_illegal(task, SCSI_INVALID_OPCODE);
	else if (result != BLK_OK)
		scsi_check(task, KEY_MEDIUM_ERROR,
		           request->op == BLK_READ ? SCSI_READ_ERROR : SCSI_WRITE_ERROR);
	else if (task->cancelled)
		scsi_good(task);
	else
		task->step(task);
}

void scsi_submit(struct scsi_task *task, enum blk_op op, const struct scsi_range *range,
                 struct blk_span *spans, unsigned count)
{
	struct blk_backend *backend = task->disk->backend;

	task->request = (struct blk_request){
	    .op = op,
	    .offset = range ? range->block * SCSI_BLOCK : 0,
	    .size = range ? (uint64_t)range->blocks * SCSI_BLOCK : 0,
	    .unmap = op == BLK_WRITE_ZEROES && (task->cdb[0] == 0x42 || (task->cdb[1] & 8)),
	    .spans = spans,
	    .span_count = count,
	    .done = request_done,
	};
	backend->submit(backend, &task->request);
}

void scsi_finish(struct scsi_task *task)
{
	if (!task->flush) {
		scsi_good(task);
		return;
	}
	task->flush = false;
	task->step = scsi_good;
	scsi_submit(task, BLK_FLUSH, NULL, NULL, 0);
}

static void moved(struct scsi_task *task)
{
	uint32_t bytes = (uint32_t)task->request.size;

	if (task->request.op == BLK_READ)
		task->in_done = bytes;
	else
		task->out_done = bytes;
	scsi_finish(task);
}

/* The first spans of the list, cut to this size in all; returns how many. */
static unsigned cut(struct blk_span *spans, uint32_t size)
{
	unsigned count = 0;

	for (; size > 0; count++) {
		if (spans[count].size > size)
			spans[count].size = size;
		size -= (uint32_t)spans[count].size;
	}
	return count;
}

/* READ and WRITE of any length. Protection information is not there (byte 1, bits 5 to 7). */
void scsi_transfer(struct scsi_task *task)
{
	bool write = task->cdb[0] & 2, six = task->cdb[0] < 0x20;
	struct scsi_range range = scsi_range_of(task);
	struct blk_span *spans = task->spans + (write ? 0 : task->out_count);
	uint32_t size = range.blocks * SCSI_BLOCK;

	if (range.blocks > SCSI_BLOCKS_MAX || (!six && task->cdb[1] >> 5)) {
		scsi_illegal(task, SCSI_INVALID_FIELD);
	} else if (scsi_in_range(task, &range) && (!write || scsi_writable(task))) {
		task->flush = !six && write && (task->cdb[1] & FUA);
		task->step = moved;
		if (range.blocks == 0)
			scsi_finish(task);
		else if (size > (write ? task->out_size : task->in_size))
			scsi_overrun(task);
		else
			scsi_submit(task, write ? BLK_WRITE : BLK_READ, &range, spans,
			            cut(spans, size));
	}
}

/* Without data to compare: there is nothing that could be found wrong. */
void scsi_verify(struct scsi_task *task)
{
	struct scsi_range range = scsi_range_of(task);

	if (task->cdb[1] & 0xe6)
		scsi_illegal(task, SCSI_INVALID_FIELD);
	else if (scsi_in_range(task, &range))
		scsi_good(task);
}

/* Of the whole disk, whatever part of it was asked for. */
void scsi_synchronize(struct scsi_task *task)
{
	struct scsi_range range = scsi_range_of(task);

	if (!scsi_in_range(task, &range))
		return;
	task->flush = true;
	scsi_finish(task);
}

/* A disk that stops has nothing left in its cache; it starts again by itself. */
void scsi_start_stop(struct scsi_task *task)
{
	task->flush = !(task->cdb[4] & 5); /* neither START nor NO_FLUSH */
	if (task->cdb[4] >> 4)             /* there are no power conditions */
		scsi_illegal(task, SCSI_INVALID_FIELD);
	else
		scsi_finish(task);
}
