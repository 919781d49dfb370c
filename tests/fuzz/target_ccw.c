/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio over channel I/O: channel programs of both formats, with chains, branches and indirect
 * data; the instructions of the subchannel in any order; a small device behind.
 * Planted: guest-devices/virtio/virtio_ccw_commands.c: "if (size != ANY_LENGTH && !ccw_data_read("
 * becomes "if (!ccw_data_read("
 */
#include <stdlib.h>
#include <string.h>

#include "guest-devices/bytes.h"
#include "tests/fuzz/echo.h"
#include "tests/lib/raw_ccw.h"

enum { SUBCHANNEL = 0x10002, INDICATORS = 0x3000, PIECE = 0x100, TIC = 0x08 };

static struct virtio_ccw ccw;
static struct raw_ccw raw;
static bool was_pending;
static unsigned interrupts_before;

static void create(struct fuzz *fuzz)
{
	echo_create(fuzz);
	raw = (struct raw_ccw){.mem = &fuzz->mem, .ccw = &ccw};
	was_pending = false;
	interrupts_before = 0;
	virtio_ccw_init(&ccw, &(struct virtio_ccw_config){
	                          .device = fuzz->device,
	                          .mem = &fuzz->mem.mem,
	                          .subchannel = SUBCHANNEL,
	                          .legacy_too = fuzz_u8(fuzz) & 1,
	                          .io_interrupt = raw_ccw_io_interrupt,
	                          .adapter_interrupt = raw_ccw_adapter_interrupt,
	                          .context = &raw,
	                      });
}

/* ---- a driver that does what it should ---- */

static void set_queue(struct fuzz *fuzz, unsigned queue)
{
	uint64_t areas[3];

	if (ccw.revision <= 0) {
		uint16_t size = fuzz_ring_make_legacy(fuzz, queue, fuzz_ring_size(fuzz))->size;

		fuzz_ring_areas(fuzz, queue, areas);
		raw_ccw_queue_legacy(&raw, (uint16_t)queue, size, areas[0], GUEST_PAGE);
	} else {
		uint16_t size = fuzz_ring_make(fuzz, queue)->size;

		fuzz_ring_areas(fuzz, queue, areas);
		raw_ccw_queue(&raw, (uint16_t)queue, size, areas[0], areas[1], areas[2]);
	}
}

static void greet(uint16_t revision)
{
	struct ccw_status status;

	virtio_ccw_test(&ccw, &status); /* what lies there from before */
	virtio_ccw_enable(&ccw, true);
	raw_ccw_revision(&raw, revision);
	raw_ccw_set_status(&raw, 0);
	raw_ccw_set_status(&raw, 1);
	raw_ccw_set_status(&raw, 3);
}

static void start(struct fuzz *fuzz, uint64_t features)
{
	uint8_t how = fuzz_u8(fuzz), revision = how & 3;

	greet(revision);
	fuzz->packed = fuzz->packed && revision > 0;
	for (uint8_t half = 0; half < 2; half++)
		raw_ccw_set_features(&raw, half, (uint32_t)(features >> 32 * half));
	if (revision > 0)
		raw_ccw_set_status(&raw, 11);
	for (unsigned i = 0; i < fuzz->device->queue_count; i++)
		set_queue(fuzz, i);
	if (how & 4)
		raw_ccw_adapter(&raw, INDICATORS + 16, INDICATORS + 24, how >> 3, 3);
	else
		raw_ccw_indicator(&raw, CCW_SET_IND, INDICATORS);
	raw_ccw_indicator(&raw, CCW_SET_CONF_IND, INDICATORS + 8);
	raw_ccw_set_status(&raw, revision > 0 ? 15 : 7);
}

static void kick(struct fuzz *fuzz, unsigned queue)
{
	struct virtio_ccw *all[] = {&ccw};

	(void)fuzz;
	virtio_ccw_diagnose(all, 1, (uint64_t[]){CCW_DIAGNOSE_NOTIFY, SUBCHANNEL, queue, 0});
}

/* ---- one that does not ---- */

struct word {
	uint8_t code, flags;
	uint16_t count;
	uint32_t address;
};

static void put_word(struct fuzz *fuzz, unsigned n, const struct word *word, bool format1)
{
	uint8_t bytes[8] = {word->code, word->flags};

	if (format1) {
		be16_put(bytes + 2, word->count);
		be32_put(bytes + 4, word->address);
	} else {
		be32_put(bytes, (uint32_t)word->code << 24 | (word->address & 0xffffff));
		be32_put(bytes + 4, (uint32_t)word->flags << 24 | word->count);
	}
	guest_mem_write(&fuzz->mem.mem, RAW_CCW_PROGRAM + 8 * n, bytes, 8);
}

