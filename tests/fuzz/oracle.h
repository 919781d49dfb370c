/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must hold whatever the driver does. As long as it keeps the rules of a ring, what comes back
 * can be checked too: a chain that is out, once, with no more bytes written than it had room for.
 */
#pragma once

#include "tests/fuzz/fuzz.h"

void oracle_ring_made(struct fuzz_ring *ring);
/* A chain of this id is about to be made available. */
void oracle_offered(struct fuzz *fuzz, struct fuzz_ring *ring, uint16_t id,
                    const struct fuzz_chain *chain);
/* The driver writes to memory on its own; what it wrote may be anything, so nothing can be said
 * about rings from now on if it lies in one. */
void oracle_scribbled(struct fuzz *fuzz, uint64_t address, uint64_t size);

/* Aborts if something does not hold: after each move; after the last reset. */
void oracle_check(struct fuzz *fuzz);
void oracle_finish(const struct fuzz *fuzz);
