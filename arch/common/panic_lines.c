/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/common/panic_lines.h"

#include <arch/cpu.h>
#include <arch/format.h>
#include <arch/log.h>
#include <stdatomic.h>

#include "arch/common/image.h"

void panic_begin(void)
{
	static atomic_bool in_progress;

	if (atomic_exchange(&in_progress, true))
		cpu_halt();
	early_serial_write("\r\n", 2);
}

void panic_print_va(const char *fmt, va_list args)
{
	char line[256];
	int length = format_text_va(line, sizeof(line), fmt, args);

	if (length > (int)sizeof(line) - 1)
		length = sizeof(line) - 1;
	early_serial_write("vireo| ", 7);
	early_serial_write(line, (unsigned long)length);
	early_serial_write("\r\n", 2);
}

void panic_print(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	panic_print_va(fmt, args);
	va_end(args);
}

void panic_print_place(const char *what, uint64_t address)
{
	uint64_t offset = address - (uint64_t)image_start;

	if (offset < (uint64_t)(image_end - image_start))
		panic_print("%s %016lx = image+%#lx", what, address, offset);
	else
		panic_print("%s %016lx", what, address);
}
