/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The emulated instructions against the CPU that runs the tests: random encodings of each
 * supported form, random registers and memory, the same result in every register, flag and byte.
 * Proved by planting mistakes: a swapped carry in insn_run.c, a wrong size of MOVZX and a lost
 * AH..BH case in insn.c are each found.
 */
#include <arch/err.h>
#include <criterion/criterion.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "arch/x86_64/insn.h"

#define FLAGS_COMPARED 0x8d5ul /* CF PF AF ZF SF OF */
#define FLAG_AF        0x010ul
#define FLAG_CF        0x001ul
#define FLAG_ZF        0x040ul

struct native {
	uint64_t gpr[16], rflags;
	void *code;
	uint64_t stack;
};

/* Load all registers but RSP, call the code, store them. */
void native_run(struct native *native);
__asm__(".text\n.globl native_run\nnative_run:\n"
        "push %rbx\npush %rbp\npush %r12\npush %r13\npush %r14\npush %r15\npush %rdi\n"
        "mov 0x88(%rdi), %rax\npush %rax\n" /* code */
        "push 0x80(%rdi)\npopfq\n"
        "mov 0x00(%rdi), %rax\nmov 0x08(%rdi), %rcx\nmov 0x10(%rdi), %rdx\nmov 0x18(%rdi), %rbx\n"
        "mov 0x28(%rdi), %rbp\nmov 0x30(%rdi), %rsi\nmov 0x40(%rdi), %r8\nmov 0x48(%rdi), %r9\n"
        "mov 0x50(%rdi), %r10\nmov 0x58(%rdi), %r11\nmov 0x60(%rdi), %r12\nmov 0x68(%rdi), %r13\n"
        "mov 0x70(%rdi), %r14\nmov 0x78(%rdi), %r15\nmov 0x38(%rdi), %rdi\n"
        "call *(%rsp)\n"
        "push %rdi\npushfq\n"
        "mov 24(%rsp), %rdi\n"
        "pop 0x80(%rdi)\npop 0x38(%rdi)\n"
        "mov %rax, 0x00(%rdi)\nmov %rcx, 0x08(%rdi)\nmov %rdx, 0x10(%rdi)\nmov %rbx, 0x18(%rdi)\n"
        "mov %rbp, 0x28(%rdi)\nmov %rsi, 0x30(%rdi)\nmov %r8, 0x40(%rdi)\nmov %r9, 0x48(%rdi)\n"
        "mov %r10, 0x50(%rdi)\nmov %r11, 0x58(%rdi)\nmov %r12, 0x60(%rdi)\nmov %r13, 0x68(%rdi)\n"
        "mov %r14, 0x70(%rdi)\nmov %r15, 0x78(%rdi)\n"
        "cld\nadd $16, %rsp\npop %r15\npop %r14\npop %r13\npop %r12\npop %rbp\npop %rbx\nret\n");

static uint64_t state = 88172645463325252ull;
static uint64_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static sigjmp_buf illegal;
static void on_signal(int number)
{
	siglongjmp(illegal, number);
}

static uint8_t *code;
static uint8_t memory[64] __attribute__((aligned(64)));

