/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/bare.h"

/* PL011: data, flags, control */
#define UARTDR      0x00
#define UARTFR      0x18
#define UARTCR      0x30
#define UARTFR_TXFF 0x20
#define UARTCR_ON   0x301 /* UARTEN, TXE, RXE */

void uart_put(char byte)
{
	put32(UART + UARTCR, UARTCR_ON);
	while (get32(UART + UARTFR) & UARTFR_TXFF)
		;
	put32(UART + UARTDR, (uint8_t)byte);
}

void uart_read(void)
{
	(void)get32(UART + UARTFR);
}

static uint64_t ecam(uint32_t slot, uint32_t offset)
{
	return ECAM + (slot << 15) + (offset & ~3u);
}

uint32_t pci_read(uint32_t slot, uint32_t offset)
{
	return get32(ecam(slot, offset)) >> (offset & 3) * 8;
}

void pci_write(uint32_t slot, uint32_t offset, uint32_t value)
{
	put32(ecam(slot, offset), value);
}

_Noreturn void reset(void)
{
	firmware_call(PSCI_SYSTEM_RESET, 0, 0, 0);
	idle();
}

_Noreturn void idle(void)
{
	for (;;)
		__asm__ volatile("wfi");
}
