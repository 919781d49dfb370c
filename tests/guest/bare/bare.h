/* SPDX-License-Identifier: BSD-2-Clause */
/* What a bare guest has on any machine: a UART for words, the time, the PCI bus. No interrupts. */
#pragma once

#include <stdint.h>

/* x86_64/machine.h or aarch64/machine.h:
 * EXIT_NAME, exit_once()   the cheapest exit there is
 * counter()               what user programs tell the time by; COUNTER is its number in VIRTIO
 *                         1.4, 5.23.6.1
 * instructions()           time as QEMU's -icount shift=1 counts it
 * register_read8()        a byte of a device, by an instruction whose syndrome says all of it
 * barrier(), relax()       memory order for a device that looks on; a turn of a waiting loop
 * PCI_WINDOW               where a BAR that nobody placed can go */
#include "machine.h"

/* The guest's program. boot_data is what the loader hands over (boot_params, device tree), NULL
 * when a real-mode loader started it. */
void bare_main(uint8_t *boot_data);

void print(const char *text);
void print_number(uint64_t value);
void print_hex(uint64_t value);

void uart_put(char byte);
/* One register of the UART, for its cost. */
void uart_read(void);
/* Bus 0's configuration space; offset is in bytes, the value read is shifted so that it starts
 * there. */
uint32_t pci_read(uint32_t slot, uint32_t offset);
void pci_write(uint32_t slot, uint32_t offset, uint32_t value);

/* Ends this guest: restarts it, or stays for ever without running. */
_Noreturn void reset(void);
_Noreturn void idle(void);
