/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console over both rings; whoever shows its output takes as much as the input says, and types.
 * Planted: guest-devices/virtio/console_port.c: "port->sent, piece, sizeof(piece)"
 * becomes "port->sent, piece, 2 * sizeof(piece)"
 */
#include "guest-devices/virtio/console.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static struct virtio_console console;
static struct char_end person;
static size_t takes; /* bytes that the person's end still takes */

static size_t receive(struct char_end *end, const uint8_t *data, size_t size)
{
	volatile uint8_t sum = 0;
	size_t taken = size < takes ? size : takes;

	(void)end;
	for (size_t i = 0; i < taken; i++)
		sum = (uint8_t)(sum + data[i]);
	takes -= taken;
	return taken;
}

static void create(struct fuzz *fuzz)
{
	memset(&console, 0, sizeof(console));
	person = (struct char_end){.receive = receive};
	takes = 1000;
	virtio_console_init(&console, &(struct virtio_console_config){
	                                  .name = "console",
	                                  .mem = &fuzz->mem.mem,
	                                  .timer_scope = fuzz,
	                              });
	char_join(virtio_console_end(&console, 0), &person);
	virtio_offer(&console.device, VIRTIO_F_RING_PACKED);
	fuzz->device = &console.device;
}

static void event(struct fuzz *fuzz, uint8_t what)
{
	static const uint8_t keys[] =
	    "what somebody types at the keyboard of this guest, in one go";

	if (what & 1) {
		char_send(&person, keys, what % sizeof(keys));
		return;
	}
	takes = fuzz_u16(fuzz);
	char_ready(&person);
}

const struct fuzz_target fuzz_target = {.create = create, .event = event};
