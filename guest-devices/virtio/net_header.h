/* SPDX-License-Identifier: BSD-2-Clause */
/* The header in front of every packet in a network device's queues (VIRTIO 1.4, 5.1.6) and the
 * feature bits that rule its fields (5.1.3). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/backend.h"

#define NET_HEADER_SIZE 12

#define NET_F_CSUM       (1ull << 0)
#define NET_F_GUEST_CSUM (1ull << 1)
#define NET_F_MTU        (1ull << 3)
#define NET_F_MAC        (1ull << 5)
#define NET_F_GUEST_TSO4 (1ull << 7)
#define NET_F_GUEST_TSO6 (1ull << 8)
#define NET_F_HOST_TSO4  (1ull << 11)
#define NET_F_HOST_TSO6  (1ull << 12)
#define NET_F_MRG_RXBUF  (1ull << 15)
#define NET_F_STATUS     (1ull << 16)

/* From a sent packet's header; false: the driver says what it did not negotiate. Offsets are not
 * checked here. */
bool net_header_read(const uint8_t header[NET_HEADER_SIZE], uint64_t features,
                     struct net_offload *offload);
/* For a received packet, spread over buffers. The driver accepts what offload says. */
void net_header_write(uint8_t header[NET_HEADER_SIZE], const struct net_offload *offload,
                      uint64_t features, uint16_t buffers);
