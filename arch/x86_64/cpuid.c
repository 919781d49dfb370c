/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/cpuid.h"

#include <stdbool.h>

#define BASIC_LEAVES    0x0eu /* 0 .. 0xd */
#define EXTENDED        0x80000000u
#define EXTENDED_LEAVES 0x1fu
#define HYPERVISOR      0x40000000u
#define BIT(n)          (1u << (n))

/* Leaf 1 EDX; leaf 0x80000001 EDX repeats most of it. All but PSN, DS, ACPI, SS, HTT, TM, PBE. */
#define EDX_COMMON                                                                                 \
	(BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(9) | \
	 BIT(12) | BIT(13) | BIT(14) | BIT(15) | BIT(16) | BIT(17) | BIT(23) | BIT(24))
#define ALL (~0u)

/* What of the host's value passes. A leaf that is not here is all zeroes. */
static const struct {
	uint32_t leaf;
	struct cpuid_regs mask;
} allowed[] = {
    {0x00, {0, ALL, ALL, ALL}},
    {0x01,
     {ALL, 0x0000ffff,
      /* SSE3 PCLMUL SSSE3 FMA CX16 PCID SSE4.1 SSE4.2 MOVBE POPCNT AES XSAVE AVX F16C RDRAND */
      BIT(0) | BIT(1) | BIT(9) | BIT(12) | BIT(13) | BIT(17) | BIT(19) | BIT(20) | BIT(22) |
          BIT(23) | BIT(25) | BIT(26) | BIT(28) | BIT(29) | BIT(30),
      EDX_COMMON | BIT(11) | BIT(19) | BIT(25) | BIT(26)}},
    {0x02, {ALL, ALL, ALL, ALL}},
    {0x06, {BIT(2), 0, 0, 0}}, /* the APIC timer always runs */
    {0x07,
     {0,
      /* FSGSBASE BMI1 AVX2 SMEP BMI2 ERMS INVPCID RDSEED ADX SMAP CLFLUSHOPT CLWB SHA */
      BIT(0) | BIT(3) | BIT(5) | BIT(7) | BIT(8) | BIT(9) | BIT(10) | BIT(18) | BIT(19) | BIT(20) |
          BIT(23) | BIT(24) | BIT(29),
      BIT(2) | BIT(8) | BIT(9) | BIT(10) | BIT(22), /* UMIP GFNI VAES VPCLMUL RDPID */
      BIT(4)}},                                     /* FSRM */
    {EXTENDED + 0x00, {0, ALL, ALL, ALL}},
    {EXTENDED + 0x01,
     {ALL, ALL,
      /* LAHF CR8 ABM SSE4A MISALIGNSSE PREFETCH XOP FMA4 TBM */
      BIT(0) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(11) | BIT(16) | BIT(21),
      /* SYSCALL NX MMXEXT FFXSR 1G RDTSCP LM 3DNOWEXT 3DNOW */
      EDX_COMMON | BIT(11) | BIT(20) | BIT(22) | BIT(25) | BIT(26) | BIT(27) | BIT(29) | BIT(30) |
          BIT(31)}},
    {EXTENDED + 0x02, {ALL, ALL, ALL, ALL}},
    {EXTENDED + 0x03, {ALL, ALL, ALL, ALL}},
    {EXTENDED + 0x04, {ALL, ALL, ALL, ALL}},
    {EXTENDED + 0x05, {ALL, ALL, ALL, ALL}},
    {EXTENDED + 0x06, {ALL, ALL, ALL, ALL}},
    {EXTENDED + 0x07, {0, 0, 0, BIT(8)}},               /* invariant TSC */
    {EXTENDED + 0x08, {0xffff, BIT(0) | BIT(9), 0, 0}}, /* CLZERO WBNOINVD; one core */
    {EXTENDED + 0x19, {ALL, ALL, 0, 0}},
    {EXTENDED + 0x1a, {ALL, 0, 0, 0}},
};

static struct cpuid_regs basic[BASIC_LEAVES], extended[EXTENDED_LEAVES];
static struct {
	uint32_t features; /* of leaf 0xd, 1: XSAVEOPT XSAVEC XGETBV1 */
	uint32_t mask;     /* of XCR0 */
	uint32_t avx_size, avx_offset;
} xsave;

