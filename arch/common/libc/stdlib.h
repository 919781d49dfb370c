/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers out of text. There is no heap. */
#pragma once

#include <stddef.h>

unsigned long strtoul(const char *text, char **end, int base);
unsigned long long strtoull(const char *text, char **end, int base);
long strtol(const char *text, char **end, int base);
int atoi(const char *text);
_Noreturn void abort(void);

static inline int abs(int value)
{
	return value < 0 ? -value : value;
}
