/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio disk of the host as a block back-end (VIRTIO 1.4, 5.2). Requests go straight to and from
 * the caller's spans. Boot CPU only: `done` is called from host_blk_poll().
 */
#pragma once

#include "guest-devices/backend.h"
#include "hv/drivers/virtio_pci.h"

#define HOST_BLK_RING      128
#define HOST_BLK_IN_FLIGHT 64
#define HOST_BLK_SEGMENTS  30 /* spans a request; with header and status they fit in a table */

/* A request that the device has; the device reads and writes head and status. */
struct host_blk_slot {
	struct {
		uint32_t type, reserved;
		uint64_t sector;
	} head; /* struct virtio_blk_req, 5.2.6 */
	uint8_t status;
	struct blk_request *request; /* NULL: free */
};

struct host_blk {
	struct blk_backend backend; /* first: submit finds us by it */
	struct virtio_pci_port port;
	struct ring ring;
	struct host_blk_slot *slots;                /* HOST_BLK_IN_FLIGHT, in memory of its own */
	struct blk_request *waiting, **waiting_end; /* no slot or no room for them yet */
	uint32_t segment_max, segments;             /* the device's limits */
	bool polling;        /* inside host_blk_poll: new requests wait until it is through */
	bool config_pending; /* as in struct host_net */
	bool offline;
	uint64_t interrupts;
};

/* Zeroed memory in blk; on success blk->backend works. Negative: the log says why. */
int host_blk_start(struct host_blk *blk, struct host_pci_device *pci);

/* Finish what the device has done; start what waited. */
void host_blk_poll(struct host_blk *blk);
