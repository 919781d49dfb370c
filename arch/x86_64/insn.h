/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that touch device registers: what they do with their memory operand. Pure: bytes
 * and registers in, accesses and registers out. Where the operand lies is not asked; the exit has
 * said it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	REG_RAX,
	REG_RCX,
	REG_RDX,
	REG_RBX,
	REG_RSP,
	REG_RBP,
	REG_RSI,
	REG_RDI,
};

struct x86_regs {
	uint64_t gpr[16]; /* in encoding order */
	uint64_t rip, rflags;
};

#define INSN_MAX 15

enum insn_kind {
	INSN_OTHER, /* decoded as far as its length; not emulated */
	INSN_LOAD,  /* register = memory, extended */
	INSN_STORE, /* memory = register or immediate */
	INSN_EXCHANGE,
	INSN_MODIFY,  /* memory = memory op source; flags */
	INSN_COMBINE, /* register = register op memory; flags */
	INSN_COMPARE, /* only flags: memory op source (or source op memory if swapped) */
	INSN_STOS,
	INSN_LODS,
	INSN_MOVS,
	INSN_INS,
	INSN_OUTS,
	INSN_MOV_TO_CR, /* op: which one */
	INSN_LMSW,      /* from a register */
	INSN_CLTS,
};

/* ADD to CMP are numbered as the opcodes number them. */
enum insn_op {
	OP_ADD,
	OP_OR,
	OP_ADC,
	OP_SBB,
	OP_AND,
	OP_SUB,
	OP_XOR,
	OP_CMP,
	OP_TEST,
	OP_NOT,
	OP_NEG,
	OP_INC,
	OP_DEC,
	OP_BT,
	OP_BTS,
	OP_BTR,
	OP_BTC,
};

struct insn {
	uint8_t length; /* bytes, 1..15 */
	uint8_t kind, op;
	uint8_t size;         /* bytes of the memory operand: 1, 2, 4, 8 */
	uint8_t reg_size;     /* bytes of the register that a load fills */
	uint8_t reg;          /* 0..15 */
	uint8_t address_size; /* bytes: 2, 4, 8 */
	uint8_t mode;         /* of the code: 16, 32, 64 */
	int8_t segment;       /* override, enum x86_segment_id; -1: none */
	bool high_byte;       /* reg is AH, CH, DH or BH */
	bool sign_extend, immediate, swapped, byte_swap;
	bool rep;
	uint64_t imm; /* sign-extended to 64 bits */
};

/*
 * Decode count bytes (up to 15) as code of mode 16, 32 or 64. ERR_INVALID: no such instruction, or
 * longer than 15 bytes; ERR_FAULT: more bytes are needed.
 */
int insn_decode(struct insn *insn, const uint8_t *bytes, size_t count, unsigned mode);

#define INSN_BUFFER 16 /* bytes of a buffer for an instruction, so that it is two words */

/* A decoding result by address and bytes. */
struct insn_cached {
	uint64_t rip;
	uint64_t bytes[2], mask[2]; /* of the bytes that belong to the instruction */
	struct insn insn;           /* length 0: empty */
};

/* Do these INSN_BUFFER bytes begin with the instruction of the slot, which is not empty? */
static inline bool insn_same_bytes(const struct insn_cached *slot, const uint8_t *bytes)
{
	uint64_t low, high;
	memcpy(&low, bytes, sizeof(low));
	memcpy(&high, bytes + sizeof(low), sizeof(high));
	return (low & slot->mask[0]) == slot->bytes[0] && (high & slot->mask[1]) == slot->bytes[1];
}

/* As insn_decode() through the slot; count of the INSN_BUFFER bytes are valid. NULL: an error, the
 * slot is empty. The result stays until the slot's next use. */
const struct insn *insn_lookup(struct insn_cached *slot, uint64_t rip, const uint8_t *bytes,
                               size_t count, unsigned mode);

/*
 * The steps of an instruction with one memory operand. insn_reads(): it begins with a read. After
 * the read insn_read_done() says whether a write of *write follows; insn_write_value() is what an
 * instruction that only writes stores. Registers and flags change in insn_read_done(); RIP does
 * not.
 */
static inline bool insn_is_string(const struct insn *insn)
{
	return insn->kind >= INSN_STOS && insn->kind <= INSN_OUTS;
}

/* By these functions, or as a string instruction. */
static inline bool insn_emulated(const struct insn *insn)
{
	return insn->kind >= INSN_LOAD && insn->kind <= INSN_OUTS;
}

static inline bool insn_reads(const struct insn *insn)
{
	return insn->kind != INSN_STORE;
}

uint64_t insn_write_value(const struct insn *insn, const struct x86_regs *regs);
bool insn_read_done(const struct insn *insn, struct x86_regs *regs, uint64_t value,
                    uint64_t *write);

/* dest op source at size bytes, with the flags as the CPU sets them. */
uint64_t insn_alu(enum insn_op op, uint64_t dest, uint64_t source, unsigned size, uint64_t *rflags);

/* One element of a string instruction is done: RSI, RDI, RCX. True: it is the last one, RIP goes
 * on. */
bool insn_string_advance(const struct insn *insn, struct x86_regs *regs);
/* A repeated instruction whose count is 0 does nothing. */
bool insn_string_finished(const struct insn *insn, const struct x86_regs *regs);

/* Registers as operands. Writing 4 bytes clears the upper half, fewer keep the rest. */
uint64_t insn_get_reg(const struct x86_regs *regs, unsigned reg, unsigned size, bool high_byte);
void insn_set_reg(struct x86_regs *regs, unsigned reg, unsigned size, bool high_byte,
                  uint64_t value);
static inline uint64_t insn_mask(unsigned size)
{
	return size >= 8 ? ~0ull : (1ull << size * 8) - 1;
}
