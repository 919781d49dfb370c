/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finishing packets in software for a receiver without offloads: complete a checksum, cut a train
 * of TCP segments or UDP datagrams (VIRTIO 1.4, 5.1.6.2) into frames. No allocation; the work is
 * bounded by the packet. Headers are copied once and checked; the payload is never interpreted.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest-devices/backend.h"

#define NET_SEGMENTS_MAX 2048 /* frames one packet may become; more: refused */
#define NET_SPANS_MAX    260  /* pieces of a packet that can be finished here; more: refused */

/* Copy size bytes from offset of the packet; false if it is shorter. */
bool net_packet_copy(const struct net_packet *packet, size_t offset, void *to, size_t size);

/*
 * Is the offload word true of the packet: do offsets lie inside, do the frame's own headers agree
 * with gso_type (Ethernet, up to two VLAN tags, IPv4 or IPv6, TCP or UDP) and with its size? Sets
 * hdr_len and ecn from the frame, whatever they were.
 */
bool net_offload_check(struct net_packet *packet);

/*
 * Hand packet to end->receive so that it needs nothing that end does not accept: as it is, with its
 * checksum completed, or as a series of segments. NET_LOST: the packet is not valid (nothing was
 * handed over), or end refused a segment that was not the first.
 */
enum net_sent net_deliver(struct net_end *end, const struct net_packet *packet);

/* Does the checksum field of a packet that needs its checksum hold the sum of its TCP or UDP pseudo
 * header, as it must? */
bool net_partial_right(const struct net_packet *packet);
/* As net_deliver for an end that takes no trains, and no checksums that net_partial_right denies.
 */
enum net_sent net_finish(struct net_end *end, const struct net_packet *packet);

/* How many frames net_deliver makes for end of a packet that passed net_offload_check; 0: none, it
 * takes the packet as it is. */
unsigned net_segments(const struct net_end *end, const struct net_packet *packet);
