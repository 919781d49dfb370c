/* SPDX-License-Identifier: BSD-2-Clause */
/* The block device under a driver of before version 1.0. All fields are little-endian, as the
 * guests are. */
#include <string.h>

#include "tests/unit/blk/fixture.h"

static void setup(void)
{
	blk_setup_full(F_FLUSH);
}

TestSuite(blk_legacy, .init = setup, .fini = blk_teardown, .timeout = 60);

static uint64_t field(unsigned offset, uint8_t size)
{
	struct bus_access access = {.size = size};

	virtio_legacy_config_access(&blk.device, offset, &access);
	return access.value;
}

static void set_cache(uint8_t on)
{
	struct bus_access access = {.size = 1, .write = true, .value = on};

	virtio_legacy_config_access(&blk.device, 32, &access);
}

PROVES("V14-BLK-005")
Test(blk_legacy, no_zones)
{
	cr_expect_eq(virtio_legacy_offered(&blk.device) & F_ZONED, 0);
	cr_expect(virtio_legacy_offered(&blk.device) & F_FLUSH);
}

PROVES("V14-BLK-L01", "V14-BLK-L05")
Test(blk_legacy, little_endian)
{
	uint64_t data = rig_alloc(&rig, 512);
	struct outcome outcome;

	rig_start_legacy(&rig, F_FLUSH);
	cr_expect_eq(field(0, 4), DISK_SIZE / 512);
	cr_expect_eq(field(8, 4), VIRTIO_BLK_SIZE_MAX);
	outcome = request(T_IN, 0x102, data, 512);
	cr_expect(outcome.used && outcome.status == S_OK);
	cr_expect(memcmp(rig_at(&rig, data, 512), disk.data + 0x102 * 512, 512) == 0);
}

PROVES("V14-BLK-L06")
Test(blk_legacy, flush_out_is_a_flush)
{
	cr_expect_eq(request(T_FLUSH_OUT, 0, 0, 0).status, S_UNSUPP);
	rig_start_legacy(&rig, F_FLUSH);
	cr_expect_eq(request(T_FLUSH_OUT, 0, 0, 0).status, S_OK);
	cr_expect_eq(disk.flushes, 1);
}

/* Neither status nor features change the mode: only the driver's own write does. */
PROVES("V14-BLK-L02", "V14-BLK-L03", "V14-BLK-L04")
Test(blk_legacy, the_cache_mode_is_the_drivers)
{
	struct virtio_device *device = &blk.device;

	rig_reset(&rig);
	virtio_legacy_set_status(device, VIRTIO_ACKNOWLEDGE);
	virtio_legacy_set_status(device, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	virtio_legacy_set_features(device, F_CONFIG_WCE);
	cr_expect_eq(field(32, 1), 1);
	virtio_legacy_set_features(device, F_CONFIG_WCE | F_FLUSH);
	cr_expect_eq(field(32, 1), 1);
	virtio_legacy_set_features(device, F_CONFIG_WCE);
	virtio_legacy_set_status(device, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_DRIVER_OK);
	cr_expect_eq(field(32, 1), 1);
	set_cache(0);
	cr_expect_eq(field(32, 1), 0);
	set_cache(1);
	cr_expect_eq(field(32, 1), 1);
}

Test(blk_legacy, write_through_without_flush)
{
	rig_start_legacy(&rig, 0);
	cr_expect_eq(request(T_OUT, 1, rig_alloc(&rig, 512), 512).status, S_OK);
	cr_expect_eq(disk.flushes, 1);
}
