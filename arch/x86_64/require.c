/* SPDX-License-Identifier: BSD-2-Clause */
/* What the hypervisor cannot do without, looked at while firmware can still show the answer. */
#include "arch/x86_64/host.h"

const char *arch_missing(const struct boot_info *info)
{
	struct cpuid_regs extended = cpuid(0x80000001, 0);

	(void)info;
	if (read_cr4() & CR4_LA57) /* cannot be left without leaving long mode */
		return "firmware runs with five-level page tables; switch them off in its set-up";
	if (!(extended.edx >> 20 & 1))
		return "the CPU offers no NX; switch on \"Execute Disable\" in the firmware's "
		       "set-up";
	if (!(extended.ecx >> 2 & 1))
		return "the CPU offers no AMD SVM; if it has it, switch on \"SVM Mode\" in the "
		       "firmware's set-up";
	if (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS)
		return "the firmware has disabled AMD SVM; switch on \"SVM Mode\" in its set-up";
	if (!(cpuid(0x8000000a, 0).edx & 1))
		return "the CPU's AMD SVM has no nested paging, which is needed";
	return NULL;
}
