/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include "arch/x86_64/trap.h"

/* An exception in the hypervisor: registers, what it was, then the end. */
_Noreturn void panic_frame(const struct trap_frame *frame);
