/* SPDX-License-Identifier: BSD-2-Clause */
/* The SCSI host's life, its request rings and its disks. */
#include "guest-devices/virtio/scsi.h"

#include <string.h>

#include "guest-devices/virtio/scsi_parts.h"
#include "guest-devices/virtio/work.h"

#define DEVICE_TYPE 8

enum { RESET_HARD, RESET_RESCAN, RESET_REMOVED }; /* reasons of a transport reset event */

static struct virtio_scsi_slot *slot_take(struct virtio_scsi_queue *queue)
{
	struct virtio_scsi *scsi = queue->owner;
	struct virtio_scsi_slot *slot = scsi->free_slots;

	scsi->free_slots = slot->next_free;
	slot->queue = queue;
	virtio_hold(&scsi->device);
	return slot;
}

static void slot_release(struct virtio_scsi_slot *slot)
{
	struct virtio_scsi *scsi = slot->queue->owner;
	bool awaited = slot->awaited;

	slot->queue = NULL;
	slot->awaited = false;
	slot->next_free = scsi->free_slots;
	scsi->free_slots = slot;
	virtio_release(&scsi->device);
	if (awaited)
		scsi_control_released(scsi);
}

void scsi_slot_done(struct virtio_scsi_slot *slot, uint32_t written)
{
	struct virtio_scsi_queue *queue = slot->queue;
	struct virtio_scsi *scsi = queue->owner;

	vq_push(&scsi->rings[queue->ring], &slot->chain, written);
	if (!queue->working)
		virtio_notify_queue(&scsi->device, queue->ring);
	slot_release(slot);
}

/* The request is gone perhaps when scsi_serve() is back, its slot is not. */
static void serve(struct work *work, struct virtio_scsi_slot *slot)
{
	work_spend(work, (uint64_t)slot->chain.read_size + slot->chain.write_size);
	slot->task.request.size = 0;
	scsi_serve(slot);
	work_spend(work, slot->task.request.size);
}

/* There is a slot for everything that a driver can make available, but for requests of before a
 * reset that a back-end still has. */
static void serve_ring(struct virtio_scsi_queue *queue)
{
	struct virtio_scsi *scsi = queue->owner;
	struct work work;

	if (queue->working)
		return;
	queue->working = true;
	work = work_begin(&scsi->rings[queue->ring], &queue->later);
	while (scsi->free_slots && work_next(&work, &scsi->free_slots->chain))
		serve(&work, slot_take(queue));
	queue->working = false;
	virtio_notify_queue(&scsi->device, queue->ring);
}

void scsi_serve_all(struct virtio_scsi *scsi)
{
	for (unsigned i = SCSI_REQUEST_RING; i < scsi->device.queue_limit; i++)
		for (unsigned n = 0; n < VIRTIO_SCSI_RING && !vq_empty(&scsi->rings[i]); n++)
			serve_ring(&scsi->queues[i - SCSI_REQUEST_RING]);
}

static void later(void *context)
{
	struct virtio_scsi_queue *queue = context;

	if (virtio_running(&queue->owner->device))
		serve_ring(queue);
}

static void control_later(void *context)
{
	struct virtio_scsi *scsi = context;

	if (virtio_running(&scsi->device))
		scsi_serve_control(scsi);
}

static void notify(struct virtio_device *device, unsigned queue)
{
	struct virtio_scsi *scsi = scsi_of_device(device);

	if (queue == SCSI_CONTROL_RING)
		scsi_serve_control(scsi);
	else if (queue == SCSI_EVENT_RING)
		scsi_events_available(scsi);
	else
		serve_ring(&scsi->queues[queue - SCSI_REQUEST_RING]);
}

/* What a back-end has comes back when it is done; its chain is stale by then. */
static void reset(struct virtio_device *device)
{
	struct virtio_scsi *scsi = scsi_of_device(device);

	for (unsigned i = 0; i < VIRTIO_SCSI_QUEUES; i++)
		port_timer_set(&scsi->queues[i].later, UINT64_MAX);
	port_timer_set(&scsi->control_later, UINT64_MAX);
	for (unsigned i = 0; i < VIRTIO_SCSI_SLOTS; i++) {
		scsi->slots[i].task.cancelled = true;
		scsi->slots[i].awaited = false;
	}
	scsi->controlling = scsi->events_missed = false;
	for (unsigned t = 0; t < VIRTIO_SCSI_TARGETS; t++)
		for (unsigned i = 0; i < SCSI_LUNS; i++)
			scsi->disks[t][i].attention = SCSI_POWER_ON;
	scsi_space_reset(scsi);
}

