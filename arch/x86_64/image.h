/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the parts of the running program are: symbols of the link script and of assembly files. */
#pragma once

#include "arch/common/image.h"

#pragma GCC visibility push(hidden)
extern uint8_t boot_stack[], boot_stack_top[]; /* the first page is its guard */
extern const uint8_t trap_vectors[256][16];
extern const uint8_t trampoline_start[], trampoline_end[], trampoline_gdt[], trampoline_gdt_base[],
    trampoline_far32[], trampoline_code32[], trampoline_far64[], trampoline_code64[],
    trampoline_cr3[], trampoline_entry[];
#pragma GCC visibility pop
