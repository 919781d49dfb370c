/* SPDX-License-Identifier: BSD-2-Clause */
/* What the device library asks from outside, for tests: time stands still unless a test moves it.
 * Weak, so that a test which links hv's own port functions gets those. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/port.h"

struct fake_port {
	uint64_t now_ns;
	int64_t wall; /* seconds since 1970 at time 0 */
	unsigned log_lines;
	char log[256]; /* the last line */
	struct port_timer *timers;
	uint64_t fired;
};
extern struct fake_port fake_port;

void fake_port_reset(void); /* time 0, timers forgotten, log empty */
/* Move time by ns; timers that come due fire in order, each at its deadline. */
void fake_port_advance(uint64_t ns);
