/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's end of one guest's cable. Frames from the guest are copied once, on the CPU that
 * the guest runs on, into a ring with one writer (under the guest's lock) and one reader (the boot
 * CPU); when the ring is full the guest has to wait.
 */
#pragma once

#include <stdatomic.h>

#include "hv/net/nat.h"
#include "hv/net/net.h"
#include "hv/record_ring.h"

#define PORT_RING (256u * 1024) /* bytes: four of the largest frames */

struct port_stats {
	_Atomic uint64_t refused;                        /* any CPU */
	uint64_t from_guest, to_guest, to_guest_dropped; /* boot CPU */
	uint64_t malformed, spoofed, ignored;
};

struct net_port {
	struct net_end end; /* first */
	struct net_port_config config;
	uint32_t address, gateway;      /* the guest's and ours */
	uint8_t mac[6], gateway_mac[6]; /* boot CPU */
	_Atomic uint64_t told_mac;      /* the address that the guest's device has now */
	struct nat_flows *flows;
	struct record_ring ring; /* written under the guest's lock, read by the boot CPU */
	struct port_stats stats;
};

/* A frame from the guest, in the ring: writable, valid until port_pop. */
struct port_frame {
	uint32_t size; /* of data */
	struct net_offload offload;
	uint8_t data[];
};

/* ring: PORT_RING bytes, aligned to RECORD_ALIGN. */
void port_init(struct net_port *port, const struct net_port_config *config, uint8_t *ring,
               struct nat_flows *flows);
/* The oldest frame, or NULL; port->mac is the address that its sender had then, or a later one.
 * Boot CPU. */
struct port_frame *port_peek(struct net_port *port);
void port_pop(struct net_port *port);
/* After some port_pop: if the guest waits for room, tell it. Takes the guest's lock. */
void port_wake(struct net_port *port);
/* Forget the frames queued so far. Any CPU. */
void port_reset(struct net_port *port);
/* The boot CPU's part of it: true if there was a reset since the last call. */
bool port_take_reset(struct net_port *port);

/* Send a finished frame to the guest, or drop it (counted). Takes the guest's lock. Boot CPU. */
void port_send(struct net_port *port, const struct blk_span *spans, unsigned count);
