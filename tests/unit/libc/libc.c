/* SPDX-License-Identifier: BSD-2-Clause */
/* The bare machine's C library under other names, against the real one. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define memcpy      bare_memcpy
#define memmove     bare_memmove
#define memset      bare_memset
#define memcmp      bare_memcmp
#define memchr      bare_memchr
#define strlen      bare_strlen
#define strnlen     bare_strnlen
#define strcmp      bare_strcmp
#define strncmp     bare_strncmp
#define strcasecmp  bare_strcasecmp
#define strncasecmp bare_strncasecmp
#define strchr      bare_strchr
#define strrchr     bare_strrchr
#define strstr      bare_strstr
#define strcpy      bare_strcpy
#define strncpy     bare_strncpy
#define strspn      bare_strspn
#define strcspn     bare_strcspn
#define strtoull    bare_strtoull
#define strtoul     bare_strtoul
#define strtol      bare_strtol
#define atoi        bare_atoi
#define abort       bare_abort
int memcmp(const void *a, const void *b, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int byte, size_t size);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t max);
char *strchr(const char *text, int c);
_Noreturn void abort(void);
#include "arch/common/libc/number.c"
#include "arch/common/libc/string.c"
#include "arch/x86_64/memory.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strcasecmp
#undef strncasecmp
#undef strchr
#undef strrchr
#undef strstr
#undef strncpy
#undef strspn
#undef strcspn
#undef strtoull
#undef strtol
#undef atoi
#undef abort

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static const char *const texts[] = {"",     "a",     "A",    "ab",  "aB",  "abc", "b",
                                    "\xff", "a\xff", "abab", "bab", "ABC", "zz"};
#define TEXTS (sizeof(texts) / sizeof(*texts))

Test(libc, comparisons)
{
	for (unsigned i = 0; i < TEXTS; i++)
		for (unsigned j = 0; j < TEXTS; j++) {
			const char *a = texts[i], *b = texts[j];

			cr_assert_eq(sign(bare_strcmp(a, b)), sign(strcmp(a, b)));
			cr_assert_eq(sign(bare_strcasecmp(a, b)), sign(strcasecmp(a, b)));
			for (size_t n = 0; n < 4; n++) {
				cr_assert_eq(sign(bare_strncmp(a, b, n)), sign(strncmp(a, b, n)));
				cr_assert_eq(sign(bare_strncasecmp(a, b, n)),
				             sign(strncasecmp(a, b, n)));
			}
		}
}

Test(libc, searches)
{
	for (unsigned i = 0; i < TEXTS; i++)
		for (unsigned j = 0; j < TEXTS; j++) {
			const char *a = texts[i], *b = texts[j];

			cr_assert_eq(bare_strstr(a, b), strstr(a, b));
			cr_assert_eq(bare_strchr(a, b[0]), strchr(a, b[0]));
			cr_assert_eq(bare_strrchr(a, b[0]), strrchr(a, b[0]));
			cr_assert_eq(bare_strspn(a, b), strspn(a, b));
			cr_assert_eq(bare_strcspn(a, b), strcspn(a, b));
			cr_assert_eq(bare_strnlen(a, j), strnlen(a, j));
		}
}

Test(libc, numbers)
{
	static const char *const inputs[] = {"0",
	                                     "42",
	                                     "-42",
	                                     "+7",
	                                     " \t9x",
	                                     "0x1f",
	                                     "0X1F",
	                                     "0x",
	                                     "0xg",
	                                     "077",
	                                     "08",
	                                     "",
	                                     "-",
	                                     "x",
	                                     "9223372036854775807",
	                                     "9223372036854775808",
	                                     "-9223372036854775808",
	                                     "-9223372036854775809",
	                                     "18446744073709551615",
	                                     "18446744073709551616",
	                                     "99999999999999999999999",
	                                     "zz",
	                                     "1_000",
	                                     "-0x10"};
	static const int bases[] = {0, 10, 16, 8, 2, 36};

	for (unsigned i = 0; i < sizeof(inputs) / sizeof(*inputs); i++)
		for (unsigned b = 0; b < sizeof(bases) / sizeof(*bases); b++) {
			char *ours, *theirs;

			cr_assert_eq(bare_strtol(inputs[i], &ours, bases[b]),
			             strtol(inputs[i], &theirs, bases[b]), "%s base %d", inputs[i],
			             bases[b]);
			cr_assert_eq(ours, theirs, "%s base %d", inputs[i], bases[b]);
			cr_assert_eq(bare_strtoull(inputs[i], &ours, bases[b]),
			             strtoull(inputs[i], &theirs, bases[b]));
			cr_assert_eq(ours, theirs);
		}
	cr_assert_eq(bare_atoi(" -12z"), -12);
}

Test(libc, copy_with_padding)
{
	char ours[8], theirs[8];

	for (size_t n = 0; n <= 8; n++) {
		__builtin_memset(ours, 'x', 8);
		__builtin_memset(theirs, 'x', 8);
		bare_strncpy(ours, "abcd", n);
		strncpy(theirs, "abcd", n);
		cr_assert_arr_eq(ours, theirs, 8);
	}
}

Test(libc, moves_of_all_small_sizes_and_overlaps)
{
	uint8_t ours[64], theirs[64];

	for (size_t size = 0; size <= 24; size++)
		for (size_t from = 0; from < 32; from++)
			for (size_t to = 0; to < 32; to++) {
				for (unsigned i = 0; i < 64; i++)
					ours[i] = theirs[i] = (uint8_t)(i * 7);
				cr_assert_eq(bare_memmove(ours + to, ours + from, size), ours + to);
				__builtin_memmove(theirs + to, theirs + from, size);
				cr_assert_arr_eq(ours, theirs, 64);
			}
}

Test(libc, fill)
{
	uint8_t ours[64], theirs[64];

	for (size_t size = 0; size <= 40; size++) {
		__builtin_memset(ours, 1, 64);
		__builtin_memset(theirs, 1, 64);
		bare_memset(ours + 3, 0x1a5, size);
		__builtin_memset(theirs + 3, 0xa5, size);
		cr_assert_arr_eq(ours, theirs, 64);
	}
}
