/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Channel programs: lists of command words (CCWs) in the guest's storage that a channel fetches and
 * a device carries out (z/Architecture Principles of Operation, ch. 15). Formats 0 and 1, command
 * and data chaining, indirect data addresses of both formats; no suspension, no modified
 * indirection.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest-devices/guest_mem.h"

enum { /* flags of a CCW */
       CCW_CHAIN_DATA = 0x80,
       CCW_CHAIN_COMMAND = 0x40,
       CCW_SUPPRESS_LENGTH = 0x20,
       CCW_SKIP = 0x10,
       CCW_INTERRUPT = 0x08, /* an intermediate interruption: not given, as allowed */
       CCW_INDIRECT = 0x04,
       CCW_SUSPEND = 0x02,
       CCW_MODIFIED = 0x01,
};
enum { CCW_CHANNEL_END = 0x08, CCW_DEVICE_END = 0x04, CCW_UNIT_CHECK = 0x02 }; /* device status */
enum { CCW_PROGRAM_CHECK = 0x20, CCW_INCORRECT_LENGTH = 0x40 };                /* channel status */

#define CCW_SEGMENTS 16  /* CCWs chained for the data of one command */
#define CCW_STEPS    512 /* CCWs of one program; a longer one is a program check */

enum ccw_result {
	CCW_DONE,
	CCW_REJECT, /* the device does not take the command: unit check */
	CCW_LENGTH, /* incorrect length: nothing was done */
	CCW_CHECK,  /* the channel finds the program wrong */
	CCW_WAIT,   /* ccw_program_run goes on when the device is done */
};

struct ccw_segment {
	uint32_t address;
	uint16_t count;
	uint8_t flags;
};

/* One command, its data areas not yet looked at. */
struct ccw_command {
	uint8_t code;
	bool exact; /* the driver did not suppress the length check */
	uint32_t count;
	unsigned segment_count;
	struct ccw_segment segments[CCW_SEGMENTS];
};

struct ccw_program {
	const struct guest_mem *mem;
	/* from the operation request */
	uint32_t next;  /* address of the next CCW */
	bool format1;   /* of the CCWs */
	bool indirect8; /* IDAWs of 8 bytes for blocks of 4 KiB; else of 4 bytes for 2 KiB */
	/* as it goes on */
	unsigned steps;
	struct ccw_command command;
	uint16_t residual; /* bytes of the last command that were not used */
	uint8_t device_status, channel_status;
};

/*
 * Carry out commands from program->next on until the program ends: true, and its status is set.
 * false: execute said CCW_WAIT; the next call goes on after that command. execute sets
 * program->residual. Bounded by CCW_STEPS.
 */
bool ccw_program_run(struct ccw_program *program,
                     enum ccw_result (*execute)(void *context, struct ccw_program *program),
                     void *context);

/* Copy from (to) the command's data at an offset; offset + size is inside count. false: it is not
 * storage, which is a program check. Bytes that the driver wants skipped are not stored. */
bool ccw_data_read(const struct ccw_program *program, uint32_t offset, void *to, uint32_t size);
bool ccw_data_write(const struct ccw_program *program, uint32_t offset, const void *from,
                    uint32_t size);
