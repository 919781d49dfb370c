/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a device is plugged into. Interfaces between devices (this library) and back-ends (the
 * hypervisor's disks, network and consoles; fakes in tests). All calls in both directions are made
 * under the guest's lock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- block ---- */

enum blk_op {
	BLK_READ,
	BLK_WRITE,
	BLK_FLUSH,
	BLK_DISCARD,      /* the range's content is of no use any more */
	BLK_WRITE_ZEROES, /* it reads as zeroes from now on */
	BLK_SECURE_ERASE, /* no copy of it is left */
};
enum blk_result { BLK_OK, BLK_IO_ERROR, BLK_NOT_SUPPORTED };

struct blk_span {
	void *data;  /* payload in guest RAM or a buffer; stays valid until done */
	size_t size; /* bytes */
};

/* One request, owned and embedded by the device; untouched by it between submit and done. */
struct blk_request {
	enum blk_op op;
	uint64_t offset; /* bytes, a multiple of 512, checked by the device against the capacity */
	uint64_t size;   /* bytes; for READ and WRITE the sum of the spans, a multiple of 512 */
	bool unmap;      /* WRITE_ZEROES: the storage below may be given back */
	struct blk_span *spans;
	unsigned span_count;
	/* Called exactly once for each submit, possibly before submit returns. */
	void (*done)(struct blk_request *request, enum blk_result result);
	struct blk_request *next; /* for the back-end while it holds the request */
};

struct blk_backend {
	void (*submit)(struct blk_backend *backend, struct blk_request *request);
	uint64_t capacity; /* bytes, a multiple of 512; who changes it tells the device */
	bool read_only;
	uint32_t operations; /* beyond READ, WRITE and FLUSH: a bit 1 << BLK_* each */
	bool unmaps;         /* WRITE_ZEROES can give storage back */
	char id[21];         /* serial for GET_ID, NUL-terminated */
};

/* ---- network: a cable with two ends ---- */

/* Offload word of a packet, in host byte order: what virtio-net's header says (5.1.6), already
 * validated: offsets lie inside the packet, unknown flags are cleared. */
struct net_offload {
	bool
	    needs_csum; /* checksum of [csum_start, end) to be stored at csum_start + csum_offset */
	bool data_valid;
	uint8_t gso_type; /* NET_GSO_* */
	bool ecn;         /* a TCP train whose first segment says CWR */
	uint16_t hdr_len, gso_size, csum_start, csum_offset;
};
enum {
	NET_GSO_NONE = 0,
	NET_GSO_TCPV4 = 1,
	NET_GSO_UDP = 3,
	NET_GSO_TCPV6 = 4,
	NET_GSO_UDP_L4 = 5
};

/* A frame (Ethernet, no FCS) in pieces; valid only during the call that hands it over. */
struct net_packet {
	const struct blk_span *spans;
	unsigned span_count;
	size_t size; /* bytes in all */
	struct net_offload offload;
};

#define NET_FRAME_MAX (65536 + 14)

/*
 * One end of a cable. receive: the peer hands a frame to this end; false: it had no room and
 * dropped or refused it. The peer's end is set by net_cable_join().
 */
struct net_end {
	bool (*receive)(struct net_end *end, const struct net_packet *packet);
	/* The peer, which refused a frame before, has room again. May be NULL. */
	void (*peer_ready)(struct net_end *end);
	/* The peer has this Ethernet address from now on. May be NULL. */
	void (*peer_address)(struct net_end *end, const uint8_t mac[6]);
	/* What this end accepts in packets that it receives (GSO types as bit mask 1 << NET_GSO_*,
	 * checksum, trains with ECN). net_send finishes what the receiver does not accept. */
	bool accepts_csum, accepts_ecn;
	uint32_t accepts_gso;
	struct net_end *peer;
};

enum net_sent {
	NET_LOST, /* not, or not all of it; never to be sent again */
	NET_SENT,
	NET_REFUSED, /* nothing of it: the peer has no room and says when it has */
};

void net_cable_join(struct net_end *a, struct net_end *b);
/* Send to the peer of from; without a peer it is lost. */
enum net_sent net_send(struct net_end *from, const struct net_packet *packet);
void net_tell_address(struct net_end *from, const uint8_t mac[6]);

/* ---- characters: a pair of ends ---- */

struct char_end {
	/* The peer hands bytes to this end; returns how many it took (0..size). */
	size_t (*receive)(struct char_end *end, const uint8_t *data, size_t size);
	/* The peer, which took less than all before, has room again. May be NULL. */
	void (*peer_ready)(struct char_end *end);
	struct char_end *peer;
};

void char_join(struct char_end *a, struct char_end *b);
size_t char_send(struct char_end *from, const uint8_t *data,
                 size_t size);          /* no peer: takes all, drops it */
void char_ready(struct char_end *from); /* tell the peer that this end has room again */

/* ---- memory ---- */

#define BALLOON_BATCH 256 /* pages a call */

/* Who has the memory that a guest gives away and takes back. Guest addresses, multiples of 4096,
 * not checked: what is no page of RAM, or in that state already, is left out. */
struct balloon_backend {
	/* The guest does not need what is in the pages: they read as zeroes once it touches them.
	 * false: another device may be at work on one of them; nothing was done, try again. */
	bool (*release)(struct balloon_backend *backend, const uint64_t *pages, size_t count);
	/* It is about to use them. false: there is no memory for all of them now, try again. */
	bool (*restore)(struct balloon_backend *backend, const uint64_t *pages, size_t count);
};

/* ---- sockets ---- */

enum { VSOCK_HOST_CID = 2 };
enum { VSOCK_STREAM = 1, VSOCK_SEQPACKET = 2 }; /* type, VIRTIO 1.4, 5.10.6 */
enum {                                          /* op */
       VSOCK_REQUEST = 1,
       VSOCK_RESPONSE = 2,
       VSOCK_RST = 3,
       VSOCK_SHUTDOWN = 4,
       VSOCK_RW = 5,
       VSOCK_CREDIT_UPDATE = 6,
       VSOCK_CREDIT_REQUEST = 7,
};
enum { VSOCK_SHUT_RECEIVE = 1, VSOCK_SHUT_SEND = 2 }; /* flags of SHUTDOWN: I shall not... */
enum { VSOCK_SEQ_EOM = 1, VSOCK_SEQ_EOR = 2 };        /* flags of RW */

/* A packet between two CIDs, in host byte order; its data is apart. */
struct vsock_packet {
	uint32_t src_cid, dst_cid, src_port, dst_port;
	uint32_t size; /* of the data, bytes */
	uint16_t type, op;
	uint32_t flags, buf_alloc, fwd_cnt;
};

enum vsock_sent {
	VSOCK_SENT,
	VSOCK_WAIT,   /* there is no room at the moment; whoever has it again says so */
	VSOCK_NOBODY, /* nobody is there who would take it */
};

/* May a guest have this CID? (5.10.4) */
static inline bool vsock_cid_usable(uint64_t cid)
{
	return cid > VSOCK_HOST_CID && cid < UINT32_MAX;
}

/* What is behind a guest's socket device. */
struct vsock_backend {
	/* A packet from the guest: checked, of a flow that the device knows, all of it or nothing.
	 * After VSOCK_WAIT virtio_vsock_room() is called some time. */
	enum vsock_sent (*send)(struct vsock_backend *backend, const struct vsock_packet *packet,
	                        const struct blk_span *spans, unsigned count);
	/* The driver has begun, or is gone and all its flows with it. */
	void (*up)(struct vsock_backend *backend, bool up);
	/* The guest may have room for packets, or an answer is due: virtio_vsock_receive() may be
	 * called. */
	void (*ready)(struct vsock_backend *backend);
	/* The guest's flows with this CID are lost: it did not make room in time. */
	void (*give_up)(struct vsock_backend *backend, uint32_t cid);
};

/* ---- entropy ---- */

struct rng_backend {
	/* Fill with random bytes; returns how many (0: none now). */
	size_t (*read)(struct rng_backend *backend, void *to, size_t size);
};

/* ---- clocks ---- */

/* What a clock is: numbers of VIRTIO 1.4, 5.23.6.1. */
struct clock_kind {
	uint8_t type, smearing;
	bool alarm; /* reaches() knows this clock */
};

/* A clock at one instant. */
struct clock_moment {
	uint64_t at;      /* port_time_ns() */
	uint64_t reading; /* what the clock shows, in ns */
	uint64_t cycles;  /* what the guest's first CPU would read from its counter */
	bool has_cycles;
};

struct clock_backend {
	const struct clock_kind *clocks; /* never change */
	unsigned count;
	uint8_t counter; /* which counter the guest's CPUs have: a number of the same section */
	/* Now; false: cannot be told. Each reading is taken after the one before it. */
	bool (*read)(struct clock_backend *backend, unsigned clock, struct clock_moment *now);
	/* When, after port_time_ns() was `after`, the clock comes next from before reading to it or
	 * past it, by running or by a step: in port_time_ns(); UINT64_MAX: never. */
	uint64_t (*reaches)(struct clock_backend *backend, unsigned clock, uint64_t reading,
	                    uint64_t after);
};
