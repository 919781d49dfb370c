/* SPDX-License-Identifier: BSD-2-Clause */
/* DF-003 for the console: control messages change under it. Proven: the port's number read again
 * after its check fails. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/virtio/console.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/flip.h"

enum { CONTROL_RX = 2, CONTROL_TX = 3, PAGE = 4096 };
enum { DEVICE_READY = 0, PORT_READY = 3, PORT_OPEN = 6 };

static struct rig rig;
static struct virtio_console console;

TestSuite(console_fetch, .timeout = 120);

struct message {
	uint32_t id;
	uint16_t event, value;
};

static void tell(struct message message)
{
	uint64_t at = rig_alloc(&rig, 8);

	memcpy(rig_at(&rig, at, 8), &message, 8);
	rig_offer(&rig, CONTROL_TX, &(struct rig_buffer){at, 8, false}, 1);
	rig_kick(&rig, CONTROL_TX);
}

static uint8_t *setup(void)
{
	rig_init(&rig);
	virtio_console_init(&console,
	                    &(struct virtio_console_config){.name = "test console",
	                                                    .mem = &rig.mem.mem,
	                                                    .ports = 3,
	                                                    .names = {NULL, "one", "two"}});
	rig_plug(&rig, &console.device);
	cr_assert(rig_start(&rig, 2));
	rig.heap = RIG_HEAP + PAGE;
	for (unsigned i = 0; i < 20; i++)
		rig_offer(&rig, CONTROL_RX, &(struct rig_buffer){rig_alloc(&rig, 64), 64, true}, 1);
	tell((struct message){0, DEVICE_READY, 1});
	rig_offer(&rig, CONTROL_TX, &(struct rig_buffer){RIG_HEAP, 8, false}, 1);
	return rig_at(&rig, RIG_HEAP, 8);
}

static void kick(void)
{
	rig_kick(&rig, CONTROL_TX);
}

static void outcome(uint8_t *out)
{
	for (unsigned i = 0; i < 3; i++) {
		out[i] = console.ports[i].driver_open;
		out[3 + i] = console.ports[i].added;
		out[6 + i] = (uint8_t)console.ports[i].to_tell;
	}
	out[9] = rig_status(&rig);
	memcpy(out + 16, &console.stats, sizeof(console.stats));
	memcpy(out + 64,
	       (uint16_t[]){raw_used_idx(&rig.rings[CONTROL_RX]),
	                    raw_used_idx(&rig.rings[CONTROL_TX])},
	       4);
	memcpy(out + 128, rig_at(&rig, RIG_HEAP + PAGE, 20 * 64), 20 * 64);
}

static void teardown(void)
{
	rig_free(&rig);
}

Test(console_fetch, DF_003_control_messages_flip)
{
	static const struct message faces[] = {{1, PORT_OPEN, 1},          {2, PORT_OPEN, 1},
	                                       {1, PORT_READY, 1},         {2, PORT_READY, 1},
	                                       {99, PORT_OPEN, 1},         {0, DEVICE_READY, 1},
	                                       {0x80000001, PORT_READY, 1}};

	for (unsigned i = 0; i < 7; i++)
		for (unsigned j = 0; j < i; j++) {
			struct flip flip = {
			    setup,           kick, outcome, teardown, {&faces[i], &faces[j]},
			    sizeof(faces[0])};
			struct flip_report report = flip_everywhere(&flip);

			cr_assert(report.differ || (i == 6 && j == 4));
			cr_assert_gt(report.accesses, 0);
			cr_expect_eq(report.strange, 0, "%u of %u runs", report.strange,
			             report.runs);
		}
}
