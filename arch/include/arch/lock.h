/* SPDX-License-Identifier: BSD-2-Clause */
/* Fair spin lock (ticket). Interrupts are off in the hypervisor, so there is no irqsave variant. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

struct lock {
	atomic_uint next, owner;
};

void lock_take(struct lock *lock);
void lock_drop(struct lock *lock);
