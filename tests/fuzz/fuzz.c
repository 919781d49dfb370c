/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver's moves, and libFuzzer's entry. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#define RING_BASE  0x8000ull /* a ring each 32 KiB in low RAM */
#define TABLE_BASE 0x90000ull
#define MOVES_MAX  400 /* an input costs bounded time */

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
	    0x80000,           0xa0000,    FAKE_HIGH,
	    FAKE_SEAM - 0x100, FAKE_SEAM,  FAKE_HIGH_END - 0x1000,
	    RING_BASE,         TABLE_BASE, FAKE_LOW_END,
	    FAKE_REGISTERS,    FAKE_ROM,   FAKE_ROM + FAKE_ROM_SIZE - 16,
	    UINT64_MAX - 8,    0,          1ull << 40,
	    FAKE_LOW_END - 32,
	};
	uint8_t base = fuzz_u8(fuzz);

	return bases[base < 128 ? base & 1 : base & 15] +
	       (base & 64 ? fuzz_u16(fuzz) : fuzz_u8(fuzz));
}

/* ---- rings ---- */

struct fuzz_ring *fuzz_ring_make(struct fuzz *fuzz, unsigned queue)
{
	static const uint16_t sizes[] = {8, 1, 2, 4, 16, 64, 256, 3};
	struct fuzz_ring *ring = &fuzz->rings[queue];
	uint64_t base = RING_BASE * (queue + 1);

	ring->size = sizes[fuzz_u8(fuzz) & 7];
	ring->next = 0;
	if (fuzz->packed)
		raw_packed_init(&ring->packed, &fuzz->mem, base, ring->size);
	else
		raw_ring_init(&ring->split, &fuzz->mem, base, ring->size);
	if (queue >= fuzz->driven)
		fuzz->driven = queue + 1;
	return ring;
}

void fuzz_ring_areas(const struct fuzz *fuzz, unsigned queue, uint64_t areas[3])
{
	const struct fuzz_ring *ring = &fuzz->rings[queue];

	areas[0] = fuzz->packed ? ring->packed.desc : ring->split.desc;
	areas[1] = fuzz->packed ? ring->packed.driver : ring->split.avail;
	areas[2] = fuzz->packed ? ring->packed.device : ring->split.used;
}

/* ---- moves ---- */

static unsigned driven_queues(const struct fuzz *fuzz)
{
	unsigned count = fuzz->device->queue_count;

	return count < FUZZ_QUEUES ? count : FUZZ_QUEUES;
}

static void start_directly(struct fuzz *fuzz, uint64_t features)
{
	struct virtio_device *device = fuzz->device;

	virtio_set_status(device, 0);
	virtio_set_status(device, 1);
	virtio_set_status(device, 3);
	virtio_set_features(device, features);
	virtio_set_status(device, 11);
	for (unsigned i = 0; i < driven_queues(fuzz) && virtio_queue(device, i); i++) {
		struct fuzz_ring *ring = fuzz_ring_make(fuzz, i);

		if (fuzz->packed)
			raw_packed_attach(&ring->packed, device, i);
		else
			raw_ring_attach(&ring->split, device, i);
	}
	virtio_set_status(device, 15);
}

static void start(struct fuzz *fuzz)
{
	uint8_t how = fuzz_u8(fuzz);
	uint64_t features = (uint64_t)virtio_offered_word(fuzz->device, 1) << 32 |
	                    virtio_offered_word(fuzz->device, 0);

	features &= ~VIRTIO_F_RING_PACKED;

	if (how & 1)
		features &= fuzz_u64(fuzz);
	if (how & 2)
		features |= VIRTIO_F_RING_PACKED;
	if (how & 4)
		features ^= 1ull << (fuzz_u8(fuzz) & 63);
	features = (features | fuzz_target.always) & ~fuzz_target.never;
	fuzz->packed = features & VIRTIO_F_RING_PACKED;
	fuzz->driven = 0;
	if (fuzz_target.start)
		fuzz_target.start(fuzz, features | VIRTIO_F_VERSION_1);
	else
		start_directly(fuzz, features | VIRTIO_F_VERSION_1);
}

static struct fuzz_ring *choose_ring(struct fuzz *fuzz, unsigned *queue)
{
	uint8_t choice = fuzz_u8(fuzz);

	*queue = choice % (fuzz->device->queue_count + 1);
	return *queue < fuzz->driven ? &fuzz->rings[*queue] : NULL;
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
	guest_mem_write(&fuzz->mem.mem, pieces[0].addr, content, 2 * filled);
	return count;
}

static void offer_split(struct fuzz_ring *ring, const struct raw_piece *pieces, unsigned count)
{
	uint16_t head = ring->next % ring->size;

	for (unsigned i = 0; i < count; i++) {
		uint16_t more = i + 1 < count ? RAW_NEXT : 0;

		raw_desc(&ring->split, (head + i) % ring->size, pieces[i].addr, pieces[i].len,
		         pieces[i].flags | more, (uint16_t)((head + i + 1) % ring->size));
	}
	ring->next = (uint16_t)(head + count);
	raw_offer(&ring->split, head);
}