static void start(void)
{
	code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	            0);
	cr_assert(code != MAP_FAILED);
	static uint8_t stack[65536];
	stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
	sigaltstack(&alternate, NULL);
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_NODEFER};
	sigaction(SIGILL, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

static const uint8_t one_byte[] = {0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0xc6,
                                   0xc7, 0xf6, 0xf7, 0xfe, 0xff, 0x63, 0x80, 0x81, 0x83};
static const uint8_t two_byte[] = {0xb6, 0xb7, 0xbe, 0xbf, 0xa3, 0xab, 0xb3, 0xbb, 0xba, 0xc3};

/* An encoding whose memory operand is [RDI]. Returns its length with random bytes behind. */
static void random_encoding(uint8_t *bytes)
{
	unsigned n = 0;
	for (unsigned i = 0; i < 24; i++)
		bytes[i] = (uint8_t)rnd();
	if (rnd() % 4 == 0)
		bytes[n++] = 0x66;
	if (rnd() % 16 == 0)
		bytes[n++] = 0x2e;
	if (rnd() % 2)
		bytes[n++] = 0x40 | (rnd() & 0xc) | 0;
	switch (rnd() % 4) {
	case 0:
		bytes[n++] = (uint8_t)((rnd() % 8) << 3 | (rnd() & 3));
		break;
	case 1:
		bytes[n++] = one_byte[rnd() % sizeof(one_byte)];
		break;
	case 2:
		bytes[n++] = 0x0f;
		bytes[n++] = two_byte[rnd() % sizeof(two_byte)];
		break;
	default:
		bytes[n++] = 0x0f;
		bytes[n++] = 0x38;
		bytes[n++] = 0xf0 | (rnd() & 1);
	}
	bytes[n] = (uint8_t)((rnd() & 7) << 3 | 7);
}

static uint64_t flags_defined(const struct insn *insn)
{
	if (insn->kind != INSN_MODIFY && insn->kind != INSN_COMBINE && insn->kind != INSN_COMPARE)
		return FLAGS_COMPARED;
	if (insn->op >= OP_BT)
		return FLAG_CF | FLAG_ZF;
	bool logic =
	    insn->op == OP_AND || insn->op == OP_OR || insn->op == OP_XOR || insn->op == OP_TEST;
	return logic ? FLAGS_COMPARED & ~FLAG_AF : FLAGS_COMPARED;
}

static void emulate(const struct insn *insn, struct x86_regs *regs, uint8_t *at)
{
	uint64_t value = 0, write = 0;
	bool writes = true;
	if (insn_reads(insn)) {
		memcpy(&value, at, insn->size);
		writes = insn_read_done(insn, regs, value, &write);
	} else {
		write = insn_write_value(insn, regs);
	}
	if (writes)
		memcpy(at, &write, insn->size);
}

/* Returns whether the encoding was one to compare. */
static bool compare_one(void)
{
	uint8_t bytes[24], emulated[sizeof(memory)];
	struct native native = {.code = code};
	struct x86_regs regs;
	struct insn insn;
	random_encoding(bytes);
	if (insn_decode(&insn, bytes, INSN_MAX, 64) || !insn_emulated(&insn) ||
	    insn_is_string(&insn))
		return false;
	for (unsigned i = 0; i < 16; i++)
		native.gpr[i] = rnd() % 4 ? rnd() : 0ull - rnd() % 3;
	for (unsigned i = 0; i < sizeof(memory); i++)
		memory[i] = rnd() % 4 ? (uint8_t)rnd() : (uint8_t)(0 - rnd() % 2);
	native.gpr[REG_RDI] = (uintptr_t)memory;
	native.gpr[REG_RSP] = 0;
	/* A bit index beyond the operand would move the address, RDI and RSP hold other things. */
	if (insn.op >= OP_BT && !insn.immediate)
		native.gpr[insn.reg] &= insn.size * 8u - 1;
	unsigned in_low = insn.high_byte ? insn.reg : 99;
	if (insn.reg == REG_RSP || insn.reg == REG_RDI || in_low == REG_RSP || in_low == REG_RDI)
		return false;
	native.rflags = 0x202 | (rnd() & FLAGS_COMPARED);
	memcpy(regs.gpr, native.gpr, sizeof(regs.gpr));
	regs.rflags = native.rflags;
	memcpy(emulated, memory, sizeof(memory));
	emulate(&insn, &regs, emulated);
	memcpy(code, bytes, insn.length);
	code[insn.length] = 0xc3;
	if (sigsetjmp(illegal, 1))
		return false;
	native_run(&native);
	native.gpr[REG_RSP] = 0;
	uint64_t flags = flags_defined(&insn);
	bool same = !memcmp(regs.gpr, native.gpr, sizeof(regs.gpr)) &&
	            !memcmp(emulated, memory, sizeof(memory)) &&
	            !((regs.rflags ^ native.rflags) & flags);
	cr_assert(same, "length %u: %02x %02x %02x %02x %02x %02x %02x flags %lx %lx", insn.length,
	          bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6],
	          (unsigned long)regs.rflags, (unsigned long)native.rflags);
	return true;
}

Test(insn_native, EM_001_EM_010_random_forms_agree_with_the_cpu)
{
	unsigned compared = 0;
	start();
	for (unsigned i = 0; i < 400000; i++)
		compared += compare_one();
	cr_assert(compared > 100000, "only %u encodings were compared", compared);
}
