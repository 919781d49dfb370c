/* SPDX-License-Identifier: BSD-2-Clause */
/* The flows of one guest: find, open, touch, close. Inside the NAT only. */
#pragma once

#include "hv/net/nat.h"

#define NAT_NONE 0xffff

/* What one side of a translation knows. */
struct nat_key {
	uint8_t protocol;
	uint32_t remote;
	uint16_t remote_port, guest_port;
};

void nat_table_init(struct nat_flows *flows);
struct nat_flow *nat_find(struct nat *nat, unsigned guest, const struct nat_key *key);
/* A new flow in the list of brief ones. outer_port 0: the slot's own. NULL: no slot is free and
 * none can be taken from a brief flow. */
struct nat_flow *nat_add(struct nat *nat, unsigned guest, const struct nat_key *key,
                         uint16_t outer_port, uint32_t seconds);
/* The flow was used: to the end of the list. */
void nat_touch(struct nat *nat, unsigned guest, struct nat_flow *flow, enum nat_list list,
               uint32_t seconds);
void nat_close(struct nat *nat, unsigned guest, struct nat_flow *flow);
/* Is this outer port given to a forward? Then whose and to which of his ports. */
const struct forward_config *nat_forward(const struct nat *nat, uint8_t protocol, uint16_t port,
                                         unsigned *guest);
