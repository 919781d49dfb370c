/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoding: Zydis finds the fields and the length, the tables here say what they mean for memory.
 */
#include "arch/x86_64/insn.h"

#include <Zydis/Decoder.h>
#include <arch/err.h>
#include <string.h>

/* Width of the operand: 1 byte, or as prefixes say. */
enum width { BYTE, FULL };

#define WORD_PREFIX    0x66
#define ADDRESS_PREFIX 0x67
#define REP_PREFIX     0xf3
#define REPNE_PREFIX   0xf2

static bool has_prefix(const ZydisDecodedInstruction *z, uint8_t value)
{
	for (unsigned i = 0; i < z->raw.prefix_count; i++)
		if (z->raw.prefixes[i].value == value)
			return true;
	return false;
}

static bool has_rex(const ZydisDecodedInstruction *z)
{
	return z->attributes & ZYDIS_ATTRIB_HAS_REX;
}

static uint8_t full_size(const ZydisDecodedInstruction *z, unsigned mode)
{
	if (z->raw.rex.W)
		return 8;
	return (mode == 16) != has_prefix(z, WORD_PREFIX) ? 2 : 4;
}

static uint8_t address_size(const ZydisDecodedInstruction *z, unsigned mode)
{
	bool other = has_prefix(z, ADDRESS_PREFIX);
	if (mode == 64)
		return other ? 4 : 8;
	return (mode == 16) != other ? 2 : 4;
}

static int8_t segment_override(const ZydisDecodedInstruction *z, unsigned mode)
{
	static const uint8_t bytes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
	int8_t last = -1;
	for (unsigned i = 0; i < z->raw.prefix_count; i++)
		for (int8_t s = mode == 64 ? 4 : 0; s < 6; s++)
			if (z->raw.prefixes[i].value == bytes[s])
				last = s;
	return last;
}

static void set_reg(struct insn *insn, const ZydisDecodedInstruction *z, unsigned size)
{
	insn->reg = (uint8_t)(z->raw.modrm.reg & 7) | (uint8_t)(z->raw.rex.R << 3);
	if (size == 1 && !has_rex(z) && insn->reg >= 4) {
		insn->reg -= 4;
		insn->high_byte = true;
	}
}

static void set_imm(struct insn *insn, const ZydisDecodedInstruction *z)
{
	unsigned size = z->raw.imm[0].size;
	uint64_t value = z->raw.imm[0].value.u;
	insn->immediate = true;
	insn->imm =
	    size && size < 64 ? (uint64_t)((int64_t)(value << (64 - size)) >> (64 - size)) : value;
}

static void extend_load(struct insn *insn, const ZydisDecodedInstruction *z, unsigned from,
                        bool sign)
{
	insn->kind = INSN_LOAD;
	insn->reg_size = full_size(z, insn->mode);
	insn->size = (uint8_t)from;
	insn->sign_extend = sign;
	set_reg(insn, z, insn->reg_size);
}

static void load_or_store(struct insn *insn, const ZydisDecodedInstruction *z, bool store)
{
	insn->kind = store ? INSN_STORE : INSN_LOAD;
	insn->reg_size = insn->size;
	set_reg(insn, z, insn->size);
}

/* Groups F6/F7 and FE/FF: the ModRM's reg field is the operation. */
static void unary(struct insn *insn, const ZydisDecodedInstruction *z, bool group_fe)
{
	static const struct {
		uint8_t kind, op;
	} f6[8] = {{INSN_COMPARE, OP_TEST},
	           {INSN_COMPARE, OP_TEST},
	           {INSN_MODIFY, OP_NOT},
	           {INSN_MODIFY, OP_NEG}},
	  fe[8] = {{INSN_MODIFY, OP_INC}, {INSN_MODIFY, OP_DEC}};
	unsigned n = z->raw.modrm.reg & 7;
	insn->kind = group_fe ? fe[n].kind : f6[n].kind;
	insn->op = group_fe ? fe[n].op : f6[n].op;
	insn->immediate = true;
	if (insn->op == OP_TEST)
		set_imm(insn, z);
}

