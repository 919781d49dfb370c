/* SPDX-License-Identifier: BSD-2-Clause */
/* A bare guest on the Arm board "virt". */
#pragma once

#include <stdint.h>

#define UART       0x09000000ul
#define ECAM       0x3f000000ul
#define PCI_WINDOW 0x10000000u
#define EXIT_NAME  "hvc"
#define COUNTER    0

/* PSCI 1.1 (Arm DEN 0022), 5.1 */
#define PSCI_VERSION        0x84000000u
#define PSCI_CPU_OFF        0x84000002u
#define PSCI_CPU_SUSPEND    0xc4000001u
#define PSCI_CPU_ON         0xc4000003u
#define PSCI_AFFINITY_INFO  0xc4000004u
#define PSCI_SYSTEM_RESET   0x84000009u
#define PSCI_FEATURES       0x8400000au
#define PSCI_SYSTEM_SUSPEND 0xc400000eu
#define PSCI_SYSTEM_RESET2  0xc4000012u

/* A call of the firmware interface, SMC Calling Convention 1.1. Returns X0. */
static inline int64_t firmware_call(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = a;
	register uint64_t x2 __asm__("x2") = b;
	register uint64_t x3 __asm__("x3") = c;

	__asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
	return (int64_t)x0;
}

static inline uint64_t counter(void)
{
	uint64_t ticks;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
	return ticks;
}

/* The counter runs at 62.5 MHz, an instruction takes 2 ns. */
static inline uint64_t instructions(void)
{
	return counter() * 8;
}

static inline void exit_once(void)
{
	(void)firmware_call(PSCI_VERSION, 0, 0, 0);
}

/* Registers of devices: the compiler's own choice may be an instruction with write-back, whose
 * syndrome says nothing. */
static inline uint8_t register_read8(const volatile uint8_t *address)
{
	uint8_t value;

	__asm__ volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline uint32_t get32(uint64_t address)
{
	uint32_t value;

	__asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline void put32(uint64_t address, uint32_t value)
{
	__asm__ volatile("str %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

static inline void put64(uint64_t address, uint64_t value)
{
	__asm__ volatile("str %0, [%1]" : : "r"(value), "r"(address) : "memory");
}

static inline void barrier(void)
{
	__asm__ volatile("dmb ish" : : : "memory");
}

static inline void relax(void)
{
	__asm__ volatile("yield");
}
