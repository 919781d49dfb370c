/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that may fault: FIXUP(at, to) in an asm statement enters label `at` into a table,
 * and a #GP there goes on at label `to`. Both are kept as distances from the entry.
 */
#pragma once

#include <stdint.h>

#define FIXUP(at, to)                                                                              \
	".pushsection .fixup, \"a\"\n\t"                                                           \
	".long " at " - .\n\t"                                                                     \
	".long " to " - .\n\t"                                                                     \
	".popsection\n\t"

/* Where to go on after a fault at rip; 0: nowhere. */
uint64_t fixup_find(uint64_t rip);
