/* SPDX-License-Identifier: BSD-2-Clause */
/* There is no port space: it reads as one that nobody is in. */
#include <arch/io.h>

#define PORT_ACCESSORS(bits)                                                                       \
	uint##bits##_t io_in##bits(uint16_t port)                                                  \
	{                                                                                          \
		(void)port;                                                                        \
		return (uint##bits##_t) ~0u;                                                       \
	}                                                                                          \
	void io_out##bits(uint16_t port, uint##bits##_t value)                                     \
	{                                                                                          \
		(void)port;                                                                        \
		(void)value;                                                                       \
	}
PORT_ACCESSORS(8)
PORT_ACCESSORS(16)
PORT_ACCESSORS(32)
