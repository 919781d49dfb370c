/* SPDX-License-Identifier: BSD-2-Clause */
/* The old ways to reset a PC: command 0xFE of the keyboard controller (there is no keyboard) and
 * bit 0 of system control port A. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/bus.h"

struct reset_ports {
	struct bus_region data, command; /* 0x60, 0x64 on the port bus */
	struct bus_region port_92;       /* 0x92 */
	void (*reset)(void *context);    /* under the guest's lock; do the work after the access */
	void *context;
	bool a20;
};

void reset_ports_init(struct reset_ports *ports, void (*reset)(void *context), void *context);
void reset_ports_reset(struct reset_ports *ports);
