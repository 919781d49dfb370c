/* SPDX-License-Identifier: BSD-2-Clause */
/* The console under a driver of before version 1.0: fields and messages are little-endian, as the
 * guests are. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/virtio/console.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/proves.h"

static struct rig rig;
static struct virtio_console console;

static void setup(void)
{
	rig_init(&rig);
	virtio_console_init(&console, &(struct virtio_console_config){.name = "test console",
	                                                              .mem = &rig.mem.mem,
	                                                              .cols = 0x102,
	                                                              .rows = 24,
	                                                              .ports = 2});
	rig_plug(&rig, &console.device);
	rig_start_legacy(&rig, 3);
}

static void teardown(void)
{
	rig_free(&rig);
}

TestSuite(console_legacy, .init = setup, .fini = teardown, .timeout = 60);

PROVES("V14-CONSOLE-L01")
Test(console_legacy, configuration)
{
	struct bus_access access = {.size = 2};

	virtio_legacy_config_access(&console.device, 0, &access);
	cr_expect_eq(access.value, 0x102);
	virtio_legacy_config_access(&console.device, 4, &access);
	cr_expect_eq(access.value, 2);
}

PROVES("V14-CONSOLE-L02")
Test(console_legacy, messages)
{
	static const uint8_t ready[8] = {[6] = 1}, add[8] = {[0] = 1, [4] = 1, [6] = 1};
	uint64_t out = rig_alloc(&rig, 8), in = rig_alloc(&rig, 16);

	memcpy(rig_at(&rig, out, 8), ready, 8);
	rig_offer(&rig, 2, &(struct rig_buffer){in, 8, true}, 1);
	rig_offer(&rig, 2, &(struct rig_buffer){in + 8, 8, true}, 1);
	rig_offer(&rig, 3, &(struct rig_buffer){out, 8, false}, 1);
	rig_kick(&rig, 3);
	cr_assert_eq(rig_used_count(&rig, 2), 2);
	cr_expect(memcmp(rig_at(&rig, in + 8, 8), add, 8) == 0);
}
