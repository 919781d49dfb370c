/* SPDX-License-Identifier: BSD-2-Clause */
/* The block device's life, its rings and the slots that requests travel in. */
#include "guest-devices/virtio/blk.h"

#include <string.h>

#include "guest-devices/virtio/blk_parts.h"
#include "guest-devices/virtio/work.h"

#define DEVICE_TYPE 2

static void serve_ring(struct virtio_blk_queue *queue);

static struct virtio_blk *of_device(struct virtio_device *device)
{
	return (void *)((char *)device - offsetof(struct virtio_blk, device));
}

/* A slot for the queue, still in the list; NULL: requests wait in the ring until one is back. */
static struct virtio_blk_slot *slot_for(const struct virtio_blk_queue *queue)
{
	return queue->held < queue->owner->share ? queue->owner->free_slots : NULL;
}

static void slot_take(struct virtio_blk_slot *slot, struct virtio_blk_queue *queue)
{
	slot->queue = queue;
	queue->owner->free_slots = slot->next_free;
	queue->held++;
	virtio_hold(&queue->owner->device);
}

static void slot_release(struct virtio_blk_slot *slot)
{
	struct virtio_blk *blk = slot->queue->owner;

	slot->queue->held--;
	slot->next_free = blk->free_slots;
	blk->free_slots = slot;
	virtio_release(&blk->device);
}

/* "used" counts an unbroken run of bytes from the start (2.7.8.2): data, and the status after it.
 */
static uint32_t with_status(const struct vq_chain *chain, uint32_t data)
{
	return data + 1 == chain->write_size ? data + 1 : data;
}

static void answer(const struct virtio_blk_slot *slot, uint8_t status, uint32_t written)
{
	struct virtio_blk *blk = slot->queue->owner;
	struct virtqueue *ring = &blk->rings[slot->queue->index];
	const struct vq_chain *chain = &slot->chain;

	if (!virtio_running(&blk->device))
		return;
	if (chain->write_size > 0)
		vq_write(chain, chain->write_size - 1, &status, 1);
	blk->stats.errors += status != BLK_S_OK;
	vq_push(ring, chain, written);
}

static void finish_with(struct virtio_blk_slot *slot, uint8_t status, uint32_t written)
{
	struct virtio_blk_queue *queue = slot->queue;
	bool full = queue->held == queue->owner->share;

	answer(slot, status, written);
	slot_release(slot);
	if (queue->working)
		return;
	virtio_notify_queue(&queue->owner->device, queue->index);
	if (full && virtio_running(&queue->owner->device))
		serve_ring(queue);
}

void blk_finish(struct virtio_blk_slot *slot, uint8_t status, uint32_t data)
{
	finish_with(slot, status, with_status(&slot->chain, data));
}

void blk_refuse(struct virtio_blk_slot *slot)
{
	finish_with(slot, BLK_S_IOERR, 0);
}

void blk_put_off(struct virtio_blk_slot *slot)
{
	slot->next_free = slot->queue->unfinished;
	slot->queue->unfinished = slot;
	port_timer_set(&slot->queue->later, port_time_ns() + 1);
}

/* Its buffers are the driver's again if the queue or the device was reset since. */
static void go_on(struct virtio_blk_queue *queue)
{
	struct virtio_blk_slot *slot = queue->unfinished;
	struct virtio_blk *blk = queue->owner;

	queue->unfinished = slot->next_free;
	if (slot->chain.epoch == blk->rings[queue->index].epoch && virtio_running(&blk->device))
		blk_go_on(slot);
	else
		blk_finish(slot, BLK_S_IOERR, 0);
}

/* The cost is known before the request may be gone. */
static void serve(struct work *work, struct virtio_blk_slot *slot)
{
	uint64_t before = slot->queue->owner->stats.cleared_bytes;

	work_spend(work, (uint64_t)slot->chain.read_size + slot->chain.write_size);
	blk_serve(slot);
	work_spend(work, slot->queue->owner->stats.cleared_bytes - before);
}

/* Requests wait in the ring while the back-end holds all that the queue may have there;
 * finish_with() goes on then. */
static void serve_ring(struct virtio_blk_queue *queue)
{
	struct virtio_blk *blk = queue->owner;
	struct work work = work_begin(&blk->rings[queue->index], &queue->later);
	struct virtio_blk_slot *slot;

	queue->working = true;
	while ((slot = slot_for(queue)) && work_next(&work, &slot->chain)) {
		slot_take(slot, queue);
		serve(&work, slot);
	}
	queue->working = false;
	virtio_notify_queue(&blk->device, queue->index);
}

static void later(void *context)
{
	struct virtio_blk_queue *queue = context;

	if (queue->unfinished)
		go_on(queue);
	if (queue->unfinished)
		port_timer_set(&queue->later, port_time_ns() + 1);
	if (virtio_running(&queue->owner->device))
		serve_ring(queue);
}

static void reset(struct virtio_device *device)
{
	struct virtio_blk *blk = of_device(device);

	/* held slots come back when the back-end is done; their chains are stale by then */
	for (unsigned i = 0; i < device->queue_count; i++) {
		while (blk->queues[i].unfinished)
			go_on(&blk->queues[i]);
		port_timer_set(&blk->queues[i].later, UINT64_MAX);
	}
	blk_space_reset(blk);
}

static void negotiated(struct virtio_device *device)
{
	struct virtio_blk *blk = of_device(device);

	if (!virtio_has(device, BLK_F_MQ))
		device->queue_limit = 1;
	blk->share = VIRTIO_BLK_IN_FLIGHT / device->queue_limit;
	blk_space_negotiated(blk);
}

static void notify(struct virtio_device *device, unsigned queue)
{
	struct virtio_blk *blk = of_device(device);

	if (!blk->queues[queue].working)
		serve_ring(&blk->queues[queue]);
}

static const struct virtio_ops ops = {
    .reset = reset,
    .negotiated = negotiated,
    .notify = notify,
    .config_write = blk_space_write,
};

static void init_queues(struct virtio_blk *blk, void *timer_scope)
{
	for (unsigned i = 0; i < blk->device.queue_count; i++)
		blk->queues[i] = (struct virtio_blk_queue){
		    .owner = blk,
		    .index = i,
		    .later = {.fire = later, .context = &blk->queues[i], .scope = timer_scope},
		};
	for (unsigned i = VIRTIO_BLK_IN_FLIGHT; i-- > 0;) {
		blk->slots[i].next_free = blk->free_slots;
		blk->free_slots = &blk->slots[i];
	}
}

void virtio_blk_init(struct virtio_blk *blk, const struct virtio_blk_config *config)
{
	memset(blk, 0, sizeof(*blk));
	blk->backend = config->backend;
	blk->device = (struct virtio_device){
	    .ops = &ops,
	    .name = config->name,
	    .type = DEVICE_TYPE,
	    .config = blk->space,
	    .config_size = sizeof(blk->space),
	    .queues = blk->rings,
	    .queue_count = config->queues ? config->queues : 1,
	};
	init_queues(blk, config->timer_scope);
	blk_space_init(blk, config->size_max ? config->size_max : VIRTIO_BLK_SIZE_MAX);
	blk->device.offered = blk_offered(blk);
	virtio_init(&blk->device, config->mem, VQ_SIZE_MAX);
}

void virtio_blk_resized(struct virtio_blk *blk)
{
	blk_space_capacity(blk);
	virtio_config_changed(&blk->device);
}
