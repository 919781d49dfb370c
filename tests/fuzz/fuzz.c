/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver's moves, and libFuzzer's entry. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/oracle.h"

#include <stdlib.h>
#include <string.h>

#define MOVES_MAX 400 /* an input costs bounded time */

/* ---- the input ---- */

void fuzz_bytes(struct fuzz *fuzz, void *to, size_t size)
{
	size_t left = (size_t)(fuzz->end - fuzz->at), take = size < left ? size : left;

	memset(to, 0, size);
	memcpy(to, fuzz->at, take);
	fuzz->at += take;
}

#define FUZZ_INTEGER(bits)                                                                         \
	uint##bits##_t fuzz_u##bits(struct fuzz *fuzz)                                             \
	{                                                                                          \
		uint##bits##_t value;                                                              \
		fuzz_bytes(fuzz, &value, sizeof(value));                                           \
		return value;                                                                      \
	}
FUZZ_INTEGER(8)
FUZZ_INTEGER(16)
FUZZ_INTEGER(32)
FUZZ_INTEGER(64)

uint64_t fuzz_address(struct fuzz *fuzz)
{
	static const uint64_t bases[] = {
	    0x80000,           0xa0000,     FAKE_HIGH,
	    FAKE_SEAM - 0x100, FAKE_SEAM,   FAKE_HIGH_END - 0x1000,
	    FUZZ_RINGS,        FUZZ_TABLES, FAKE_LOW_END,
	    FAKE_REGISTERS,    FAKE_ROM,    FAKE_ROM + FAKE_ROM_SIZE - 16,
	    UINT64_MAX - 8,    0,           1ull << 40,
	    FAKE_LOW_END - 32,
	};
	uint8_t base = fuzz_u8(fuzz);

	return bases[base < 128 ? base & 1 : base & 15] +
	       (base & 64 ? fuzz_u16(fuzz) : fuzz_u8(fuzz));
}

/* ---- moves ---- */

static unsigned choose_queue(struct fuzz *fuzz)
{
	return fuzz_u8(fuzz) % (fuzz->device->queue_count + 1);
}

/* Up to eight buffers; the first one gets what stands in the input as its contents. */
static unsigned make_pieces(struct fuzz *fuzz, struct raw_piece pieces[8])
{
	uint8_t shape = fuzz_u8(fuzz), content[64];
	unsigned count = 1 + (shape & 7), filled = shape >> 3 & 0x1f;

	for (unsigned i = 0; i < count; i++) {
		uint8_t flags = fuzz_u8(fuzz);

		pieces[i].addr = fuzz_address(fuzz);
		pieces[i].len = flags & 0x80 ? fuzz_u32(fuzz) : fuzz_u16(fuzz) & 0xfff;
		pieces[i].flags = flags & (RAW_WRITE | (flags & 0x40 ? 0xff : 0));
	}
	fuzz_bytes(fuzz, content, 2 * filled);
	oracle_scribbled(fuzz, pieces[0].addr, 2 * filled);
	guest_mem_write(&fuzz->mem.mem, pieces[0].addr, content, 2 * filled);
	return count;
}

/* pieces: those that stand in the ring; what: those that the device sees in the end. */
static void put(struct fuzz *fuzz, unsigned queue, const struct raw_piece *pieces,
                const struct fuzz_chain *what)
{
	struct fuzz_ring *ring = &fuzz->rings[queue];
	uint16_t head = fuzz->packed ? ring->next : ring->next % ring->size;

	oracle_offered(fuzz, ring, head, what);
	ring->next = (uint16_t)(head + (fuzz->packed ? 1 : what->slots));
	if (fuzz->packed) {
		raw_packed_offer(&ring->packed, head, pieces, what->slots);
		return;
	}
	for (unsigned i = 0; i < what->slots; i++) {
		uint16_t more = i + 1 < what->slots ? RAW_NEXT : 0;

		raw_desc(&ring->split, (head + i) % ring->size, pieces[i].addr, pieces[i].len,
		         pieces[i].flags | more, (uint16_t)((head + i + 1) % ring->size));
	}
	raw_offer(&ring->split, head);
}

void fuzz_offer(struct fuzz *fuzz, unsigned queue, const struct raw_piece *pieces, unsigned count)
{
	if (queue < fuzz->driven)
		put(fuzz, queue, pieces, &(struct fuzz_chain){pieces, count, (uint16_t)count});
}

static void offer(struct fuzz *fuzz)
{
	struct raw_piece pieces[8];
	unsigned queue = choose_queue(fuzz), count = make_pieces(fuzz, pieces);

	fuzz_offer(fuzz, queue, pieces, count);
}

