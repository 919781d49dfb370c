/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fuzz/echo.h"

#include <stdlib.h>
#include <string.h>

#define KEPT 16

static struct echo {
	struct virtio_device device;
	struct virtqueue queues[2];
	uint8_t config[8];
	struct vq_chain kept[KEPT];
	unsigned queue_of[KEPT], kept_count, seen;
} echo;

/* No more than the smaller side holds. */
static uint32_t copy(const struct vq_chain *chain)
{
	uint8_t bytes[256];
	uint32_t size = chain->read_size < chain->write_size ? chain->read_size : chain->write_size;

	size = size < sizeof(bytes) ? size : sizeof(bytes);
	if (vq_read(chain, 0, bytes, size) != size || vq_write(chain, 0, bytes, size) != size)
		abort();
	return size;
}

static void notify(struct virtio_device *device, unsigned queue)
{
	static struct vq_chain chain;

	for (unsigned budget = 64; budget && vq_pop(&device->queues[queue], &chain); budget--) {
		if (++echo.seen % 3 || echo.kept_count == KEPT) {
			virtio_used(device, queue, &chain, copy(&chain));
			continue;
		}
		echo.queue_of[echo.kept_count] = queue;
		echo.kept[echo.kept_count++] = chain;
	}
}

static void reset(struct virtio_device *device)
{
	(void)device;
}

void echo_create(struct fuzz *fuzz)
{
	static const struct virtio_ops ops = {.reset = reset, .notify = notify};

	memset(&echo, 0, sizeof(echo));
	echo.device = (struct virtio_device){
	    .ops = &ops,
	    .name = "echo",
	    .type = 4,
	    .config = echo.config,
	    .config_size = sizeof(echo.config),
	    .queues = echo.queues,
	    .queue_count = 2,
	};
	virtio_init(&echo.device, &fuzz->mem.mem, VQ_SIZE_MAX);
	virtio_offer(&echo.device, VIRTIO_F_RING_PACKED);
	fuzz->device = &echo.device;
}

/* The oldest or the newest kept chain comes back; after a reset it is stale. */
void echo_event(struct fuzz *fuzz, uint8_t what)
{
	unsigned i = what & 1 ? 0 : echo.kept_count - 1;

	if (!echo.kept_count)
		return;
	virtio_used(fuzz->device, echo.queue_of[i], &echo.kept[i], 0);
	echo.kept_count--;
	echo.kept[i] = echo.kept[echo.kept_count];
	echo.queue_of[i] = echo.queue_of[echo.kept_count];
	if (what & 2)
		virtio_config_changed(fuzz->device);
}

void echo_settle(struct fuzz *fuzz)
{
	while (echo.kept_count)
		echo_event(fuzz, 1);
}
