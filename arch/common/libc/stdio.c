/* SPDX-License-Identifier: BSD-2-Clause */
#include <arch/format.h>
#include <stdio.h>

int vsnprintf(char *to, size_t size, const char *fmt, va_list args)
{
	return format_text_va(to, size, fmt, args);
}

int snprintf(char *to, size_t size, const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = format_text_va(to, size, fmt, args);
	va_end(args);
	return length;
}
