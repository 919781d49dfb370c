/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/net/random.h"

#include <arch/time.h>

#include "hv/rng.h"

uint32_t net_random(void)
{
	static uint64_t state;
	uint32_t value;
	if (rng_read(&value, sizeof(value)) == sizeof(value))
		return value;
	state = (state ^ time_cycles()) * 0x9e3779b97f4a7c15ull;
	state ^= state >> 29;
	return (uint32_t)(state >> 32);
}
