/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands by their code, and how each may end. */
#include "guest-devices/scsi/scsi.h"

#include <string.h>

#include "guest-devices/guest_mem.h"
#include "guest-devices/scsi/parts.h"

enum { NACA = 4 }; /* in each command's last byte, CONTROL (SAM-5, 5.2) */

static void test_unit_ready(struct scsi_task *task)
{
	if (scsi_blocks(task->disk) == 0)
		scsi_check(task, KEY_NOT_READY, SCSI_NO_MEDIUM);
	else
		scsi_good(task);
}

/* Only the default self-test, which finds nothing. */
static void send_diagnostic(struct scsi_task *task)
{
	if ((task->cdb[1] & ~4u) || !(task->cdb[1] & 4) || be16_get(task->cdb + 3))
		scsi_illegal(task, SCSI_INVALID_FIELD);
	else
		scsi_good(task);
}

/* clang-format off */
static const struct scsi_command commands[] = {
	{0x00, -1, 6, test_unit_ready, .usage = {0x00, 0, 0, 0, 0, NACA}},
	{0x03, -1, 6, scsi_request_sense, .always = true, .lunless = true,
	 .usage = {0x03, 1, 0, 0, 0xff, NACA}},
	{0x08, -1, 6, scsi_transfer, .usage = {0x08, 0x1f, 0xff, 0xff, 0xff, NACA}},
	{0x0a, -1, 6, scsi_transfer, .usage = {0x0a, 0x1f, 0xff, 0xff, 0xff, NACA}},
	{0x12, -1, 6, scsi_inquiry, .always = true, .lunless = true,
	 .usage = {0x12, 1, 0xff, 0xff, 0xff, NACA}},
	{0x1a, -1, 6, scsi_mode_sense, .usage = {0x1a, 8, 0xff, 0xff, 0xff, NACA}},
	{0x1b, -1, 6, scsi_start_stop, .usage = {0x1b, 1, 0, 0, 0xf7, NACA}},
	{0x1d, -1, 6, send_diagnostic, .usage = {0x1d, 4, 0, 0xff, 0xff, NACA}},
	{0x1e, -1, 6, scsi_good, .usage = {0x1e, 0, 0, 0, 3, NACA}},
	{0x25, -1, 10, scsi_read_capacity_10, .usage = {0x25, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 1, NACA}},
	{0x28, -1, 10, scsi_transfer, .usage = {0x28, 0xf8, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, NACA}},
	{0x2a, -1, 10, scsi_transfer, .usage = {0x2a, 0xf8, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, NACA}},
	{0x2f, -1, 10, scsi_verify, .usage = {0x2f, 0xf6, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, NACA}},
	{0x35, -1, 10, scsi_synchronize, .usage = {0x35, 2, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, NACA}},
	{0x41, -1, 10, scsi_write_same, .usage = {0x41, 0xf8, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, NACA}},
	{0x42, -1, 10, scsi_unmap, .usage = {0x42, 1, 0, 0, 0, 0, 0, 0xff, 0xff, NACA}},
	{0x4d, -1, 10, scsi_log_sense, .usage = {0x4d, 1, 0xff, 0xff, 0, 0, 0, 0xff, 0xff, NACA}},
	{0x5a, -1, 10, scsi_mode_sense, .usage = {0x5a, 0x18, 0xff, 0xff, 0, 0, 0, 0xff, 0xff, NACA}},
	{0x88, -1, 16, scsi_transfer, .usage = {0x88, 0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	 0xff, 0xff, 0xff, 0xff, 0, NACA}},
	{0x8a, -1, 16, scsi_transfer, .usage = {0x8a, 0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	 0xff, 0xff, 0xff, 0xff, 0, NACA}},
	{0x8f, -1, 16, scsi_verify, .usage = {0x8f, 0xf6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	 0xff, 0xff, 0xff, 0xff, 0, NACA}},
	{0x91, -1, 16, scsi_synchronize, .usage = {0x91, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	 0xff, 0xff, 0xff, 0xff, 0, NACA}},
	{0x93, -1, 16, scsi_write_same, .usage = {0x93, 0xf9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	 0xff, 0xff, 0xff, 0xff, 0, NACA}},
	{0x9e, 0x10, 16, scsi_read_capacity_16, .usage = {0x9e, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	 0xff, 0xff, 0xff, 0xff, 0xff, 1, NACA}},
	{0x9e, 0x12, 16, scsi_lba_status, .usage = {0x9e, 0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	 0xff, 0xff, 0xff, 0xff, 0xff, 0, NACA}},
	{0xa0, -1, 12, scsi_report_luns, .always = true, .lunless = true,
	 .usage = {0xa0, 0, 0xff, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, NACA}},
	{0xa3, 0x0c, 12, scsi_report_commands, .usage = {0xa3, 0x0c, 0x87, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	 0xff, 0, NACA}},
	{0xa3, 0x0d, 12, scsi_report_functions, .usage = {0xa3, 0x0d, 0x80, 0, 0, 0, 0xff, 0xff, 0xff,
	 0xff, 0, NACA}},
	{0xa8, -1, 12, scsi_transfer, .usage = {0xa8, 0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, NACA}},
	{0xaa, -1, 12, scsi_transfer, .usage = {0xaa, 0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, NACA}},
	{0xaf, -1, 12, scsi_verify, .usage = {0xaf, 0xf6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, NACA}},
};
/* clang-format on */

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

