/* SPDX-License-Identifier: BSD-2-Clause */
/* Events (VIRTIO 1.4, 5.6.6.3): one in each buffer of the driver's; those without are missed. */
#include "guest-devices/bytes.h"
#include "guest-devices/virtio/scsi_parts.h"

#define EVENTS_MISSED 0x80000000u

enum { EVENT_EVENT = 0, EVENT_LUN = 4, EVENT_REASON = 12, EVENT_SIZE = 16 };

static void put(struct virtio_scsi *scsi, uint8_t *event)
{
	uint32_t kind = le32_get(event + EVENT_EVENT);

	if (scsi->events_missed)
		le32_put(event + EVENT_EVENT, kind | EVENTS_MISSED);
	scsi->events_missed = false;
	vq_write(&scsi->event, 0, event, EVENT_SIZE);
	virtio_used(&scsi->device, SCSI_EVENT_RING, &scsi->event, EVENT_SIZE);
}

/* A buffer that an event fits in; shorter ones go back unused. At most as many as there are. */
static bool take_buffer(struct virtio_scsi *scsi)
{
	for (unsigned i = 0; i < VIRTIO_SCSI_RING; i++) {
		if (!vq_pop(&scsi->rings[SCSI_EVENT_RING], &scsi->event))
			return false;
		if (scsi->event.write_size >= EVENT_SIZE)
			return true;
		virtio_used(&scsi->device, SCSI_EVENT_RING, &scsi->event, 0);
	}
	return false;
}

/* V14-SCSI-018: the driver hears of what it asked for. */
static bool wanted(const struct virtio_scsi *scsi, enum scsi_event event)
{
	return virtio_running(&scsi->device) &&
	       virtio_has(&scsi->device,
	                  event == SCSI_PARAM_CHANGE ? SCSI_F_CHANGE : SCSI_F_HOTPLUG);
}

void scsi_send_event(struct virtio_scsi *scsi, enum scsi_event event,
                     struct virtio_scsi_address address, uint32_t reason)
{
	uint8_t bytes[EVENT_SIZE];

	if (!wanted(scsi, event))
		return;
	if (!take_buffer(scsi)) {
		scsi->events_missed = true;
		return;
	}
	le32_put(bytes + EVENT_EVENT, event);
	scsi_encode(address, bytes + EVENT_LUN);
	le32_put(bytes + EVENT_REASON, reason);
	put(scsi, bytes);
}

void scsi_events_available(struct virtio_scsi *scsi)
{
	uint8_t bytes[EVENT_SIZE] = {0};

	if (scsi->events_missed && take_buffer(scsi))
		put(scsi, bytes);
}
