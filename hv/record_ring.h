/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of any size from one writer to one reader, each on a CPU of its own, without a lock. A
 * record lies in one piece; both sides may take their time with it.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define RECORD_ALIGN 16u

struct record_ring {
	uint8_t *bytes; /* aligned to RECORD_ALIGN; set by the owner, like size: a power of two */
	uint32_t size;
	_Atomic uint32_t head, tail; /* bytes written and read, modulo 2^32 */
	_Atomic bool waiting;        /* the writer found no room */
	_Atomic bool cut;            /* drop what lies before cut_at */
	_Atomic uint32_t cut_at;
};

/* ---- the writer ---- */

/* Room for a record of size bytes, more than 0; NULL: none now, and the reader knows it. It counts
 * once it is committed; until then another reserve gives the same place. */
void *record_ring_reserve(struct record_ring *ring, uint32_t size);
void record_ring_commit(struct record_ring *ring, const void *record);
/* All that was written so far is void. Any CPU that is not the reader's at the moment. */
void record_ring_cut(struct record_ring *ring);

/* ---- the reader ---- */

/* The oldest record, valid and writable until it is popped; NULL: none. */
void *record_ring_peek(struct record_ring *ring);
void record_ring_pop(struct record_ring *ring);
/* Was there a cut since the last call? What it voids is gone. */
bool record_ring_take_cut(struct record_ring *ring);
/* The writer waits, and there may be room now: it is to be told. */
bool record_ring_wanted(struct record_ring *ring);
