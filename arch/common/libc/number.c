/* SPDX-License-Identifier: BSD-2-Clause */
#include <arch/cpu.h>
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>

static int digit_of(char c)
{
	if (isdigit(c))
		return c - '0';
	return isalpha(c) ? tolower(c) - 'a' + 10 : INT_MAX;
}

/* The base that a prefix says, which is skipped; only before a digit, as in "0x" alone. */
static const char *skip_prefix(const char *text, int *base)
{
	bool hex = text[0] == '0' && tolower(text[1]) == 'x' && isxdigit(text[2]);

	if (hex && (*base == 0 || *base == 16)) {
		*base = 16;
		return text + 2;
	}
	if (*base == 0)
		*base = text[0] == '0' ? 8 : 10;
	return text;
}

/* The number without its sign; ULLONG_MAX if it is too large. *end as for strtoul(). */
static unsigned long long magnitude(const char *text, char **end, int base, bool *negative)
{
	const char *at = text;
	unsigned long long value = 0;
	bool any = false, over = false;

	while (isspace(*at))
		at++;
	*negative = *at == '-';
	if (*at == '-' || *at == '+')
		at++;
	at = skip_prefix(at, &base);
	for (int digit; (digit = digit_of(*at)) < base; at++, any = true) {
		over |= __builtin_mul_overflow(value, (unsigned long long)base, &value);
		over |= __builtin_add_overflow(value, (unsigned long long)digit, &value);
	}
	if (end)
		*end = (char *)(uintptr_t)(any ? at : text);
	return over ? ULLONG_MAX : value;
}

unsigned long long strtoull(const char *text, char **end, int base)
{
	bool negative;
	unsigned long long value = magnitude(text, end, base, &negative);

	return negative && value != ULLONG_MAX ? -value : value;
}

unsigned long strtoul(const char *text, char **end, int base)
{
	return strtoull(text, end, base);
}

long strtol(const char *text, char **end, int base)
{
	bool negative;
	unsigned long long value = magnitude(text, end, base, &negative);

	if (negative)
		return value > LONG_MAX ? LONG_MIN : -(long)value;
	return value > LONG_MAX ? LONG_MAX : (long)value;
}

int atoi(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

void abort(void)
{
	panic("abort");
}
