/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of the machine: says why on the serial line, without a lock and without the log. */
#include <arch/format.h>
#include <arch/log.h>
#include <arch/pages.h>

#include "arch/aarch64/host.h"
#include "arch/aarch64/image.h"
#include "arch/aarch64/smp.h"
#include "arch/aarch64/stacks.h"
#include "arch/aarch64/trap.h"
#include "arch/common/panic_lines.h"

void panic(const char *fmt, ...)
{
	va_list args;

	panic_begin();
	smp_stop_others();
	va_start(args, fmt);
	panic_print("panic on CPU %u, called from image+%#lx:", cpu_id(),
	            (uint64_t)__builtin_extract_return_addr(__builtin_return_address(0)) -
	                (uint64_t)image_start);
	panic_print_va(fmt, args);
	va_end(args);
	cpu_halt();
}

static const char *class_name(uint64_t esr)
{
	switch (ESR_CLASS(esr)) {
	case ESR_CLASS_UNKNOWN:
		return "undefined instruction";
	case ESR_CLASS_FP:
	case ESR_CLASS_SVE:
		return "floating point used by the hypervisor";
	case ESR_CLASS_BTI:
		return "jump to where none may go (BTI)";
	case ESR_CLASS_ILLEGAL:
		return "illegal execution state";
	case ESR_CLASS_IABT:
		return "instruction abort";
	case ESR_CLASS_PC:
		return "misaligned program counter";
	case ESR_CLASS_DABT:
		return "data abort";
	case ESR_CLASS_SP:
		return "misaligned stack pointer";
	case ESR_CLASS_PAC_FAIL:
		return "return address with a wrong signature";
	case ESR_CLASS_BRK64:
		return "breakpoint instruction";
	default:
		return "unexpected exception";
	}
}

static const char *kind_name(uint64_t kind, uint64_t esr)
{
	static const char *const names[] = {"", "interrupt", "fast interrupt", "system error"};

	return kind == EXCEPTION_SYNC ? class_name(esr) : names[kind & 3];
}

/* Return addresses have to be guessed: there are no frame pointers. A signature is left out. */
static void print_callers(uint64_t sp)
{
	const uint64_t *at = (const uint64_t *)(sp & ~7ul);
	size_t left = (PAGE_SIZE - sp % PAGE_SIZE) / sizeof(*at);

	for (unsigned found = 0; left && found < 12; left--, at++) {
		uint64_t address = *at & 0x0000fffffffffffful;

		if (address - (uint64_t)image_text < (uint64_t)(image_text_end - image_text)) {
			panic_print_place("  on the stack:", address);
			found++;
		}
	}
}

void panic_frame(const struct trap_frame *f)
{
	uint64_t esr = sysreg_read(esr_el2), far = sysreg_read(far_el2);
	const char *guard = stacks_guard_name(far);

	panic_begin();
	smp_stop_others();
	panic_print("panic on CPU %u: %s, ESR %#lx FAR %016lx", cpu_id(), kind_name(f->kind, esr),
	            esr, far);
	if (guard)
		panic_print("overflow of the stack of CPU %u: %s", cpu_id(), guard);
	panic_print_place("ELR", sysreg_read(elr_el2));
	panic_print_place("LR ", f->x[30] & 0x0000fffffffffffful);
	panic_print("SP  %016lx SPSR %lx SCTLR %lx HCR %lx", f->sp, sysreg_read(spsr_el2),
	            sysreg_read(sctlr_el2), sysreg_read(hcr_el2));
	for (unsigned i = 0; i < 30; i += 3)
		panic_print("x%-2u %016lx x%-2u %016lx x%-2u %016lx", i, f->x[i], i + 1,
		            f->x[i + 1], i + 2, f->x[i + 2]);
	if (!guard)
		print_callers(f->sp);
	cpu_halt();
}
