/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory functions in plain C. Copying and filling are weak: a machine with something better
 * defines its own. The names are in brackets because string.h has macros of these names.
 */
#include <stdint.h>
#include <string.h>

/* Otherwise the compiler may see that these loops are what they implement, and call them. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")

__attribute__((weak)) void *(memcpy)(void *restrict to, const void *restrict from, size_t size)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	for (size_t i = 0; i < size; i++)
		t[i] = f[i];
	return to;
}

__attribute__((weak)) void *(memmove)(void *to, const void *from, size_t size)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if ((uintptr_t)to - (uintptr_t)from >= size)
		return memcpy(to, from, size);
	while (size--)
		t[size] = f[size];
	return to;
}

__attribute__((weak)) void *(memset)(void *to, int byte, size_t size)
{
	uint8_t *t = to;

	for (size_t i = 0; i < size; i++)
		t[i] = (uint8_t)byte;
	return to;
}

int(memcmp)(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;

	for (size_t i = 0; i < size; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

void *(memchr)(const void *in, int byte, size_t size)
{
	const uint8_t *at = in;

	for (; size; size--, at++)
		if (*at == (uint8_t)byte)
			return (void *)(uintptr_t)at;
	return NULL;
}
