/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole network between fakes: guests' devices on one side, a NIC on the other. */
#pragma once

#include <criterion/criterion.h>
#include <string.h>

#include "arch/hosted/hosted.h"
#include "hv/net/net.h"
#include "hv/net/parse.h"
#include "hv/net/stack.h"
#include "tests/lib/frames.h"

#define HOST   IP(10, 0, 2, 15)
#define ROUTER IP(10, 0, 2, 2)
#define REMOTE IP(203, 0, 113, 5)
#define SECOND 1000000000ull

#define KEPT 128
struct kept {
	size_t size;
	uint8_t data[2048];
};

/* A guest's device. */
struct fake_guest {
	struct net_end end; /* first */
	struct net_end *port;
	unsigned number, count; /* frames received; the last ones are kept */
	bool full;              /* refuses what comes */
	bool locked;
	unsigned ready; /* calls of peer_ready */
	struct kept frames[KEPT];
};

struct fake_nic {
	struct host_nic nic; /* first */
	unsigned sent;       /* frames sent by the stack */
	bool full;
	struct kept out[KEPT];
	unsigned queued; /* frames that the next poll delivers */
	struct kept in[KEPT];
};

extern struct fake_guest guests[2]; /* numbers 0 and 1 */
extern struct fake_nic nic;

void world_static(void);    /* static address HOST, the router's MAC address known */
void world_dhcp(void);      /* nothing known yet */
void world_no_uplink(void); /* no NIC at all */

uint32_t guest_address(unsigned guest);
uint32_t gateway_address(unsigned guest);

/* A frame from a guest to its gateway's MAC address; true: taken. */
bool guest_sends(unsigned guest, const uint8_t *frame, size_t size);
bool guest_sends_packet(unsigned guest, const struct test_packet *packet);
bool guest_sends_offload(unsigned guest, const uint8_t *frame, size_t size,
                         const struct net_offload *offload);
/* A frame from the router to the host. */
void wire_sends(const uint8_t *frame, size_t size);
void wire_sends_packet(const struct test_packet *packet);
/* Poll until nothing is left to do. */
void settle(void);
/* Let time pass in steps of 100 ms. */
void pass(uint64_t ns);

/* The last frame a guest or the wire got; fails if there was none. */
const struct kept *at_guest(unsigned guest);
const struct kept *on_wire(void);

uint64_t counter(const char *name);
