/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the parts of the running program are: symbols of the link script and of assembly files. */
#pragma once

#include "arch/common/image.h"

#pragma GCC visibility push(hidden)
extern uint8_t boot_stack[], boot_stack_top[]; /* the first page is its guard */
extern uint8_t boot_panic_stack_top[];
extern const uint8_t trap_vectors[];
extern const uint8_t ap_entry[]; /* for PSCI: MMU off, x0 = struct ap_start */
#pragma GCC visibility pop
