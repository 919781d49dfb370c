/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/firmware/reset_ports.h"

#include <string.h>

#define STATUS_SELF_TEST 0x04 /* passed; both buffers empty, keyboard inhibited */
#define COMMAND_RESET    0xfe
#define PORT_92_RESET    0x01
#define PORT_92_A20      0x02

static void access_data(void *context, struct bus_access *access)
{
	(void)context;
	if (!access->write)
		access->value = 0;
}

static void access_command(void *context, struct bus_access *access)
{
	struct reset_ports *ports = context;

	if (!access->write)
		access->value = STATUS_SELF_TEST;
	else if ((uint8_t)access->value == COMMAND_RESET && ports->reset)
		ports->reset(ports->context);
}

static void access_92(void *context, struct bus_access *access)
{
	struct reset_ports *ports = context;

	if (!access->write) {
		access->value = ports->a20 ? PORT_92_A20 : 0;
		return;
	}
	ports->a20 = access->value & PORT_92_A20; /* read back only: the line is always on */
	if ((access->value & PORT_92_RESET) && ports->reset)
		ports->reset(ports->context);
}

void reset_ports_reset(struct reset_ports *ports)
{
	ports->a20 = true;
}

void reset_ports_init(struct reset_ports *ports, void (*reset)(void *context), void *context)
{
	memset(ports, 0, sizeof(*ports));
	ports->reset = reset;
	ports->context = context;
	ports->data = (struct bus_region){0x60, 1, access_data, ports, "i8042"};
	ports->command = (struct bus_region){0x64, 1, access_command, ports, "i8042"};
	ports->port_92 = (struct bus_region){0x92, 1, access_92, ports, "port92"};
	reset_ports_reset(ports);
}
