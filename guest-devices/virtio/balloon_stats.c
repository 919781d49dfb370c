/* SPDX-License-Identifier: BSD-2-Clause */
/* Statistics (VIRTIO 1.4, 5.5.6.3): the driver's buffer is kept until new ones are wanted. */
#include "guest-devices/bytes.h"
#include "guest-devices/virtio/balloon_parts.h"

#define ENTRY_SIZE 10 /* le16 tag, le64 val */

void balloon_stats_reset(struct virtio_balloon *balloon)
{
	balloon->asking_held = false;
	balloon->first_stats = true;
	balloon->stats_known = 0;
}

static void take(struct virtio_balloon *balloon, const uint8_t *entry)
{
	uint16_t tag = le16_get(entry);

	if (tag >= VIRTIO_BALLOON_STATS)
		return;
	balloon->stats[tag] = le64_get(entry + 2);
	balloon->stats_known |= 1u << tag;
}

/* What a legacy driver's first buffer holds is nothing yet (V14-BALLOON-L05). */
static void consume(struct virtio_balloon *balloon)
{
	uint8_t entry[ENTRY_SIZE];
	bool ignored = balloon->first_stats && virtio_legacy(&balloon->device);

	balloon->first_stats = false;
	for (uint32_t i = 0; i < VIRTIO_BALLOON_STATS_MAX && !ignored; i++) {
		if (vq_read(&balloon->asking, i * ENTRY_SIZE, entry, sizeof(entry)) < sizeof(entry))
			break;
		take(balloon, entry);
	}
}

static void give_back(struct virtio_balloon *balloon)
{
	if (balloon->asking_held)
		balloon_used(&balloon->queues[BALLOON_STATS], &balloon->asking);
	balloon->asking_held = false;
}

/* A driver has one buffer out at a time; one with more gets the older ones back at once. */
void balloon_serve_stats(struct virtio_balloon *balloon)
{
	struct virtio_balloon_queue *queue = &balloon->queues[BALLOON_STATS];
	struct work work = work_begin(&balloon->rings[BALLOON_STATS], &queue->later);
	bool again = false;

	while (work_next(&work, &balloon->chain)) {
		again = balloon->asking_held;
		give_back(balloon);
		balloon->asking = balloon->chain;
		balloon->asking_held = true;
		consume(balloon);
	}
	if (again)
		virtio_notify_queue(&balloon->device, queue->index);
}

void virtio_balloon_ask_stats(struct virtio_balloon *balloon)
{
	give_back(balloon);
	virtio_notify_queue(&balloon->device, BALLOON_STATS);
}
