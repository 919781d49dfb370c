/* SPDX-License-Identifier: BSD-2-Clause */
/* What the target tells about itself and its commands (SPC-4, 6.33, 6.35, 6.36, 6.39, 6.6). */
#include <string.h>

#include "guest-devices/scsi/parts.h"

#define SENSE_MAX   252
#define LUN_SIZE    8
#define COMMANDS    40
#define DESCRIPTOR  8
#define TIMEOUTS    12
#define LISTING_MAX (4 + COMMANDS * (DESCRIPTOR + TIMEOUTS))

enum { SELECT_UNITS, SELECT_WELL_KNOWN, SELECT_ALL };

static uint32_t put_luns(const struct scsi_target *target, uint8_t select, uint8_t *data)
{
	uint32_t size = 8;

	for (unsigned i = 0; i < SCSI_LUNS && select != SELECT_WELL_KNOWN; i++) {
		if (!target->luns[i])
			continue;
		data[size + 1] = (uint8_t)i;
		size += LUN_SIZE;
	}
	if (select != SELECT_UNITS) {
		be16_put(data + size, SCSI_LUN_REPORT);
		size += LUN_SIZE;
	}
	be32_put(data, size - 8);
	return size;
}

void scsi_report_luns(struct scsi_task *task)
{
	uint8_t data[8 + (SCSI_LUNS + 1) * LUN_SIZE] = {0};
	uint32_t allocated = be32_get(task->cdb + 6);

	if (task->cdb[2] > SELECT_ALL || allocated < 16)
		scsi_illegal(task, SCSI_INVALID_FIELD);
	else
		scsi_answer(task, data, put_luns(task->target, task->cdb[2], data), allocated);
}

/* A pending unit attention is what there is to say, and is said then. */
void scsi_request_sense(struct scsi_task *task)
{
	uint8_t sense[SCSI_SENSE_SIZE];
	enum scsi_key key = KEY_NO_SENSE;
	uint16_t asc = SCSI_NO_SENSE;
	uint8_t size;

	if (task->cdb[1] & ~1u) {
		scsi_illegal(task, SCSI_INVALID_FIELD);
		return;
	}
	if (!task->disk) {
		key = KEY_ILLEGAL_REQUEST;
		asc = SCSI_NO_LOGICAL_UNIT;
	} else if (task->disk->attention) {
		key = KEY_UNIT_ATTENTION;
		asc = task->disk->attention;
		task->disk->attention = 0;
	}
	size = scsi_sense(sense, key, asc, task->cdb[1] & 1);
	scsi_answer(task, sense, size, task->cdb[4]);
}

static uint32_t put_timeouts(uint8_t *at)
{
	be16_put(at, TIMEOUTS - 2); /* what follows: none is known */
	return TIMEOUTS;
}

/* All of them. */
static uint32_t list_commands(uint8_t *data, bool timeouts)
{
	const struct scsi_command *command;
	uint32_t size = 4;

	for (unsigned i = 0; (command = scsi_command_at(i)) && i < COMMANDS; i++) {
		uint8_t *at = data + size;

		at[0] = command->opcode;
		be16_put(at + 2, command->action < 0 ? 0 : (uint16_t)command->action);
		at[5] = (uint8_t)((command->action >= 0) | (timeouts ? 2 : 0));
		be16_put(at + 6, command->length);
		size += DESCRIPTOR;
		if (timeouts)
			size += put_timeouts(data + size);
	}
	be32_put(data, size - 4);
	return size;
}

/* One: 0 if the question does not fit to it. option 1: it has no service actions; 2: it has; 3:
 * either. */
static uint32_t describe(const uint8_t *cdb, unsigned option, uint8_t *data)
{
	uint16_t action = be16_get(cdb + 4);
	const struct scsi_command *command;
	uint32_t size = 4;

	data[1] = 1; /* not supported */
	for (unsigned i = 0; (command = scsi_command_at(i)); i++) {
		if (command->opcode != cdb[3])
			continue;
		if (option != 3 && (option == 1) != (command->action < 0))
			return 0;
		if (command->action >= 0 && command->action != action)
			continue;
		data[1] = 3; /* supported as a standard says */
		be16_put(data + 2, command->length);
		memcpy(data + 4, command->usage, command->length);
		size += command->length;
		break;
	}
	if (cdb[2] & 0x80) {
		data[1] |= 0x80;
		size += put_timeouts(data + size);
	}
	return size;
}

void scsi_report_commands(struct scsi_task *task)
{
	uint8_t data[LISTING_MAX] = {0};
	unsigned option = task->cdb[2] & 7;
	uint32_t size = 0;

	if (option == 0)
		size = list_commands(data, task->cdb[2] & 0x80);
	else if (option <= 3)
		size = describe(task->cdb, option, data);
	if (size == 0 || (task->cdb[2] & 0x78))
		scsi_illegal(task, SCSI_INVALID_FIELD);
	else
		scsi_answer(task, data, size, be32_get(task->cdb + 6));
}

/* All task management that a transport may offer, without ACA and wake-up. */
void scsi_report_functions(struct scsi_task *task)
{
	enum { ATS = 0x80, ATSS = 0x40, CTSS = 0x10, LURS = 8, QTS = 4 };
	enum { QTSS = 2, ITNRS = 1 };
	uint8_t data[16] = {ATS | ATSS | CTSS | LURS | QTS, QTSS | ITNRS};
	bool extended = task->cdb[2] & 0x80;
	uint32_t allocated = be32_get(task->cdb + 6);

	if (extended)
		data[3] = sizeof(data) - 4; /* timeouts follow: none is known */
	if ((task->cdb[2] & 0x7f) || allocated < 4)
		scsi_illegal(task, SCSI_INVALID_FIELD);
	else
		scsi_answer(task, data, extended ? sizeof(data) : 4, allocated);
}

/* There is one page: the list of pages. */
void scsi_log_sense(struct scsi_task *task)
{
	static const uint8_t data[5] = {0, 0, 0, 1, 0};

	if (task->cdb[1] || (task->cdb[2] & 0x3f) || task->cdb[3])
		scsi_illegal(task, SCSI_INVALID_FIELD);
	else
		scsi_answer(task, data, sizeof(data), be16_get(task->cdb + 7));
}
