/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All 2^25 syndromes of a data abort. The expected answers come from a table of what the Arm ARM
 * gives each fault status code (D24.2.40, ISS encoding for an exception from a Data Abort), and the
 * syndromes are put together field by field, so nothing here takes bits apart as the decoder does.
 *
 * Caught when planted: SSE kept for a store; S1PTW looked at after ISV; SRT of four bits; DFSC
 * 0b010000 taken for stage 2; SF and AR exchanged.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "arch/aarch64/pure/syndrome.h"

/* Kinds of fault status codes. Stage 2 tables of ours begin at level 0 at most, so what is said of
 * levels -1 and -2 cannot be about them. */
enum fault { ADDRESS_SIZE, TRANSLATION, ACCESS_FLAG, PERMISSION, ELSE };

static const enum fault faults[64] = {
    [0x00] = ADDRESS_SIZE,  [0x01] = ADDRESS_SIZE,  [0x02] = ADDRESS_SIZE, [0x03] = ADDRESS_SIZE,
    [0x04] = TRANSLATION,   [0x05] = TRANSLATION,   [0x06] = TRANSLATION,  [0x07] = TRANSLATION,
    [0x08] = ACCESS_FLAG,   [0x09] = ACCESS_FLAG,   [0x0a] = ACCESS_FLAG,  [0x0b] = ACCESS_FLAG,
    [0x0c] = PERMISSION,    [0x0d] = PERMISSION,    [0x0e] = PERMISSION,   [0x0f] = PERMISSION,
    [0x10] = ELSE,                                  /* synchronous external abort, not on a walk */
    [0x11] = ELSE,                                  /* synchronous tag check fault */
    [0x12] = ELSE,                                  /* external abort on a walk, level -2 */
    [0x13] = ELSE,                                  /* ... -1, and so on to 3 */
    [0x14 ... 0x17] = ELSE, [0x18] = ELSE,          /* parity or ECC error, not on a walk */
    [0x19 ... 0x1b] = ELSE, [0x1c ... 0x1f] = ELSE, /* the same on a walk */
    [0x20] = ELSE,          [0x21] = ELSE,          /* alignment */
    [0x22 ... 0x27] = ELSE,                         /* granule protection fault on a walk */
    [0x28] = ELSE,                                  /* the same, not on a walk */
    [0x29] = ELSE,                                  /* address size, level -1 */
    [0x2a ... 0x2b] = ELSE,                         /* translation, levels -2 and -1 */
    [0x2c] = ELSE,                                  /* address size, level -2 */
    [0x2d ... 0x2f] = ELSE, [0x30] = ELSE,          /* TLB conflict */
    [0x31] = ELSE,                                  /* unsupported atomic hardware update */
    [0x32 ... 0x33] = ELSE, [0x34] = ELSE,          /* lockdown */
    [0x35] = ELSE,                                  /* unsupported exclusive or atomic */
    [0x36 ... 0x3f] = ELSE,                         /* of AArch32, or reserved */
};

/* Fields, lowest first, and what one of each is worth in the ISS. SET is 12:11. */
enum field { DFSC, WNR, S1PTW, CM, EA, FNV, SET, VNCR, AR, SF, SRT, SSE, SAS, ISV, FIELDS };

static const struct {
	unsigned values;
	uint32_t unit;
} layout[FIELDS] = {
    [DFSC] = {64, 0x1},    [WNR] = {2, 0x40},      [S1PTW] = {2, 0x80},   [CM] = {2, 0x100},
    [EA] = {2, 0x200},     [FNV] = {2, 0x400},     [SET] = {4, 0x800},    [VNCR] = {2, 0x2000},
    [AR] = {2, 0x4000},    [SF] = {2, 0x8000},     [SRT] = {32, 0x10000}, [SSE] = {2, 0x200000},
    [SAS] = {4, 0x400000}, [ISV] = {2, 0x1000000},
};

static const uint8_t sizes[4] = {1, 2, 4, 8};

static enum abort_kind expected(const unsigned *f, struct data_access *access)
{
	if (faults[f[DFSC]] == ELSE)
		return ABORT_OTHER;
	if (f[S1PTW] == 1)
		return ABORT_WALK;
	if (f[CM] == 1)
		return ABORT_CACHE;
	if (f[ISV] == 0)
		return ABORT_UNDECODED;
	access->size = sizes[f[SAS]];
	access->reg = (uint8_t)f[SRT];
	access->write = f[WNR] == 1;
	access->sign_extend = f[WNR] == 0 && f[SSE] == 1;
	access->wide = f[SF] == 1;
	return ABORT_ACCESS;
}