static uint8_t choose_code(struct fuzz *fuzz)
{
	static const uint8_t codes[] = {
	    CCW_NOP,
	    CCW_SENSE,
	    CCW_SENSE_ID,
	    CCW_SET_VQ,
	    CCW_VDEV_RESET,
	    CCW_SET_IND,
	    CCW_SET_CONF_IND,
	    CCW_SET_IND_ADAPTER,
	    CCW_READ_FEAT,
	    CCW_WRITE_FEAT,
	    CCW_READ_CONF,
	    CCW_WRITE_CONF,
	    CCW_WRITE_STATUS,
	    CCW_READ_STATUS,
	    CCW_READ_VQ_CONF,
	    CCW_SET_VIRTIO_REV,
	    TIC,
	};
	uint8_t choice = fuzz_u8(fuzz);

	return choice < 0xe0 ? codes[choice % sizeof(codes)] : choice;
}

/* Lists of addresses are made of addresses; other data of anything. */
static void put_data(struct fuzz *fuzz, const struct word *word, uint32_t at, bool wide)
{
	uint8_t bytes[32] = {0};

	if (!(word->flags & CCW_INDIRECT))
		fuzz_bytes(fuzz, bytes, fuzz_u8(fuzz) % 33);
	for (unsigned i = 0; i < 3 && (word->flags & CCW_INDIRECT); i++) {
		if (wide)
			be64_put(bytes + 8 * i, fuzz_address(fuzz));
		else
			be32_put(bytes + 4 * i, (uint32_t)fuzz_address(fuzz));
	}
	guest_mem_write(&fuzz->mem.mem, at, bytes, sizeof(bytes));
}

static void run_program(struct fuzz *fuzz, uint8_t how)
{
	bool format1 = !(how & 0x20), wide = how & 0x40;
	unsigned count = 1 + (how >> 3 & 3);

	for (unsigned n = 0; n < count; n++) {
		struct word word = {.code = choose_code(fuzz)};
		uint32_t own = RAW_CCW_DATA + PIECE * n;
		uint8_t where;

		word.flags = fuzz_u8(fuzz);
		word.count = fuzz_u8(fuzz);
		where = fuzz_u8(fuzz);
		word.address = where < 0x80 ? own + (where & 0x0f) : (uint32_t)fuzz_address(fuzz);
		if (word.code == TIC && where < 0xc0)
			word = (struct word){TIC, 0, 0, RAW_CCW_PROGRAM + 8u * (where & 3)};
		else if (where >= 0xf0)
			word.count = (uint16_t)(word.count << 8 | 0xff);
		put_word(fuzz, n, &word, format1);
		put_data(fuzz, &word, own, wide);
	}
	virtio_ccw_start(&ccw, &(struct ccw_request){RAW_CCW_PROGRAM, format1, wide});
}

static void own(struct fuzz *fuzz)
{
	struct virtio_ccw *all[] = {&ccw};
	uint8_t how = fuzz_u8(fuzz);
	struct ccw_status status;

	fuzz_run_wild(fuzz);
	switch (how & 7) {
	case 4:
		virtio_ccw_halt(&ccw);
		break;
	case 5:
		virtio_ccw_clear(&ccw);
		break;
	case 6:
		virtio_ccw_enable(&ccw, how & 8);
		break;
	case 7:
		virtio_ccw_diagnose(
		    all, 1,
		    (uint64_t[]){how >> 4, SUBCHANNEL, fuzz_u64(fuzz), (uint64_t)fuzz_u8(fuzz)});
		break;
	default:
		run_program(fuzz, how);
		if (how & 0x80)
			return;
	}
	if (ccw.pending)
		virtio_ccw_test(&ccw, &status);
}

/* ---- what must hold ---- */

static bool legal(const struct ccw_status *status)
{
	uint8_t end = CCW_CHANNEL_END | CCW_DEVICE_END;

	switch (status->function) {
	case CCW_START:
		return (status->channel & CCW_PROGRAM_CHECK) || (status->device & end) == end;
	case 0:
	case CCW_HALT:
	case CCW_CLEAR:
		return status->device == 0 && status->channel == 0 && status->residual == 0;
	default:
		return false;
	}
}

/* A status never comes without an interrupt, nor while a program is under way. */
static void check(const struct fuzz *fuzz)
{
	(void)fuzz;
	if ((ccw.pending && (ccw.busy || !legal(&ccw.status))) || (ccw.waiting && !ccw.busy) ||
	    (ccw.pending && !was_pending && raw.interrupts == interrupts_before) ||
	    ccw.program.steps > CCW_STEPS + 1)
		abort();
	was_pending = ccw.pending;
	interrupts_before = raw.interrupts;
}

const struct fuzz_target fuzz_target = {
    .create = create,
    .event = echo_event,
    .settle = echo_settle,
    .start = start,
    .kick = kick,
    .own = own,
    .check = check,
};
