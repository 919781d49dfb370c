/* SPDX-License-Identifier: BSD-2-Clause */
/* What the guest's CPUID says: the host's values through a table of allowed bits. */
#pragma once

#include <stdint.h>

#include "arch/x86_64/regs.h"

/* The host's CPUID, for tests replaceable. Called once, on the boot CPU. */
void guest_cpuid_init(struct cpuid_regs (*host)(uint32_t leaf, uint32_t subleaf));

/* All but what differs from vCPU to vCPU: their places (topology.h), and CPUID_OSXSAVE in leaf 1's
 * ECX. Leaf 0xd depends on XCR0, which is in the CPU while the guest is. */
struct cpuid_regs guest_cpuid(uint32_t leaf, uint32_t subleaf);
#define CPUID_OSXSAVE (1u << 27) /* follows CR4 */

/* Bits of XCR0 that a guest may set. */
uint64_t guest_xcr0_mask(void);
/* Bits of CR4 that a guest may set. */
uint64_t guest_cr4_mask(void);
/* Bits of EFER that a guest may set; LMA is not among them. */
uint64_t guest_efer_mask(void);
