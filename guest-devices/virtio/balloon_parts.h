/* SPDX-License-Identifier: BSD-2-Clause */
/* What the balloon's files share; for nobody else. */
#pragma once

#include "guest-devices/virtio/balloon.h"
#include "guest-devices/virtio/work.h"

/* Feature bits, 5.5.3. */
enum {
	BALLOON_F_MUST_TELL_HOST = 1 << 0,
	BALLOON_F_STATS_VQ = 1 << 1,
	BALLOON_F_DEFLATE_ON_OOM = 1 << 2,
	BALLOON_F_FREE_PAGE_HINT = 1 << 3,
	BALLOON_F_PAGE_POISON = 1 << 4,
	BALLOON_F_PAGE_REPORTING = 1 << 5,
};

enum { /* struct virtio_balloon_config, 5.5.4 */
       BALLOON_SPACE_NUM_PAGES = 0,
       BALLOON_SPACE_ACTUAL = 4,
       BALLOON_SPACE_HINT_CMD_ID = 8,
       BALLOON_SPACE_POISON_VAL = 12,
};

/* free_page_hint_cmd_id, 5.5.6.5; others name a round. */
enum { BALLOON_CMD_ID_STOP = 0, BALLOON_CMD_ID_DONE = 1, BALLOON_CMD_ID_FIRST = 2 };

/* The chain that was popped from the queue is done. */
void balloon_used(struct virtio_balloon_queue *queue, const struct vq_chain *chain);

/* One chain of the queue, in balloon->chain; false: not now, it goes back into the ring. */
bool balloon_report(struct virtio_balloon *balloon);
bool balloon_hint(struct virtio_balloon *balloon);
void balloon_hints_reset(struct virtio_balloon *balloon);
void balloon_hints_stop(struct virtio_balloon *balloon); /* no more of them are of use */

/* The statistics' queue, all of it. */
void balloon_serve_stats(struct virtio_balloon *balloon);
void balloon_stats_reset(struct virtio_balloon *balloon);
