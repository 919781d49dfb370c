/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's network: lwIP on the uplink NIC, and behind it a NAT network for guests. Each
 * guest has a cable of its own, with nobody else on it but the hypervisor: guest n (0..) gets
 * 10.77.n.2/24; its gateway, DHCP server and DNS relay is 10.77.n.1; MAC addresses are
 * 52:56:00:00:nn:02, unless it gives itself another one, and 52:56:00:00:nn:01. Guests reach
 * neither each other nor the hypervisor's uplink address (nor the rest of 10.77.0.0/16, should the
 * uplink have such a network).
 *
 * All runs on the boot CPU: net_poll() from its loop. A frame from a guest is copied once, on that
 * guest's CPU, into its port's ring (port.h), then parsed once (parse.h), translated in place
 * (nat.h) and sent from there. A frame from the uplink is translated in a copy of its headers.
 * lwIP has the hypervisor's own address only (uplink.h); nobody outside hv/net/ includes it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest-devices/backend.h"
#include "hv/config.h"

/* A host NIC as a driver offers it. All on the boot CPU. */
struct host_nic {
	uint8_t mac[6];
	/* Send one finished frame; copied or sent before return. false: the ring is full, frame
	 * dropped. */
	bool (*send)(struct host_nic *nic, const struct blk_span *spans, unsigned count);
	/* How many frames send takes now. A card that is broken for good takes (and drops) any
	 * number. */
	unsigned (*room)(struct host_nic *nic);
	/* Process received frames, at most budget; calls received for each. Returns true if there
	 * may be more. */
	bool (*poll)(struct host_nic *nic, unsigned budget);
	void (*received)(struct host_nic *nic, const uint8_t *frame,
	                 size_t size); /* set by net_start */
	void *received_context;
	uint64_t rx_frames, tx_frames, drops;
};

/* Bring the stack up; nic may be NULL (no uplink: guests still reach the hypervisor). */
void net_start(struct host_nic *nic, const struct ipv4_config *uplink);

/*
 * The hypervisor's end of guest's cable, to be joined with its device by net_cable_join. guest:
 * 0..CONFIG_VMS-1. Its receive() may be called on any CPU, under the guest's lock. Frames for the
 * guest are delivered with deliver_lock / deliver_unlock around net_send, which take the guest's
 * lock.
 */
struct net_port_config {
	unsigned guest;
	const char *name;
	const struct forward_config *forwards;
	unsigned forward_count;
	void (*lock)(void *context); /* the guest's lock, around every call towards its device */
	void (*unlock)(void *context);
	void *context;
};
/* Boot CPU. NULL: no memory (about 340 KiB are taken for each port). */
struct net_end *net_port_open(const struct net_port_config *config);
/* The guest will never run (again): its memory is given back. Boot CPU; nothing if not open. */
void net_port_close(unsigned guest);
/* The guest was reset or stopped: its connections are closed, its queue emptied. Any CPU. */
void net_port_reset(unsigned guest);

/* Work that waits (frames, timers); boot CPU, bounded. Returns true if more work is left. */
bool net_poll(void);
/* When net_poll wants to run next at the latest (time_ns). */
uint64_t net_deadline(void);

/* Counters for the monitor: fills name/value pairs, returns how many. */
struct net_stat {
	const char *name;
	uint64_t value;
};
size_t net_stats(struct net_stat *stats, size_t max);