static void arithmetic(struct insn *insn, const ZydisDecodedInstruction *z)
{
	bool to_reg = z->opcode & 2;
	insn->op = z->opcode >> 3;
	insn->kind = insn->op == OP_CMP ? INSN_COMPARE : to_reg ? INSN_COMBINE : INSN_MODIFY;
	insn->swapped = to_reg;
	set_reg(insn, z, insn->size);
}

static void moffs(struct insn *insn, const ZydisDecodedInstruction *z)
{
	insn->kind = z->opcode & 2 ? INSN_STORE : INSN_LOAD;
	insn->reg = REG_RAX;
	insn->reg_size = insn->size;
}

static void string_insn(struct insn *insn, const ZydisDecodedInstruction *z, enum insn_kind kind)
{
	insn->kind = (uint8_t)kind;
	insn->reg = REG_RAX;
	insn->rep = has_prefix(z, REP_PREFIX) || has_prefix(z, REPNE_PREFIX);
	if ((kind == INSN_INS || kind == INSN_OUTS) && insn->size == 8)
		insn->size = 4;
}

static void one_byte_map(struct insn *insn, const ZydisDecodedInstruction *z)
{
	uint8_t opcode = z->opcode;
	insn->size = opcode & 1 ? full_size(z, insn->mode) : 1;
	bool memory = z->raw.modrm.mod != 3;
	if (opcode < 0x40 && (opcode & 7) < 4 && memory)
		return arithmetic(insn, z);
	switch (opcode) {
	case 0x63:
		if (insn->mode == 64 && memory)
			extend_load(insn, z, 4, true);
		return;
	case 0x6c ... 0x6d:
		return string_insn(insn, z, INSN_INS);
	case 0x6e ... 0x6f:
		return string_insn(insn, z, INSN_OUTS);
	case 0xa0 ... 0xa3:
		return moffs(insn, z);
	case 0xa4 ... 0xa5:
		return string_insn(insn, z, INSN_MOVS);
	case 0xaa ... 0xab:
		return string_insn(insn, z, INSN_STOS);
	case 0xac ... 0xad:
		return string_insn(insn, z, INSN_LODS);
	}
	if (!memory)
		return;
	switch (opcode) {
	case 0x80 ... 0x83:
		insn->op = z->raw.modrm.reg & 7;
		insn->kind = insn->op == OP_CMP ? INSN_COMPARE : INSN_MODIFY;
		return set_imm(insn, z);
	case 0x84 ... 0x85:
		insn->kind = INSN_COMPARE;
		insn->op = OP_TEST;
		return set_reg(insn, z, insn->size);
	case 0x86 ... 0x87:
		insn->kind = INSN_EXCHANGE;
		return set_reg(insn, z, insn->size);
	case 0x88 ... 0x8b:
		return load_or_store(insn, z, opcode < 0x8a);
	case 0xc6 ... 0xc7:
		insn->kind = (z->raw.modrm.reg & 7) ? INSN_OTHER : INSN_STORE;
		return set_imm(insn, z);
	case 0xf6 ... 0xf7:
		return unary(insn, z, false);
	case 0xfe ... 0xff:
		return unary(insn, z, true);
	}
}

static void bit_test(struct insn *insn, unsigned which)
{
	insn->op = (uint8_t)(OP_BT + which);
	insn->kind = which ? INSN_MODIFY : INSN_COMPARE;
}

