/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage-2 tables as the CPU reads them: Arm ARM D8.3, 4 KiB granule. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arch/common/nested.h"

/* What ID_AA64MMFR0_EL1.PARange stands for; unknown values as the largest without LPA2. */
unsigned stage2_pa_bits(unsigned parange);

/*
 * The format for a CPU with so many bits of physical address; fwb: HCR_EL2.FWB is set, so that RAM
 * is cached whatever the guest says. Guest physical addresses have the same number of bits, at most
 * 40: the walk then starts at level 1.
 */
void stage2_format_make(struct nested_format *format, unsigned pa_bits, bool fwb);

/* VTCR_EL2 for it. */
uint64_t stage2_vtcr(const struct nested_format *format, unsigned parange);
