/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Traditional memory balloon (VIRTIO 1.4, 5.5): the guest gives pages away and takes them back, by
 * request of the host (the balloon's size) or because they are free (reporting); it tells how much
 * it has (statistics) and, when asked, how much of it is free (hinting).
 */
#pragma once

#include "guest-devices/backend.h"
#include "guest-devices/port.h"
#include "guest-devices/virtio/virtio.h"

#define VIRTIO_BALLOON_PAGES_MAX 1024 /* of one request; the rest of it is ignored */
#define VIRTIO_BALLOON_STATS     10   /* tags that are known, 5.5.6.3 */
#define VIRTIO_BALLOON_STATS_MAX 64   /* entries of one buffer that are looked at */
#define VIRTIO_BALLOON_RETRY_NS  2000000u

struct virtio_balloon_config {
	const char *name;                /* "alpha balloon0"; outlives the device */
	const struct guest_mem *mem;     /* outlives the device */
	struct balloon_backend *backend; /* outlives the device */
	void *timer_scope;               /* whom its timers belong to: struct port_timer */
};

enum virtio_balloon_queues {
	BALLOON_INFLATE,
	BALLOON_DEFLATE,
	BALLOON_STATS,
	BALLOON_HINTS,
	BALLOON_REPORTS,
	BALLOON_QUEUES
};

struct virtio_balloon;

struct virtio_balloon_queue {
	struct virtio_balloon *owner;
	unsigned index;
	struct port_timer later;
};

/* Embedded by the owner, who changes nothing in it. */
struct virtio_balloon {
	struct virtio_device device; /* for the transport */
	struct virtqueue rings[BALLOON_QUEUES];
	struct virtio_balloon_queue queues[BALLOON_QUEUES];
	struct balloon_backend *backend;
	uint8_t space[16];     /* struct virtio_balloon_config of 5.5.4 */
	uint32_t actual;       /* pages that the driver says are in the balloon */
	struct vq_chain chain; /* of all queues but statistics */
	uint8_t numbers[4 * VIRTIO_BALLOON_PAGES_MAX]; /* of pages, what the chain says */
	struct vq_chain asking; /* the driver's buffer, kept until statistics are wanted */
	bool asking_held;
	bool first_stats; /* the next buffer is the first after set-up */
	uint64_t stats[VIRTIO_BALLOON_STATS];
	uint32_t stats_known; /* a bit 1 << tag each */
	bool hinting;         /* a round was begun whose end the driver has not told */
	bool hints_match;     /* the driver sends pages for the round that runs */
	uint32_t hint_last;   /* command ID of the last round */
	uint64_t hinted;      /* bytes that the driver called free in this round */
	uint64_t reported;    /* pages in all */
	uint64_t report_at;   /* pages of the request at work that are done */
};

/* Any content before; the device is ready to be given to a transport. */
void virtio_balloon_init(struct virtio_balloon *balloon,
                         const struct virtio_balloon_config *config);

/* All below under the guest's lock. */

/* The guest shall have this many pages of 4096 bytes in the balloon. Ends a round of hints. */
void virtio_balloon_set_target(struct virtio_balloon *balloon, uint32_t pages);

uint32_t virtio_balloon_target(const struct virtio_balloon *balloon);

/* New statistics are wanted: they are in stats when the driver has answered. */
void virtio_balloon_ask_stats(struct virtio_balloon *balloon);

/* How much is free? Counted in hinted from now on; false: the driver has not finished the round
 * before, or knows no hints. Contents of hinted pages are never touched. */
bool virtio_balloon_start_hints(struct virtio_balloon *balloon);
