/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of a guest's stage 2, for the files of arch/aarch64 only. */
#pragma once

#include "arch/aarch64/vcpu.h"

void stage2_enable(void); /* on this CPU: forget what firmware left in the TLB */

/* No CPU holds a copy of what was in the tables, or of what was made out of it. */
void stage2_invalidate(struct nested *tables);

/* The vCPU is about to be loaded on this CPU: make sure that it finds no other's translations. */
void stage2_enter(struct stage2 *s2, const struct vcpu *vcpu);

/* A guest that begins with its MMU off reads memory, not caches: what the hypervisor wrote for it
 * goes there. */
void stage2_clean(const struct stage2 *s2);
