/* SPDX-License-Identifier: BSD-2-Clause */
/* Allocations that fail when a test wants it. */
#include "arch/hosted/hosted.h"

struct hosted_memory hosted_memory;

bool hosted_allocation_fails(void)
{
	return hosted_memory.fail_at && --hosted_memory.fail_at == 0;
}
