/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/fixup.h"

#include <arch/err.h>

#include "arch/x86_64/host.h"

struct fixup {
	int32_t at, to;
};

extern const struct fixup fixup_start[] __attribute__((visibility("hidden")));
extern const struct fixup fixup_end[] __attribute__((visibility("hidden")));

uint64_t fixup_find(uint64_t rip)
{
	for (const struct fixup *f = fixup_start; f < fixup_end; f++)
		if ((uint64_t)&f->at + (uint64_t)(int64_t)f->at == rip)
			return (uint64_t)&f->to + (uint64_t)(int64_t)f->to;
	return 0;
}

int rdmsr_safe(uint32_t msr, uint64_t *value)
{
	uint32_t low = 0, high = 0;
	int error = ERR_UNSUPPORTED;

	__asm__ volatile("1: rdmsr\n\t"
	                 "xor %2, %2\n\t"
	                 "2:\n\t" FIXUP("1b", "2b")
	                 : "+a"(low), "+d"(high), "+r"(error)
	                 : "c"(msr)
	                 : "memory");
	*value = error ? 0 : (uint64_t)high << 32 | low;
	return error;
}

int wrmsr_safe(uint32_t msr, uint64_t value)
{
	int error = ERR_UNSUPPORTED;

	__asm__ volatile("1: wrmsr\n\t"
	                 "xor %0, %0\n\t"
	                 "2:\n\t" FIXUP("1b", "2b")
	                 : "+r"(error)
	                 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
	                 : "memory");
	return error;
}
