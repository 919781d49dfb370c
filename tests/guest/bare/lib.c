/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/bare.h"

void print(const char *text)
{
	for (; *text; text++)
		uart_put(*text);
}

void print_number(uint64_t value)
{
	char digits[21];
	unsigned at = sizeof(digits) - 1;

	digits[at] = 0;
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	print(digits + at);
}
