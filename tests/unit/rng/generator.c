/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <string.h>

#include <arch/cpu.h>

#include "arch/hosted/hosted.h"
#include "hv/rng.h"

/* RFC 8439, 2.3.2 */
Test(rng, block_function_of_rfc_8439)
{
	static const uint8_t expected[64] = {
	    0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3,
	    0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22,
	    0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e, 0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa,
	    0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1,
	    0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e};
	static const uint32_t nonce[3] = {0x09000000, 0x4a000000, 0};
	uint8_t bytes[32], out[64];
	uint32_t key[8];

	for (unsigned i = 0; i < 32; i++)
		bytes[i] = (uint8_t)i;
	memcpy(key, bytes, 32);
	chacha20_block(key, 1, nonce, out);
	cr_expect(memcmp(out, expected, 64) == 0);
}

/* RFC 8439, A.1, test vector 1 */
Test(rng, block_of_zeros)
{
	static const uint8_t expected[8] = {0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90};
	static const uint32_t key[8], nonce[3];
	uint8_t out[64];

	chacha20_block(key, 0, nonce, out);
	cr_expect(memcmp(out, expected, 8) == 0);
}

/* RN-005: without any source there is nothing, rather than something guessable. */
Test(rng, RN_005_no_seed_no_bytes)
{
	uint8_t bytes[16];

	hosted_cpu.random = 0;
	cr_expect(!rng_start(NULL, 0));
	cr_expect_eq(rng_read(bytes, sizeof(bytes)), 0);
	cr_expect_eq(rng_backend()->read(rng_backend(), bytes, sizeof(bytes)), 0);
	rng_add("sixteen bytes or so", 19);
	cr_expect_eq(rng_read(bytes, sizeof(bytes)), sizeof(bytes));
}

Test(rng, every_read_is_new)
{
	uint8_t a[100], b[100];
	uint8_t seed[64] = {1, 2, 3};

	hosted_cpu.random = 0;
	cr_expect(rng_start(seed, sizeof(seed)));
	rng_read(a, sizeof(a));
	rng_read(b, sizeof(b));
	cr_expect(memcmp(a, b, sizeof(a)) != 0);
}

/* What the hardware says is never what a guest gets. */
Test(rng, hardware_output_is_conditioned)
{
	uint8_t raw[32], bytes[4096];

	hosted_cpu.random = 12345;
	cr_expect(rng_start(NULL, 0));
	hosted_cpu.random = 12345;
	cpu_random(raw, sizeof(raw));
	cr_expect_eq(rng_read(bytes, sizeof(bytes)), sizeof(bytes));
	cr_expect_null(memmem(bytes, sizeof(bytes), raw, 8));
	cr_expect_null(memmem(bytes, sizeof(bytes), raw + 8, 8));
}

Test(rng, long_reads_have_no_repeats_and_even_bits)
{
	static uint8_t bytes[3 << 20];
	unsigned ones = 0;

	hosted_cpu.random = 99;
	cr_expect(rng_start((const uint8_t *)"0123456789abcdef", 16));
	cr_expect_eq(rng_read(bytes, sizeof(bytes)), sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		ones += (unsigned)__builtin_popcount(bytes[i]);
	cr_expect(ones > 12560000 && ones < 12606000, "%u ones", ones);
	cr_expect_null(memmem(bytes + 64, sizeof(bytes) - 64, bytes, 16));
}
