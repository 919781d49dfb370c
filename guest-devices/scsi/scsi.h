/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A SCSI target with disks (SAM-5, SPC-4, SBC-3), whatever carries the commands. A task is one
 * command: the transport fills it, scsi_execute() runs it on a block back-end, done tells the end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest-devices/backend.h"

#define SCSI_CDB_MAX     16 /* no command here is longer */
#define SCSI_SENSE_SIZE  18 /* fixed format */
#define SCSI_LUNS        8  /* of one target */
#define SCSI_BLOCK       512u
#define SCSI_BLOCKS_MAX  1024u   /* of one READ, WRITE */
#define SCSI_RANGES      8       /* of one UNMAP */
#define SCSI_CLEAR_MAX   8192u   /* blocks of one UNMAP or WRITE SAME */
#define SCSI_LUN_REPORT  0xc101u /* the well-known logical unit REPORT LUNS */
#define SCSI_LUN_DEFAULT 0u

enum scsi_status { SCSI_GOOD = 0, SCSI_CHECK_CONDITION = 2 };

/* Additional sense code and its qualifier. */
enum scsi_asc {
	SCSI_NO_SENSE = 0,
	SCSI_WRITE_ERROR = 0x0c00,
	SCSI_READ_ERROR = 0x1100,
	SCSI_PARAMETER_LIST_LENGTH = 0x1a00,
	SCSI_INVALID_OPCODE = 0x2000,
	SCSI_OUT_OF_RANGE = 0x2100,
	SCSI_INVALID_FIELD = 0x2400,
	SCSI_NO_LOGICAL_UNIT = 0x2500,
	SCSI_INVALID_PARAMETER = 0x2600,
	SCSI_WRITE_PROTECTED = 0x2700,
	SCSI_POWER_ON = 0x2901,
	SCSI_DEVICE_RESET = 0x2903,
	SCSI_NEXUS_LOSS = 0x2907,
	SCSI_CAPACITY_CHANGED = 0x2a09,
	SCSI_SAVING_NOT_SUPPORTED = 0x3900,
	SCSI_NO_MEDIUM = 0x3a00,
};

struct scsi_disk {
	struct blk_backend *backend; /* capacity: whole blocks of it count */
	uint64_t identity;           /* different for each disk that an initiator can see */
	uint16_t attention;          /* enum scsi_asc that the next command is told of; 0: none */
};

struct scsi_target {
	struct scsi_disk *luns[SCSI_LUNS]; /* NULL: no logical unit of that number */
};

struct scsi_range {
	uint64_t block;
	uint32_t blocks;
};

/* Owned and embedded by the transport; not touched by it between execute and done. */
struct scsi_task {
	uint8_t cdb[SCSI_CDB_MAX];
	struct blk_span *spans; /* data from the initiator, then data to it */
	unsigned out_count, in_count;
	uint32_t out_size, in_size;           /* bytes of each */
	bool cancelled;                       /* set while it runs: no further step is begun */
	void (*done)(struct scsi_task *task); /* exactly once, perhaps before execute returns */
	/* the outcome */
	enum scsi_status status;
	uint8_t sense[SCSI_SENSE_SIZE];
	uint8_t sense_size;
	uint32_t out_done, in_done; /* bytes moved */
	bool overrun; /* the buffers are smaller than the command says; nothing was done */
	/* private */
	struct scsi_disk *disk;
	struct scsi_target *target;
	struct blk_request request;
	void (*step)(struct scsi_task *task); /* after each request of the back-end */
	bool flush;                           /* at the end */
	struct scsi_range ranges[SCSI_RANGES];
	unsigned range, range_count;
	struct blk_span pattern[16]; /* WRITE SAME: many times the block below */
	uint8_t block[SCSI_BLOCK];
};

/* lun: its number, or SCSI_LUN_REPORT. */
void scsi_execute(struct scsi_task *task, struct scsi_target *target, unsigned lun);

uint64_t scsi_blocks(const struct scsi_disk *disk);
