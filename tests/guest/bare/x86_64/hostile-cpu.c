/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that misuses its CPU: each probe must end in the fault that hardware gives, or do what
 * hardware does. Says what was wrong, then leaves by the worst way out: a triple fault.
 */
#include <stdbool.h>

#include "tests/guest/bare/bare.h"

#define UD       6
#define GP       13
#define NO_FAULT 99

#define LAPIC 0xfee00000ul

volatile uint64_t resume_rip, resume_rsp, fault; /* named by the assembly below */
static unsigned wrong, probes;

/* One stub of 32 bytes a vector: note the vector, go to where the probe ends. */
__asm__(".text\n.balign 32\nstubs:\n"
        ".set vector, 0\n.rept 32\n.balign 32\n"
        "movq $vector, fault\njmp recover\n"
        ".set vector, vector + 1\n.endr\n"
        "recover: mov resume_rsp, %rsp\npush $2\npopfq\njmp *resume_rip\n");
extern const uint8_t stubs[];

static struct {
	uint16_t low, selector, type, middle;
	uint32_t high, zero;
} idt[32];

static void load_idt(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = {sizeof(idt) - 1, (uint64_t)idt};

	for (unsigned i = 0; i < 32; i++) {
		uint64_t at = (uint64_t)stubs + 32 * i;

		idt[i].low = (uint16_t)at;
		idt[i].selector = 16;
		idt[i].type = 0x8e00;
		idt[i].middle = (uint16_t)(at >> 16);
	}
	__asm__ volatile("lidt %0" : : "m"(pointer));
}