/* One chain whose only descriptor names a table. */
static void offer_indirect(struct fuzz *fuzz)
{
	struct raw_piece pieces[8], table;
	unsigned queue = choose_queue(fuzz), count = make_pieces(fuzz, pieces);
	struct fuzz_ring *ring;
	uint64_t at;

	if (queue >= fuzz->driven)
		return;
	ring = &fuzz->rings[queue];
	at = FUZZ_TABLES + fuzz->tables++ * sizeof(pieces);
	for (unsigned i = 0; i < count; i++) {
		uint16_t more = i + 1 < count ? RAW_NEXT : 0;

		if (fuzz->packed)
			raw_packed_entry(&ring->packed, at, i, pieces[i].addr, pieces[i].len, 0,
			                 pieces[i].flags);
		else
			raw_table(&ring->split, at, i, pieces[i].addr, pieces[i].len,
			          pieces[i].flags | more, (uint16_t)(i + 1));
	}
	table = (struct raw_piece){at, 16 * count, RAW_INDIRECT};
	put(fuzz, queue, &table, &(struct fuzz_chain){pieces, count, 1});
}

void fuzz_kick(struct fuzz *fuzz, unsigned queue)
{
	if (fuzz_target.kick)
		fuzz_target.kick(fuzz, queue);
	else
		virtio_kick(fuzz->device, queue);
}

static void kick(struct fuzz *fuzz)
{
	fuzz_kick(fuzz, choose_queue(fuzz));
}

static void scribble(struct fuzz *fuzz)
{
	uint8_t bytes[32];
	uint64_t address = fuzz_address(fuzz);
	size_t size = fuzz_u8(fuzz) & 31;

	fuzz_bytes(fuzz, bytes, size);
	oracle_scribbled(fuzz, address, size);
	guest_mem_write(&fuzz->mem.mem, address, bytes, size);
}

/* A word inside a ring: any index, flag or event may become anything. */
static void scribble_ring(struct fuzz *fuzz)
{
	unsigned queue = choose_queue(fuzz);
	uint64_t areas[3];
	uint8_t where = fuzz_u8(fuzz), offset = fuzz_u8(fuzz);
	uint16_t value = fuzz_u16(fuzz);

	if (queue >= fuzz->driven)
		return;
	fuzz_run_wild(fuzz);
	fuzz_ring_areas(fuzz, queue, areas);
	guest_mem_write(&fuzz->mem.mem, areas[where % 3] + (offset & ~1u), &value, 2);
}

static void pass_time(struct fuzz *fuzz)
{
	fake_port_advance(1000ull * fuzz_u16(fuzz));
}

static void event(struct fuzz *fuzz)
{
	uint8_t what = fuzz_u8(fuzz);

	if (fuzz_target.event)
		fuzz_target.event(fuzz, what);
}

static void access_config(struct fuzz *fuzz)
{
	uint8_t how = fuzz_u8(fuzz);
	struct bus_access access = {.size = (uint8_t)(1u << (how & 3)), .write = how & 4};

	access.value = access.write ? fuzz_u32(fuzz) : 0;
	(fuzz->device->legacy ? virtio_legacy_config_access
	                      : virtio_config_access)(fuzz->device, fuzz_u8(fuzz) & 0x7f, &access);
	virtio_generation(fuzz->device);
}

static void own(struct fuzz *fuzz)
{
	if (fuzz_target.own)
		fuzz_target.own(fuzz);
	else
		access_config(fuzz);
}

static void disturb(struct fuzz *fuzz)
{
	uint8_t how = fuzz_u8(fuzz);
	unsigned queue = fuzz_u8(fuzz) % (fuzz->device->queue_count + 1);

	switch (how & 3) {
	case 0:
		virtio_status(fuzz->device);
		virtio_set_status(fuzz->device, fuzz_u8(fuzz));
		break;
	case 1:
		(how & 8 ? virtio_queue_reset : virtio_queue_stop)(fuzz->device, queue);
		break;
	case 2:
		if (how & 8)
			fuzz_queue_again(fuzz, queue);
		else
			virtio_queue_ready(fuzz->device, queue);
		break;
	default:
		virtio_allow_dma(fuzz->device, how & 4);
	}
}

static void (*const moves[16])(struct fuzz *) = {
    fuzz_start,    offer,    kick, offer,   offer_indirect, event, event,         pass_time,
    scribble_ring, scribble, own,  disturb, offer,          kick,  access_config, pass_time,
};

static void finish(struct fuzz *fuzz)
{
	virtio_reset(fuzz->device);
	if (fuzz_target.settle)
		fuzz_target.settle(fuzz);
	oracle_finish(fuzz);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz fuzz;

	memset(&fuzz, 0, offsetof(struct fuzz, rings));
	fuzz.at = data;
	fuzz.end = data + size;
	fake_port_reset();
	fake_mem_init(&fuzz.mem);
	fuzz_target.create(&fuzz);
	for (unsigned i = 0; i < MOVES_MAX && fuzz.at < fuzz.end; i++) {
		moves[fuzz_u8(&fuzz) & 15](&fuzz);
		oracle_check(&fuzz);
	}
	finish(&fuzz);
	fake_mem_free(&fuzz.mem);
	return 0;
}
