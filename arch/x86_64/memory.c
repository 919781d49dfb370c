/* SPDX-License-Identifier: BSD-2-Clause */
/* Copying and filling by the string instructions, eight bytes at a time and then the rest. */
#include <stdint.h>
#include <string.h>

void *(memcpy)(void *restrict to, const void *restrict from, size_t size)
{
	void *t = to;
	size_t words = size / 8, rest = size % 8;

	__asm__ volatile("rep movsq" : "+D"(t), "+S"(from), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(t), "+S"(from), "+c"(rest) : : "memory");
	return to;
}

void *(memset)(void *to, int byte, size_t size)
{
	void *t = to;
	size_t words = size / 8, rest = size % 8;
	uint64_t pattern = 0x0101010101010101ul * (uint8_t)byte;

	__asm__ volatile("rep stosq" : "+D"(t), "+c"(words) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(t), "+c"(rest) : "a"(pattern) : "memory");
	return to;
}

/* Backwards only where the areas overlap that way round. */
void *(memmove)(void *to, const void *from, size_t size)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if ((uintptr_t)to - (uintptr_t)from >= size)
		return memcpy(to, from, size);
	t += size - 1;
	f += size - 1;
	__asm__ volatile("std; rep movsb; cld" : "+D"(t), "+S"(f), "+c"(size) : : "memory");
	return to;
}
