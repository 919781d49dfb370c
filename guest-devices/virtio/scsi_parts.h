/* SPDX-License-Identifier: BSD-2-Clause */
/* What the SCSI host's files share; for nobody else. */
#pragma once

#include "guest-devices/virtio/scsi.h"

enum { SCSI_CONTROL_RING, SCSI_EVENT_RING, SCSI_REQUEST_RING };

enum {
	SCSI_F_INOUT = 1 << 0,
	SCSI_F_HOTPLUG = 1 << 1,
	SCSI_F_CHANGE = 1 << 2,
};

static inline struct virtio_scsi *scsi_of_device(struct virtio_device *device)
{
	return (void *)((char *)device - offsetof(struct virtio_scsi, device));
}

/* --- scsi.c --- */
/* Take all that the driver has made available into work, as far as it goes. */
void scsi_serve_all(struct virtio_scsi *scsi);
/* The request is over: written bytes were given to its chain. */
void scsi_slot_done(struct virtio_scsi_slot *slot, uint32_t written);

/* --- scsi_request.c --- */
void scsi_serve(struct virtio_scsi_slot *slot); /* ends, now or later, in scsi_slot_done */
/* The eight bytes of an address; false: nothing of the sort is here. */
bool scsi_decode(const struct virtio_scsi *scsi, const uint8_t *bytes,
                 struct virtio_scsi_address *address);
void scsi_encode(struct virtio_scsi_address address, uint8_t *bytes);

/* --- scsi_control.c --- */
void scsi_serve_control(struct virtio_scsi *scsi);
void scsi_control_released(struct virtio_scsi *scsi); /* a request that was awaited is over */
bool scsi_resetting(const struct virtio_scsi *scsi, struct virtio_scsi_address address);

/* --- scsi_event.c --- */
enum scsi_event { SCSI_NO_EVENT = 0, SCSI_TRANSPORT_RESET = 1, SCSI_PARAM_CHANGE = 3 };
void scsi_send_event(struct virtio_scsi *scsi, enum scsi_event event,
                     struct virtio_scsi_address address, uint32_t reason);
void scsi_events_available(struct virtio_scsi *scsi); /* the driver has added buffers */

/* --- scsi_space.c --- */
void scsi_space_init(struct virtio_scsi *scsi, unsigned queues);
void scsi_space_reset(struct virtio_scsi *scsi);
void scsi_space_write(struct virtio_device *device, size_t offset, const void *from, size_t size);
uint32_t scsi_sense_size(const struct virtio_scsi *scsi);
uint32_t scsi_cdb_size(const struct virtio_scsi *scsi);
