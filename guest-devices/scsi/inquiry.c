/* SPDX-License-Identifier: BSD-2-Clause */
/* INQUIRY: standard data and vital product data (SPC-4, 6.4, 7.8; SBC-3, 6.6). */
#include <string.h>

#include "guest-devices/scsi/parts.h"

#define STANDARD_SIZE 96
#define LONG_PAGE     64 /* B0 and B1 */
#define NO_UNIT       0x7f

/* Padded with blanks, as all text of SCSI is. */
static void put_text(uint8_t *to, const char *text, size_t size)
{
	memset(to, ' ', size);
	for (size_t i = 0; i < size && text[i]; i++)
		to[i] = (uint8_t)text[i];
}

static uint32_t standard(const struct scsi_task *task, uint8_t *data)
{
	static const uint16_t standards[] = {0x00a0, 0x0460, 0x04c0}; /* SAM-5, SPC-4, SBC-3 */

	data[0] = task->disk ? 0 : NO_UNIT;
	data[2] = 6;        /* SPC-4 */
	data[3] = 0x10 | 2; /* hierarchical addressing, this format */
	data[4] = STANDARD_SIZE - 5;
	data[7] = 2; /* command queuing */
	put_text(data + 8, "VIREO", 8);
	put_text(data + 16, "DISK", 16);
	put_text(data + 32, "1", 4);
	for (unsigned i = 0; i < sizeof(standards) / sizeof(standards[0]); i++)
		be16_put(data + 58 + 2 * i, standards[i]);
	return STANDARD_SIZE;
}

static uint32_t serial(const struct scsi_task *task, uint8_t *data)
{
	size_t length = strlen(task->disk->backend->id);

	memcpy(data + 4, task->disk->backend->id, length);
	return 4 + (uint32_t)length;
}

/* A name made of vendor and serial, and a locally assigned NAA number. */
static uint32_t identification(const struct scsi_task *task, uint8_t *data)
{
	uint8_t *at = data + 4;
	size_t length = strlen(task->disk->backend->id);

	at[0] = 2; /* ASCII */
	at[1] = 1; /* T10 vendor ID */
	at[3] = (uint8_t)(8 + length);
	put_text(at + 4, "VIREO", 8);
	memcpy(at + 12, task->disk->backend->id, length);
	at += 12 + length;
	at[0] = 1; /* binary */
	at[1] = 3; /* NAA */
	at[3] = 8;
	be64_put(at + 4, (task->disk->identity & ~(0xfull << 60)) | 3ull << 60);
	return (uint32_t)(at + 12 - data);
}

static uint32_t limits(const struct scsi_task *task, uint8_t *data)
{
	data[4] = 1; /* WRITE SAME of 0 blocks is refused */
	be16_put(data + 6, 8);
	be32_put(data + 8, SCSI_BLOCKS_MAX);
	be32_put(data + 12, SCSI_BLOCKS_MAX);
	if (scsi_unmaps(task->disk)) {
		be32_put(data + 20, SCSI_CLEAR_MAX);
		be32_put(data + 24, SCSI_RANGES);
		be32_put(data + 28, 8);
	}
	be64_put(data + 36, SCSI_CLEAR_MAX);
	return LONG_PAGE;
}

static uint32_t characteristics(const struct scsi_task *task, uint8_t *data)
{
	(void)task;
	be16_put(data + 4, 1); /* does not rotate */
	return LONG_PAGE;
}

static uint32_t provisioning(const struct scsi_task *task, uint8_t *data)
{
	if (scsi_unmaps(task->disk))
		data[5] = 0x80 | 0x40 | 0x20 | (scsi_unmaps_to_zero(task->disk) ? 4 : 0);
	data[6] = scsi_unmaps(task->disk) ? 2 : 1;
	return 8;
}

static uint32_t supported(const struct scsi_task *task, uint8_t *data);

static const struct page {
	uint8_t code;
	uint32_t (*fill)(const struct scsi_task *task, uint8_t *data);
} pages[] = {
    {0x00, supported}, {0x80, serial},          {0x83, identification},
    {0xb0, limits},    {0xb1, characteristics}, {0xb2, provisioning},
};
#define PAGES (sizeof(pages) / sizeof(pages[0]))

static uint32_t supported(const struct scsi_task *task, uint8_t *data)
{
	(void)task;
	for (unsigned i = 0; i < PAGES; i++)
		data[4 + i] = pages[i].code;
	return 4 + PAGES;
}

static uint32_t product_data(const struct scsi_task *task, uint8_t code, uint8_t *data)
{
	uint32_t size;

	for (unsigned i = 0; i < PAGES && task->disk; i++) {
		if (pages[i].code != code)
			continue;
		data[1] = code;
		size = pages[i].fill(task, data);
		be16_put(data + 2, (uint16_t)(size - 4));
		return size;
	}
	return 0;
}

void scsi_inquiry(struct scsi_task *task)
{
	const uint8_t *cdb = task->cdb;
	uint8_t data[128] = {0};
	uint32_t size = 0;

	if (cdb[1] == 1)
		size = product_data(task, cdb[2], data);
	else if (cdb[1] == 0 && cdb[2] == 0)
		size = standard(task, data);
	if (size == 0)
		scsi_illegal(task, SCSI_INVALID_FIELD);
	else
		scsi_answer(task, data, size, be16_get(cdb + 3));
}
