/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of the machine: says why on the serial line, without a lock and without the log. */
#include "arch/x86_64/panic.h"

#include <arch/format.h>
#include <arch/log.h>
#include <arch/pages.h>

#include "arch/common/panic_lines.h"
#include "arch/x86_64/apic.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/host.h"
#include "arch/x86_64/image.h"
#include "arch/x86_64/machine_check.h"
#include "arch/x86_64/smp.h"

void panic(const char *fmt, ...)
{
	va_list args;

	interrupts_off();
	panic_begin();
	smp_stop_others();
	va_start(args, fmt);
	panic_print("panic on CPU %u, called from image+%#lx:", cpu_id(),
	            (uint64_t)__builtin_return_address(0) - (uint64_t)image_start);
	panic_print_va(fmt, args);
	va_end(args);
	cpu_halt();
}

static const char *name_of(uint64_t vector)
{
	static const char *const names[] = {
	    [VECTOR_DE] = "#DE divide error",  [VECTOR_DB] = "#DB debug",
	    [VECTOR_BP] = "#BP breakpoint",    [VECTOR_OF] = "#OF overflow",
	    [VECTOR_BR] = "#BR bound range",   [VECTOR_UD] = "#UD invalid opcode",
	    [VECTOR_NM] = "#NM no FPU",        [VECTOR_DF] = "#DF double fault",
	    [VECTOR_TS] = "#TS invalid TSS",   [VECTOR_NP] = "#NP segment not present",
	    [VECTOR_SS] = "#SS stack segment", [VECTOR_GP] = "#GP general protection",
	    [VECTOR_PF] = "#PF page fault",    [VECTOR_MF] = "#MF x87",
	    [VECTOR_AC] = "#AC alignment",     [VECTOR_MC] = "#MC machine check",
	    [VECTOR_XF] = "#XF SIMD",
	};
	const char *name = vector < sizeof(names) / sizeof(*names) ? names[vector] : NULL;

	return name ? name : "exception";
}

/* Return addresses have to be guessed: there are no frame pointers. */
static void print_callers(uint64_t rsp)
{
	const uint64_t *at = (const uint64_t *)(rsp & ~7ul);
	size_t left = (PAGE_SIZE - rsp % PAGE_SIZE) / sizeof(*at);

	for (unsigned found = 0; left && found < 12; left--, at++)
		if (*at - (uint64_t)image_text < (uint64_t)(image_text_end - image_text)) {
			panic_print_place("  on the stack:", *at);
			found++;
		}
}

static void print_machine_check(void)
{
	struct machine_check check;

	for (unsigned bank = 0; machine_check_read(bank, &check); bank++)
		if (check.status & MACHINE_CHECK_VALID)
			panic_print("machine check bank %u: status %016lx address %016lx%s", bank,
			            check.status, check.address,
			            check.status & MACHINE_CHECK_UNCORRECTED ? ", uncorrected"
			                                                     : "");
}

void panic_frame(const struct trap_frame *f)
{
	const char *stack = cpu_guard_name(read_cr2());

	interrupts_off();
	panic_begin();
	smp_stop_others();
	panic_print("panic on CPU %u: %s, error %#lx", cpu_id(), name_of(f->vector), f->error);
	if (f->vector == VECTOR_PF && stack)
		panic_print("overflow of the stack of CPU %u: %s", cpu_id(), stack);
	panic_print_place("rip", f->rip);
	panic_print("cr2 %016lx cr3 %016lx cr0 %lx cr4 %lx flags %lx", read_cr2(), read_cr3(),
	            read_cr0(), read_cr4(), f->rflags);
	panic_print("rax %016lx rbx %016lx rcx %016lx rdx %016lx", f->rax, f->rbx, f->rcx, f->rdx);
	panic_print("rsi %016lx rdi %016lx rbp %016lx rsp %016lx", f->rsi, f->rdi, f->rbp, f->rsp);
	panic_print("r8  %016lx r9  %016lx r10 %016lx r11 %016lx", f->r8, f->r9, f->r10, f->r11);
	panic_print("r12 %016lx r13 %016lx r14 %016lx r15 %016lx", f->r12, f->r13, f->r14, f->r15);
	if (f->vector == VECTOR_MC)
		print_machine_check();
	if (!stack)
		print_callers(f->rsp);
	cpu_halt();
}
