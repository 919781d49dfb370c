/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile driver whose every move is read from the fuzzer's bytes. The bytes are a program: one
 * byte chooses an operation, the next ones are its operands, so that a mutation changes one move
 * and keeps the rest. A target plugs its device in and says what may happen outside.
 *
 * Beside the sanitizers it watches: never more chains out than a queue holds; a device that is
 * reset and whose back-end has answered is idle; ROM and another device's registers stay untouched.
 */
#pragma once

#include "guest-devices/virtio/virtio.h"
#include "tests/lib/fake_mem.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/raw_packed.h"
#include "tests/lib/raw_ring.h"

#define FUZZ_QUEUES 9 /* that rings are made for */

struct fuzz_ring {
	uint16_t size;
	uint16_t next; /* descriptor or id of the next chain */
	struct raw_ring split;
	struct raw_packed packed;
};

struct fuzz {
	const uint8_t *at, *end; /* what is left of the input */
	struct fake_mem mem;
	struct virtio_device *device;
	bool packed;     /* how the driver lays out rings since the last start */
	unsigned driven; /* queues it made rings for */
	struct fuzz_ring rings[FUZZ_QUEUES];
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
	/* A register access of the target's own; may be NULL. */
	void (*access)(struct fuzz *fuzz);
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

/* The ring of a queue, fresh and zeroed, of a size that the input chooses. For start functions. */
struct fuzz_ring *fuzz_ring_make(struct fuzz *fuzz, unsigned queue);

/* What does a ring look like to a transport? desc, driver, device area. */
void fuzz_ring_areas(const struct fuzz *fuzz, unsigned queue, uint64_t areas[3]);
