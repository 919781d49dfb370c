/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/bare.h"

void print(const char *text)
{
	for (; *text; text++)
		uart_put(*text);
}

static void print_in_base(uint64_t value, unsigned base)
{
	char digits[21];
	unsigned at = sizeof(digits) - 1;

	digits[at] = 0;
	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	print(digits + at);
}

void print_number(uint64_t value)
{
	print_in_base(value, 10);
}

void print_hex(uint64_t value)
{
	print("0x");
	print_in_base(value, 16);
}
