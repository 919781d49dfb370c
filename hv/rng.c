/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/rng.h"

#include <string.h>

#include <arch/cpu.h>
#include <arch/lock.h>

#define BLOCK        64
#define KEY          32
#define RESEED_BYTES (1u << 20) /* given out between two looks at the hardware generator */
#define READ_MAX     65536u     /* bytes under one key, far below 2^32 blocks */

/* The state is a key and nothing else; each read ends by replacing it (fast key erasure). */
static struct {
	struct lock lock;
	uint32_t key[8];
	uint64_t given; /* since the last reseed */
	bool seeded;
} pool;

/* Forget a secret on the stack; the compiler may not leave it out. */
static void wipe(void *secret, size_t size)
{
	memset(secret, 0, size);
	__asm__ volatile("" : : "r"(secret) : "memory");
}

static uint32_t rotl(uint32_t word, unsigned by)
{
	return word << by | word >> (32 - by);
}

static void quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	*a += *b, *d = rotl(*d ^ *a, 16);
	*c += *d, *b = rotl(*b ^ *c, 12);
	*a += *b, *d = rotl(*d ^ *a, 8);
	*c += *d, *b = rotl(*b ^ *c, 7);
}

static void double_round(uint32_t s[16])
{
	for (unsigned i = 0; i < 4; i++)
		quarter(&s[i], &s[4 + i], &s[8 + i], &s[12 + i]);
	for (unsigned i = 0; i < 4; i++)
		quarter(&s[i], &s[4 + (i + 1) % 4], &s[8 + (i + 2) % 4], &s[12 + (i + 3) % 4]);
}

void chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3],
                    uint8_t out[64])
{
	/* "expand 32-byte k" */
	uint32_t start[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, s[16];

	memcpy(start + 4, key, KEY);
	start[12] = counter;
	memcpy(start + 13, nonce, 12);
	memcpy(s, start, sizeof(s));
	for (int i = 0; i < 10; i++)
		double_round(s);
	for (unsigned i = 0; i < 16; i++) {
		uint32_t word = s[i] + start[i];

		for (unsigned byte = 0; byte < 4; byte++)
			out[4 * i + byte] = (uint8_t)(word >> 8 * byte);
	}
}

/* The key stream: block 0 holds the next key and is never given out. */
static void stream(uint32_t counter, uint8_t out[BLOCK])
{
	static const uint32_t nonce[3];

	chacha20_block(pool.key, counter, nonce, out);
}

static void next_key(void)
{
	uint8_t block[BLOCK];

	stream(0, block);
	memcpy(pool.key, block, KEY);
	wipe(block, sizeof(block));
}

/* Absorb: each piece is added into the key, which is then replaced by its own output. An attacker
 * who knows the piece but not the key learns nothing, and the other way round. */
static void absorb(const uint8_t *data, size_t size)
{
	while (size > 0) {
		size_t piece = size < KEY ? size : KEY;
		uint32_t words[8] = {0};

		memcpy(words, data, piece);
		for (unsigned i = 0; i < 8; i++)
			pool.key[i] ^= words[i];
		next_key();
		data += piece;
		size -= piece;
	}
}

/* A generator that is stuck gives the same word for ever; that is no entropy. */
static bool stuck(const uint8_t *data, size_t size)
{
	for (size_t i = 8; i < size; i++)
		if (data[i] != data[i - 8])
			return false;
	return true;
}

static bool reseed(void)
{
	uint8_t fresh[KEY];
	size_t size = cpu_random(fresh, sizeof(fresh));

	pool.given = 0;
	if (size < 16 || stuck(fresh, size))
		return false;
	absorb(fresh, size);
	wipe(fresh, sizeof(fresh));
	return true;
}

bool rng_start(const uint8_t *seed, size_t size)
{
	bool hardware;

	lock_take(&pool.lock);
	if (size > 0)
		absorb(seed, size);
	hardware = reseed();
	pool.seeded |= hardware || size >= 16;
	bool ready = pool.seeded;
	lock_drop(&pool.lock);
	return ready;
}

void rng_add(const void *data, size_t size)
{
	lock_take(&pool.lock);
	absorb(data, size);
	pool.seeded |= size >= 16;
	lock_drop(&pool.lock);
}

/* At most READ_MAX bytes. */
static void give(uint8_t *to, size_t size)
{
	uint8_t block[BLOCK];

	for (uint32_t counter = 1; size > 0; counter++) {
		size_t piece = size < BLOCK ? size : BLOCK;

		stream(counter, block);
		memcpy(to, block, piece);
		to += piece;
		size -= piece;
		pool.given += piece;
	}
	wipe(block, sizeof(block));
	next_key();
}

size_t rng_read(void *to, size_t size)
{
	size_t done = 0;

	lock_take(&pool.lock);
	while (pool.seeded && done < size) {
		size_t piece = size - done < READ_MAX ? size - done : READ_MAX;

		if (pool.given >= RESEED_BYTES)
			reseed();
		give((uint8_t *)to + done, piece);
		done += piece;
	}
	lock_drop(&pool.lock);
	return done;
}

static size_t backend_read(struct rng_backend *backend, void *to, size_t size)
{
	(void)backend;
	return rng_read(to, size);
}

struct rng_backend *rng_backend(void)
{
	static struct rng_backend backend = {.read = backend_read};

	return &backend;
}
