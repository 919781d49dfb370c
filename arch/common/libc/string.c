/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#pragma GCC optimize("no-tree-loop-distribute-patterns")

size_t strnlen(const char *text, size_t max)
{
	size_t length = 0;

	while (length < max && text[length])
		length++;
	return length;
}

size_t strlen(const char *text)
{
	return strnlen(text, SIZE_MAX);
}

static int compare(const char *a, const char *b, size_t max, int fold(int))
{
	for (; max; max--, a++, b++) {
		int x = (uint8_t)*a, y = (uint8_t)*b;

		if (fold) {
			x = fold(x);
			y = fold(y);
		}
		if (x != y || !x)
			return x - y;
	}
	return 0;
}

static int fold_case(int c)
{
	return tolower(c);
}

int strcmp(const char *a, const char *b)
{
	return compare(a, b, SIZE_MAX, NULL);
}

int strncmp(const char *a, const char *b, size_t max)
{
	return compare(a, b, max, NULL);
}

int strcasecmp(const char *a, const char *b)
{
	return compare(a, b, SIZE_MAX, fold_case);
}

int strncasecmp(const char *a, const char *b, size_t max)
{
	return compare(a, b, max, fold_case);
}

char *strchr(const char *text, int c)
{
	for (; *text != (char)c; text++)
		if (!*text)
			return NULL;
	return (char *)(uintptr_t)text;
}

char *strrchr(const char *text, int c)
{
	const char *found = NULL;

	do
		if (*text == (char)c)
			found = text;
	while (*text++);
	return (char *)(uintptr_t)found;
}

char *strstr(const char *text, const char *part)
{
	size_t length = strlen(part);

	for (; strncmp(text, part, length); text++)
		if (!*text)
			return NULL;
	return (char *)(uintptr_t)text;
}

char *strcpy(char *restrict to, const char *restrict from)
{
	memcpy(to, from, strlen(from) + 1);
	return to;
}

char *strncpy(char *restrict to, const char *restrict from, size_t size)
{
	size_t length = strnlen(from, size);

	memcpy(to, from, length);
	memset(to + length, 0, size - length);
	return to;
}

size_t strspn(const char *text, const char *set)
{
	size_t n = 0;

	while (text[n] && strchr(set, text[n]))
		n++;
	return n;
}

size_t strcspn(const char *text, const char *set)
{
	size_t n = 0;

	while (text[n] && !strchr(set, text[n]))
		n++;
	return n;
}
