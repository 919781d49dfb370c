/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/virtio/rng.h"

#include <string.h>

#include "guest-devices/virtio/work.h"

#define DEVICE_TYPE 4
#define PIECE       256
#define RETRY_NS    10000000u /* the back-end had nothing */

/* Bytes of this slice of time that are left. */
static uint32_t allowance(struct virtio_rng *rng)
{
	uint64_t now = port_time_ns();

	if (now - rng->slice_start >= VIRTIO_RNG_SLICE_NS) {
		rng->slice_start = now;
		rng->left = VIRTIO_RNG_SLICE;
	}
	return rng->left;
}

/* At most size bytes into the chain; fewer if the back-end runs dry. */
static uint32_t fill(struct virtio_rng *rng, uint32_t size)
{
	uint8_t piece[PIECE];
	uint32_t done = 0;

	while (done < size) {
		size_t want = size - done < PIECE ? size - done : PIECE;
		size_t got = rng->backend->read(rng->backend, piece, want);

		if (got == 0 || got > want)
			break;
		vq_write(&rng->chain, done, piece, got);
		done += (uint32_t)got;
	}
	return done;
}

/* One request; false: it stays in the ring until the timer comes. */
static bool serve(struct virtio_rng *rng, struct vq_mark mark)
{
	uint32_t size = rng->chain.write_size, most = allowance(rng), got;

	if (size > most)
		size = most;
	got = fill(rng, size);
	if (got == 0 && rng->chain.write_size > 0) {
		vq_rewind(&rng->queue, mark);
		port_timer_set(&rng->later, most == 0 ? rng->slice_start + VIRTIO_RNG_SLICE_NS
		                                      : port_time_ns() + RETRY_NS);
		return false;
	}
	rng->left -= got;
	rng->bytes += got;
	vq_push(&rng->queue, &rng->chain, got);
	return true;
}

static void serve_ring(struct virtio_rng *rng)
{
	struct work work = work_begin(&rng->queue, &rng->later);
	struct vq_mark mark = vq_mark(&rng->queue);

	while (work_next(&work, &rng->chain) && serve(rng, mark))
		mark = vq_mark(&rng->queue);
	virtio_notify_queue(&rng->device, 0);
}

static void later(void *context)
{
	struct virtio_rng *rng = context;

	if (virtio_running(&rng->device))
		serve_ring(rng);
}

static void notify(struct virtio_device *device, unsigned queue)
{
	(void)queue;
	serve_ring((void *)((char *)device - offsetof(struct virtio_rng, device)));
}

static void reset(struct virtio_device *device)
{
	struct virtio_rng *rng = (void *)((char *)device - offsetof(struct virtio_rng, device));

	port_timer_set(&rng->later, UINT64_MAX);
}

static const struct virtio_ops ops = {.reset = reset, .notify = notify};

void virtio_rng_init(struct virtio_rng *rng, const struct virtio_rng_config *config)
{
	memset(rng, 0, sizeof(*rng));
	rng->backend = config->backend;
	rng->left = VIRTIO_RNG_SLICE;
	rng->slice_start = port_time_ns();
	rng->later =
	    (struct port_timer){.fire = later, .context = rng, .scope = config->timer_scope};
	rng->device = (struct virtio_device){
	    .ops = &ops,
	    .name = config->name,
	    .type = DEVICE_TYPE,
	    .queues = &rng->queue,
	    .queue_count = 1,
	};
	virtio_init(&rng->device, config->mem, VQ_SIZE_MAX);
}
