/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network device (VIRTIO 1.4, 5.1): one receive and one transmit queue, checksum and TCP
 * segmentation offload both ways, mergeable receive buffers.
 */
#pragma once

#include "guest-devices/backend.h"
#include "guest-devices/port.h"
#include "guest-devices/virtio/virtio.h"

#define VIRTIO_NET_HEAD 192 /* bytes at the start of a sent frame that are copied before checks */

struct virtio_net_config {
	const char *name;            /* "alpha net0"; outlives the device */
	const struct guest_mem *mem; /* outlives the device */
	uint8_t mac[6];
	uint16_t mtu;      /* 68..65535; 0: MTU is not offered */
	bool any_source;   /* let frames out whose source is not mac */
	void *timer_scope; /* whom its timers belong to: struct port_timer */
};

struct virtio_net_stats {
	uint64_t tx_frames, tx_bytes, tx_refused /* by the peer */,
	    tx_dropped /* bad header or frame */;
	uint64_t rx_frames, rx_bytes, rx_no_buffer, rx_dropped /* too large for the buffers */;
};

/* Embedded by the owner, who changes nothing in it but joins end to a cable. */
struct virtio_net {
	struct virtio_device device; /* for the transport */
	struct net_end end;          /* towards the cable */
	struct virtqueue queues[2];  /* receiveq1, transmitq1 */
	uint8_t space[16];           /* struct virtio_net_config of 5.1.4 */
	uint8_t mac[6];
	uint16_t mtu;
	bool any_source;
	bool starved; /* a frame was refused; tell the peer when buffers come */
	struct port_timer later;
	struct virtio_net_stats stats;
	/* scratch */
	struct vq_chain first, more; /* receive: the chain with the header, the others one by one */
	struct vq_chain out;         /* transmit */
	uint8_t head[VIRTIO_NET_HEAD];
	struct blk_span spans[1 + VQ_CHAIN_MAX];
};

/* Any content before; the device is ready to be given to a transport and its end to a cable. */
void virtio_net_init(struct virtio_net *net, const struct virtio_net_config *config);

/* Plug or pull the guest's cable: STATUS in the configuration space. Up after init. */
void virtio_net_link(struct virtio_net *net, bool up);
