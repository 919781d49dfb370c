/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network device (VIRTIO 1.4, 5.1): up to eight pairs of queues with automatic steering or RSS,
 * hash reports, checksum and segmentation offload both ways, mergeable receive buffers; a control
 * queue for receive filters, offloads, notification coalescing and statistics. All tables are of
 * fixed size.
 */
#pragma once

#include "guest-devices/backend.h"
#include "guest-devices/net_hash.h"
#include "guest-devices/port.h"
#include "guest-devices/virtio/net_filter.h"
#include "guest-devices/virtio/virtio.h"

#define VIRTIO_NET_PAIRS     8
#define VIRTIO_NET_QUEUES    (2 * VIRTIO_NET_PAIRS + 1) /* the control queue is the last one */
#define VIRTIO_NET_HEAD      192 /* bytes of a sent frame that are copied before checks */
#define VIRTIO_NET_RSS_TABLE 128
#define VIRTIO_NET_COMMAND   1024 /* bytes of a command that are copied before it is looked at */
#define VIRTIO_NET_FLOWS     256  /* that automatic steering remembers */
#define VIRTIO_NET_PATIENCE  100000000 /* ns that a frame waits for the peer; then it is lost */

struct virtio_net_config {
	const char *name;            /* "alpha net0"; outlives the device */
	const struct guest_mem *mem; /* outlives the device */
	uint8_t mac[6];
	uint16_t mtu;      /* 68..65535; 0: MTU is not offered */
	uint32_t speed;    /* in Mbit/s, full duplex; 0: unknown */
	unsigned queues;   /* pairs, 1..VIRTIO_NET_PAIRS; 0: one */
	bool any_source;   /* let frames out whose source is not the device's address */
	void *timer_scope; /* whom its timers belong to: struct port_timer */
};

struct virtio_net_stats {
	uint64_t tx_frames, tx_bytes, tx_refused /* by the peer */,
	    tx_dropped /* bad header or frame */;
	uint64_t rx_frames, rx_bytes, rx_no_buffer, rx_filtered,
	    rx_dropped /* too large for the buffers */;
};

/* Coalescing of notifications (5.1.9.5.10) on one queue. */
struct net_coal_limits {
	uint32_t max_packets, max_usecs;
};

struct net_coal {
	struct net_coal_limits limits;
	uint32_t epoch;   /* of the queue when limits were set */
	uint32_t packets; /* used since the last notification */
	uint64_t since;   /* when the first of them was: port_time_ns() */
	struct port_timer timer;
};

/* What the driver can ask for (5.1.9.5.11), of one receive or transmit queue. */
struct net_queue_stats {
	uint64_t packets, bytes, drops;
	uint64_t overruns;  /* receive: no buffer */
	uint64_t malformed; /* transmit */
	uint64_t csum_valid, csum_needed, csum_none;
	uint64_t csum_bad; /* receive: what it was completed for, see net_rx.c */
	uint64_t gso_packets, gso_bytes;
	uint64_t segments, segment_bytes; /* transmit: what trains were cut into */
	uint64_t whole, whole_bytes;      /* transmit: trains that were not */
};

struct virtio_net;

struct net_queue {
	struct virtio_net *owner;
	unsigned index;
	struct port_timer later; /* transmit, control: goes on with the ring */
	bool blocked;            /* transmit: the peer has no room */
	bool impatient;          /* transmit: it had none for too long */
	struct net_coal coal;
	struct net_queue_stats stats;
};

/* Where received packets go (5.1.9.5.6, 5.1.9.5.7). */
struct net_steering {
	unsigned pairs; /* that may be used */
	bool rss;       /* by hash, else by what was sent where */
	uint32_t hash_types;
	uint16_t mask;                                     /* of the table's index */
	uint8_t unclassified, table[VIRTIO_NET_RSS_TABLE]; /* pairs */
	uint8_t flows[VIRTIO_NET_FLOWS];                   /* pair + 1 that last sent; 0: none */
	struct net_hash_key key;
};

/* Embedded by the owner, who changes nothing in it but joins end to a cable. */
struct virtio_net {
	struct virtio_device device;               /* for the transport */
	struct net_end end;                        /* towards the cable */
	struct virtqueue rings[VIRTIO_NET_QUEUES]; /* receiveq1, transmitq1, receiveq2... */
	struct net_queue queues[VIRTIO_NET_QUEUES];
	uint8_t space[28]; /* struct virtio_net_config of 5.1.4 */
	uint8_t mac[6];    /* the address that it has now */
	uint8_t first_mac[6];
	uint16_t mtu;
	bool any_source;
	bool starved;      /* a frame was refused; tell the peer when buffers come */
	bool sending;      /* inside a transmit loop */
	uint64_t offloads; /* GUEST_ features that are on */
	struct net_filter filter;
	struct net_steering steering, proposed /* by a command, not yet checked */;
	struct net_coal_limits coal_rx, coal_tx; /* for queues that are enabled anew */
	uint64_t commands, commands_ok;
	struct virtio_net_stats stats;
	/* scratch */
	struct vq_chain first, more; /* receive: the chain with the header, the others one by one */
	struct vq_chain out;         /* transmit */
	struct vq_chain command;     /* control */
	uint8_t command_bytes[VIRTIO_NET_COMMAND];
	uint8_t head[VIRTIO_NET_HEAD];
	struct blk_span spans[1 + VQ_CHAIN_MAX];
};

/* Any content before; the device is ready to be given to a transport and its end to a cable. */
void virtio_net_init(struct virtio_net *net, const struct virtio_net_config *config);

/* Plug or pull the guest's cable: STATUS in the configuration space. Up after init. */
void virtio_net_link(struct virtio_net *net, bool up);
/* Ask the driver to make itself known on its network (5.1.9.5.4). false: it did not negotiate
 * that. */
bool virtio_net_announce(struct virtio_net *net);
