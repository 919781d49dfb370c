/* SPDX-License-Identifier: BSD-2-Clause */
/* The state of the whole network and the ways of frames through it. Boot CPU; inside hv/net/ only.
 */
#pragma once

#include "hv/net/dns_relay.h"
#include "hv/net/nat.h"
#include "hv/net/parse.h"
#include "hv/net/port.h"

struct net_stack {
	struct host_nic *nic;
	struct nat nat;
	struct dns_relay relay;
	struct net_port *ports[CONFIG_VMS]; /* NULL: that guest has no network */
	uint64_t uplink_malformed, oversized;
};
extern struct net_stack net_stack;

/* guest_path.c: a frame from a guest, to the gateway or through the NAT. */
void path_from_guest(struct net_port *port, struct port_frame *frame);
/* uplink_path.c: a frame from the uplink, to a guest, the DNS relay or lwIP. */
void path_from_uplink(const uint8_t *frame, size_t size);

/* gateway.c: a frame from the guest to the gateway itself or to everybody on its cable. */
void gateway_input(struct net_port *port, uint8_t *frame, const struct parsed *p, bool partial);
/* An ICMP error to the guest about its frame. */
void gateway_error(struct net_port *port, uint8_t type, uint8_t code, const uint8_t *frame,
                   const struct parsed *p);
/* A UDP datagram from the gateway to the guest. */
void gateway_udp(struct net_port *port, uint32_t to, uint16_t from_port, uint16_t to_port,
                 const uint8_t *payload, size_t size);
/* A DNS answer from the uplink: true if it was for the relay's ports. */
bool gateway_dns_answer(uint8_t *message, const struct parsed *p);
