/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SCSI host (VIRTIO 1.4, 5.6): request queues in front of targets (guest-devices/scsi), task
 * management, events. Disks may come and go while it runs.
 */
#pragma once

#include "guest-devices/backend.h"
#include "guest-devices/port.h"
#include "guest-devices/scsi/scsi.h"
#include "guest-devices/virtio/virtio.h"

#define VIRTIO_SCSI_TARGETS   8
#define VIRTIO_SCSI_QUEUES    4  /* request queues */
#define VIRTIO_SCSI_RING      64 /* entries of a queue: all its requests can be in work at once */
#define VIRTIO_SCSI_SLOTS     (VIRTIO_SCSI_QUEUES * VIRTIO_SCSI_RING)
#define VIRTIO_SCSI_SEG_MAX   (VIRTIO_SCSI_RING - 2)
#define VIRTIO_SCSI_SENSE_MAX 252
#define VIRTIO_SCSI_CDB_MAX   260
#define VIRTIO_SCSI_RESPONSE  12 /* bytes before the sense data */

enum virtio_scsi_response {
	VIRTIO_SCSI_S_OK = 0,
	VIRTIO_SCSI_S_OVERRUN = 1,
	VIRTIO_SCSI_S_ABORTED = 2,
	VIRTIO_SCSI_S_BAD_TARGET = 3,
	VIRTIO_SCSI_S_RESET = 4,
	VIRTIO_SCSI_S_BUSY = 5,
	VIRTIO_SCSI_S_TRANSPORT_FAILURE = 6,
	VIRTIO_SCSI_S_TARGET_FAILURE = 7,
	VIRTIO_SCSI_S_NEXUS_FAILURE = 8,
	VIRTIO_SCSI_S_FAILURE = 9,
	VIRTIO_SCSI_S_FUNCTION_SUCCEEDED = 10,
	VIRTIO_SCSI_S_FUNCTION_REJECTED = 11,
	VIRTIO_SCSI_S_INCORRECT_LUN = 12,
};

struct virtio_scsi_config {
	const char *name;            /* "alpha scsi0"; outlives the device */
	const struct guest_mem *mem; /* outlives the device */
	unsigned queues;             /* 1..VIRTIO_SCSI_QUEUES; 0: one */
	void *timer_scope;           /* whom its timers belong to: struct port_timer */
};

struct virtio_scsi;

struct virtio_scsi_queue {
	struct virtio_scsi *owner;
	unsigned ring; /* its index among the device's queues */
	struct port_timer later;
	bool working; /* inside the ring loop: notifications are gathered */
};

/* Where a logical unit is. */
struct virtio_scsi_address {
	unsigned target, lun;
};

/* One request. */
struct virtio_scsi_slot {
	struct virtio_scsi_queue *queue; /* NULL: free */
	struct virtio_scsi_slot *next_free;
	struct virtio_scsi_address address;
	uint64_t tag;
	uint8_t verdict; /* enum virtio_scsi_response that it ends with, 0: its own */
	bool awaited;    /* the task management function at work waits for it */
	uint32_t header, sense_size;
	struct scsi_task task;
	struct vq_chain chain;
	struct blk_span spans[VQ_CHAIN_MAX];
};

/* Embedded by the owner, who changes nothing in it. */
struct virtio_scsi {
	struct virtio_device device; /* for the transport */
	struct virtqueue rings[2 + VIRTIO_SCSI_QUEUES];
	struct virtio_scsi_queue queues[VIRTIO_SCSI_QUEUES];
	struct scsi_target targets[VIRTIO_SCSI_TARGETS];
	struct scsi_disk disks[VIRTIO_SCSI_TARGETS][SCSI_LUNS];
	uint8_t trouble[VIRTIO_SCSI_TARGETS][SCSI_LUNS];
	uint8_t space[36];  /* struct virtio_scsi_config of 5.6.4 */
	uint8_t written[8]; /* its two sizes as the driver writes them, byte by byte */
	struct virtio_scsi_slot *free_slots;
	/* task management: one function at a time */
	struct port_timer control_later;
	struct vq_chain control;
	bool controlling; /* it waits for requests */
	uint8_t control_subtype;
	struct virtio_scsi_address control_address;
	unsigned awaited;
	/* events */
	struct vq_chain event;
	bool events_missed;
	struct virtio_scsi_slot slots[VIRTIO_SCSI_SLOTS];
};

/* Any content before; the device is ready to be given to a transport. */
void virtio_scsi_init(struct virtio_scsi *scsi, const struct virtio_scsi_config *config);

/* All below under the guest's lock. */

/* A disk appears, before or while the guest runs; the back-end outlives it. identity: different for
 * each disk that the guest can see. */
void virtio_scsi_attach(struct virtio_scsi *scsi, struct virtio_scsi_address address,
                        struct blk_backend *backend, uint64_t identity);
/* It goes. What the back-end still works on ends with TRANSPORT_FAILURE; virtio_scsi_busy until
 * then. */
void virtio_scsi_detach(struct virtio_scsi *scsi, struct virtio_scsi_address address);
bool virtio_scsi_busy(const struct virtio_scsi *scsi, struct virtio_scsi_address address);

/* The back-end's capacity has changed. */
void virtio_scsi_resized(struct virtio_scsi *scsi, struct virtio_scsi_address address);

/* Every command to the disk ends with this response from now on: TRANSPORT_FAILURE, TARGET_FAILURE,
 * NEXUS_FAILURE; OK: none of it. */
void virtio_scsi_trouble(struct virtio_scsi *scsi, struct virtio_scsi_address address,
                         enum virtio_scsi_response response);
