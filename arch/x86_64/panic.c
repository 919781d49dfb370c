/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of the machine: says why on the serial line, without a lock and without the log. */
#include "arch/x86_64/panic.h"

#include <arch/format.h>
#include <arch/log.h>
#include <arch/pages.h>
#include <stdatomic.h>

#include "arch/x86_64/apic.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/host.h"
#include "arch/x86_64/image.h"
#include "arch/x86_64/machine_check.h"
#include "arch/x86_64/smp.h"

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
	interrupts_off();
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
	      (uint64_t)__builtin_return_address(0) - (uint64_t)image_start);
	print_va(fmt, args);
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

/* Text addresses as offsets into the image, the numbers that the link map and objdump show. */
static void print_place(const char *what, uint64_t address)
{
	uint64_t offset = address - (uint64_t)image_start;

	if (offset < (uint64_t)(image_end - image_start))
		print("%s %016lx = image+%#lx", what, address, offset);
	else
		print("%s %016lx", what, address);
}

/* Return addresses have to be guessed: there are no frame pointers. */
static void print_callers(uint64_t rsp)
{
	const uint64_t *at = (const uint64_t *)(rsp & ~7ul);
	size_t left = (PAGE_SIZE - rsp % PAGE_SIZE) / sizeof(*at);

	for (unsigned found = 0; left && found < 12; left--, at++)
		if (*at - (uint64_t)image_text < (uint64_t)(image_text_end - image_text)) {
			print_place("  on the stack:", *at);
			found++;
		}
}

static void print_machine_check(void)
{
	struct machine_check check;

	for (unsigned bank = 0; machine_check_read(bank, &check); bank++)
		if (check.status & MACHINE_CHECK_VALID)
			print("machine check bank %u: status %016lx address %016lx%s", bank,
			      check.status, check.address,
			      check.status & MACHINE_CHECK_UNCORRECTED ? ", uncorrected" : "");
}

void panic_frame(const struct trap_frame *f)
{
	const char *stack = cpu_guard_name(read_cr2());

	begin();
	print("panic on CPU %u: %s, error %#lx", cpu_id(), name_of(f->vector), f->error);
	if (f->vector == VECTOR_PF && stack)
		print("overflow of the stack of CPU %u: %s", cpu_id(), stack);
	print_place("rip", f->rip);
	print("cr2 %016lx cr3 %016lx cr0 %lx cr4 %lx flags %lx", read_cr2(), read_cr3(), read_cr0(),
	      read_cr4(), f->rflags);
	print("rax %016lx rbx %016lx rcx %016lx rdx %016lx", f->rax, f->rbx, f->rcx, f->rdx);
	print("rsi %016lx rdi %016lx rbp %016lx rsp %016lx", f->rsi, f->rdi, f->rbp, f->rsp);
	print("r8  %016lx r9  %016lx r10 %016lx r11 %016lx", f->r8, f->r9, f->r10, f->r11);
	print("r12 %016lx r13 %016lx r14 %016lx r15 %016lx", f->r12, f->r13, f->r14, f->r15);
	if (f->vector == VECTOR_MC)
		print_machine_check();
	if (!stack)
		print_callers(f->rsp);
	cpu_halt();
}
