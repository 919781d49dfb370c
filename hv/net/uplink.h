/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The uplink: lwIP on the host's NIC. lwIP has the hypervisor's address (DHCP client or static),
 * answers ARP and echo, and knows the next hop's MAC address. Frames of guests pass by it. Boot
 * CPU.
 */
#pragma once

#include "hv/net/net.h"

/* nic may be NULL: then there is no address and no route. */
void uplink_start(struct host_nic *nic, const struct ipv4_config *config);
/* A frame that is not for a guest. */
void uplink_input(const uint8_t *frame, size_t size);
/* Timers; and when they are due next (time_ns). */
void uplink_timers(void);
uint64_t uplink_deadline(void);

/* Host byte order; 0: none (yet). */
uint32_t uplink_address(void);
uint32_t uplink_netmask(void);
/* The DNS server that DHCP named; with a static address the gateway. */
uint32_t uplink_dns(void);

struct uplink_route {
	uint32_t next_hop;
	bool resolved; /* its MAC address is known */
	uint8_t mac[6], own_mac[6];
};

/* How to get a packet to an address; false: no way. */
bool uplink_route(struct uplink_route *route, uint32_t destination);
/* Send a finished IPv4 frame; the route's Ethernet header takes the place of its first 14 bytes,
 * which are in the first span. Waits in lwIP's ARP queue (as a copy) if not resolved. */
void uplink_send(const struct uplink_route *route, const struct blk_span *spans, unsigned count);
