/* SPDX-License-Identifier: BSD-2-Clause */
#include <arch/vcpu.h>

#include "arch/aarch64/sysreg.h"

enum { TGRAN16 = 20, TGRAN64 = 24, TGRAN4 = 28 }; /* ID_AA64MMFR0_EL1 */

/* 15 is "not there" for 4 and 64 KiB, 0 for 16 KiB (DDI 0487, D19.2.64). */
unsigned vcpu_page_sizes(void)
{
	uint64_t features = sysreg_read(ID_AA64MMFR0_EL1);

	return (id_field(features, TGRAN4) != 15 ? 4096 : 0) |
	       (id_field(features, TGRAN16) != 0 ? 16384 : 0) |
	       (id_field(features, TGRAN64) != 15 ? 65536 : 0);
}
