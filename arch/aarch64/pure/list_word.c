/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/pure/list_word.h"

/* ICH_LR<n>_EL2 */
#define LR_VINTID(lr)   ((uint32_t)(lr)&0x3ff)
#define LR_SOURCE(lr)   ((uint32_t)(lr) >> 10 & 7)
#define LR_PINTID(lr)   ((uint32_t)((lr) >> 32 & 0x3ff))
#define LR_EOI(lr)      ((uint32_t)((lr) >> 41 & 1))
#define LR_PRIORITY(lr) ((uint32_t)((lr) >> 48 & 0xff))
#define LR_TOP(lr)      ((uint32_t)((lr) >> 60)) /* group, HW, state */
#define LR_HW           (1ull << 61)
#define LR_STATE        (3ull << 62)

uint32_t list_word_v2(uint64_t lr)
{
	uint32_t physical = lr & LR_HW ? LR_PINTID(lr) : LR_EOI(lr) << 9 | LR_SOURCE(lr);
	uint32_t top = LR_TOP(lr); /* GICv2: HW, group, state */
	return (top & 2) << 30 | (top & 1) << 30 | top >> 2 << 28 | LR_PRIORITY(lr) >> 3 << 23 |
	       physical << 10 | LR_VINTID(lr);
}

uint64_t list_word_state(uint64_t lr, uint32_t now)
{
	return (lr & ~LR_STATE) | (uint64_t)(now >> 28 & 3) << 62;
}
