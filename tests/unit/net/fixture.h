/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <criterion/criterion.h>

#include "guest-devices/net_offload.h"
#include "guest-devices/virtio/net.h"
#include "guest-devices/virtio/net_header.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/frames.h"
#include "tests/lib/proves.h"

enum { RX, TX, HEADER = NET_HEADER_SIZE, ETH = 14 };
enum { NEEDS_CSUM = 1, DATA_VALID = 2 };
#define ALL_FEATURES                                                                               \
	(NET_F_CSUM | NET_F_GUEST_CSUM | NET_F_MAC | NET_F_GUEST_TSO4 | NET_F_GUEST_TSO6 |         \
	 NET_F_HOST_TSO4 | NET_F_HOST_TSO6 | NET_F_MRG_RXBUF | NET_F_STATUS)

extern const uint8_t guest_mac[6], other_mac[6];

/* The far end of the cable: keeps what it gets. */
struct test_end {
	struct net_end end;
	uint8_t frames[64][4096];
	size_t sizes[64];
	struct net_offload offloads[64];
	unsigned count, ready, refuse_after; /* refuses when count reaches it */
	uint8_t big[NET_FRAME_MAX];          /* the last frame, whatever its size */
	size_t big_size;
	uint8_t address[6]; /* the device's, as it was told */
	unsigned told;
};

extern struct rig rig;
extern struct virtio_net net;
extern struct test_end far;

void end_init(struct test_end *end, bool csum, uint32_t gso);
void net_setup(void); /* all features but MTU */
void net_setup_with(uint64_t features, uint16_t mtu);
void net_setup_pairs(uint64_t features, unsigned pairs);
void net_teardown(void);

/* The header of 5.1.6 in bytes. */
struct tx_header {
	uint8_t flags, gso_type;
	uint16_t hdr_len, gso_size, csum_start, csum_offset, num_buffers;
};

/* Send header and frame in pieces of at most `piece` bytes (0: two buffers); the chain must come
 * back with length 0. */
void send_pieces(const struct tx_header *header, const uint8_t *frame, size_t size, size_t piece);
static inline void send_frame(const struct tx_header *header, const uint8_t *frame, size_t size)
{
	send_pieces(header, frame, size, 0);
}

/* Receive buffers of this size, then a kick. Returns the address of the first; they follow each
 * other in memory. */
uint64_t offer_buffers(unsigned count, uint32_t size);
/* Hand a frame to the device. */
bool deliver(const uint8_t *frame, size_t size, const struct net_offload *offload);

/* A TCP frame over IPv4 from guest_mac; data is a pattern. */
size_t tcp_frame(uint8_t *frame, size_t data, uint8_t flags);
/* Its offload word for segmentation, and the checksum field as it must be then. */
struct net_offload tso_offload(uint8_t *frame, size_t size, uint16_t gso_size);
struct tx_header tso_header(uint8_t *frame, size_t size, uint16_t gso_size);

/* --- the control queue --- */
enum { ACK_OK = 0, ACK_ERR = 1, ACK_NONE = 0xee, RESULT_MAX = 512 };
enum {
	CLASS_RX,
	CLASS_MAC,
	CLASS_VLAN,
	CLASS_ANNOUNCE,
	CLASS_MQ,
	CLASS_OFFLOADS,
	CLASS_COAL,
	CLASS_STATS = 8
};

/* A command with this data, in one readable buffer; returns ack. ACK_NONE: it was not written. */
uint8_t command(uint8_t class, uint8_t number, const void *data, size_t size);
/* The same with room for result_size bytes behind ack; *written: of the writable part. */
uint8_t command_result(uint8_t class, uint8_t number, const void *data, size_t size,
                       uint8_t *result, uint32_t result_size, uint32_t *written);
unsigned control_queue(void);
