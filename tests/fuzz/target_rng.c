/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entropy device over both rings; its source gives less than asked now and then.
 * Planted: guest-devices/virtio/rng.c: "size - done < PIECE ? size - done : PIECE"
 * becomes "size - done"
 */
#include "guest-devices/virtio/rng.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static struct virtio_rng rng;
static uint8_t generous;

static size_t source_read(struct rng_backend *backend, void *to, size_t size)
{
	size_t got = generous & 1 ? size : size / 2;

	(void)backend;
	memset(to, 0x77, got);
	return got;
}

static struct rng_backend source = {source_read};

static void create(struct fuzz *fuzz)
{
	memset(&rng, 0, sizeof(rng));
	generous = 1;
	virtio_rng_init(&rng, &(struct virtio_rng_config){
	                          .name = "rng",
	                          .mem = &fuzz->mem.mem,
	                          .backend = &source,
	                          .timer_scope = fuzz,
	                      });
	virtio_offer(&rng.device, VIRTIO_F_RING_PACKED);
	fuzz->device = &rng.device;
}

static void event(struct fuzz *fuzz, uint8_t what)
{
	(void)fuzz;
	generous = what;
}

const struct fuzz_target fuzz_target = {.create = create, .event = event};
