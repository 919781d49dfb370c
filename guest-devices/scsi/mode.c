/* SPDX-License-Identifier: BSD-2-Clause */
/* MODE SENSE and the disk's size (SPC-4, 6.11, 6.12; SBC-3, 5.15, 5.16, 6.5). */
#include <string.h>

#include "guest-devices/scsi/parts.h"

#define WRITE_PROTECTED 0x80
#define DPO_FUA         0x10
#define DATA_MAX        64
#define PHYSICAL_EXP    3 /* physical blocks of 4 KiB */

enum { PAGE_CACHING = 0x08, PAGE_CONTROL = 0x0a, PAGE_ALL = 0x3f };
enum { NOW, CHANGEABLE, DEFAULT, SAVED };

/* Nothing can be changed: the mask of what could is all zeroes. */
static uint32_t put_caching(uint8_t *at, unsigned control)
{
	at[0] = PAGE_CACHING;
	at[1] = 18;
	at[2] = control == CHANGEABLE ? 0 : 4; /* write cache enabled */
	return 20;
}

static uint32_t put_control(uint8_t *at, unsigned control)
{
	at[0] = PAGE_CONTROL;
	at[1] = 10;
	if (control != CHANGEABLE)
		at[3] = 0x10; /* unrestricted reordering */
	return 12;
}

/* Returns the bytes written; 0: there is no such page. */
static uint32_t put_pages(const uint8_t *cdb, uint8_t *at)
{
	unsigned page = cdb[2] & 0x3f, control = cdb[2] >> 6;
	uint32_t size = 0;

	if (cdb[3] != 0 && cdb[3] != 0xff)
		return 0;
	if (page == PAGE_CACHING || page == PAGE_ALL)
		size += put_caching(at, control);
	if (page == PAGE_CONTROL || page == PAGE_ALL)
		size += put_control(at + size, control);
	return size;
}

static uint32_t put_block_descriptor(const struct scsi_task *task, uint8_t *at)
{
	uint64_t blocks = scsi_blocks(task->disk);

	be32_put(at, blocks > UINT32_MAX ? UINT32_MAX : (uint32_t)blocks);
	be32_put(at + 4, SCSI_BLOCK); /* its first byte is reserved */
	return 8;
}

static uint8_t device_bits(const struct scsi_disk *disk)
{
	return (uint8_t)(DPO_FUA | (disk->backend->read_only ? WRITE_PROTECTED : 0));
}

void scsi_mode_sense(struct scsi_task *task)
{
	const uint8_t *cdb = task->cdb;
	bool ten = cdb[0] == 0x5a, blocks = !(cdb[1] & 8);
	uint8_t data[DATA_MAX] = {0};
	uint32_t header = ten ? 8 : 4, size = header, pages;

	if (blocks)
		size += put_block_descriptor(task, data + size);
	pages = put_pages(cdb, data + size);
	if (cdb[2] >> 6 == SAVED || pages == 0) {
		scsi_illegal(task, pages ? SCSI_SAVING_NOT_SUPPORTED : SCSI_INVALID_FIELD);
		return;
	}
	size += pages;
	data[ten ? 3 : 2] = device_bits(task->disk);
	data[header - 1] = blocks ? 8 : 0;
	if (ten)
		be16_put(data, (uint16_t)(size - 2));
	else
		data[0] = (uint8_t)(size - 1);
	scsi_answer(task, data, size, ten ? be16_get(cdb + 7) : cdb[4]);
}

/* The last block's number; false: there is none, and the command has ended. */
static bool last_block(struct scsi_task *task, uint64_t *last)
{
	*last = scsi_blocks(task->disk) - 1;
	if (*last != UINT64_MAX)
		return true;
	scsi_check(task, KEY_NOT_READY, SCSI_NO_MEDIUM);
	return false;
}

void scsi_read_capacity_10(struct scsi_task *task)
{
	uint8_t data[8] = {0};
	uint64_t last;

	if ((task->cdb[8] & 1) || be32_get(task->cdb + 2)) {
		scsi_illegal(task, SCSI_INVALID_FIELD);
	} else if (last_block(task, &last)) {
		be32_put(data, last > UINT32_MAX ? UINT32_MAX : (uint32_t)last);
		be32_put(data + 4, SCSI_BLOCK);
		scsi_answer(task, data, sizeof(data), sizeof(data));
	}
}

void scsi_read_capacity_16(struct scsi_task *task)
{
	uint8_t data[32] = {0};
	uint64_t last;

	if ((task->cdb[14] & 1) || be64_get(task->cdb + 2)) {
		scsi_illegal(task, SCSI_INVALID_FIELD);
	} else if (last_block(task, &last)) {
		be64_put(data, last);
		be32_put(data + 8, SCSI_BLOCK);
		data[13] = PHYSICAL_EXP;
		if (scsi_unmaps(task->disk))
			data[14] = scsi_unmaps_to_zero(task->disk) ? 0xc0 : 0x80;
		scsi_answer(task, data, sizeof(data), be32_get(task->cdb + 10));
	}
}
