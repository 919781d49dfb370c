/* SPDX-License-Identifier: BSD-2-Clause */
#include <arch/io.h>

#define PORT_ACCESSORS(bits, suffix)                                                               \
	uint##bits##_t io_in##bits(uint16_t port)                                                  \
	{                                                                                          \
		uint##bits##_t value;                                                              \
		__asm__ volatile("in" #suffix " %1, %0" : "=a"(value) : "Nd"(port) : "memory");    \
		return value;                                                                      \
	}                                                                                          \
	void io_out##bits(uint16_t port, uint##bits##_t value)                                     \
	{                                                                                          \
		__asm__ volatile("out" #suffix " %0, %1" : : "a"(value), "Nd"(port) : "memory");   \
	}
PORT_ACCESSORS(8, b)
PORT_ACCESSORS(16, w)
PORT_ACCESSORS(32, l)
