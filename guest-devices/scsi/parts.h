/* SPDX-License-Identifier: BSD-2-Clause */
/* What the target's files share; for nobody else. */
#pragma once

#include "guest-devices/bytes.h"
#include "guest-devices/scsi/scsi.h"

enum scsi_key {
	KEY_NO_SENSE = 0,
	KEY_NOT_READY = 2,
	KEY_MEDIUM_ERROR = 3,
	KEY_ILLEGAL_REQUEST = 5,
	KEY_UNIT_ATTENTION = 6,
	KEY_DATA_PROTECT = 7,
};

/* --- ends of a command; each is the last thing a handler does --- */
void scsi_good(struct scsi_task *task);
void scsi_check(struct scsi_task *task, enum scsi_key key, enum scsi_asc asc);
void scsi_illegal(struct scsi_task *task, enum scsi_asc asc); /* KEY_ILLEGAL_REQUEST */
/* Up to `allocated` bytes of the answer go to the initiator. */
void scsi_answer(struct scsi_task *task, const uint8_t *data, uint32_t size, uint32_t allocated);
void scsi_overrun(struct scsi_task *task);

/* Sense data in fixed format; descriptors: in descriptor format, 8 bytes. Returns the size. */
uint8_t scsi_sense(uint8_t *sense, enum scsi_key key, enum scsi_asc asc, bool descriptors);

/* Parameters from the initiator; false: fewer than size, the command has ended with an overrun. */
bool scsi_parameters(struct scsi_task *task, uint8_t *to, uint32_t size);

/* --- handlers by file --- */
void scsi_inquiry(struct scsi_task *task);     /* inquiry.c */
void scsi_report_luns(struct scsi_task *task); /* report.c */
void scsi_request_sense(struct scsi_task *task);
void scsi_report_commands(struct scsi_task *task);
void scsi_report_functions(struct scsi_task *task);
void scsi_log_sense(struct scsi_task *task);
void scsi_mode_sense(struct scsi_task *task); /* mode.c */
void scsi_read_capacity_10(struct scsi_task *task);
void scsi_read_capacity_16(struct scsi_task *task);
void scsi_transfer(struct scsi_task *task); /* transfer.c: READ and WRITE */
void scsi_verify(struct scsi_task *task);
void scsi_synchronize(struct scsi_task *task);
void scsi_start_stop(struct scsi_task *task);
void scsi_unmap(struct scsi_task *task); /* clear.c */
void scsi_write_same(struct scsi_task *task);
void scsi_lba_status(struct scsi_task *task);

/* Where the command's block address and count are, by its group (SPC-4, 4.3). */
struct scsi_range scsi_range_of(const struct scsi_task *task);
/* Is it on the disk? Else the command has ended. */
bool scsi_in_range(struct scsi_task *task, const struct scsi_range *range);
bool scsi_writable(struct scsi_task *task); /* else the command has ended */
/* To the back-end; step is next, or the command ends with an error. */
void scsi_submit(struct scsi_task *task, enum blk_op op, const struct scsi_range *range,
                 struct blk_span *spans, unsigned count);
void scsi_finish(struct scsi_task *task); /* the last step: flush if that was asked */

/* Does UNMAP do anything, and does what is unmapped read as zeroes? */
bool scsi_unmaps(const struct scsi_disk *disk);
bool scsi_unmaps_to_zero(const struct scsi_disk *disk);

/* One row for each command, for dispatch and for REPORT SUPPORTED OPERATION CODES. */
struct scsi_command {
	uint8_t opcode;
	int8_t action; /* service action; -1: none */
	uint8_t length;
	void (*run)(struct scsi_task *task);
	bool always;       /* also with a unit attention pending */
	bool lunless;      /* also where there is no such logical unit */
	uint8_t usage[16]; /* bits of the command that are evaluated */
};
const struct scsi_command *scsi_command_at(unsigned n); /* NULL: the end */
