/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Socket devices, each in a rig of its own; what is below drives the one that is chosen. Its
 * packets go to a switch that writes down what it is told, or to hv/vsock.
 */
#pragma once

#include <criterion/criterion.h>

#include "guest-devices/virtio/vsock.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/proves.h"

#define F_STREAM            1ull
#define F_SEQPACKET         2ull
#define F_NO_IMPLIED_STREAM 4ull
#define F_ALL               7ull

enum { OWN = 5, PEER = 9, HERE = 1000, THERE = 80 };
enum { HEADER = VIRTIO_VSOCK_HEADER, TX_AT = FAKE_SEAM, RX_AT = FAKE_HIGH };

/* As it lies in guest memory. */
struct header {
	uint64_t src_cid, dst_cid;
	uint32_t src_port, dst_port, len;
	uint16_t type, op;
	uint32_t flags, buf_alloc, fwd_cnt;
} __attribute__((packed));

struct wire {
	struct vsock_backend backend;
	enum vsock_sent answer;
	unsigned room; /* packets that it still takes before it says VSOCK_WAIT; with VSOCK_SENT */
	unsigned sent, ready, ups, downs;
	uint32_t gave_up;
	struct vsock_packet last;
	bool forgets;          /* the data */
	uint8_t data[1 << 17]; /* all that was sent */
	uint32_t size;
};

#define GUESTS 3

struct vsock_guest {
	struct rig rig;
	struct virtio_vsock vsock;
};
extern struct vsock_guest guests[GUESTS];
extern unsigned chosen; /* 0 unless a test says otherwise; its CID is OWN + chosen */
#define rig       (guests[chosen].rig)
#define the_vsock (guests[chosen].vsock)
extern struct wire wire;

void vsock_setup(void); /* runs, with all features */
void vsock_setup_with(uint64_t features);
void vsock_teardown(void);
/* The chosen one, in front of this. */
void vsock_plug(struct vsock_backend *backend, uint64_t features);

/* A packet from OWN:HERE to PEER:THERE. */
struct header packet(uint16_t op);
/* One chain of header and data, and a kick; was it used? data NULL: zeroes of that size. */
bool transmit(const struct header *header, const void *data, uint32_t size);
bool transmit_op(uint16_t op);
/* Hand over buffers of this size for packets. */
void give(unsigned count, uint32_t size);
void give_one(void); /* if the guest has none there, of 64 bytes */
/* The next packet that the guest got, and the bytes behind its header; false: none. */
bool got(struct header *header, uint8_t *data);
/* The guest gets a RST of this flow, and nothing else. */
void expect_reset(uint16_t type);
/* A packet from PEER:THERE to OWN:HERE. */
struct vsock_packet incoming(uint16_t op);
enum vsock_sent receive(struct vsock_packet in, const void *data);
/* A flow of this type, which the guest opened, with a buffer of 100 bytes on the guest's side. */
void open_flow(uint16_t type);
