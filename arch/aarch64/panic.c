/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of the machine: says why on the serial line, without a lock and without the log. */
#include <arch/format.h>
#include <arch/log.h>
#include <arch/pages.h>
#include <stdatomic.h>

#include "arch/aarch64/host.h"
#include "arch/aarch64/image.h"
#include "arch/aarch64/smp.h"
#include "arch/aarch64/stacks.h"
#include "arch/aarch64/trap.h"

static atomic_bool in_progress;

static void print_va(const char *fmt, va_list args)
{
	char line[256];
	int length = format_text_va(line, sizeof(line), fmt, args);

	if (length > (int)sizeof(line) - 1)
		length = sizeof(line) - 1;
	early_serial_write("vireo| ", 7);
	early_serial_write(line, (unsigned long)length);
	early_serial_write("\r\n", 2);
}

static void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void print(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_va(fmt, args);
	va_end(args);
}

/* The first CPU to get here talks, all others stop where they are. */
static void begin(void)
{
	if (atomic_exchange(&in_progress, true))
		cpu_halt();
	early_serial_write("\r\n", 2);
	smp_stop_others();
}

void panic(const char *fmt, ...)
{
	va_list args;

	begin();
	va_start(args, fmt);
	print("panic on CPU %u, called from image+%#lx:", cpu_id(),
	      (uint64_t)__builtin_extract_return_addr(__builtin_return_address(0)) -
	          (uint64_t)image_start);
	print_va(fmt, args);
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

/* Places in the image also as offsets into it, the numbers that the link map and objdump show. */
static void print_place(const char *what, uint64_t address)
{
	uint64_t offset = address - (uint64_t)image_start;

	if (offset < (uint64_t)(image_end - image_start))
		print("%s %016lx = image+%#lx", what, address, offset);
	else
		print("%s %016lx", what, address);
}

/* Return addresses have to be guessed: there are no frame pointers. A signature is left out. */
static void print_callers(uint64_t sp)
{
	const uint64_t *at = (const uint64_t *)(sp & ~7ul);
	size_t left = (PAGE_SIZE - sp % PAGE_SIZE) / sizeof(*at);

	for (unsigned found = 0; left && found < 12; left--, at++) {
		uint64_t address = *at & 0x0000fffffffffffful;

		if (address - (uint64_t)image_text < (uint64_t)(image_text_end - image_text)) {
			print_place("  on the stack:", address);
			found++;
		}
	}
}

void panic_frame(const struct trap_frame *f)
{
	uint64_t esr = sysreg_read(esr_el2), far = sysreg_read(far_el2);
	const char *guard = stacks_guard_name(far);

	begin();
	print("panic on CPU %u: %s, ESR %#lx FAR %016lx", cpu_id(), kind_name(f->kind, esr), esr,
	      far);
	if (guard)
		print("overflow of the stack of CPU %u: %s", cpu_id(), guard);
	print_place("ELR", sysreg_read(elr_el2));
	print_place("LR ", f->x[30] & 0x0000fffffffffffful);
	print("SP  %016lx SPSR %lx SCTLR %lx HCR %lx", f->sp, sysreg_read(spsr_el2),
	      sysreg_read(sctlr_el2), sysreg_read(hcr_el2));
	for (unsigned i = 0; i < 30; i += 3)
		print("x%-2u %016lx x%-2u %016lx x%-2u %016lx", i, f->x[i], i + 1, f->x[i + 1],
		      i + 2, f->x[i + 2]);
	if (!guard)
		print_callers(f->sp);
	cpu_halt();
}
