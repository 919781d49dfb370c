/* SPDX-License-Identifier: BSD-2-Clause */
#include <arch/err.h>
#include <criterion/criterion.h>
#include <string.h>

#include "arch/x86_64/hvm.h"
#include "arch/x86_64/insn.h"

static struct insn decode(unsigned mode, const char *bytes, size_t count)
{
	struct insn insn;
	cr_assert_eq(insn_decode(&insn, (const uint8_t *)bytes, count, mode), 0);
	cr_assert_eq(insn.length, count);
	return insn;
}
#define DECODE(mode, text) decode(mode, text, sizeof(text) - 1)

Test(insn_decode, EM_001_store_of_immediate_is_sign_extended)
{
	struct insn insn = DECODE(64, "\x48\xc7\x00\xff\xff\xff\xff");
	struct x86_regs regs = {0};
	cr_assert_eq(insn.kind, INSN_STORE);
	cr_assert_eq(insn.size, 8);
	cr_assert_eq(insn_write_value(&insn, &regs), ~0ull);
}

Test(insn_decode, EM_001_load_of_4_bytes_clears_the_upper_half)
{
	struct insn insn = DECODE(64, "\x8b\x08");
	struct x86_regs regs = {.gpr = {[REG_RCX] = ~0ull}};
	uint64_t write;
	cr_assert_not(insn_read_done(&insn, &regs, 0x123456789ull, &write));
	cr_assert_eq(regs.gpr[REG_RCX], 0x23456789);
}

Test(insn_decode, EM_001_load_of_2_bytes_keeps_the_upper_bits)
{
	struct insn insn = DECODE(64, "\x66\x8b\x08");
	struct x86_regs regs = {.gpr = {[REG_RCX] = ~0ull}};
	uint64_t write;
	insn_read_done(&insn, &regs, 0x1234, &write);
	cr_assert_eq(regs.gpr[REG_RCX], 0xffffffffffff1234);
}

Test(insn_decode, EM_001_moffs_and_movsxd)
{
	struct insn insn = DECODE(32, "\xa1\x20\x00\xe0\xfe");
	cr_assert_eq(insn.kind, INSN_LOAD);
	cr_assert_eq(insn.reg, REG_RAX);
	cr_assert_eq(insn.size, 4);
	insn = DECODE(64, "\xa2\x20\x00\xe0\xfe\x00\x00\x00\x00");
	cr_assert_eq(insn.kind, INSN_STORE);
	cr_assert_eq(insn.size, 1);
	insn = DECODE(64, "\x48\x63\x08");
	cr_assert(insn.sign_extend && insn.size == 4 && insn.reg_size == 8);
}

Test(insn_decode, sizes_follow_mode_and_prefixes)
{
	cr_assert_eq(DECODE(16, "\x89\x07").size, 2);
	cr_assert_eq(DECODE(16, "\x66\x89\x07").size, 4);
	cr_assert_eq(DECODE(32, "\x89\x07").size, 4);
	cr_assert_eq(DECODE(32, "\x67\x89\x07").address_size, 2);
	cr_assert_eq(DECODE(64, "\x67\x89\x07").address_size, 4);
	cr_assert_eq(DECODE(64, "\x64\x89\x07").segment, SEG_FS);
	cr_assert_eq(DECODE(64, "\x2e\x89\x07").segment, -1);
	cr_assert_eq(DECODE(32, "\x2e\x89\x07").segment, SEG_CS);
}

Test(insn_decode, EM_001_others_are_refused_but_have_a_length)
{
	struct insn insn = DECODE(64, "\xff\x30");
	cr_assert_not(insn_emulated(&insn));
	insn = DECODE(64, "\xc5\xfe\x6f\x07"); /* vmovdqu */
	cr_assert_not(insn_emulated(&insn));
}

Test(insn_decode, mov_to_cr4)
{
	struct insn insn = DECODE(64, "\x41\x0f\x22\xe3"); /* mov cr4, r11 */
	cr_assert_eq(insn.kind, INSN_MOV_TO_CR);
	cr_assert_eq(insn.op, 4);
	cr_assert_eq(insn.reg, 11);
}

