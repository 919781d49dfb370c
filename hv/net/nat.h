/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network address translation, packet by packet: addresses, ports and checksums are rewritten, TCP
 * stays end to end. TCP, UDP, ICMP echo, and ICMP errors about any of them (RFC 3022, 4787, 5382,
 * 5508). Pure: frames in, frames out, time as an argument.
 *
 * Each guest has NAT_FLOWS slots of its own, and slot i of guest n is the outer port
 * NAT_PORT_BASE + n * NAT_FLOWS + i: allocating a slot allocates the port, the port of an answer
 * names the slot, and no guest can take anything from another. A flow is one (protocol, guest port,
 * remote address, remote port): TCP answers are filtered by address and port, UDP ones by address
 * (TFTP answers from another port). Forwards have the outer port that they were given.
 *
 * Fragments are dropped (counted); ICMP's "too big" passes, so path MTU discovery works.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hv/config.h"
#include "hv/net/parse.h"

#define NAT_FLOWS     2048
#define NAT_BUCKETS   1024
#define NAT_PORT_BASE 0x8000

/* Flows are kept in lists by how long they may be idle; the oldest one is first. */
enum nat_list {
	NAT_FREE,
	NAT_BRIEF, /* one side was heard only, or both have closed; ICMP */
	NAT_UDP,
	NAT_TCP,
	NAT_LISTS
};

struct nat_flow {
	uint32_t remote, used; /* used: seconds */
	uint16_t remote_port, guest_port, outer_port;
	uint8_t protocol;
	uint8_t list; /* enum nat_list */
	bool inward;  /* the remote side began */
	bool answered, guest_closed, remote_closed;
	uint16_t chain;      /* next in the bucket */
	uint16_t prev, next; /* in the list */
};

/* One guest's flows; the caller gives the memory (about 72 KiB). */
struct nat_flows {
	struct nat_flow flow[NAT_FLOWS];
	uint16_t bucket[NAT_BUCKETS];
	uint16_t first[NAT_LISTS], last[NAT_LISTS];
};

struct nat_guest {
	struct nat_flows *flows; /* NULL: not open */
	uint32_t address;
	unsigned flow_count;
	struct forward_config forwards[CONFIG_FORWARDS];
	unsigned forward_count;
};

struct nat_stats {
	uint64_t out, in, opened, evicted, expired, full, blocked, fragments, unknown;
};

struct nat {
	uint32_t address;        /* the outer address; 0: none yet, everything is dropped */
	uint32_t outer_netmask;  /* of the uplink: its broadcast address is no destination */
	uint32_t inner, netmask; /* the guests' network: never a destination */
	uint32_t seed;
	struct nat_guest guests[CONFIG_VMS];
	struct nat_stats stats;
};

void nat_init(struct nat *nat, uint32_t inner, uint32_t netmask, uint32_t seed);
/* The outer address is known or has changed: a change closes all flows. */
void nat_set_address(struct nat *nat, uint32_t address, uint32_t netmask);

void nat_open(struct nat *nat, unsigned guest, uint32_t address, struct nat_flows *flows,
              const struct forward_config *forwards, unsigned count);
/* The guest has no flows and no forwards any more; the memory is the caller's again. */
void nat_shut(struct nat *nat, unsigned guest);
/* Forget all flows of a guest. */
void nat_close_flows(struct nat *nat, unsigned guest);

enum nat_verdict {
	NAT_PASS,    /* rewritten: send it on */
	NAT_DROP,    /* counted */
	NAT_LOCAL,   /* in: not for a guest; left as it was */
	NAT_EXPIRED, /* out: its TTL ended here; left as it was */
};

/* How much of a frame nat_in and nat_out may read and write. */
#define NAT_HEAD 128

/*
 * A parsed IPv4 frame from guest. frame: its first min(size, NAT_HEAD) bytes. partial: the L4
 * checksum field holds the sum of the pseudo-header only. The Ethernet header is not touched.
 */
enum nat_verdict nat_out(struct nat *nat, unsigned guest, uint8_t *frame, const struct parsed *p,
                         bool partial, uint64_t now_ns);
/* A parsed IPv4 frame from the uplink; on NAT_PASS *guest is whom it is for. */
enum nat_verdict nat_in(struct nat *nat, uint8_t *frame, const struct parsed *p, uint64_t now_ns,
                        unsigned *guest);

/* Close flows that were idle too long, at most some per call; call it every second or so. */
void nat_expire(struct nat *nat, uint64_t now_ns);
