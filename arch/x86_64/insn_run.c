/* SPDX-License-Identifier: BSD-2-Clause */
/* What a decoded instruction does to registers and flags: APM volume 3. */
#include "arch/x86_64/insn.h"

#define CF 0x001ul
#define PF 0x004ul
#define AF 0x010ul
#define ZF 0x040ul
#define SF 0x080ul
#define DF 0x400ul
#define OF 0x800ul

uint64_t insn_get_reg(const struct x86_regs *regs, unsigned reg, unsigned size, bool high_byte)
{
	return regs->gpr[reg] >> (high_byte ? 8 : 0) & insn_mask(size);
}

void insn_set_reg(struct x86_regs *regs, unsigned reg, unsigned size, bool high_byte,
                  uint64_t value)
{
	uint64_t mask = insn_mask(size == 4 ? 8 : size);
	unsigned shift = high_byte ? 8 : 0;
	value &= insn_mask(size);
	regs->gpr[reg] = (regs->gpr[reg] & ~(mask << shift)) | value << shift;
}

static uint64_t result_flags(uint64_t result, unsigned size)
{
	uint64_t flags = 0;
	if (!(result & insn_mask(size)))
		flags |= ZF;
	if (result >> (size * 8 - 1) & 1)
		flags |= SF;
	if (!__builtin_parity((unsigned)result & 0xff))
		flags |= PF;
	return flags;
}

static uint64_t add(uint64_t a, uint64_t b, bool carry, unsigned size, uint64_t *rflags)
{
	uint64_t r = (a + b + carry) & insn_mask(size);
	uint64_t carries = (a & b) | ((a | b) & ~r);
	uint64_t flags = result_flags(r, size) | ((a ^ b ^ r) & AF);
	unsigned top = size * 8 - 1;
	if (carries >> top & 1)
		flags |= CF;
	if (((a ^ r) & (b ^ r)) >> top & 1)
		flags |= OF;
	*rflags = (*rflags & ~(CF | PF | AF | ZF | SF | OF)) | flags;
	return r;
}

static uint64_t subtract(uint64_t a, uint64_t b, bool borrow, unsigned size, uint64_t *rflags)
{
	uint64_t r = (a - b - borrow) & insn_mask(size);
	uint64_t borrows = (~a & b) | ((~a | b) & r);
	uint64_t flags = result_flags(r, size) | ((a ^ b ^ r) & AF);
	unsigned top = size * 8 - 1;
	if (borrows >> top & 1)
		flags |= CF;
	if (((a ^ b) & (a ^ r)) >> top & 1)
		flags |= OF;
	*rflags = (*rflags & ~(CF | PF | AF | ZF | SF | OF)) | flags;
	return r;
}

static uint64_t logic(uint64_t r, unsigned size, uint64_t *rflags)
{
	*rflags = (*rflags & ~(CF | PF | AF | ZF | SF | OF)) | result_flags(r, size);
	return r;
}

static uint64_t bit(enum insn_op op, uint64_t dest, uint64_t index, unsigned size, uint64_t *rflags)
{
	uint64_t mask = 1ull << (index & (size * 8 - 1));
	*rflags = (*rflags & ~CF) | (dest & mask ? CF : 0);
	switch (op) {
	case OP_BTS:
		return dest | mask;
	case OP_BTR:
		return dest & ~mask;
	case OP_BTC:
		return dest ^ mask;
	default:
		return dest;
	}
}

