/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages that the guest has free: reported ones (VIRTIO 1.4, 5.5.6.7) go, hinted ones (5.5.6.5) are
 * counted. */
#include "guest-devices/bytes.h"
#include "guest-devices/virtio/balloon_parts.h"

static uint32_t whole_pages(const struct vq_buffer *buffer)
{
	return buffer->page != VQ_NO_PAGE ? buffer->size / GUEST_PAGE : 0;
}

/* Of the pages that the writable buffers cover, those from number `first` on; returns how many. */
static size_t gather(const struct vq_chain *chain, uint64_t first, uint64_t *pages)
{
	size_t count = 0;

	for (unsigned i = 0; i < chain->writable; i++) {
		const struct vq_buffer *buffer = &chain->buffers[chain->readable + i];
		uint32_t size = whole_pages(buffer);

		for (; first < size && count < BALLOON_BATCH; first++)
			pages[count++] = ((uint64_t)buffer->page + first) * GUEST_PAGE;
		first -= size < first ? size : first;
	}
	return count;
}

/* Some of what the request has left; true: nothing is. */
static bool release_some(struct virtio_balloon *balloon)
{
	uint64_t pages[BALLOON_BATCH];

	for (unsigned i = 0; i < VIRTIO_BALLOON_PAGES_MAX / BALLOON_BATCH; i++) {
		size_t count = gather(&balloon->chain, balloon->report_at, pages);

		if (count == 0)
			return true;
		if (!balloon->backend->release(balloon->backend, pages, count))
			return false;
		balloon->report_at += count;
		balloon->reported += count;
	}
	return false;
}

/* Released pages read as zeroes: where the driver wants to find something else in them they stay
 * what they are (V14-BALLOON-014). */
static bool keeps_zeroes(const struct virtio_balloon *balloon)
{
	return le32_get(balloon->space + BALLOON_SPACE_POISON_VAL) == 0; /* 0 without the feature */
}

bool balloon_report(struct virtio_balloon *balloon)
{
	bool done = !keeps_zeroes(balloon) || release_some(balloon);

	if (done)
		balloon->report_at = 0;
	return done;
}

static void set_command(struct virtio_balloon *balloon, uint32_t id)
{
	le32_put(balloon->space + BALLOON_SPACE_HINT_CMD_ID, id);
	virtio_config_changed(&balloon->device);
}

static uint32_t command(const struct virtio_balloon *balloon)
{
	return le32_get(balloon->space + BALLOON_SPACE_HINT_CMD_ID);
}

/* The driver says which round its pages are of, or that a round is over. */
static void take_command(struct virtio_balloon *balloon, uint32_t id)
{
	balloon->hints_match = id >= BALLOON_CMD_ID_FIRST && id == command(balloon);
	if (id != BALLOON_CMD_ID_STOP || !balloon->hinting)
		return;
	balloon->hinting = false;
	set_command(balloon, BALLOON_CMD_ID_DONE);
}

bool balloon_hint(struct virtio_balloon *balloon)
{
	uint8_t id[4];

	if (vq_read(&balloon->chain, 0, id, sizeof(id)) == sizeof(id))
		take_command(balloon, le32_get(id));
	if (balloon->hints_match)
		balloon->hinted += balloon->chain.write_size;
	return true;
}

void balloon_hints_reset(struct virtio_balloon *balloon)
{
	balloon->hinting = balloon->hints_match = false;
	le32_put(balloon->space + BALLOON_SPACE_HINT_CMD_ID, BALLOON_CMD_ID_STOP);
}

void balloon_hints_stop(struct virtio_balloon *balloon)
{
	balloon->hints_match = false;
	if (balloon->hinting)
		set_command(balloon, BALLOON_CMD_ID_STOP);
}

bool virtio_balloon_start_hints(struct virtio_balloon *balloon)
{
	if (balloon->hinting || !virtio_running(&balloon->device) ||
	    !virtio_has(&balloon->device, BALLOON_F_FREE_PAGE_HINT))
		return false;
	if (++balloon->hint_last < BALLOON_CMD_ID_FIRST)
		balloon->hint_last = BALLOON_CMD_ID_FIRST;
	balloon->hinted = 0;
	balloon->hinting = true;
	set_command(balloon, balloon->hint_last);
	return true;
}
