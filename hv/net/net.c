/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/net/net.h"

#include <arch/cpu.h>
#include <arch/log.h>
#include <arch/pages.h>
#include <arch/time.h>

#include "hv/net/random.h"
#include "hv/net/stack.h"
#include "hv/net/uplink.h"

#define INNER_NET   0x0a4d0000u /* 10.77.0.0/16 */
#define INNER_MASK  0xffff0000u
#define NIC_BUDGET  64 /* frames a poll, each way */
#define PORT_BUDGET 32
#define NIC_ROOM    48 /* frames that a guest's largest segment train becomes */
#define RETRY_NS    100000ull
#define STALL_NS    1000000000ull
#define TICK_NS     1000000000ull

struct net_stack net_stack;
static struct net_port ports[CONFIG_VMS];
static uint64_t next_tick;
static uint64_t full_since; /* the uplink has had no room since then; 0: it has */

static void from_nic(struct host_nic *nic, const uint8_t *frame, size_t size)
{
	(void)nic;
	path_from_uplink(frame, size);
}

void net_start(struct host_nic *nic, const struct ipv4_config *uplink)
{
	net_stack = (struct net_stack){.nic = nic, .relay = {.random = net_random}};
	nat_init(&net_stack.nat, INNER_NET, INNER_MASK, net_random());
	full_since = 0;
	next_tick = time_ns() + TICK_NS;
	if (nic)
		nic->received = from_nic;
	uplink_start(nic, uplink);
	nat_set_address(&net_stack.nat, uplink_address(), uplink_netmask());
}

/* A port's memory in one piece: the ring, then the flows. */
static const size_t port_pages = (PORT_RING + sizeof(struct nat_flows) + PAGE_SIZE - 1) / PAGE_SIZE;

struct net_end *net_port_open(const struct net_port_config *config)
{
	CHECK(config->guest < CONFIG_VMS && !net_stack.ports[config->guest]);
	struct net_port *port = &ports[config->guest];
	uint8_t *memory = pages_alloc(port_pages, PAGE_SIZE);
	if (!memory) {
		log_error("net: no memory for the network of %s", config->name);
		return NULL;
	}
	struct nat_flows *flows = (struct nat_flows *)(memory + PORT_RING);
	port_init(port, config, memory, flows);
	nat_open(&net_stack.nat, config->guest, port->address, flows, config->forwards,
	         config->forward_count);
	net_stack.ports[config->guest] = port;
	return &port->end;
}

void net_port_close(unsigned guest)
{
	CHECK(guest < CONFIG_VMS);
	struct net_port *port = net_stack.ports[guest];
	if (!port)
		return;
	net_stack.ports[guest] = NULL;
	dns_forget(&net_stack.relay, guest);
	nat_shut(&net_stack.nat, guest);
	pages_free(port->ring.bytes, port_pages);
}

void net_port_reset(unsigned guest)
{
	CHECK(guest < CONFIG_VMS);
	if (net_stack.ports[guest])
		port_reset(net_stack.ports[guest]);
}

/* Guests wait while the card is full; after a second without room their frames are lost. */
static bool uplink_full(struct host_nic *nic)
{
	if (!nic || nic->room(nic) >= NIC_ROOM)
		full_since = 0;
	else if (!full_since)
		full_since = time_ns();
	return full_since && time_ns() - full_since < STALL_NS;
}

static bool poll_port(struct net_port *port)
{
	struct port_frame *frame = NULL;
	if (port_take_reset(port)) {
		nat_close_flows(&net_stack.nat, port->config.guest);
		dns_forget(&net_stack.relay, port->config.guest);
	}
	for (unsigned i = 0; i < PORT_BUDGET && (frame = port_peek(port)); i++) {
		if (uplink_full(net_stack.nic)) {
			frame = NULL;
			break;
		}
		path_from_guest(port, frame);
		port_pop(port);
	}
	port_wake(port);
	return frame && port_peek(port);
}

static bool poll_ports(void)
{
	bool more = false;
	for (unsigned guest = 0; guest < CONFIG_VMS; guest++) {
		if (uplink_full(net_stack.nic))
			return false;
		if (net_stack.ports[guest])
			more |= poll_port(net_stack.ports[guest]);
	}
	return more;
}

static void poll_timers(void)
{
	uplink_timers();
	nat_set_address(&net_stack.nat, uplink_address(), uplink_netmask());
	if (time_ns() < next_tick)
		return;
	next_tick = time_ns() + TICK_NS;
	nat_expire(&net_stack.nat, time_ns());
}

bool net_poll(void)
{
	struct host_nic *nic = net_stack.nic;
	bool more = nic && nic->poll(nic, NIC_BUDGET);
	more |= poll_ports();
	poll_timers();
	return more;
}

uint64_t net_deadline(void)
{
	uint64_t lwip = uplink_deadline();
	uint64_t next = lwip < next_tick ? lwip : next_tick;
	uint64_t retry = full_since ? time_ns() + RETRY_NS : UINT64_MAX;
	return retry < next ? retry : next;
}

/* ---- counters ---- */

struct sums {
	uint64_t from, to, dropped, malformed, spoofed, ignored, refused;
};

static struct sums sum_ports(void)
{
	struct sums sums = {0};
	for (unsigned guest = 0; guest < CONFIG_VMS; guest++) {
		const struct net_port *port = net_stack.ports[guest];
		if (!port)
			continue;
		sums.from += port->stats.from_guest;
		sums.to += port->stats.to_guest;
		sums.dropped += port->stats.to_guest_dropped;
		sums.malformed += port->stats.malformed;
		sums.spoofed += port->stats.spoofed;
		sums.ignored += port->stats.ignored;
		sums.refused += port->stats.refused;
	}
	return sums;
}

size_t net_stats(struct net_stat *stats, size_t max)
{
	const struct host_nic none = {0}, *nic = net_stack.nic ? net_stack.nic : &none;
	const struct nat_stats *nat = &net_stack.nat.stats;
	const struct dns_relay *dns = &net_stack.relay;
	struct sums sums = sum_ports();
	const struct net_stat all[] = {
	    {"uplink rx", nic->rx_frames},
	    {"uplink tx", nic->tx_frames},
	    {"uplink drops", nic->drops},
	    {"uplink malformed", net_stack.uplink_malformed},
	    {"guests rx", sums.to},
	    {"guests rx dropped", sums.dropped},
	    {"guests tx", sums.from},
	    {"guests tx refused", sums.refused},
	    {"guests tx malformed", sums.malformed},
	    {"guests tx spoofed", sums.spoofed},
	    {"guests tx ignored", sums.ignored},
	    {"guests tx oversized", net_stack.oversized},
	    {"nat out", nat->out},
	    {"nat in", nat->in},
	    {"nat flows opened", nat->opened},
	    {"nat flows expired", nat->expired},
	    {"nat flows evicted", nat->evicted},
	    {"nat table full", nat->full},
	    {"nat blocked", nat->blocked},
	    {"nat fragments", nat->fragments},
	    {"nat unknown", nat->unknown},
	    {"dns asked", dns->asked},
	    {"dns answered", dns->answered},
	    {"dns refused", dns->refused},
	    {"dns replaced", dns->replaced},
	    {"dns not asked for", dns->spoofed},
	};
	size_t count = sizeof(all) / sizeof(all[0]);
	for (size_t i = 0; i < count && i < max; i++)
		stats[i] = all[i];
	return count < max ? count : max;
}