uint64_t insn_alu(enum insn_op op, uint64_t dest, uint64_t source, unsigned size, uint64_t *rflags)
{
	uint64_t carry = *rflags & CF, r;
	dest &= insn_mask(size);
	source &= insn_mask(size);
	switch (op) {
	case OP_ADD:
		return add(dest, source, false, size, rflags);
	case OP_ADC:
		return add(dest, source, carry, size, rflags);
	case OP_SUB:
	case OP_CMP:
		return subtract(dest, source, false, size, rflags);
	case OP_SBB:
		return subtract(dest, source, carry, size, rflags);
	case OP_OR:
		return logic(dest | source, size, rflags);
	case OP_AND:
	case OP_TEST:
		return logic(dest & source, size, rflags);
	case OP_XOR:
		return logic(dest ^ source, size, rflags);
	case OP_NOT:
		return ~dest & insn_mask(size);
	case OP_NEG:
		return subtract(0, dest, false, size, rflags);
	case OP_INC: /* these two keep CF */
		r = add(dest, 1, false, size, rflags);
		*rflags = (*rflags & ~CF) | carry;
		return r;
	case OP_DEC:
		r = subtract(dest, 1, false, size, rflags);
		*rflags = (*rflags & ~CF) | carry;
		return r;
	default:
		return bit(op, dest, source, size, rflags);
	}
}

static uint64_t swap_bytes(uint64_t value, unsigned size)
{
	return __builtin_bswap64(value) >> (64 - size * 8);
}

static uint64_t source(const struct insn *insn, const struct x86_regs *regs)
{
	if (insn->immediate)
		return insn->imm & insn_mask(insn->size);
	return insn_get_reg(regs, insn->reg, insn->size, insn->high_byte);
}

uint64_t insn_write_value(const struct insn *insn, const struct x86_regs *regs)
{
	uint64_t value = source(insn, regs);
	return insn->byte_swap ? swap_bytes(value, insn->size) : value;
}

static uint64_t sign_extend(uint64_t value, unsigned size)
{
	unsigned unused = 64 - size * 8;
	return (uint64_t)((int64_t)(value << unused) >> unused);
}

static void load(const struct insn *insn, struct x86_regs *regs, uint64_t value)
{
	if (insn->byte_swap)
		value = swap_bytes(value, insn->size);
	if (insn->sign_extend)
		value = sign_extend(value, insn->size);
	insn_set_reg(regs, insn->reg, insn->reg_size, insn->high_byte, value);
}

bool insn_read_done(const struct insn *insn, struct x86_regs *regs, uint64_t value, uint64_t *write)
{
	value &= insn_mask(insn->size);
	if (insn->kind == INSN_LOAD) { /* nearly always */
		load(insn, regs, value);
		return false;
	}
	uint64_t other = source(insn, regs);
	switch (insn->kind) {
	case INSN_EXCHANGE:
		*write = other;
		insn_set_reg(regs, insn->reg, insn->size, insn->high_byte, value);
		return true;
	case INSN_MODIFY:
		*write = insn_alu(insn->op, value, other, insn->size, &regs->rflags);
		return true;
	case INSN_COMBINE:
		value = insn_alu(insn->op, other, value, insn->size, &regs->rflags);
		insn_set_reg(regs, insn->reg, insn->size, insn->high_byte, value);
		return false;
	case INSN_COMPARE:
		if (insn->swapped)
			insn_alu(insn->op, other, value, insn->size, &regs->rflags);
		else
			insn_alu(insn->op, value, other, insn->size, &regs->rflags);
		return false;
	default:
		return false;
	}
}

bool insn_string_finished(const struct insn *insn, const struct x86_regs *regs)
{
	return insn->rep && !(regs->gpr[REG_RCX] & insn_mask(insn->address_size));
}

static void step(const struct insn *insn, struct x86_regs *regs, unsigned reg, uint64_t by)
{
	uint64_t value = insn_get_reg(regs, reg, insn->address_size, false);
	insn_set_reg(regs, reg, insn->address_size, false, value + by);
}

bool insn_string_advance(const struct insn *insn, struct x86_regs *regs)
{
	uint64_t by = regs->rflags & DF ? 0ull - insn->size : insn->size;
	if (insn->kind == INSN_MOVS || insn->kind == INSN_OUTS || insn->kind == INSN_LODS)
		step(insn, regs, REG_RSI, by);
	if (insn->kind == INSN_MOVS || insn->kind == INSN_INS || insn->kind == INSN_STOS)
		step(insn, regs, REG_RDI, by);
	if (!insn->rep)
		return true;
	step(insn, regs, REG_RCX, ~0ull);
	return insn_string_finished(insn, regs);
}