static bool same(const struct data_access *a, const struct data_access *b)
{
	return a->size == b->size && a->reg == b->reg && a->write == b->write &&
	       a->sign_extend == b->sign_extend && a->wide == b->wide;
}

/* The next syndrome, as an odometer; false after the last. */
static bool next(unsigned *fields, uint32_t *iss)
{
	for (unsigned i = 0; i < FIELDS; i++) {
		*iss += layout[i].unit;
		if (++fields[i] < layout[i].values)
			return true;
		*iss -= layout[i].values * layout[i].unit;
		fields[i] = 0;
	}
	return false;
}

Test(syndrome, all_data_aborts)
{
	unsigned fields[FIELDS] = {0}, count = 0;
	uint32_t iss = 0;

	do {
		struct data_access got = {.size = 77, .reg = 99}, want = got;
		enum abort_kind kind = expected(fields, &want);

		if (syndrome_data_abort(iss, &got) != kind || !same(&got, &want))
			cr_assert_fail("ISS %#x: kind %d expected", iss, kind);
		count++;
	} while (next(fields, &iss));
	cr_assert_eq(count, 1u << 25);
}

Test(syndrome, all_instruction_aborts)
{
	for (unsigned ifsc = 0; ifsc < 64; ifsc++) {
		for (uint32_t rest = 0; rest < 1u << 25; rest += 64) {
			enum abort_kind want = faults[ifsc] == ELSE ? ABORT_OTHER
			                       : rest / 0x80 % 2    ? ABORT_WALK
			                                            : ABORT_UNDECODED;

			if (syndrome_fetch_abort(rest + ifsc) != want)
				cr_assert_fail("ISS %#x", rest + ifsc);
		}
	}
}

/* What loads leave in their register, by instruction. */
static const struct load {
	const char *name;
	unsigned sas, sse, sf;
	uint64_t memory, result;
} loads[] = {
    {"ldrb w", 0, 0, 0, 0x80, 0x80},
    {"ldrsb w", 0, 1, 0, 0x80, 0xffffff80},
    {"ldrsb x", 0, 1, 1, 0x80, 0xffffffffffffff80},
    {"ldrsb x", 0, 1, 1, 0x7f, 0x7f},
    {"ldrh w", 1, 0, 0, 0x8001, 0x8001},
    {"ldrsh w", 1, 1, 0, 0x8001, 0xffff8001},
    {"ldrsh x", 1, 1, 1, 0x8001, 0xffffffffffff8001},
    {"ldr w", 2, 0, 0, 0x80000001, 0x80000001},
    {"ldrsw x", 2, 1, 1, 0x80000001, 0xffffffff80000001},
    {"ldrsw x", 2, 1, 1, 0x7fffffff, 0x7fffffff},
    {"ldr x", 3, 0, 1, 0x8000000000000001, 0x8000000000000001},
};

Test(syndrome, registers_after_loads)
{
	for (unsigned i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		const struct load *l = &loads[i];
		uint32_t iss = 0x1000007 + l->sas * 0x400000 + l->sse * 0x200000 + l->sf * 0x8000;
		uint64_t junk = l->sas == 3 ? 0 : UINT64_MAX << (8 << l->sas);
		struct data_access access;

		cr_assert_eq(syndrome_data_abort(iss, &access), ABORT_ACCESS);
		cr_assert_eq(syndrome_extend(&access, l->memory), l->result, "%s", l->name);
		cr_assert_eq(syndrome_extend(&access, l->memory | junk), l->result,
		             "%s: only the bytes that were read count", l->name);
	}
}

/* A big-endian guest: the byte at the lowest address is the highest of its register. */
Test(syndrome, A6_003_registers_of_big_endian_guests)
{
	const uint64_t sent = 0x1122334455667788,
	               want[] = {0x88, 0x8877, 0x88776655, 0x8877665544332211};

	for (unsigned sas = 0; sas < 4; sas++) {
		struct data_access access;

		cr_assert_eq(syndrome_data_abort(0x1008007 + sas * 0x400000, &access),
		             ABORT_ACCESS);
		cr_assert_eq(syndrome_bus_order(&access, sent),
		             sent << (64 - (8 << sas)) >> (64 - (8 << sas)));
		access.reversed = true;
		cr_assert_eq(syndrome_bus_order(&access, sent), want[sas]);
		cr_assert_eq(syndrome_extend(&access, sent), want[sas]);
	}
}