static void two_byte_map(struct insn *insn, const ZydisDecodedInstruction *z)
{
	uint8_t opcode = z->opcode;
	insn->size = full_size(z, insn->mode);
	if (opcode == 0x06)
		insn->kind = INSN_CLTS;
	if (opcode == 0x01 && z->raw.modrm.mod == 3 && (z->raw.modrm.reg & 7) == 6) {
		insn->kind = INSN_LMSW;
		insn->reg = (uint8_t)((z->raw.modrm.rm & 7) | z->raw.rex.B << 3);
	}
	if (opcode == 0x22) {
		insn->kind = INSN_MOV_TO_CR;
		insn->op = (uint8_t)((z->raw.modrm.reg & 7) | z->raw.rex.R << 3);
		insn->reg = (uint8_t)((z->raw.modrm.rm & 7) | z->raw.rex.B << 3);
		return;
	}
	if (z->raw.modrm.mod == 3)
		return;
	switch (opcode) {
	case 0xa3:
	case 0xab:
	case 0xb3:
	case 0xbb:
		set_reg(insn, z, insn->size);
		return bit_test(insn, (opcode - 0xa3u) >> 3);
	case 0xba:
		if ((z->raw.modrm.reg & 7) < 4)
			return;
		set_imm(insn, z);
		return bit_test(insn, (z->raw.modrm.reg & 7) - 4u);
	case 0xb6:
	case 0xbe:
		return extend_load(insn, z, 1, opcode == 0xbe);
	case 0xb7:
	case 0xbf:
		return extend_load(insn, z, 2, opcode == 0xbf);
	case 0xc3: /* MOVNTI */
		return load_or_store(insn, z, true);
	}
}

/* MOVBE */
static void map_0f38(struct insn *insn, const ZydisDecodedInstruction *z)
{
	if ((z->opcode & 0xfe) != 0xf0 || z->raw.modrm.mod == 3 || has_prefix(z, REPNE_PREFIX))
		return;
	insn->size = full_size(z, insn->mode);
	load_or_store(insn, z, z->opcode & 1);
	insn->byte_swap = true;
}

int insn_decode(struct insn *insn, const uint8_t *bytes, size_t count, unsigned mode)
{
	ZydisDecoder decoder;
	ZydisDecodedInstruction z;
	ZydisDecoderInit(&decoder,
	                 mode == 64   ? ZYDIS_MACHINE_MODE_LONG_64
	                 : mode == 32 ? ZYDIS_MACHINE_MODE_LEGACY_32
	                              : ZYDIS_MACHINE_MODE_LEGACY_16,
	                 mode == 64   ? ZYDIS_STACK_WIDTH_64
	                 : mode == 32 ? ZYDIS_STACK_WIDTH_32
	                              : ZYDIS_STACK_WIDTH_16);
	ZyanStatus status = ZydisDecoderDecodeInstruction(&decoder, NULL, bytes,
	                                                  count > INSN_MAX ? INSN_MAX : count, &z);
	if (status == ZYDIS_STATUS_NO_MORE_DATA && count < INSN_MAX)
		return ERR_FAULT;
	if (!ZYAN_SUCCESS(status))
		return ERR_INVALID;
	*insn = (struct insn){.length = z.length,
	                      .mode = (uint8_t)mode,
	                      .address_size = address_size(&z, mode),
	                      .segment = segment_override(&z, mode)};
	if (z.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY)
		return 0;
	if (z.opcode_map == ZYDIS_OPCODE_MAP_DEFAULT)
		one_byte_map(insn, &z);
	else if (z.opcode_map == ZYDIS_OPCODE_MAP_0F)
		two_byte_map(insn, &z);
	else if (z.opcode_map == ZYDIS_OPCODE_MAP_0F38)
		map_0f38(insn, &z);
	return 0;
}

static void fill(struct insn_cached *slot, uint64_t rip, const uint8_t *bytes)
{
	uint8_t mask[INSN_BUFFER] = {0};
	memset(mask, 0xff, slot->insn.length);
	memcpy(slot->mask, mask, sizeof(mask));
	memcpy(slot->bytes, bytes, INSN_BUFFER);
	slot->bytes[0] &= slot->mask[0];
	slot->bytes[1] &= slot->mask[1];
	slot->rip = rip;
}

const struct insn *insn_lookup(struct insn_cached *slot, uint64_t rip, const uint8_t *bytes,
                               size_t count, unsigned mode)
{
	if (slot->rip == rip && slot->insn.length && slot->insn.length <= count &&
	    slot->insn.mode == mode && insn_same_bytes(slot, bytes))
		return &slot->insn;
	if (insn_decode(&slot->insn, bytes, count, mode)) {
		slot->insn.length = 0;
		return NULL;
	}
	fill(slot, rip, bytes);
	return &slot->insn;
}
