/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's network: lwIP on the uplink NIC, and behind it a NAT network for guests: each
 * guest has a cable of its own into the switch. Nobody outside hv/net/ includes lwIP. The net runs
 * on the boot CPU: net_poll() from its loop; frames from guests on other CPUs are queued and
 * cpu_kick(0) is called.
 *
 * NAT network: 10.77.0.0/16; guest n (0..) gets 10.77.n.2/24, its gateway, DHCP server and DNS
 * relay is 10.77.n.1, MAC 52:56:00:00:nn:02 and 52:56:00:00:nn:01.
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
struct net_end *net_port_open(const struct net_port_config *config);
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