/* Run instructions with RAX, RBX, RCX and RDX; fault is what they raised. */
#define TRY(code, a, b, c, d)                                                                      \
	do {                                                                                       \
		uint64_t ra = (a), rb = (b), rc = (c), rd = (d);                                   \
		fault = NO_FAULT;                                                                  \
		__asm__ volatile("push %%rbp\nmovq $1f, resume_rip\nmov %%rsp, resume_rsp\n" code  \
		                 "\n1: pop %%rbp"                                                  \
		                 : "+a"(ra), "+b"(rb), "+c"(rc), "+d"(rd)                          \
		                 :                                                                 \
		                 : "memory", "cc", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",  \
		                   "r13", "r14", "r15");                                           \
		result = ra;                                                                       \
	} while (0)
static uint64_t result;

static void judge(const char *what, uint64_t detail, bool good)
{
	probes++;
	if (good)
		return;
	wrong++;
	print("wrong: ");
	print(what);
	print(" ");
	print_number(detail);
	print(" fault ");
	print_number(fault);
	print("\n");
}

#define EXPECT(what, vector, code, a, b, c, d)                                                     \
	do {                                                                                       \
		TRY(code, a, b, c, d);                                                             \
		judge(what, a, fault == (vector));                                                 \
	} while (0)

static bool rdmsr_faults(uint32_t msr, uint64_t *value)
{
	TRY("rdmsr\nshl $32, %%rdx\nor %%rdx, %%rax", 0, 0, msr, 0);
	*value = result;
	return fault != NO_FAULT;
}

static bool wrmsr_faults(uint32_t msr, uint64_t value)
{
	TRY("wrmsr", (uint32_t)value, 0, msr, value >> 32);
	return fault != NO_FAULT;
}

/* X8-001, X8-002: no value hurts; what was there comes back. */
static void sweep_msrs(uint32_t first, uint32_t count)
{
	static const uint64_t values[] = {0, ~0ull, 1ull << 63, 1, 0x800000000000ull};

	for (uint32_t msr = first; msr < first + count; msr++) {
		uint64_t before, after;

		if (rdmsr_faults(msr, &before)) {
			judge("msr write where read is refused", msr, wrmsr_faults(msr, 0));
			continue;
		}
		if (msr == 0x10)
			continue;
		for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++)
			wrmsr_faults(msr, values[i]);
		wrmsr_faults(msr, before);
		judge("msr is lost", msr, !rdmsr_faults(msr, &after) && after == before);
	}
}

/* Either register of the two moves both. */
static void probe_tsc_adjust(void)
{
	const uint64_t far = 1ull << 50;
	uint64_t adjust, before = 2 * instructions();

	judge("tsc adjust", 0, !rdmsr_faults(0x3b, &adjust) && adjust == 0);
	judge("tsc adjust write", 0, !wrmsr_faults(0x3b, far));
	judge("tsc moves", 0, 2 * instructions() - before - far < far);
	judge("tsc write", 0, !wrmsr_faults(0x10, before));
	judge("tsc adjust follows", 0, !rdmsr_faults(0x3b, &adjust) && adjust >> 63);
	wrmsr_faults(0x3b, 0);
	judge("tsc is back", 0, 2 * instructions() - before < far);
}

static void probe_efer(void)
{
	uint64_t efer, after;

	judge("efer", 0, !rdmsr_faults(0xc0000080, &efer) && !(efer & 1ull << 12));
	judge("efer svme", 0, wrmsr_faults(0xc0000080, efer | 1ull << 12));
	judge("efer lme", 0, wrmsr_faults(0xc0000080, efer & ~(1ull << 8)));
	for (unsigned bit = 16; bit < 64; bit++)
		judge("efer reserved", bit, wrmsr_faults(0xc0000080, efer | 1ull << bit));
	rdmsr_faults(0xc0000080, &after);
	judge("efer kept", 0, efer == after);
}

static void probe_control_registers(void)
{
	uint64_t cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	static const uint8_t bits[] = {12, 13, 14, 15, 19, 22, 23, 24, 25, 31, 32, 63};
	for (unsigned i = 0; i < sizeof(bits); i++)
		EXPECT("cr4 bit", GP, "mov %%rax, %%cr4", cr4 | 1ull << bits[i], 0, 0, 0);
	EXPECT("cr4 pae", GP, "mov %%rax, %%cr4", cr4 & ~(1ull << 5), 0, 0, 0);
	EXPECT("cr0 nw without cd", GP, "mov %%rax, %%cr0", 0xa0000011, 0, 0, 0);
	EXPECT("cr0 pg without pe", GP, "mov %%rax, %%cr0", 0x80000010, 0, 0, 0);
}

static void probe_xsetbv(void)
{
	uint64_t cr4;

	EXPECT("xsetbv without osxsave", UD, "xsetbv", 1, 0, 0, 0);
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	EXPECT("osxsave", NO_FAULT, "mov %%rax, %%cr4", cr4 | 1u << 18, 0, 0, 0);
	EXPECT("xcr0 zero", GP, "xsetbv", 0, 0, 0, 0);
	EXPECT("xcr0 avx without sse", GP, "xsetbv", 5, 0, 0, 0);
	EXPECT("xcr0 all", GP, "xsetbv", 0xffffffff, 0, 0, 0x7fffffff);
	EXPECT("xcr1", GP, "xsetbv", 1, 0, 1, 0);
	EXPECT("xcr0", NO_FAULT, "xsetbv", 3, 0, 0, 0);
}

/* X8-016, X8-017, X8-036 */
static void probe_instructions(void)
{
	EXPECT("vmrun", UD, "vmrun %%rax", 0x1000, 0, 0, 0);
	EXPECT("vmload", UD, "vmload %%rax", 0x1000, 0, 0, 0);
	EXPECT("vmsave", UD, "vmsave %%rax", 0x1000, 0, 0, 0);
	EXPECT("stgi", UD, "stgi", 0, 0, 0, 0);
	EXPECT("clgi", UD, "clgi", 0, 0, 0, 0);
	EXPECT("skinit", UD, "skinit", 0x1000, 0, 0, 0);
	EXPECT("invlpga", UD, "invlpga %%rax, %%ecx", 0x1000, 0, 1, 0);
	EXPECT("vmmcall", UD, "vmmcall", 1, 2, 3, 4);
	EXPECT("vmcall", UD, "vmcall", 1, 2, 3, 4);
	EXPECT("monitor", UD, "monitor", 0x1000, 0, 0, 0);
	EXPECT("mwait", UD, "mwait", 0, 0, 0, 0);
	EXPECT("rdpmc", GP, "rdpmc", 0, 0, 0, 0);
	EXPECT("rsm", UD, "rsm", 0, 0, 0, 0);
	EXPECT("ud2", UD, "ud2", 0, 0, 0, 0);
	EXPECT("invd", NO_FAULT, "invd", 0, 0, 0, 0);
	EXPECT("wbinvd", NO_FAULT, "wbinvd", 0, 0, 0, 0);
	EXPECT("cpuid with prefixes", NO_FAULT,
	       ".byte 0xf3, 0x0f, 0xa2\n.byte 0x66, 0x66, 0x48, 0x0f, 0xa2", 0, 0, 0, 0);
	EXPECT(
	    "16 bytes", GP,
	    ".byte 0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x89,0x03",
	    0, LAPIC, 0, 0);
}

/* EM-001: the same forms on RAM and on device registers; X8-029: every offset and size. */
static void probe_mmio(void)
{
	for (uint64_t at = LAPIC; at < LAPIC + 0x1000; at += 4) {
		EXPECT("lapic read 1", NO_FAULT, "movb (%%rbx), %%al", 0, at + 3, 0, 0);
		EXPECT("lapic read 2", NO_FAULT, "movzwl 1(%%rbx), %%eax", 0, at, 0, 0);
		if (at <= LAPIC + 0xff8)
			EXPECT("lapic read 8", NO_FAULT, "mov (%%rbx), %%rax", 0, at, 0, 0);
	}
	EXPECT("version", NO_FAULT, "mov 0x30(%%rbx), %%eax", ~0ull, LAPIC, 0, 0);
	uint64_t version = result;
	judge("upper half", version, !(version >> 32));
	EXPECT("movs", NO_FAULT, "mov %%rbx, %%rsi\nmov %%rcx, %%rdi\nmovsl\nmov -4(%%rdi), %%eax",
	       0, LAPIC + 0x30, (uint64_t)idt + sizeof(idt) - 4, 0);
	judge("movs value", result, (uint32_t)result == (uint32_t)version);
	EXPECT("store", NO_FAULT, "movl $0x20, 0x80(%%rbx)\nmov 0x80(%%rbx), %%eax", 0, LAPIC, 0,
	       0);
	judge("store value", result, result == 0x20);
	EXPECT("or", NO_FAULT, "lock orl $0x10, 0x80(%%rbx)\nmov 0x80(%%rbx), %%eax", 0, LAPIC, 0,
	       0);
	judge("or value", result, result == 0x30);
	EXPECT("xchg", NO_FAULT, "xchg %%eax, 0x80(%%rbx)", 0, LAPIC, 0, 0);
	judge("xchg value", result, result == 0x30);
	EXPECT("outs to nowhere", NO_FAULT, "mov $0x1000, %%esi\nmov $3, %%ecx\nrep outsb", 0, 0, 0,
	       0x1234);
	EXPECT("ins on no page", 14, "mov $1, %%ecx\nmov %%rbx, %%rdi\nrep insb", 0, 1ull << 40, 0,
	       0x1234);
	EXPECT("ins at no address", GP, "mov $1, %%ecx\nmov %%rbx, %%rdi\nrep insb", 0, 1ull << 60,
	       0, 0x1234);
}

void bare_main(uint8_t *boot_data)
{
	(void)boot_data;
	load_idt();
	print("hostile-cpu: instructions\n");
	probe_instructions();
	probe_tsc_adjust();
	probe_efer();
	probe_control_registers();
	probe_xsetbv();
	print("hostile-cpu: device registers\n");
	probe_mmio();
	print("hostile-cpu: MSRs\n");
	sweep_msrs(0, 0x2000);
	sweep_msrs(0x40000000, 0x200);
	sweep_msrs(0xc0000000, 0x2000);
	sweep_msrs(0xc0010000, 0x2000);
	print("hostile-cpu: ");
	print_number(probes);
	print(" probes, ");
	print_number(wrong);
	print(" wrong\n");
	__asm__ volatile("push $0\npush $0\nlidt (%rsp)\nud2");
}