Test(insn_decode, EM_002_prefix_soup)
{
	uint8_t bytes[32];
	struct insn insn;
	memset(bytes, 0x66, sizeof(bytes));
	cr_assert_eq(insn_decode(&insn, bytes, sizeof(bytes), 64), ERR_INVALID);
	bytes[13] = 0x89;
	bytes[14] = 0x07;
	cr_assert_eq(insn_decode(&insn, bytes, 15, 64), 0);
	cr_assert_eq(insn.length, 15);
	bytes[13] = 0x66;
	bytes[14] = 0x89;
	bytes[15] = 0x07;
	cr_assert_eq(insn_decode(&insn, bytes, 16, 64), ERR_INVALID);
}

Test(insn_decode, EM_002_random_bytes_stay_in_bounds)
{
	uint64_t x = 1;
	for (unsigned i = 0; i < 300000; i++) {
		uint8_t bytes[15];
		struct insn insn;
		for (unsigned j = 0; j < sizeof(bytes); j++) {
			x = x * 6364136223846793005ull + 1442695040888963407ull;
			bytes[j] = (uint8_t)(x >> 56);
		}
		size_t count = 1 + (x >> 40) % 15;
		static const unsigned modes[] = {16, 32, 64};
		int err = insn_decode(&insn, bytes, count, modes[i % 3]);
		if (err)
			continue;
		cr_assert(insn.length >= 1 && insn.length <= count && insn.reg < 16);
		if (insn_emulated(&insn))
			cr_assert(insn.size == 1 || insn.size == 2 || insn.size == 4 ||
			          insn.size == 8);
	}
}

Test(insn_decode, EM_003_a_cut_instruction_asks_for_more)
{
	struct insn insn;
	cr_assert_eq(insn_decode(&insn, (const uint8_t *)"\x48\xc7", 2, 64), ERR_FAULT);
	cr_assert_eq(insn_decode(&insn, (const uint8_t *)"", 0, 64), ERR_FAULT);
}

Test(insn_decode, EM_007_repeated_string_steps)
{
	struct insn insn = DECODE(64, "\xf3\xa4"); /* rep movsb */
	struct x86_regs regs = {.gpr = {[REG_RCX] = ~0ull, [REG_RSI] = 0, [REG_RDI] = 10},
	                        .rflags = 0x402};
	cr_assert_not(insn_string_advance(&insn, &regs));
	cr_assert_eq(regs.gpr[REG_RCX], ~0ull - 1);
	cr_assert_eq(regs.gpr[REG_RSI], ~0ull);
	cr_assert_eq(regs.gpr[REG_RDI], 9);
	regs.gpr[REG_RCX] = 1;
	cr_assert(insn_string_advance(&insn, &regs));
	cr_assert(insn_string_finished(&insn, &regs));
}

Test(insn_decode, address_size_limits_the_counters)
{
	struct insn insn = DECODE(32, "\x67\xf3\xaa"); /* rep stosb, 16-bit addresses */
	struct x86_regs regs = {.gpr = {[REG_RCX] = 0x10002, [REG_RDI] = 0x1ffff}};
	cr_assert_not(insn_string_advance(&insn, &regs));
	cr_assert_eq(regs.gpr[REG_RDI], 0x10000);
	cr_assert_eq(regs.gpr[REG_RCX], 0x10001);
	cr_assert(insn_string_advance(&insn, &regs));
}

Test(insn_cache, EM_009_changed_bytes_are_decoded_anew)
{
	static struct insn_cached slot;
	const struct insn *insn =
	    insn_lookup(&slot, 0x1000, (const uint8_t[16]){"\x89\x07\x90"}, 3, 64);
	cr_assert_eq(insn->kind, INSN_STORE);
	insn = insn_lookup(&slot, 0x1000, (const uint8_t[16]){"\x8b\x07\x90"}, 3, 64);
	cr_assert_eq(insn->kind, INSN_LOAD);
	insn = insn_lookup(&slot, 0x1000, (const uint8_t[16]){"\x8b\x07\x90"}, 3, 16);
	cr_assert_eq(insn->size, 2);
	cr_assert_null(insn_lookup(&slot, 0x1000, (const uint8_t[16]){"\x0f"}, 1, 64));
}
