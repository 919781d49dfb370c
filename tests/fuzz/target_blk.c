/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The block device over both rings; its disk answers when the input says so.
 * Planted: guest-devices/virtio/blk_ranges.c: " || size / RANGE_SIZE > VIRTIO_BLK_RANGES"
 * becomes ""
 */
#include "guest-devices/virtio/blk.h"
#include "tests/fuzz/disk.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static struct virtio_blk blk;
static struct fuzz_disk disk;

static void create(struct fuzz *fuzz)
{
	uint8_t how = fuzz_u8(fuzz);

	memset(&blk, 0, sizeof(blk));
	fuzz_disk_init(&disk, how & 4 ? 0 : ~0u);
	disk.backend.read_only = how & 1;
	disk.at_once = how & 8;
	virtio_blk_init(&blk, &(struct virtio_blk_config){
	                          .name = "blk",
	                          .mem = &fuzz->mem.mem,
	                          .backend = &disk.backend,
	                          .queues = how & 2 ? 4 : 1,
	                          .timer_scope = fuzz,
	                      });
	virtio_offer(&blk.device, VIRTIO_F_RING_PACKED);
	fuzz->device = &blk.device;
}

static void event(struct fuzz *fuzz, uint8_t what)
{
	(void)fuzz;
	if (what == 0xff) {
		disk.backend.capacity += 512;
		virtio_blk_resized(&blk);
	}
	fuzz_disk_event(&disk, what);
}

static void settle(struct fuzz *fuzz)
{
	(void)fuzz;
	fuzz_disk_settle(&disk);
}

const struct fuzz_target fuzz_target = {.create = create, .event = event, .settle = settle};
