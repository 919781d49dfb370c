/* SPDX-License-Identifier: BSD-2-Clause */
/* Random numbers for ports, identifiers and hash seeds. Boot CPU. */
#pragma once

#include <stdint.h>

/* From the hypervisor's generator; before it has a seed, a mixed cycle counter. */
uint32_t net_random(void);
