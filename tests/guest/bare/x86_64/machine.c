/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/bare.h"

#define UART_LINE_STATUS 5
#define UART_THR_EMPTY   0x20
#define RESET_CONTROL    0xcf9
#define RESET_HARD       0x06
#define PCI_ADDRESS      0xcf8
#define PCI_DATA         0xcfc

void uart_put(char byte)
{
	while (!(in8(UART + UART_LINE_STATUS) & UART_THR_EMPTY))
		;
	out8(UART, (uint8_t)byte);
}

void uart_read(void)
{
	(void)in8(UART + UART_LINE_STATUS);
}

uint32_t pci_read(uint32_t slot, uint32_t offset)
{
	out32(PCI_ADDRESS, 0x80000000u | slot << 11 | (offset & ~3u));
	return in32(PCI_DATA) >> (offset & 3) * 8;
}

void pci_write(uint32_t slot, uint32_t offset, uint32_t value)
{
	out32(PCI_ADDRESS, 0x80000000u | slot << 11 | offset);
	out32(PCI_DATA, value);
}

_Noreturn void reset(void)
{
	out8(RESET_CONTROL, RESET_HARD);
	idle();
}

_Noreturn void idle(void)
{
	for (;;)
		__asm__ volatile("hlt");
}
