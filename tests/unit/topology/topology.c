/* SPDX-License-Identifier: BSD-2-Clause */
/* What CPUID says about the places of a guest's CPUs, as a guest works it out. */
#include <criterion/criterion.h>

#include "arch/x86_64/topology.c"

enum { MOST = 16 };

static struct cpuid_regs leaf(uint32_t number, uint32_t subleaf, unsigned id, unsigned count)
{
	struct cpuid_regs r = {1, 0x00010800, 1, 4}; /* of the leaf as the host has it */

	cr_assert(topology_has(number));
	topology_leaf(number, subleaf, id, count, &r);
	return r;
}

Test(topology, leaf_1_has_the_apic_id_and_the_number_of_cpus)
{
	for (unsigned count = 1; count <= MOST; count++) {
		for (unsigned id = 0; id < count; id++) {
			struct cpuid_regs r = leaf(1, 0, id, count);

			cr_assert_eq(r.ebx >> 24, id);
			cr_assert_eq(r.ebx >> 16 & 0xff, count);
			cr_assert_eq(r.ebx & 0xffff, 0x0800, "CLFLUSH stays");
			cr_assert_eq(r.edx >> 28 & 1, count > 1);
			cr_assert_eq(r.eax, 1);
		}
	}
}

/* APM volume 3, E.3.7: each level says how far to shift an APIC id for the next one's. */
Test(topology, leaf_b_puts_every_cpu_into_one_package)
{
	for (unsigned count = 1; count <= MOST; count++) {
		for (unsigned id = 0; id < count; id++) {
			struct cpuid_regs thread = leaf(0xb, 0, id, count);
			struct cpuid_regs core = leaf(0xb, 1, id, count);
			struct cpuid_regs end = leaf(0xb, 2, id, count);

			cr_assert_eq(thread.eax, 0);
			cr_assert_eq(thread.ebx, 1, "one thread a core");
			cr_assert_eq(thread.ecx, 0x100);
			cr_assert_eq(core.ebx, count);
			cr_assert_eq(core.ecx, 0x201);
			cr_assert_eq(id >> core.eax, 0, "package 0");
			cr_assert_lt(1u << core.eax, 2 * count, "no bit more than needed");
			cr_assert(end.eax == 0 && end.ebx == 0 && end.ecx == 2);
			cr_assert(thread.edx == id && core.edx == id && end.edx == id);
		}
	}
}

Test(topology, cores_as_amd_counts_them)
{
	for (unsigned count = 1; count <= MOST; count++) {
		struct cpuid_regs size = leaf(0x80000008, 0, 0, count);

		cr_assert_eq((size.ecx & 0xff) + 1, count);
		cr_assert_geq(1u << (size.ecx >> 12 & 0xf), count);
		cr_assert_eq(leaf(0x80000001, 0, 0, count).ecx >> 1 & 1, count > 1);
	}
}

Test(topology, other_leaves_are_the_same_for_all)
{
	cr_assert(!topology_has(0));
	cr_assert(!topology_has(7));
	cr_assert(!topology_has(0x80000000));
	cr_assert(!topology_has(0x40000000));
	cr_assert(!topology_has(0x11));
}