static void offer(struct fuzz *fuzz)
{
	struct raw_piece pieces[8];
	unsigned queue, count;
	struct fuzz_ring *ring = choose_ring(fuzz, &queue);

	count = make_pieces(fuzz, pieces);
	if (!ring)
		return;
	if (fuzz->packed)
		raw_packed_offer(&ring->packed, ring->next++, pieces, count);
	else
		offer_split(ring, pieces, count);
}

/* One chain whose only descriptor names a table. */
static void offer_indirect(struct fuzz *fuzz)
{
	struct raw_piece pieces[8], table;
	unsigned queue, count;
	struct fuzz_ring *ring = choose_ring(fuzz, &queue);

	count = make_pieces(fuzz, pieces);
	if (!ring)
		return;
	for (unsigned i = 0; i < count; i++) {
		uint16_t more = i + 1 < count ? RAW_NEXT : 0;

		if (fuzz->packed)
			raw_packed_entry(&ring->packed, TABLE_BASE, i, pieces[i].addr,
			                 pieces[i].len, 0, pieces[i].flags);
		else
			raw_table(&ring->split, TABLE_BASE, i, pieces[i].addr, pieces[i].len,
			          pieces[i].flags | more, (uint16_t)(i + 1));
	}
	table = (struct raw_piece){TABLE_BASE, 16 * count, RAW_INDIRECT};
	if (fuzz->packed)
		raw_packed_offer(&ring->packed, ring->next++, &table, 1);
	else
		offer_split(ring, &table, 1);
}

static void kick(struct fuzz *fuzz)
{
	unsigned queue;

	choose_ring(fuzz, &queue);
	if (fuzz_target.kick)
		fuzz_target.kick(fuzz, queue);
	else
		virtio_kick(fuzz->device, queue);
}

static void scribble(struct fuzz *fuzz)
{
	uint8_t bytes[32];
	uint64_t address = fuzz_address(fuzz);
	size_t size = fuzz_u8(fuzz) & 31;

	fuzz_bytes(fuzz, bytes, size);
	guest_mem_write(&fuzz->mem.mem, address, bytes, size);
}

/* A word inside a ring: any index, flag or event may become anything. */
static void scribble_ring(struct fuzz *fuzz)
{
	unsigned queue;
	struct fuzz_ring *ring = choose_ring(fuzz, &queue);
	uint64_t areas[3];
	uint8_t where = fuzz_u8(fuzz), offset = fuzz_u8(fuzz);
	uint16_t value = fuzz_u16(fuzz);

	if (!ring)
		return;
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
	virtio_config_access(fuzz->device, fuzz_u8(fuzz) & 0x7f, &access);
	virtio_generation(fuzz->device);
}

static void access_registers(struct fuzz *fuzz)
{
	if (fuzz_target.access)
		fuzz_target.access(fuzz);
	else
		access_config(fuzz);
}

static void disturb(struct fuzz *fuzz)
{
	uint8_t how = fuzz_u8(fuzz);
	unsigned queue = fuzz_u8(fuzz) % (fuzz->device->queue_count + 1);

	switch (how & 3) {
	case 0:
		virtio_set_status(fuzz->device, fuzz_u8(fuzz));
		break;
	case 1:
		virtio_queue_stop(fuzz->device, queue);
		break;
	case 2:
		virtio_queue_ready(fuzz->device, queue);
		break;
	default:
		virtio_allow_dma(fuzz->device, how & 4);
	}
}

static void (*const moves[16])(struct fuzz *) = {
    start, offer,     kick,          offer,     offer_indirect,   event,
    event, pass_time, scribble_ring, scribble,  access_registers, disturb,
    offer, kick,      access_config, pass_time,
};

/* ---- what must hold ---- */

static void check_queues(const struct fuzz *fuzz)
{
	for (unsigned i = 0; i < fuzz->device->queue_count; i++) {
		const struct virtqueue *vq = &fuzz->device->queues[i];

		if (vq->enabled && vq_in_flight(vq) > vq->size)
			abort();
	}
}

/* No device reads or writes another one's registers, none writes into ROM. */
static void check_outside_ram(const struct fuzz *fuzz)
{
	const uint8_t *rom = fake_mem_at(&fuzz->mem, FAKE_ROM, FAKE_ROM_SIZE);

	for (unsigned i = 0; i < FAKE_ROM_SIZE; i += 64)
		if (rom[i] != 0x90)
			abort();
	if (fuzz->mem.register_accesses)
		abort();
}

static void finish(struct fuzz *fuzz)
{
	virtio_reset(fuzz->device);
	if (fuzz_target.settle)
		fuzz_target.settle(fuzz);
	if (!virtio_idle(fuzz->device) || fuzz->device->status != 0)
		abort();
	check_outside_ram(fuzz);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz fuzz;

	memset(&fuzz, 0, sizeof(fuzz));
	fuzz.at = data;
	fuzz.end = data + size;
	fake_port_reset();
	fake_mem_init(&fuzz.mem);
	fuzz_target.create(&fuzz);
	for (unsigned i = 0; i < MOVES_MAX && fuzz.at < fuzz.end; i++) {
		moves[fuzz_u8(&fuzz) & 15](&fuzz);
		check_queues(&fuzz);
	}
	finish(&fuzz);
	fake_mem_free(&fuzz.mem);
	return 0;
}
