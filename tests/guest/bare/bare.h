/* SPDX-License-Identifier: BSD-2-Clause */
/* What a bare guest has: ports, the first UART for words, time in cycles. No interrupts. */
#pragma once

#include <stdint.h>

#define UART 0x3f8

/* The guest's program; boot_params is NULL when a real-mode loader started it. */
void bare_main(const uint8_t *boot_params);

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

static inline uint64_t cycles(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

void print(const char *text);
void print_number(uint64_t value);
/* Ends this guest: switches the machine off, or restarts it, the way the PC's own registers do it.
 */
_Noreturn void power_off(void);
_Noreturn void reset(void);
