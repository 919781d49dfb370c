/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/virtio/ccw_program.h"

#include "guest-devices/bytes.h"

enum { CCW_SIZE = 8, TRANSFER = 0x08, NIBBLE = 0x0f };
#define LIMIT(program) ((program)->format1 ? 1ull << 31 : 1ull << 24) /* of addresses in CCWs */
#define BLOCK(program) ((program)->indirect8 ? 4096u : 2048u)

/* --- data --- */

/* Entry number index of a segment's list of addresses. Only the first may lie inside a block. */
static bool indirect(const struct ccw_program *program, const struct ccw_segment *segment,
                     uint32_t index, uint64_t *word)
{
	uint32_t entry = program->indirect8 ? 8 : 4;
	uint8_t bytes[8];

	if (segment->address % entry != 0 ||
	    guest_mem_read(program->mem, segment->address + (uint64_t)index * entry, bytes, entry))
		return false;
	*word = program->indirect8 ? be64_get(bytes) : be32_get(bytes);
	return (program->indirect8 || !(*word >> 31)) &&
	       (index == 0 || *word % BLOCK(program) == 0);
}

/* Where the byte at offset of a segment is, and how many follow it in storage; there may be more of
 * them than the segment has. */
static bool locate(const struct ccw_program *program, const struct ccw_segment *segment,
                   uint32_t offset, uint64_t *address, uint32_t *run)
{
	uint32_t block = BLOCK(program), left = segment->count - offset;
	uint64_t word;

	*address = (uint64_t)segment->address + offset;
	*run = left;
	if (!(segment->flags & CCW_INDIRECT))
		return *address + left <= LIMIT(program);
	if (!indirect(program, segment, 0, &word))
		return false;
	offset += (uint32_t)(word % block);
	if (offset >= block && !indirect(program, segment, offset / block, &word))
		return false;
	*address = word - word % block + offset % block;
	*run = block - offset % block;
	return true;
}

/* All of [offset, offset + size) of one segment, storage or nothing. */
static bool move(const struct ccw_program *program, const struct ccw_segment *segment,
                 uint32_t offset, uint8_t *bytes, uint32_t size, bool store)
{
	while (size > 0) {
		uint64_t address;
		uint32_t run;

		if (!locate(program, segment, offset, &address, &run))
			return false;
		if (run > size)
			run = size;
		if (store && (segment->flags & CCW_SKIP))
			; /* the program wants to know only that it went well */
		else if (store ? guest_mem_write(program->mem, address, bytes, run)
		               : guest_mem_read(program->mem, address, bytes, run))
			return false;
		bytes += run;
		offset += run;
		size -= run;
	}
	return true;
}

static bool transfer(const struct ccw_program *program, uint32_t offset, uint8_t *bytes,
                     uint32_t size, bool store)
{
	const struct ccw_command *command = &program->command;

	for (unsigned i = 0; i < command->segment_count && size > 0; i++) {
		const struct ccw_segment *segment = &command->segments[i];
		uint32_t piece;

		if (offset >= segment->count) {
			offset -= segment->count;
			continue;
		}
		piece = segment->count - offset;
		if (piece > size)
			piece = size;
		if (!move(program, segment, offset, bytes, piece, store))
			return false;
		bytes += piece;
		size -= piece;
		offset = 0;
	}
	return size == 0;
}

bool ccw_data_read(const struct ccw_program *program, uint32_t offset, void *to, uint32_t size)
{
	return transfer(program, offset, to, size, false);
}

bool ccw_data_write(const struct ccw_program *program, uint32_t offset, const void *from,
                    uint32_t size)
{
	return transfer(program, offset, (uint8_t *)(uintptr_t)from, size, true);
}

/* --- command words --- */

