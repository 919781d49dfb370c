/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest machine is made of: the one interface between a guest and its board. The folder's
 * other files name every device and its address; nothing else does.
 */
#pragma once

#include <stdint.h>

#include "hv/vm.h"

/* Where the machine wants the guest's RAM, and the flash that holds its firmware: fills address,
 * size and read_only of vm->mem's slots. ERR_NOT_FOUND, ERR_INVALID after one line: there is no
 * such firmware, or it does not fit. */
int board_layout(struct vm *vm);

/* Build the machine into vm->board, which is board_size bytes of zeros, and onto the guest's buses;
 * say where its virtio devices go. ERR_NO_MEMORY, ERR_INVALID. */
extern const size_t board_size;
struct virtio_places;
int board_init(struct vm *vm, struct virtio_places *places);

/* Power-on state of the board's own devices. Under the lock. */
void board_reset(struct vm *vm);

/* Firmware tables and the guest's kernel into RAM, and the first vCPU's entry. A kernel that is not
 * one: one line, ERR_INVALID. Under the lock. */
int board_load(struct vm *vm);

/* Before each vcpu_run(): bring the vCPU's interrupts to where its CPU takes them. After it: fold
 * back what was taken. Under the lock. */
void board_enter(struct vm_vcpu *v);
void board_leave(struct vm_vcpu *v);

/* Is there an interrupt that ends a vCPU's wait for one (HLT, WFI)? Under the lock. */
bool board_wakes(struct vm_vcpu *v);

/* The vCPU wrote value to the register that interrupts others (EXIT_IPI). Under the lock. */
void board_ipi(struct vm_vcpu *v, uint64_t value);

/* The board's own counters, for 'stats': calls show for each. Under the lock. */
void board_stats(struct vm *vm,
                 void (*show)(void *context, const char *device, const char *name, uint64_t value),
                 void *context);
