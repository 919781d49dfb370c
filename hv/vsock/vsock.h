/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The switch between guests' socket devices, and the hypervisor's own sockets (CID 2).
 *
 * Who may touch what: a port, with its device and its sockets of the hypervisor's, is under its
 * guest's lock. Between two guests that may have flows there are two lanes, one each way: rings
 * with one writer (under the sender's lock) and one reader (under the receiver's), so a guest never
 * waits for another one's lock, and guests without a link share nothing at all. Who writes into a
 * lane wakes the receiver, whose own CPU then calls vsock_poll(). A lane holds VSOCK_LANE bytes; a
 * sender that finds it full waits, a second at most (VIRTIO_VSOCK_STALL_NS).
 *
 * A flow between guests begins with a request, and only a guest that the configuration allows to
 * connect may send one; all else has to belong to a flow, which both devices check.
 */
#pragma once

#include "guest-devices/virtio/vsock.h"
#include "hv/config.h"

#define VSOCK_LANE     (128u * 1024)
#define VSOCK_PAUSE_NS 50000u /* between two turns of one guest's: its own programs run too */

struct vsock_port_config {
	unsigned guest; /* 0..CONFIG_VMS-1 */
	uint32_t cid;
	uint32_t links[CONFIG_VMS];  /* CIDs of guests that it may have flows with; 0: none */
	uint32_t connects;           /* bit n: it may open them to guest n */
	struct virtio_vsock *device; /* outlives the port */
	void *timer_scope;           /* whom its timer belongs to: struct port_timer */
	void (*wake)(void *context); /* vsock_poll() is to be called soon; any CPU, any lock */
	/* What the status service says about the guest: at most size bytes, returns how many. Under
	 * the guest's lock. */
	size_t (*describe)(void *context, char *to, size_t size);
	void *context;
};

/* What goes behind the guest's device; not initialised yet is good enough. NULL: no memory. Boot
 * CPU. */
struct vsock_backend *vsock_port_open(const struct vsock_port_config *config);
/* The guest does not run and its device is reset. Nothing if not open. Boot CPU. */
void vsock_port_close(unsigned guest);

/* All flows of the guest end, and its driver is told so (5.10.6.7). Under its lock. */
void vsock_port_cut(unsigned guest);

/* Something came for the guest. Under its lock; bounded: what is left waits for a timer. */
void vsock_poll(unsigned guest);