/* Fetched once, as one piece. */
static bool fetch(struct ccw_program *program, uint8_t *code, struct ccw_segment *ccw)
{
	uint8_t bytes[CCW_SIZE];

	if (program->steps++ == CCW_STEPS || program->next % CCW_SIZE != 0 ||
	    (uint64_t)program->next + CCW_SIZE > LIMIT(program) ||
	    guest_mem_read(program->mem, program->next, bytes, CCW_SIZE))
		return false;
	program->next += CCW_SIZE;
	*code = bytes[0];
	if (program->format1)
		*ccw = (struct ccw_segment){be32_get(bytes + 4), be16_get(bytes + 2), bytes[1]};
	else
		*ccw =
		    (struct ccw_segment){be32_get(bytes) & 0xffffff, be16_get(bytes + 6), bytes[4]};
	return ccw->address < LIMIT(program);
}

static bool is_transfer(const struct ccw_program *program, uint8_t code,
                        const struct ccw_segment *ccw)
{
	if (!program->format1)
		return (code & NIBBLE) == TRANSFER;
	return code == TRANSFER && ccw->flags == 0 && ccw->count == 0;
}

/* The next CCW that is no transfer in channel; that cannot be the first, nor follow another. */
static bool next_ccw(struct ccw_program *program, uint8_t *code, struct ccw_segment *ccw)
{
	bool first = program->steps == 0;

	if (!fetch(program, code, ccw))
		return false;
	if (is_transfer(program, *code, ccw)) {
		program->next = ccw->address;
		if (first || !fetch(program, code, ccw) || is_transfer(program, *code, ccw))
			return false;
	}
	return !(ccw->flags & (CCW_SUSPEND | CCW_MODIFIED)) &&
	       (ccw->count > 0 || (program->format1 && !(ccw->flags & CCW_CHAIN_DATA)));
}

/* A command with all the CCWs that are chained for its data. */
static bool next_command(struct ccw_program *program)
{
	struct ccw_command *command = &program->command;
	struct ccw_segment ccw;
	uint8_t ignored;

	if (!next_ccw(program, &command->code, &ccw))
		return false;
	command->count = 0;
	command->segment_count = 0;
	for (;;) {
		command->segments[command->segment_count++] = ccw;
		command->count += ccw.count;
		if (!(ccw.flags & CCW_CHAIN_DATA))
			break;
		if (command->segment_count == CCW_SEGMENTS || !next_ccw(program, &ignored, &ccw))
			return false;
	}
	command->exact = !(ccw.flags & CCW_SUPPRESS_LENGTH);
	return true;
}

static bool chained(const struct ccw_command *command)
{
	return command->segments[command->segment_count - 1].flags & CCW_CHAIN_COMMAND;
}

/* What the result of a command makes of the program; true: it is over. */
static bool conclude(struct ccw_program *program, enum ccw_result result)
{
	switch (result) {
	case CCW_DONE:
		if (chained(&program->command))
			return false;
		program->device_status = CCW_CHANNEL_END | CCW_DEVICE_END;
		return true;
	case CCW_REJECT:
		program->device_status = CCW_CHANNEL_END | CCW_DEVICE_END | CCW_UNIT_CHECK;
		return true;
	case CCW_LENGTH:
		program->device_status = CCW_CHANNEL_END | CCW_DEVICE_END;
		program->channel_status = CCW_INCORRECT_LENGTH;
		return true;
	default:
		program->channel_status = CCW_PROGRAM_CHECK;
		return true;
	}
}

bool ccw_program_run(struct ccw_program *program,
                     enum ccw_result (*execute)(void *context, struct ccw_program *program),
                     void *context)
{
	enum ccw_result result = CCW_DONE;

	/* going on after CCW_WAIT: that command is done */
	if (program->steps > 0 && conclude(program, CCW_DONE))
		return true;
	do {
		program->residual = 0;
		result = next_command(program) ? execute(context, program) : CCW_CHECK;
		if (result == CCW_WAIT)
			return false;
	} while (!conclude(program, result));
	return true;
}
