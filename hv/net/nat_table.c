/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/net/nat_table.h"

#define EXPIRE_BUDGET 64

/* Seconds a flow may be idle: RFC 4787 (UDP, at least 120), RFC 5382 (TCP, at least 7440). */
static const uint32_t idle_limit[NAT_LISTS] = {[NAT_BRIEF] = 60, [NAT_UDP] = 300, [NAT_TCP] = 7440};

static uint16_t slot_of(const struct nat_flows *flows, const struct nat_flow *flow)
{
	return (uint16_t)(flow - flows->flow);
}

static void list_remove(struct nat_flows *flows, struct nat_flow *flow)
{
	if (flow->prev == NAT_NONE)
		flows->first[flow->list] = flow->next;
	else
		flows->flow[flow->prev].next = flow->next;
	if (flow->next == NAT_NONE)
		flows->last[flow->list] = flow->prev;
	else
		flows->flow[flow->next].prev = flow->prev;
}

static void list_append(struct nat_flows *flows, struct nat_flow *flow, enum nat_list list)
{
	uint16_t slot = slot_of(flows, flow);
	flow->list = (uint8_t)list;
	flow->next = NAT_NONE;
	flow->prev = flows->last[list];
	if (flow->prev == NAT_NONE)
		flows->first[list] = slot;
	else
		flows->flow[flow->prev].next = slot;
	flows->last[list] = slot;
}

void nat_table_init(struct nat_flows *flows)
{
	for (unsigned i = 0; i < NAT_BUCKETS; i++)
		flows->bucket[i] = NAT_NONE;
	for (unsigned i = 0; i < NAT_LISTS; i++)
		flows->first[i] = flows->last[i] = NAT_NONE;
	for (unsigned i = 0; i < NAT_FLOWS; i++) {
		flows->flow[i] = (struct nat_flow){0};
		list_append(flows, &flows->flow[i], NAT_FREE);
	}
}

static uint16_t *bucket_of(struct nat *nat, unsigned guest, const struct nat_key *key)
{
	uint64_t x =
	    ((uint64_t)key->remote << 32 | (uint32_t)key->remote_port << 16 | key->guest_port) ^
	    nat->seed ^ (uint64_t)key->protocol << 56;
	x = (x ^ x >> 31 ^ nat->seed) * 0x9e3779b97f4a7c15ull;
	x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9ull;
	return &nat->guests[guest].flows->bucket[(x >> 40) % NAT_BUCKETS];
}

struct nat_flow *nat_find(struct nat *nat, unsigned guest, const struct nat_key *key)
{
	struct nat_flows *flows = nat->guests[guest].flows;
	uint16_t slot = *bucket_of(nat, guest, key);
	while (slot != NAT_NONE) {
		struct nat_flow *flow = &flows->flow[slot];
		if (flow->remote == key->remote && flow->remote_port == key->remote_port &&
		    flow->guest_port == key->guest_port && flow->protocol == key->protocol)
			return flow;
		slot = flow->chain;
	}
	return NULL;
}

/* The slot freed longest ago; its port is free if no forward has it. */
static struct nat_flow *take_free(struct nat *nat, unsigned guest, const struct nat_key *key)
{
	struct nat_flows *flows = nat->guests[guest].flows;
	for (unsigned tries = 0; tries <= CONFIG_FORWARDS; tries++) {
		uint16_t slot = flows->first[NAT_FREE];
		if (slot == NAT_NONE)
			return NULL;
		struct nat_flow *flow = &flows->flow[slot];
		uint16_t port = (uint16_t)(NAT_PORT_BASE + guest * NAT_FLOWS + slot);
		list_remove(flows, flow);
		if (!nat_forward(nat, key->protocol, port, NULL))
			return flow;
		list_append(flows, flow, NAT_FREE);
	}
	return NULL;
}

static struct nat_flow *take_slot(struct nat *nat, unsigned guest, const struct nat_key *key)
{
	struct nat_flows *flows = nat->guests[guest].flows;
	struct nat_flow *flow = take_free(nat, guest, key);
	if (!flow && flows->first[NAT_FREE] == NAT_NONE && flows->first[NAT_BRIEF] != NAT_NONE) {
		nat_close(nat, guest, &flows->flow[flows->first[NAT_BRIEF]]);
		nat->stats.evicted++;
		flow = take_free(nat, guest, key);
	}
	return flow;
}

