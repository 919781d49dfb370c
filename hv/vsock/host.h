/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's own sockets, CID 2, as one guest sees them; streams only. Each service is a
 *port:
 *
 *	7	echo: what comes goes back
 *	11	status: a text about the guest itself, then the end
 *
 * All under the guest's lock.
 */
#pragma once

#include "guest-devices/virtio/vsock.h"

#define VSOCK_HOST_FLOWS  16   /* of one guest */
#define VSOCK_HOST_BUFFER 4096 /* bytes on their way, for each */

enum { VSOCK_PORT_ECHO = 7, VSOCK_PORT_STATUS = 11 };

struct vsock_host_flow {
	bool used;
	uint32_t port, guest_port;
	uint8_t owed;                /* what the guest is to be told: OWED_* */
	bool ending, ended;          /* when all is sent it is over; that was said */
	uint32_t forwarded;          /* bytes from the guest that are through */
	uint32_t sent;               /* bytes to it */
	uint32_t buf_alloc, fwd_cnt; /* its buffer */
	uint32_t first, count;       /* in data */
	uint8_t data[VSOCK_HOST_BUFFER];
};

struct vsock_host {
	struct virtio_vsock *device;
	uint32_t cid; /* the guest's */
	size_t (*describe)(void *context, char *to, size_t size);
	void *context;
	unsigned turn; /* whose flow is first next time */
	uint32_t told; /* packets that the guest got */
	struct vsock_host_flow flows[VSOCK_HOST_FLOWS];
};

/* A packet from the guest; never VSOCK_WAIT. Its answer comes with vsock_host_serve. */
enum vsock_sent vsock_host_send(struct vsock_host *host, const struct vsock_packet *packet,
                                const struct blk_span *spans, unsigned count);
/* Give the guest what it has buffers for; bounded. true: it could have more. *some: it got any. */
bool vsock_host_serve(struct vsock_host *host, bool *some);
void vsock_host_reset(struct vsock_host *host);
