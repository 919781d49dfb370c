/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/bare.h"

#define UART_LINE_STATUS 5
#define UART_THR_EMPTY   0x20
#define RESET_CONTROL    0xcf9
#define RESET_HARD       0x06

void print(const char *text)
{
	for (; *text; text++) {
		while (!(in8(UART + UART_LINE_STATUS) & UART_THR_EMPTY))
			;
		out8(UART, (uint8_t)*text);
	}
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

_Noreturn void reset(void)
{
	out8(RESET_CONTROL, RESET_HARD);
	for (;;)
		__asm__ volatile("hlt");
}
