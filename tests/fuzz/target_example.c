/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The example device over both rings, while what it allows changes.
 * Planted: guest-devices/virtio/example.c: "*size > example->text_max"
 * becomes "*size > UINT32_MAX - 1"
 */
#include <string.h>

#include "guest-devices/virtio/example.h"
#include "tests/fuzz/fuzz.h"

static struct virtio_example example;

static void create(struct fuzz *fuzz)
{
	virtio_example_init(&example, &(struct virtio_example_config){
	                                  .name = "example",
	                                  .mem = &fuzz->mem.mem,
	                                  .timer_scope = fuzz,
	                                  .text_max = EXAMPLE_TEXT_MAX,
	                              });
	virtio_offer(&example.device, VIRTIO_F_RING_PACKED);
	fuzz->device = &example.device;
}

static void event(struct fuzz *fuzz, uint8_t what)
{
	(void)fuzz;
	virtio_example_set_text_max(&example, 16u * what);
}

const struct fuzz_target fuzz_target = {.create = create, .event = event};
