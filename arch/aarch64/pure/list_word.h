/* SPDX-License-Identifier: BSD-2-Clause */
/* List registers of GICv2 (GICH_LR<n>, IHI 0048 5.3.8) in the form of GICv3's (ICH_LR<n>_EL2). */
#pragma once

#include <stdint.h>

/* With HW = 0, vINTID bits 12:10 of an SGI are its source CPU; GICv2 has them at the same place as
 * the physical interrupt's id. */
uint32_t list_word_v2(uint64_t lr);

/* lr: what was written; now: what the register reads after the run. Only the state changes. */
uint64_t list_word_state(uint64_t lr, uint32_t now);
