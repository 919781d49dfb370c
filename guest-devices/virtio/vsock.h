/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Socket device (VIRTIO 1.4, 5.10): packets of stream and seqpacket flows between this guest and
 * other CIDs. It knows each flow of the guest's, answers what belongs to none, and holds both sides
 * to the buffer space that they announced. What it holds outside the rings is bounded: answers of
 * its own (VIRTIO_VSOCK_REPLIES); no packet of the guest's leaves the ring before the back-end has
 * taken all of it.
 */
#pragma once

#include "guest-devices/backend.h"
#include "guest-devices/port.h"
#include "guest-devices/virtio/virtio.h"

#define VIRTIO_VSOCK_FLOWS      2048
#define VIRTIO_VSOCK_OPENED     1024 /* of them, opened by the guest */
#define VIRTIO_VSOCK_PEERS      16   /* CIDs that have flows to the guest open */
#define VIRTIO_VSOCK_PEER_FLOWS 64   /* flows that one of them may have open */
#define VIRTIO_VSOCK_BUCKETS    256
#define VIRTIO_VSOCK_REPLIES    64
#define VIRTIO_VSOCK_HEADER     44
#define VIRTIO_VSOCK_PIECE      16384u /* bytes handed over at once */
#define VIRTIO_VSOCK_FRAGMENTS  65536u /* of one seqpacket message */
#define VIRTIO_VSOCK_STALL_NS   1000000000u

enum virtio_vsock_queues { VSOCK_RX, VSOCK_TX, VSOCK_EVENT, VSOCK_QUEUES };

struct virtio_vsock_config {
	const char *name;              /* "alpha vsock0"; outlives the device */
	const struct guest_mem *mem;   /* outlives the device */
	struct vsock_backend *backend; /* outlives the device */
	uint32_t cid;                  /* vsock_cid_usable */
	void *timer_scope;             /* whom its timers belong to: struct port_timer */
};

enum vsock_state {
	VSOCK_FREE,
	VSOCK_ASKING, /* the guest sent a request */
	VSOCK_ASKED,  /* it was sent one */
	VSOCK_OPEN,
	VSOCK_LOST, /* it is to get a RST */
};

struct vsock_flow {
	uint32_t cid, port, local_port;
	uint32_t sent;                         /* bytes given to the guest, modulo 2^32 */
	uint32_t buf_alloc, fwd_cnt;           /* as the guest said last and could have said */
	uint32_t peer_buf_alloc, peer_fwd_cnt; /* as the guest was told last */
	uint32_t fragments;                    /* of the message that the guest is sending */
	uint16_t next;                         /* in its bucket, or free: index + 1 */
	uint8_t type, state;
	bool opened; /* by the guest */
};

struct vsock_peer {
	uint32_t cid;
	unsigned flows; /* that it opened; 0: the entry is free */
};

/* Embedded by the owner, who changes nothing in it. */
struct virtio_vsock {
	struct virtio_device device; /* for the transport */
	struct virtqueue rings[VSOCK_QUEUES];
	struct vsock_backend *backend;
	uint32_t cid;
	uint8_t space[8]; /* struct virtio_vsock_config of 5.10.4 */
	struct port_timer later, stall;
	/* the packet at the head of the tx ring that waits for room */
	struct vsock_packet tx;
	uint32_t tx_done; /* bytes of it that are sent */
	bool tx_waiting;
	bool tx_broken;   /* it broke the rules: it has become a RST, which the guest gets too */
	uint32_t stalled; /* the CID that let us wait too long: not waited for; 0: none */
	struct vq_chain tx_chain, rx_chain;
	uint8_t replies[VIRTIO_VSOCK_REPLIES][VIRTIO_VSOCK_HEADER];
	unsigned reply_first, reply_count;
	bool quiet[VSOCK_QUEUES]; /* the driver need not kick: it has buffers there */
	bool driven;              /* there is a driver that began */
	bool event_owed;
	struct vsock_flow flows[VIRTIO_VSOCK_FLOWS];
	uint16_t buckets[VIRTIO_VSOCK_BUCKETS]; /* index + 1 */
	uint16_t free;                          /* index + 1; 0: none below used */
	uint16_t used;                          /* flows[] from here on never were */
	unsigned opened;                        /* flows that the guest opened */
	unsigned lost, lost_at;                 /* how many are; where to look for the next */
	struct vsock_peer peers[VIRTIO_VSOCK_PEERS];
	uint64_t dropped; /* packets of the guest's that were none */
	uint64_t resets;  /* sent to the guest by the device */
};

/* Any content before; the device is ready to be given to a transport. false: the CID is reserved,
 * and nothing was done. */
bool virtio_vsock_init(struct virtio_vsock *vsock, const struct virtio_vsock_config *config);

/* All below under the guest's lock, while the back-end is up. */

/*
 * A packet for the guest; data is packet->size bytes. *taken says how many of them it has, 0 at
 * first: after VSOCK_WAIT the same packet comes again with it. VSOCK_NOBODY: the sender is to be
 * answered with RST.
 */
enum vsock_sent virtio_vsock_receive(struct virtio_vsock *vsock, const struct vsock_packet *packet,
                                     const uint8_t *data, uint32_t *taken);
/* The back-end, which let a packet wait, has room. */
void virtio_vsock_room(struct virtio_vsock *vsock);
/* This CID has lost all its flows with the guest. */
void virtio_vsock_gone(struct virtio_vsock *vsock, uint32_t cid);
/* All flows are lost, and the guest has this CID from now on (5.10.6.7). The other sides are told
 * by the caller. false: a reserved one, nothing was done. Any time. */
bool virtio_vsock_transport_reset(struct virtio_vsock *vsock, uint32_t cid);
