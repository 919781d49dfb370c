/* SPDX-License-Identifier: BSD-2-Clause */
/* A bare guest on the PC. */
#pragma once

#include <stdint.h>

#define UART       0x3f8
#define PCI_WINDOW 0xc0000000u /* as hv/machine/pc has it */
#define EXIT_NAME  "cpuid"
#define COUNTER    1

static inline void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint32_t in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint64_t counter(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* The counter runs at 1 GHz, an instruction takes 2 ns. */
static inline uint64_t instructions(void)
{
	return counter() / 2;
}

static inline void exit_once(void)
{
	uint32_t a = 0, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
}

static inline uint8_t register_read8(const volatile uint8_t *address)
{
	return *address;
}

static inline void barrier(void)
{
	__asm__ volatile("mfence" : : : "memory");
}

static inline void relax(void)
{
	__asm__ volatile("pause");
}