const struct scsi_command *scsi_command_at(unsigned n)
{
	return n < COMMANDS ? &commands[n] : NULL;
}

uint64_t scsi_blocks(const struct scsi_disk *disk)
{
	return disk->backend->capacity / SCSI_BLOCK;
}

uint8_t scsi_sense(uint8_t *sense, enum scsi_key key, enum scsi_asc asc, bool descriptors)
{
	memset(sense, 0, SCSI_SENSE_SIZE);
	if (descriptors) {
		sense[0] = 0x72;
		sense[1] = (uint8_t)key;
		be16_put(sense + 2, (uint16_t)asc);
		return 8;
	}
	sense[0] = 0x70;
	sense[2] = (uint8_t)key;
	sense[7] = SCSI_SENSE_SIZE - 8;
	be16_put(sense + 12, (uint16_t)asc);
	return SCSI_SENSE_SIZE;
}

void scsi_good(struct scsi_task *task)
{
	task->status = SCSI_GOOD;
	task->done(task);
}

void scsi_check(struct scsi_task *task, enum scsi_key key, enum scsi_asc asc)
{
	task->status = SCSI_CHECK_CONDITION;
	task->sense_size = scsi_sense(task->sense, key, asc, false);
	task->done(task);
}

void scsi_illegal(struct scsi_task *task, enum scsi_asc asc)
{
	scsi_check(task, KEY_ILLEGAL_REQUEST, asc);
}

void scsi_overrun(struct scsi_task *task)
{
	task->overrun = true;
	scsi_good(task);
}

void scsi_answer(struct scsi_task *task, const uint8_t *data, uint32_t size, uint32_t allocated)
{
	const struct blk_span *span = task->spans + task->out_count;

	if (size > allocated)
		size = allocated;
	if (size > task->in_size) {
		scsi_overrun(task);
		return;
	}
	for (size_t n; task->in_done < size; span++, task->in_done += (uint32_t)n) {
		n = span->size < size - task->in_done ? span->size : size - task->in_done;
		guest_copy(span->data, data + task->in_done, n);
	}
	scsi_good(task);
}

bool scsi_parameters(struct scsi_task *task, uint8_t *to, uint32_t size)
{
	const struct blk_span *span = task->spans;

	if (size > task->out_size) {
		scsi_overrun(task);
		return false;
	}
	for (size_t n; task->out_done < size; span++, task->out_done += (uint32_t)n) {
		n = span->size < size - task->out_done ? span->size : size - task->out_done;
		guest_copy(to + task->out_done, span->data, n);
	}
	return true;
}

static const struct scsi_command *command_of(const struct scsi_task *task, bool *known)
{
	*known = false;
	for (unsigned i = 0; i < COMMANDS; i++) {
		if (commands[i].opcode != task->cdb[0])
			continue;
		*known = true;
		if (commands[i].action < 0 || commands[i].action == (task->cdb[1] & 0x1f))
			return &commands[i];
	}
	return NULL;
}

static struct scsi_disk *disk_of(const struct scsi_target *target, unsigned lun)
{
	return lun < SCSI_LUNS ? target->luns[lun] : NULL;
}

/* The initiator is told first of what happened to the logical unit (SAM-5, 5.14). */
static bool attention(struct scsi_task *task)
{
	uint16_t asc = task->disk->attention;

	if (asc == 0)
		return false;
	task->disk->attention = 0;
	scsi_check(task, KEY_UNIT_ATTENTION, asc);
	return true;
}

void scsi_execute(struct scsi_task *task, struct scsi_target *target, unsigned lun)
{
	bool known;
	const struct scsi_command *command = command_of(task, &known);

	task->status = SCSI_GOOD;
	task->sense_size = 0;
	task->out_done = task->in_done = 0;
	task->overrun = task->flush = task->cancelled = false;
	task->target = target;
	task->disk = disk_of(target, lun);
	if (!task->disk && !(command && command->lunless))
		scsi_illegal(task,
		             lun == SCSI_LUN_REPORT ? SCSI_INVALID_OPCODE : SCSI_NO_LOGICAL_UNIT);
	else if (!command)
		scsi_illegal(task, known ? SCSI_INVALID_FIELD : SCSI_INVALID_OPCODE);
	else if (task->cdb[command->length - 1] & NACA) /* INQUIRY's NORMACA is 0 */
		scsi_illegal(task, SCSI_INVALID_FIELD);
	else if (command->always || !attention(task))
		command->run(task);
}
