/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions of the hypervisor itself, all of them fatal. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "arch/aarch64/offsets.h"

/* As vectors.S leaves it on the panic stack. */
struct trap_frame {
	uint64_t x[31];
	uint64_t sp, kind;
	uint64_t reserved;
};
_Static_assert(offsetof(struct trap_frame, sp) == FRAME_SP, "");
_Static_assert(offsetof(struct trap_frame, kind) == FRAME_KIND, "");
_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "");

/* Registers, what it was, then the end. */
_Noreturn void panic_frame(const struct trap_frame *frame) __attribute__((visibility("hidden")));
