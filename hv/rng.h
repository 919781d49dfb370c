/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random bytes for guests and for ourselves: ChaCha20 (RFC 8439) with fast key erasure, seeded from
 * firmware's entropy and the hardware generator, reseeded from the latter. Hardware output is never
 * handed out as it is. Any CPU; takes its own lock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest-devices/backend.h"

/* Once, after arch_init. seed may be NULL with size 0. false: neither seed nor hardware gave
 * anything, and rng_read gives nothing until rng_add. */
bool rng_start(const uint8_t *seed, size_t size);
/* Mix more entropy in; never makes the state worse. */
void rng_add(const void *data, size_t size);
/* Fill with random bytes; 0 when there is no seed yet, else size. */
size_t rng_read(void *to, size_t size);

/* The same as a device's back-end; one for all guests. */
struct rng_backend *rng_backend(void);

/* The block function of RFC 8439, 2.3, for key, counter and nonce in words. */
void chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3],
                    uint8_t out[64]);
