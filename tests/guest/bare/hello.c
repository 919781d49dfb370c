/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest bare guest: says that it runs and restarts itself, for ever. */
#include "tests/guest/bare/bare.h"

void bare_main(uint8_t *boot_data)
{
	print(boot_data ? "hello from a loader\n" : "hello from real mode\n");
	reset();
}