static const struct virtio_ops ops = {
    .reset = reset,
    .notify = notify,
    .config_write = scsi_space_write,
};

static void init_queues(struct virtio_scsi *scsi, void *timer_scope)
{
	for (unsigned i = 0; i < VIRTIO_SCSI_QUEUES; i++)
		scsi->queues[i] = (struct virtio_scsi_queue){
		    .owner = scsi,
		    .ring = SCSI_REQUEST_RING + i,
		    .later = {.fire = later, .context = &scsi->queues[i], .scope = timer_scope},
		};
	scsi->control_later =
	    (struct port_timer){.fire = control_later, .context = scsi, .scope = timer_scope};
	for (unsigned i = VIRTIO_SCSI_SLOTS; i-- > 0;) {
		scsi->slots[i].next_free = scsi->free_slots;
		scsi->free_slots = &scsi->slots[i];
	}
}

void virtio_scsi_init(struct virtio_scsi *scsi, const struct virtio_scsi_config *config)
{
	unsigned queues = config->queues ? config->queues : 1;

	memset(scsi, 0, sizeof(*scsi));
	scsi->device = (struct virtio_device){
	    .ops = &ops,
	    .name = config->name,
	    .type = DEVICE_TYPE,
	    .offered = SCSI_F_INOUT | SCSI_F_HOTPLUG | SCSI_F_CHANGE,
	    .config = scsi->space,
	    .config_size = sizeof(scsi->space),
	    .queues = scsi->rings,
	    .queue_count = SCSI_REQUEST_RING + queues,
	};
	init_queues(scsi, config->timer_scope);
	scsi_space_init(scsi, queues);
	virtio_init(&scsi->device, config->mem, VIRTIO_SCSI_RING);
}

void virtio_scsi_attach(struct virtio_scsi *scsi, struct virtio_scsi_address address,
                        struct blk_backend *backend, uint64_t identity)
{
	struct scsi_disk *disk = &scsi->disks[address.target][address.lun];

	*disk = (struct scsi_disk){backend, identity, SCSI_POWER_ON};
	scsi->targets[address.target].luns[address.lun] = disk;
	scsi_send_event(scsi, SCSI_TRANSPORT_RESET, address, RESET_RESCAN);
}

static bool uses(const struct virtio_scsi_slot *slot, struct virtio_scsi_address address)
{
	return slot->queue && slot->address.target == address.target &&
	       slot->address.lun == address.lun;
}

void virtio_scsi_detach(struct virtio_scsi *scsi, struct virtio_scsi_address address)
{
	scsi->targets[address.target].luns[address.lun] = NULL;
	scsi->trouble[address.target][address.lun] = 0;
	for (unsigned i = 0; i < VIRTIO_SCSI_SLOTS; i++) {
		if (!uses(&scsi->slots[i], address))
			continue;
		scsi->slots[i].verdict = VIRTIO_SCSI_S_TRANSPORT_FAILURE;
		scsi->slots[i].task.cancelled = true;
	}
	scsi_send_event(scsi, SCSI_TRANSPORT_RESET, address, RESET_REMOVED);
}

bool virtio_scsi_busy(const struct virtio_scsi *scsi, struct virtio_scsi_address address)
{
	for (unsigned i = 0; i < VIRTIO_SCSI_SLOTS; i++)
		if (uses(&scsi->slots[i], address))
			return true;
	return false;
}

/* Code and qualifier as the event has them: the code in bits 0 to 7. */
void virtio_scsi_resized(struct virtio_scsi *scsi, struct virtio_scsi_address address)
{
	uint32_t reason = SCSI_CAPACITY_CHANGED >> 8 | (SCSI_CAPACITY_CHANGED & 0xff) << 8;

	scsi->disks[address.target][address.lun].attention = SCSI_CAPACITY_CHANGED;
	scsi_send_event(scsi, SCSI_PARAM_CHANGE, address, reason);
}

void virtio_scsi_trouble(struct virtio_scsi *scsi, struct virtio_scsi_address address,
                         enum virtio_scsi_response response)
{
	scsi->trouble[address.target][address.lun] = (uint8_t)response;
}
