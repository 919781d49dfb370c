/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile driver whose every move is read from the fuzzer's bytes. The bytes are a program: one
 * byte chooses an operation, the next ones are its operands, so that a mutation changes one move
 * and keeps the rest. A target plugs its device in and says what may happen outside. Beside the
 * sanitizers, oracle.h watches.
 */
#pragma once

#include "guest-devices/virtio/virtio.h"
#include "tests/lib/fake_mem.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/raw_packed.h"
#include "tests/lib/raw_ring.h"

#define FUZZ_QUEUES     10 /* that rings are made for */
#define FUZZ_RINGS      0x8000ull
#define FUZZ_RING_ROOM  0x8000ull
#define FUZZ_TABLES     0x90000ull /* indirect ones, a place for each */
#define FUZZ_TABLES_END 0xa0000ull
#define FUZZ_OUT        256 /* chains of a ring that are out */

/* A chain as the driver makes it. */
struct fuzz_chain {
	const struct raw_piece *pieces;
	unsigned count;
	uint16_t slots; /* descriptors of the ring that it takes */
};

/* What the driver knows of a chain that is out. */
struct fuzz_out {
	uint16_t id, slots; /* no slots: it is not out */
	unsigned turn;      /* which one it is of all that were offered */
	uint64_t room;      /* bytes that may be written */
};

struct fuzz_ring {
	uint16_t size;
	uint16_t next; /* descriptor or id of the next chain */
	struct raw_ring split;
	struct raw_packed packed;
	/* for the oracle */
	bool exact; /* the driver has kept the rules so far */
	uint16_t seen, slots_out;
	unsigned offered, returned;
	struct fuzz_out out[FUZZ_OUT];
	bool busy[FUZZ_OUT]; /* descriptors of a split ring */
};

struct fuzz {
	const uint8_t *at, *end; /* what is left of the input */
	struct fake_mem mem;
	struct virtio_device *device;
	bool packed;     /* how the driver lays out rings since the last start */
	bool wild;       /* it wrote where descriptors are read from */
	bool asleep;     /* the device was suspended when the last move was over */
	unsigned driven; /* queues it made rings for */
	unsigned tables; /* indirect ones that it has made */
	struct fuzz_ring rings[FUZZ_QUEUES]; /* the driven ones; not cleared between inputs */
};

struct fuzz_target {
	uint64_t always,
	    never; /* features that the driver takes or leaves, whatever the input says */
	/* Create the device on fuzz->mem, as after power on, into fuzz->device. Called per input.
	 */
	void (*create)(struct fuzz *fuzz);
	/* Something happens outside: a back-end answers, a peer sends. what: which. May be NULL */
	void (*event)(struct fuzz *fuzz, uint8_t what);
	/* The back-end answers all that it has; the device has been reset. May be NULL */
	void (*settle)(struct fuzz *fuzz);
	/* How a driver reaches the device, where a target has a transport in between; NULL: the
	 * calls that a transport makes. */
	void (*start)(struct fuzz *fuzz, uint64_t features);
	void (*kick)(struct fuzz *fuzz, unsigned queue);
	/* A move of the target's own, in place of an access to device configuration: registers, or
	 * a request with a meaning. */
	void (*own)(struct fuzz *fuzz);
	/* Aborts if something of the target's does not hold. May be NULL */
	void (*check)(const struct fuzz *fuzz);
};
extern const struct fuzz_target fuzz_target; /* each target's file defines it */

/* The next bytes of the input, little-endian; 0 when there are no more. */
uint8_t fuzz_u8(struct fuzz *fuzz);
uint16_t fuzz_u16(struct fuzz *fuzz);
uint32_t fuzz_u32(struct fuzz *fuzz);
uint64_t fuzz_u64(struct fuzz *fuzz);
void fuzz_bytes(struct fuzz *fuzz, void *to, size_t size);
/* An address that is mostly RAM: a base chosen by one byte and an offset by one or two. */
uint64_t fuzz_address(struct fuzz *fuzz);

/* For start functions: the ring of a queue, fresh and zeroed, of a size that the input chooses, or
 * in one piece. */
uint16_t fuzz_ring_size(struct fuzz *fuzz);
struct fuzz_ring *fuzz_ring_make(struct fuzz *fuzz, unsigned queue);
struct fuzz_ring *fuzz_ring_make_legacy(struct fuzz *fuzz, unsigned queue, uint16_t size);

/* What does a ring look like to a transport? desc, driver, device area. */
void fuzz_ring_areas(const struct fuzz *fuzz, unsigned queue, uint64_t areas[3]);

/* Moves: the device's life begins as the input says; a queue that was reset is set up again. */
void fuzz_start(struct fuzz *fuzz);
void fuzz_queue_again(struct fuzz *fuzz, unsigned queue);
/* Make a chain available, if the queue has a ring. */
void fuzz_offer(struct fuzz *fuzz, unsigned queue, const struct raw_piece *pieces, unsigned count);
void fuzz_kick(struct fuzz *fuzz, unsigned queue);
/* Registers were written at random: rings may be anywhere. */
static inline void fuzz_run_wild(struct fuzz *fuzz)
{
	fuzz->wild = true;
}
