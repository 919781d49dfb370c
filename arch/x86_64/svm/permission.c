/* SPDX-License-Identifier: BSD-2-Clause */
/* Permission maps: every port exits; so does every MSR but those that the VMCB holds for a guest.
 */
#include <arch/err.h>
#include <arch/pages.h>
#include <string.h>

#include "arch/x86_64/regs.h"
#include "arch/x86_64/svm/svm.h"

#define IOPM_PAGES  3
#define MSRPM_PAGES 2

uint64_t svm_iopm, svm_msrpm;

/* APM volume 2, 15.11: two bits (read, write) an MSR, 2 KiB a range of 0x2000 MSRs. */
static void allow(uint8_t *map, uint32_t msr)
{
	static const uint32_t ranges[] = {0, 0xc0000000, 0xc0010000};
	for (unsigned i = 0; i < 3; i++) {
		uint32_t number = msr - ranges[i];
		if (number < 0x2000)
			map[0x800 * i + number / 4] &= (uint8_t) ~(3u << (number % 4 * 2));
	}
}

int svm_permission_init(void)
{
	static const uint32_t allowed[] = {
	    MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP, MSR_STAR,    MSR_LSTAR,
	    MSR_CSTAR,       MSR_SFMASK,       MSR_FS_BASE,      MSR_GS_BASE, MSR_KERNEL_GS_BASE,
	};
	uint8_t *iopm = pages_alloc(IOPM_PAGES, PAGE_SIZE);
	uint8_t *msrpm = pages_alloc(MSRPM_PAGES, PAGE_SIZE);
	if (!iopm || !msrpm)
		return ERR_NO_MEMORY;
	memset(iopm, 0xff, IOPM_PAGES * PAGE_SIZE);
	memset(msrpm, 0xff, MSRPM_PAGES * PAGE_SIZE);
	for (unsigned i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		allow(msrpm, allowed[i]);
	svm_iopm = (uintptr_t)iopm;
	svm_msrpm = (uintptr_t)msrpm;
	return 0;
}
