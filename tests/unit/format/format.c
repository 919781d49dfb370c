/* SPDX-License-Identifier: BSD-2-Clause */
/* Our formatting against the C library's. */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <arch/format.h>

#define SAME(...)                                                                                  \
	do {                                                                                       \
		char ours[200], theirs[200];                                                       \
		int a = format_text(ours, sizeof(ours), __VA_ARGS__);                              \
		int b = snprintf(theirs, sizeof(theirs), __VA_ARGS__);                             \
		cr_assert_str_eq(ours, theirs);                                                    \
		cr_assert_eq(a, b);                                                                \
	} while (0)

Test(format, integers)
{
	SAME("%d %i %u %x %X %o", -1, INT_MIN, UINT_MAX, 0xbeefu, 0xbeefu, 8u);
	SAME("%ld %lu %lx", LONG_MIN, ULONG_MAX, ULONG_MAX);
	SAME("%lld %llu", LLONG_MIN, ULLONG_MAX);
	SAME("%zu %zd %jd %td", (size_t)-1, (ssize_t)-1, (intmax_t)-5, (ptrdiff_t)7);
	SAME("%hhd %hhu %hd %hu", 300, 300, 70000, 70000);
	SAME("%d%d", 0, 0);
}

Test(format, flags_width_and_precision)
{
	SAME("[%5d][%-5d][%05d][%+d][% d][%5.3d][%-7.3d]", 42, 42, 42, 42, 42, 42, 42);
	SAME("[%05d][%+05d][%8.0d][%.0d][%.1d]", -42, 7, 0, 0, 0);
	SAME("[%#x][%#X][%#x][%#10x][%#010x][%-#10x]", 255u, 255u, 0u, 255u, 255u, 255u);
	SAME("[%*d][%-*d][%.*d][%*d]", 6, 1, 6, 2, 3, 4, -6, 5);
	SAME("[%016lx][%20lu]", 0xdeadbeeful, 123456789ul);
}

Test(format, text)
{
	SAME("%s|%10s|%-10s|%.2s|%*s", "abc", "abc", "abc", "abc", 5, "x");
	SAME("%c%c%5c%-3c|", 'a', 'b', 'c', 'd');
	SAME("%.0s|%.3s", "abc", "ab");
	SAME("100%% of %s", "all");
}

Test(format, text_without_end_is_read_up_to_the_precision)
{
	char ours[16], *text = malloc(4);

	memcpy(text, "RSDT", 4);
	format_text(ours, sizeof(ours), "%.4s", text);
	cr_assert_str_eq(ours, "RSDT");
	free(text);
}

Test(format, pointers)
{
	SAME("%p %p", (void *)0x1234, (void *)-1l);
}

Test(format, null_text)
{
	char ours[16];
	const char *volatile nothing = NULL;

	format_text(ours, sizeof(ours), "%s", nothing);
	cr_assert_str_eq(ours, "(null)");
}

Test(format, cut_at_the_end_and_says_the_whole_length)
{
	char *ours = malloc(4);

	cr_assert_eq(format_text(ours, 4, "%s", "abcdef"), 6);
	cr_assert_str_eq(ours, "abc");
	cr_assert_eq(format_text(ours, 1, "%d", 12345), 5);
	cr_assert_str_eq(ours, "");
	cr_assert_eq(format_text(NULL, 0, "%d", 12345), 5);
	free(ours);
}

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
Test(format, unknown_conversions_are_copied)
{
	char ours[40];

	format_text(ours, sizeof(ours), "a%yb%");
	cr_assert_str_eq(ours, "a%yb%");
	format_text(ours, sizeof(ours), "%5");
	cr_assert_str_eq(ours, "%5");
	format_text(ours, sizeof(ours), "%-08lq.");
	cr_assert_str_eq(ours, "%-08lq.");
}

Test(format, random_numbers)
{
	static const char *const formats[] = {"%ld",      "%lx",    "%20ld", "%-20lx|",
	                                      "%020ld",   "%+ld",   "%#lx",  "%.12ld",
	                                      "%20.12lx", "% .3ld", "%lo",   "%#20lX"};

	srand(1);
	for (unsigned i = 0; i < 20000; i++) {
		unsigned long bits = (unsigned long)rand() << 33 ^ (unsigned long)rand() << 11;
		long value = (long)bits >> rand() % 64;

		SAME(formats[i % (sizeof(formats) / sizeof(*formats))], value);
	}
}
