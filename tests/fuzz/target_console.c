/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console over both rings, with one port or several; whoever shows a port's output takes as
 * much as the input says, types, and comes and goes.
 * Planted: guest-devices/virtio/console_port.c: "port->sent, piece, sizeof(piece)"
 * becomes "port->sent, piece, 2 * sizeof(piece)"
 */
#include "guest-devices/virtio/console.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static struct virtio_console console;
static struct person {
	struct char_end end;
	size_t takes; /* bytes that it still takes */
} people[VIRTIO_CONSOLE_PORTS];

static size_t receive(struct char_end *end, const uint8_t *data, size_t size)
{
	struct person *person = (struct person *)end; /* its first member */
	volatile uint8_t sum = 0;
	size_t taken = size < person->takes ? size : person->takes;

	for (size_t i = 0; i < taken; i++)
		sum = (uint8_t)(sum + data[i]);
	person->takes -= taken;
	return taken;
}

static void create(struct fuzz *fuzz)
{
	uint8_t how = fuzz_u8(fuzz);

	virtio_console_init(&console, &(struct virtio_console_config){
	                                  .name = "console",
	                                  .mem = &fuzz->mem.mem,
	                                  .cols = how & 2 ? 80 : 0,
	                                  .rows = how & 2 ? 25 : 0,
	                                  .ports = how & 1 ? VIRTIO_CONSOLE_PORTS : 0,
	                                  .names = {NULL, "log", "second"},
	                                  .timer_scope = fuzz,
	                              });
	for (unsigned i = 0; i < console.port_count; i++) {
		people[i] = (struct person){{.receive = receive}, 1000};
		char_join(virtio_console_end(&console, i), &people[i].end);
	}
	virtio_offer(&console.device, VIRTIO_F_RING_PACKED);
	fuzz->device = &console.device;
}

static void event(struct fuzz *fuzz, uint8_t what)
{
	static const uint8_t keys[] =
	    "what somebody types at the keyboard of this guest, in one go";
	unsigned port = (what >> 6) % console.port_count;

	switch (what & 7) {
	case 0:
		virtio_console_open(&console, port, what & 8);
		break;
	case 4:
		virtio_console_plug(&console, port, what & 8);
		break;
	case 6:
		virtio_console_resize(&console, fuzz_u16(fuzz), 25);
		break;
	case 2:
		people[port].takes = (size_t)fuzz_u16(fuzz) << 8;
		char_ready(&people[port].end);
		break;
	default:
		char_send(&people[port].end, keys, what % sizeof(keys));
	}
}

const struct fuzz_target fuzz_target = {.create = create, .event = event};