static struct cpuid_regs and (struct cpuid_regs a, struct cpuid_regs b)
{
	return (struct cpuid_regs){a.eax & b.eax, a.ebx & b.ebx, a.ecx & b.ecx, a.edx & b.edx};
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void init_xsave(struct cpuid_regs (*host)(uint32_t, uint32_t), uint32_t last)
{
	if (!(basic[1].ecx & BIT(26)) || last < 0xd) {
		basic[1].ecx &= ~(BIT(26) | BIT(12) | BIT(28) | BIT(29)); /* no AVX without it */
		basic[7].ebx &= ~BIT(5);
		xsave.mask = 0;
		return;
	}
	xsave.mask = host(0xd, 0).eax & 7;
	xsave.features = host(0xd, 1).eax & 7;
	struct cpuid_regs avx = host(0xd, 2);
	xsave.avx_size = avx.eax;
	xsave.avx_offset = avx.ebx;
}

void guest_cpuid_init(struct cpuid_regs (*host)(uint32_t leaf, uint32_t subleaf))
{
	uint32_t last = host(0, 0).eax, last_extended = host(EXTENDED, 0).eax;
	for (unsigned i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		uint32_t leaf = allowed[i].leaf;
		bool is_extended = leaf >= EXTENDED;
		if (leaf > (is_extended ? last_extended : last))
			continue;
		struct cpuid_regs value = and(host(leaf, 0), allowed[i].mask);
		if (is_extended)
			extended[leaf - EXTENDED] = value;
		else
			basic[leaf] = value;
	}
	basic[0].eax = smaller(last, BASIC_LEAVES - 1);
	if (basic[0].eax >= 7)
		basic[7].ebx |= BIT(1); /* TSC_ADJUST is ours, whatever the host has */
	basic[1].ebx |= 1u << 16;       /* one CPU */
	basic[1].ecx |= BIT(31);        /* below a hypervisor */
	extended[0].eax = smaller(last_extended, EXTENDED + EXTENDED_LEAVES - 1);
	init_xsave(host, last);
}

uint64_t guest_xcr0_mask(void)
{
	return xsave.mask;
}

uint64_t guest_cr4_mask(void)
{
	static const struct {
		const uint32_t *reg;
		uint32_t bit;
		uint64_t cr4;
	} features[] = {
	    {&basic[1].ecx, BIT(26), CR4_OSXSAVE}, {&basic[1].ecx, BIT(17), CR4_PCIDE},
	    {&basic[7].ebx, BIT(0), CR4_FSGSBASE}, {&basic[7].ebx, BIT(7), CR4_SMEP},
	    {&basic[7].ebx, BIT(20), CR4_SMAP},    {&basic[7].ecx, BIT(2), CR4_UMIP},
	};
	uint64_t mask = CR4_VME | CR4_PVI | CR4_TSD | CR4_DE | CR4_PSE | CR4_PAE | CR4_MCE |
	                CR4_PGE | CR4_PCE | CR4_OSFXSR | CR4_OSXMMEXCPT;
	for (unsigned i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (*features[i].reg & features[i].bit)
			mask |= features[i].cr4;
	return mask;
}

uint64_t guest_efer_mask(void)
{
	uint64_t mask = EFER_SCE | EFER_LME;
	if (extended[1].edx & BIT(20))
		mask |= EFER_NXE;
	if (extended[1].edx & BIT(25))
		mask |= EFER_FFXSR;
	return mask;
}

static uint32_t standard_size(uint64_t components)
{
	return components & 4 ? xsave.avx_offset + xsave.avx_size : 576;
}

/* Leaf 0xd: sizes follow from what is allowed and what is enabled. */
static struct cpuid_regs state_leaf(uint32_t subleaf)
{
	struct cpuid_regs r = {0};
	if (!xsave.mask)
		return r;
	uint64_t xcr0 = xgetbv(0);
	if (subleaf == 0) {
		r.eax = xsave.mask;
		r.ebx = standard_size(xcr0);
		r.ecx = standard_size(xsave.mask);
	} else if (subleaf == 1) {
		r.eax = xsave.features;
		if (xsave.features & BIT(1))
			r.ebx = 576 + (xcr0 & 4 ? xsave.avx_size : 0);
	} else if (subleaf == 2 && (xsave.mask & 4)) {
		r.eax = xsave.avx_size;
		r.ebx = xsave.avx_offset;
	}
	return r;
}

struct cpuid_regs guest_cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r = {0};
	if (leaf == HYPERVISOR)
		return (struct cpuid_regs){HYPERVISOR, 0x65726956, 0x7269566f, 0x20206f65};
	if (leaf - EXTENDED < EXTENDED_LEAVES)
		return extended[leaf - EXTENDED];
	if (leaf >= BASIC_LEAVES || (leaf == 7 && subleaf))
		return r;
	if (leaf == 0xd)
		return state_leaf(subleaf);
	return basic[leaf];
}
