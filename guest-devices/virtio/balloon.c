/* SPDX-License-Identifier: BSD-2-Clause */
/* The balloon's life, its configuration space and the two queues that move pages. */
#include "guest-devices/virtio/balloon.h"

#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/balloon_parts.h"

#define DEVICE_TYPE 5

static struct virtio_balloon *of_device(struct virtio_device *device)
{
	return (void *)((char *)device - offsetof(struct virtio_balloon, device));
}

void balloon_used(struct virtio_balloon_queue *queue, const struct vq_chain *chain)
{
	vq_push(&queue->owner->rings[queue->index], chain, 0);
}

/* Whole entries only, and not too many (BL-007). */
static uint32_t entries(const struct vq_chain *chain)
{
	uint32_t count = chain->read_size / 4;

	return count < VIRTIO_BALLOON_PAGES_MAX ? count : VIRTIO_BALLOON_PAGES_MAX;
}

/* Both ways are idempotent: a request that did not succeed as a whole is done again as a whole. The
 * array is read before the first page goes, which may be its own. */
static bool move_pages(struct virtio_balloon *balloon, bool inflate)
{
	struct balloon_backend *backend = balloon->backend;
	uint32_t count = entries(&balloon->chain);
	const uint8_t *number = balloon->numbers;
	uint64_t pages[BALLOON_BATCH];

	vq_read(&balloon->chain, 0, balloon->numbers, (size_t)count * 4);
	for (uint32_t n; count > 0; count -= n) {
		n = count < BALLOON_BATCH ? count : BALLOON_BATCH;
		for (uint32_t i = 0; i < n; i++, number += 4)
			pages[i] = (uint64_t)le32_get(number) * GUEST_PAGE;
		if (!(inflate ? backend->release : backend->restore)(backend, pages, n))
			return false;
	}
	return true;
}

static bool serve_one(struct virtio_balloon_queue *queue)
{
	struct virtio_balloon *balloon = queue->owner;

	switch (queue->index) {
	case BALLOON_INFLATE:
	case BALLOON_DEFLATE:
		return move_pages(balloon, queue->index == BALLOON_INFLATE);
	case BALLOON_HINTS:
		return balloon_hint(balloon);
	default:
		return balloon_report(balloon);
	}
}

/* A request that has to wait stays in the ring, with those behind it. */
static void serve_ring(struct virtio_balloon_queue *queue)
{
	struct virtio_balloon *balloon = queue->owner;
	struct virtqueue *ring = &balloon->rings[queue->index];
	struct work work = work_begin(ring, &queue->later);
	struct vq_mark mark = vq_mark(ring);

	while (work_next(&work, &balloon->chain)) {
		if (!serve_one(queue)) {
			vq_rewind(ring, mark);
			port_timer_set(&queue->later, port_time_ns() + VIRTIO_BALLOON_RETRY_NS);
			break;
		}
		work_spend(&work, entries(&balloon->chain) * (uint64_t)GUEST_PAGE / 4);
		balloon_used(queue, &balloon->chain);
		mark = vq_mark(ring);
	}
	virtio_notify_queue(&balloon->device, queue->index);
}

static uint64_t feature_of(unsigned queue)
{
	static const uint64_t needs[BALLOON_QUEUES] = {
	    [BALLOON_STATS] = BALLOON_F_STATS_VQ,
	    [BALLOON_HINTS] = BALLOON_F_FREE_PAGE_HINT,
	    [BALLOON_REPORTS] = BALLOON_F_PAGE_REPORTING,
	};

	return needs[queue];
}

static void notify(struct virtio_device *device, unsigned index)
{
	struct virtio_balloon *balloon = of_device(device);

	if (!virtio_has(device, feature_of(index)))
		return;
	if (index == BALLOON_STATS)
		balloon_serve_stats(balloon);
	else
		serve_ring(&balloon->queues[index]);
}

/* Linux adds its first statistics, and kicks, before DRIVER_OK. */
static void start(struct virtio_device *device)
{
	for (unsigned i = 0; i < device->queue_limit; i++)
		if (device->queues[i].enabled)
			notify(device, i);
}

static void later(void *context)
{
	struct virtio_balloon_queue *queue = context;

	if (virtio_running(&queue->owner->device))
		notify(&queue->owner->device, queue->index);
}

