/* SPDX-License-Identifier: BSD-2-Clause */
/* The header in front of every packet in a network device's queues (VIRTIO 1.4, 5.1.6) and the
 * feature bits that rule its fields (5.1.3). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/backend.h"

#define NET_HEADER_SIZE 12 /* without hash */
#define NET_HEADER_MAX  20

#define NET_F_CSUM                (1ull << 0)
#define NET_F_GUEST_CSUM          (1ull << 1)
#define NET_F_CTRL_GUEST_OFFLOADS (1ull << 2)
#define NET_F_MTU                 (1ull << 3)
#define NET_F_MAC                 (1ull << 5)
#define NET_F_GUEST_TSO4          (1ull << 7)
#define NET_F_GUEST_TSO6          (1ull << 8)
#define NET_F_GUEST_ECN           (1ull << 9)
#define NET_F_HOST_TSO4           (1ull << 11)
#define NET_F_HOST_TSO6           (1ull << 12)
#define NET_F_HOST_ECN            (1ull << 13)
#define NET_F_MRG_RXBUF           (1ull << 15)
#define NET_F_STATUS              (1ull << 16)
#define NET_F_CTRL_VQ             (1ull << 17)
#define NET_F_CTRL_RX             (1ull << 18)
#define NET_F_CTRL_VLAN           (1ull << 19)
#define NET_F_CTRL_RX_EXTRA       (1ull << 20)
#define NET_F_GUEST_ANNOUNCE      (1ull << 21)
#define NET_F_MQ                  (1ull << 22)
#define NET_F_CTRL_MAC_ADDR       (1ull << 23)
#define NET_F_DEVICE_STATS        (1ull << 50)
#define NET_F_VQ_NOTF_COAL        (1ull << 52)
#define NET_F_NOTF_COAL           (1ull << 53)
#define NET_F_GUEST_USO4          (1ull << 54)
#define NET_F_GUEST_USO6          (1ull << 55)
#define NET_F_HOST_USO            (1ull << 56)
#define NET_F_HASH_REPORT         (1ull << 57)
#define NET_F_RSS                 (1ull << 60)
#define NET_F_SPEED_DUPLEX        (1ull << 63)

/* What a driver that negotiated it can switch on and off. */
#define NET_GUEST_OFFLOADS                                                                         \
	(NET_F_GUEST_CSUM | NET_F_GUEST_TSO4 | NET_F_GUEST_TSO6 | NET_F_GUEST_ECN |                \
	 NET_F_GUEST_USO4 | NET_F_GUEST_USO6)

/* Bytes of the header; num_buffers is not there in a legacy driver's without mergeable buffers
 * (5.1.9.1), hashes only where they were negotiated. */
static inline uint32_t net_header_size(uint64_t features)
{
	if (!(features & 1ull << 32 /* VERSION_1 */) && !(features & NET_F_MRG_RXBUF))
		return NET_HEADER_SIZE - 2;
	return features & NET_F_HASH_REPORT ? NET_HEADER_MAX : NET_HEADER_SIZE;
}

/* From a sent packet's header; false: the driver says what it did not negotiate. Offsets are not
 * checked here. */
bool net_header_read(const uint8_t header[NET_HEADER_MAX], uint64_t features,
                     struct net_offload *offload);
/* For a received packet, spread over buffers. The driver accepts what offload says; offloads: the
 * GUEST_ features that are on. All of the header is written. */
void net_header_write(uint8_t header[NET_HEADER_MAX], const struct net_offload *offload,
                      uint64_t offloads, uint16_t buffers);
/* Its hash; report: enum net_hash_report. */
void net_header_hash(uint8_t header[NET_HEADER_MAX], uint16_t report, uint32_t value);
