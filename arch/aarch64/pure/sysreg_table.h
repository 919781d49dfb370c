/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done about a register or system instruction of a guest that exits. Pure. */
#pragma once

#include "arch/aarch64/pure/syndrome.h"

enum sysreg_kind {
	SYSREG_UNDEFINED, /* all that are not listed */
	SYSREG_ZERO,      /* reads as zero, writes are ignored */
	SYSREG_ID,        /* an identification register */
	SYSREG_OSLSR,     /* the OS lock: there, and open */
	SYSREG_MDSCR,     /* single step of the guest by itself */
	SYSREG_COUNTER,   /* the physical counter, which reads as the virtual one */
	SYSREG_ICC_SRE,   /* system register access is on for good */
	SYSREG_SGI1R,     /* interrupts other vCPUs */
	SYSREG_KINDS
};

/* gicv3: the guest has the GIC's system registers. An access that the register does not have
 * (a write of one that can only be read) is SYSREG_UNDEFINED. */
enum sysreg_kind sysreg_kind(uint32_t key, bool write, bool gicv3);