struct nat_flow *nat_add(struct nat *nat, unsigned guest, const struct nat_key *key,
                         uint16_t outer_port, uint32_t seconds)
{
	struct nat_flows *flows = nat->guests[guest].flows;
	struct nat_flow *flow = take_slot(nat, guest, key);
	if (!flow) {
		nat->stats.full++;
		return NULL;
	}
	uint16_t slot = slot_of(flows, flow), *bucket = bucket_of(nat, guest, key);
	*flow = (struct nat_flow){.remote = key->remote,
	                          .remote_port = key->remote_port,
	                          .guest_port = key->guest_port,
	                          .protocol = key->protocol,
	                          .used = seconds,
	                          .chain = *bucket};
	flow->outer_port =
	    outer_port ? outer_port : (uint16_t)(NAT_PORT_BASE + guest * NAT_FLOWS + slot);
	*bucket = slot;
	list_append(flows, flow, NAT_BRIEF);
	nat->guests[guest].flow_count++;
	nat->stats.opened++;
	return flow;
}

void nat_touch(struct nat *nat, unsigned guest, struct nat_flow *flow, enum nat_list list,
               uint32_t seconds)
{
	struct nat_flows *flows = nat->guests[guest].flows;
	flow->used = seconds;
	if (flow->list == list && flow->next == NAT_NONE)
		return;
	list_remove(flows, flow);
	list_append(flows, flow, list);
}

void nat_close(struct nat *nat, unsigned guest, struct nat_flow *flow)
{
	struct nat_flows *flows = nat->guests[guest].flows;
	struct nat_key key = {flow->protocol, flow->remote, flow->remote_port, flow->guest_port};
	uint16_t *link = bucket_of(nat, guest, &key), slot = slot_of(flows, flow);
	while (*link != slot)
		link = &flows->flow[*link].chain;
	*link = flow->chain;
	list_remove(flows, flow);
	*flow = (struct nat_flow){0};
	list_append(flows, flow, NAT_FREE);
	nat->guests[guest].flow_count--;
}

void nat_close_flows(struct nat *nat, unsigned guest)
{
	struct nat_flows *flows = nat->guests[guest].flows;
	if (!flows)
		return;
	for (unsigned list = NAT_BRIEF; list < NAT_LISTS; list++)
		while (flows->first[list] != NAT_NONE)
			nat_close(nat, guest, &flows->flow[flows->first[list]]);
}

static unsigned expire_list(struct nat *nat, unsigned guest, unsigned list, uint32_t seconds,
                            unsigned budget)
{
	struct nat_flows *flows = nat->guests[guest].flows;
	while (budget && flows->first[list] != NAT_NONE) {
		struct nat_flow *flow = &flows->flow[flows->first[list]];
		if (seconds - flow->used < idle_limit[list])
			break;
		nat_close(nat, guest, flow);
		nat->stats.expired++;
		budget--;
	}
	return budget;
}

void nat_expire(struct nat *nat, uint64_t now_ns)
{
	uint32_t seconds = (uint32_t)(now_ns / 1000000000);
	for (unsigned guest = 0; guest < CONFIG_VMS; guest++) {
		unsigned budget = nat->guests[guest].flows ? EXPIRE_BUDGET : 0;
		for (unsigned list = NAT_BRIEF; list < NAT_LISTS; list++)
			budget = expire_list(nat, guest, list, seconds, budget);
	}
}

const struct forward_config *nat_forward(const struct nat *nat, uint8_t protocol, uint16_t port,
                                         unsigned *guest)
{
	if (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP)
		return NULL;
	for (unsigned g = 0; g < CONFIG_VMS; g++)
		for (unsigned i = 0; i < nat->guests[g].forward_count; i++) {
			const struct forward_config *f = &nat->guests[g].forwards[i];
			if (f->host_port != port || f->udp != (protocol == PROTOCOL_UDP))
				continue;
			if (guest)
				*guest = g;
			return f;
		}
	return NULL;
}
