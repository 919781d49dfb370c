/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/topology.h"

#define HTT        (1u << 28) /* leaf 1 EDX: several logical CPUs */
#define CMP_LEGACY (1u << 1)  /* leaf 0x80000001 ECX: they are cores */
#define LEVEL_SMT  (1u << 8)  /* leaf 0xb ECX */
#define LEVEL_CORE (2u << 8)

/* Bits of an APIC id that number the cores. */
static unsigned core_bits(unsigned count)
{
	return count > 1 ? 32 - (unsigned)__builtin_clz(count - 1) : 0;
}

static void extended_topology(uint32_t subleaf, unsigned count, struct cpuid_regs *r)
{
	r->ecx = subleaf & 0xff;
	if (subleaf == 0) { /* one thread a core */
		r->ebx = 1;
		r->ecx |= LEVEL_SMT;
	} else if (subleaf == 1) {
		r->eax = core_bits(count);
		r->ebx = count;
		r->ecx |= LEVEL_CORE;
	}
}

void topology_leaf(uint32_t leaf, uint32_t subleaf, unsigned id, unsigned count,
                   struct cpuid_regs *r)
{
	switch (leaf) {
	case 1:
		r->ebx = (r->ebx & 0xffff) | count << 16 | id << 24;
		r->edx |= count > 1 ? HTT : 0;
		break;
	case 0xb:
		*r = (struct cpuid_regs){.edx = id};
		extended_topology(subleaf, count, r);
		break;
	case 0x80000001:
		r->ecx |= count > 1 ? CMP_LEGACY : 0;
		break;
	case 0x80000008:
		r->ecx = core_bits(count) << 12 | (count - 1);
		break;
	default:
		break;
	}
}
