/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What CPUID says about a guest's CPUs and their places: one package with a core for each vCPU,
 * APIC ids are the vCPUs' numbers. APM volume 3, E.3 and E.4. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arch/x86_64/regs.h"

/* Is it a leaf that each vCPU has for itself? Of 1, 0xb, 0x80000001 and 0x80000008, and of some
 * that do not matter; every CPUID exit asks. */
static inline bool topology_has(uint32_t leaf)
{
	return !(leaf & 0x7ffffff0) && (0x902u >> (leaf & 0xf) & 1);
}

/* Fill in r, which holds the rest of that leaf. id: the vCPU's number; count: how many there are.
 */
void topology_leaf(uint32_t leaf, uint32_t subleaf, unsigned id, unsigned count,
                   struct cpuid_regs *r);