static void reset(struct virtio_device *device)
{
	struct virtio_balloon *balloon = of_device(device);

	for (unsigned i = 0; i < BALLOON_QUEUES; i++)
		port_timer_set(&balloon->queues[i].later, UINT64_MAX);
	memset(balloon->space + BALLOON_SPACE_ACTUAL, 0, 4);
	memset(balloon->space + BALLOON_SPACE_POISON_VAL, 0, 4);
	balloon->actual = 0;
	balloon->report_at = 0;
	balloon_stats_reset(balloon);
	balloon_hints_reset(balloon);
}

static void negotiated(struct virtio_device *device)
{
	while (!virtio_has(device, feature_of(device->queue_limit - 1)))
		device->queue_limit--;
}

static void drain(struct virtio_device *device, unsigned queue)
{
	if (queue == BALLOON_STATS)
		virtio_balloon_ask_stats(of_device(device));
}

static void queue_reset(struct virtio_device *device, unsigned queue)
{
	port_timer_set(&of_device(device)->queues[queue].later, UINT64_MAX);
	if (queue == BALLOON_STATS)
		balloon_stats_reset(of_device(device));
	if (queue == BALLOON_REPORTS)
		of_device(device)->report_at = 0;
}

/* Legacy drivers write `actual` byte by byte, the most significant last: until then it means
 * nothing (V14-BALLOON-L03). */
static void config_write(struct virtio_device *device, size_t offset, const void *from, size_t size)
{
	struct virtio_balloon *balloon = of_device(device);
	const uint8_t *bytes = from;

	for (size_t i = 0; i < size; i++, offset++) {
		bool actual = offset / 4 == BALLOON_SPACE_ACTUAL / 4;
		bool poison = offset / 4 == BALLOON_SPACE_POISON_VAL / 4 &&
		              virtio_has(device, BALLOON_F_PAGE_POISON);

		if (actual || poison)
			balloon->space[offset] = bytes[i];
		if (offset == BALLOON_SPACE_ACTUAL + 3)
			balloon->actual = le32_get(balloon->space + BALLOON_SPACE_ACTUAL);
	}
}

static const struct virtio_ops ops = {
    .reset = reset,
    .negotiated = negotiated,
    .start = start,
    .notify = notify,
    .config_write = config_write,
    .drain = drain,
    .queue_reset = queue_reset,
};

void virtio_balloon_init(struct virtio_balloon *balloon, const struct virtio_balloon_config *config)
{
	memset(balloon, 0, sizeof(*balloon));
	balloon->backend = config->backend;
	balloon->hint_last = BALLOON_CMD_ID_DONE;
	for (unsigned i = 0; i < BALLOON_QUEUES; i++)
		balloon->queues[i] = (struct virtio_balloon_queue){
		    .owner = balloon,
		    .index = i,
		    .later = {.fire = later,
		              .context = &balloon->queues[i],
		              .scope = config->timer_scope},
		};
	balloon->device = (struct virtio_device){
	    .ops = &ops,
	    .name = config->name,
	    .type = DEVICE_TYPE,
	    .offered = BALLOON_F_MUST_TELL_HOST | BALLOON_F_STATS_VQ | BALLOON_F_DEFLATE_ON_OOM |
	               BALLOON_F_FREE_PAGE_HINT | BALLOON_F_PAGE_POISON | BALLOON_F_PAGE_REPORTING,
	    .config = balloon->space,
	    .config_size = sizeof(balloon->space),
	    .queues = balloon->rings,
	    .queue_count = BALLOON_QUEUES,
	};
	balloon->rings[BALLOON_HINTS].names_pages = true;
	balloon->rings[BALLOON_REPORTS].names_pages = true;
	balloon_stats_reset(balloon);
	virtio_init(&balloon->device, config->mem, VQ_SIZE_MAX);
}

void virtio_balloon_set_target(struct virtio_balloon *balloon, uint32_t pages)
{
	balloon_hints_stop(balloon);
	le32_put(balloon->space + BALLOON_SPACE_NUM_PAGES, pages);
	virtio_config_changed(&balloon->device);
}

uint32_t virtio_balloon_target(const struct virtio_balloon *balloon)
{
	return le32_get(balloon->space + BALLOON_SPACE_NUM_PAGES);
}
