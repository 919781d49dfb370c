/* SPDX-License-Identifier: BSD-2-Clause */
/* Access to the host's devices: port space where the machine has one, and uncached memory. */
#pragma once

#include <stdint.h>

uint8_t io_in8(uint16_t port);
uint16_t io_in16(uint16_t port);
uint32_t io_in32(uint16_t port);
void io_out8(uint16_t port, uint8_t value);
void io_out16(uint16_t port, uint16_t value);
void io_out32(uint16_t port, uint32_t value);

/* Make a physical range usable by mmio_*: mapped uncached at its own address. Start-up of drivers.
 */
void *mmio_map(uint64_t physical, uint64_t size);

#if __STDC_HOSTED__
/* In a program (tests) the accessors end in the test's hooks. */
#define MMIO_ACCESSORS(bits)                                                                       \
	uint##bits##_t mmio_read##bits(const volatile void *at);                                   \
	void mmio_write##bits(volatile void *at, uint##bits##_t value);
#else
#define MMIO_ACCESSORS(bits)                                                                       \
	static inline uint##bits##_t mmio_read##bits(const volatile void *at)                      \
	{                                                                                          \
		return *(const volatile uint##bits##_t *)at;                                       \
	}                                                                                          \
	static inline void mmio_write##bits(volatile void *at, uint##bits##_t value)               \
	{                                                                                          \
		*(volatile uint##bits##_t *)at = value;                                            \
	}
#endif
MMIO_ACCESSORS(8)
MMIO_ACCESSORS(16)
MMIO_ACCESSORS(32)
MMIO_ACCESSORS(64)
#undef MMIO_ACCESSORS

/* Order a driver's ring writes against the device's view of memory (DMA-coherent machines). */
static inline void io_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* The host's first serial port. */
enum host_serial_kind { HOST_SERIAL_NONE, HOST_SERIAL_16550, HOST_SERIAL_PL011 };
struct host_serial {
	enum host_serial_kind kind;
	uint64_t base; /* 16550: port; PL011: physical address */
	unsigned line; /* for irq_attach_line() */
};
struct host_serial host_serial(void);

/* PCI configuration space of the host: ECAM base for segment 0 from the firmware's MCFG table, 0 if
 * there is none (then ports CF8/CFC are used by the driver). buses: how many, from bus 0. */
uint64_t host_ecam_base(unsigned *buses);
