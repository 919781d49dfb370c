/* SPDX-License-Identifier: BSD-2-Clause */
/* String instructions, one element at a time; either side may be RAM, a device's register or a
 * port. For emulate*.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct vcpu;
struct vcpu_exit;

/* Begin an element of emulation.insn. Results as emulate_mmio(). */
bool emulate_string(struct vcpu *vcpu, uint16_t port, struct vcpu_exit *exit);
/* Its source has been read. */
void emulate_string_read(struct vcpu *vcpu, uint64_t value);
/* If the target of emulation is RAM, write the value there; false: it is not. */
bool emulate_ram_write(struct vcpu *vcpu);

/* emulate.c */
bool emulate_refuse(struct vcpu_exit *exit);
bool emulate_ask(struct vcpu_exit *exit, bool port, uint64_t address, unsigned size);
void emulate_retire(struct vcpu *vcpu);
