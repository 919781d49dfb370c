/* SPDX-License-Identifier: BSD-2-Clause */
/* The two kinds of hypervisor control interface to the virtual CPU interface, behind one table. */
#pragma once

#include "arch/aarch64/vcpu.h"

struct list_ops {
	/* On this CPU: ready for guests, nothing listed. Returns how many list registers there are.
	 */
	unsigned (*enable)(void);
	void (*write)(unsigned n, uint64_t lr);
	uint64_t (*read)(unsigned n, uint64_t lr); /* lr: what was written */
	void (*set_control)(uint64_t hcr);
	uint64_t (*control)(void);
	void (*save)(struct list_state *state);
	void (*load)(const struct list_state *state);
};
extern const struct list_ops lists_v2, lists_v3;

/* ICH_HCR_EL2, GICH_HCR. */
#define LIST_EN            (1u << 0)
#define LIST_LRENPIE       (1u << 2) /* EOI of what is not listed */
#define LIST_NPIE          (1u << 3) /* nothing pending is left */
#define LIST_EOICOUNT(hcr) ((unsigned)((hcr) >> 27 & 31))

/* ICH_VTR_EL2, GICH_VTR. */
#define LIST_REGISTERS(vtr) (((unsigned)(vtr)&31) + 1)
