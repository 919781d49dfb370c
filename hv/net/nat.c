/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/net/nat.h"

#include "guest-devices/bytes.h"
#include "hv/net/checksum.h"
#include "hv/net/nat_table.h"

void nat_init(struct nat *nat, uint32_t inner, uint32_t netmask, uint32_t seed)
{
	*nat = (struct nat){.inner = inner, .netmask = netmask, .seed = seed};
}

void nat_set_address(struct nat *nat, uint32_t address, uint32_t netmask)
{
	nat->outer_netmask = netmask;
	if (address == nat->address)
		return;
	nat->address = address;
	for (unsigned guest = 0; guest < CONFIG_VMS; guest++)
		nat_close_flows(nat, guest);
}

void nat_open(struct nat *nat, unsigned guest, uint32_t address, struct nat_flows *flows,
              const struct forward_config *forwards, unsigned count)
{
	struct nat_guest *g = &nat->guests[guest];
	*g = (struct nat_guest){.flows = flows, .address = address};
	for (unsigned i = 0; i < count && i < CONFIG_FORWARDS; i++)
		g->forwards[g->forward_count++] = forwards[i];
	nat_table_init(flows);
}

void nat_shut(struct nat *nat, unsigned guest)
{
	nat->guests[guest] = (struct nat_guest){0};
}

/* ---- rewriting ---- */

/* The checksum field of a TCP, UDP or ICMP header; NULL: UDP without one. */
static uint8_t *l4_checksum(uint8_t *l4, uint8_t protocol)
{
	if (protocol == PROTOCOL_TCP)
		return l4 + 16;
	if (protocol == PROTOCOL_ICMP)
		return l4 + 2;
	return be16_get(l4 + 6) ? l4 + 6 : NULL;
}

/* Put a new address (at offset 12 or 16) into an IPv4 header. */
static void replace_address(uint8_t *ip, size_t at, uint32_t address)
{
	checksum_replace32(ip + 10, be32_get(ip + at), address);
	be32_put(ip + at, address);
}

static void decrement_ttl(uint8_t *ip)
{
	uint16_t old = be16_get(ip + 8);
	be16_put(ip + 8, (uint16_t)(old - 0x100));
	checksum_replace16(ip + 10, old, (uint16_t)(old - 0x100));
}

/* What takes the place of one side of a flow. */
struct side {
	bool source;
	uint32_t address;
	uint16_t port;
};

static size_t port_offset(uint8_t protocol, bool source)
{
	return protocol == PROTOCOL_ICMP ? 4 : source ? 0 : 2;
}

static void rewrite(uint8_t *frame, uint8_t protocol, const struct side *side, bool partial)
{
	uint8_t *ip = frame + L3, *l4 = frame + L4, *sum = l4_checksum(l4, protocol);
	size_t at = side->source ? 12 : 16;
	uint8_t *port = l4 + port_offset(protocol, side->source);
	if (sum && protocol != PROTOCOL_ICMP) {
		if (partial)
			checksum_replace32_partial(sum, be32_get(ip + at), side->address);
		else
			checksum_replace32(sum, be32_get(ip + at), side->address);
	}
	if (sum && !partial)
		checksum_replace16(sum, be16_get(port), side->port);
	if (sum && protocol == PROTOCOL_UDP && !be16_get(sum))
		be16_put(sum, 0xffff); /* 0 would mean: none */
	be16_put(port, side->port);
	replace_address(ip, at, side->address);
	decrement_ttl(ip);
}

/* An ICMP error: the quoted packet went the other way, so its other side is replaced. */
static void rewrite_error(uint8_t *frame, const struct parsed *p, const struct side *side)
{
	uint8_t *ip = frame + L3, *sum = frame + L4 + 2, *inner = frame + L4 + ICMP_HEADER;
	uint8_t *port = frame + p->quoted + port_offset(p->about.protocol, !side->source);
	size_t at = side->source ? 16 : 12;
	uint16_t old_sum = be16_get(inner + 10);
	checksum_replace32(sum, be32_get(inner + at), side->address);
	replace_address(inner, at, side->address);
	checksum_replace16(sum, old_sum, be16_get(inner + 10));
	checksum_replace16(sum, be16_get(port), side->port);
	be16_put(port, side->port);
	/* An error's own source is whoever saw it: the guest is hidden, routers are not. */
	replace_address(ip, side->source ? 12 : 16, side->address);
	decrement_ttl(ip);
}

/* ---- flows ---- */

/* Follow what both sides say; a flow that both have closed, or one has reset, ends soon. */
static void track(struct nat *nat, unsigned guest, struct nat_flow *flow, const struct parsed *p,
                  bool from_guest, uint64_t now_ns)
{
	bool closes = p->tcp_flags & TCP_FIN, resets = p->tcp_flags & TCP_RST;
	flow->answered |= from_guest == flow->inward;
	flow->guest_closed |= resets || (closes && from_guest);
	flow->remote_closed |= resets || (closes && !from_guest);
	enum nat_list list = NAT_BRIEF;
	if (flow->protocol == PROTOCOL_UDP && flow->answered)
		list = NAT_UDP;
	else if (flow->protocol == PROTOCOL_TCP && flow->answered &&
	         !(flow->guest_closed && flow->remote_closed))
		list = NAT_TCP;
	nat_touch(nat, guest, flow, list, (uint32_t)(now_ns / 1000000000));
}

/* A new connection on the ports of an old one, which both sides have ended. */
static bool reopens(const struct nat_flow *flow, const struct parsed *p)
{
	return flow->guest_closed && flow->remote_closed &&
	       (p->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static struct nat_flow *find_or_add(struct nat *nat, unsigned guest, const struct nat_key *key,
                                    uint16_t outer_port, const struct parsed *p, uint64_t now_ns)
{
	struct nat_flow *flow = nat_find(nat, guest, key);
	if (flow && reopens(flow, p)) {
		nat_close(nat, guest, flow);
		flow = NULL;
	}
	if (flow && outer_port && flow->outer_port != outer_port)
		return NULL;
	if (flow)
		return flow;
	bool syn_only = (p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
	/* Inward a connection begins with SYN. Outward anything but RST may open a flow: after we
	 * forgot an idle one, the remote side must hear of it to end it. */
	if (key->protocol == PROTOCOL_TCP && (outer_port ? !syn_only : p->tcp_flags & TCP_RST)) {
		nat->stats.unknown++;
		return NULL;
	}
	flow = nat_add(nat, guest, key, outer_port, (uint32_t)(now_ns / 1000000000));
	if (flow)
		flow->inward = outer_port != 0;
	return flow;
}

/* ---- out ---- */

/* Guests reach the world, never the hypervisor's own address, each other, or everybody at once. */
static bool may_reach(const struct nat *nat, uint32_t to)
{
	uint32_t host = to & ~nat->outer_netmask;
	bool same_net = ((to ^ nat->address) & nat->outer_netmask) == 0;
	if (same_net && (host == 0 || host == ~nat->outer_netmask) && ~nat->outer_netmask > 1)
		return false;
	return to != nat->address && (to & nat->netmask) != nat->inner && to >> 24 != 0 &&
	       to >> 24 != 127 && to >> 28 < 14 && to >> 16 != 0xa9fe;
}

static enum nat_verdict out_error(struct nat *nat, unsigned guest, uint8_t *frame,
                                  const struct parsed *p)
{
	struct nat_key key = {p->about.protocol, p->about.source, p->about.source_port,
	                      p->about.destination_port};
	struct nat_flow *flow = NULL;
	if (p->about.protocol && p->about.destination == nat->guests[guest].address &&
	    p->about.source == p->key.destination)
		flow = nat_find(nat, guest, &key);
	if (!flow) {
		nat->stats.unknown++;
		return NAT_DROP;
	}
	rewrite_error(frame, p, &(struct side){true, nat->address, flow->outer_port});
	nat->stats.out++;
	return NAT_PASS;
}

static bool trackable(const struct parsed *p)
{
	const struct flow_key *key = &p->key;
	if (key->protocol == PROTOCOL_ICMP)
		return key->source_port != 0;
	return (key->protocol == PROTOCOL_TCP || key->protocol == PROTOCOL_UDP) &&
	       key->source_port && key->destination_port;
}

enum nat_verdict nat_out(struct nat *nat, unsigned guest, uint8_t *frame, const struct parsed *p,
                         bool partial, uint64_t now_ns)
{
	if (!nat->address || !may_reach(nat, p->key.destination)) {
		nat->stats.blocked++;
		return NAT_DROP;
	}
	if (p->fragment) {
		nat->stats.fragments++;
		return NAT_DROP;
	}
	if (p->ttl <= 1)
		return NAT_EXPIRED;
	if (p->icmp_error)
		return out_error(nat, guest, frame, p);
	if (!trackable(p)) {
		nat->stats.unknown++;
		return NAT_DROP;
	}
	struct nat_key key = {p->key.protocol, p->key.destination, p->key.destination_port,
	                      p->key.source_port};
	struct nat_flow *flow = find_or_add(nat, guest, &key, 0, p, now_ns);
	if (!flow)
		return NAT_DROP;
	track(nat, guest, flow, p, true, now_ns);
	rewrite(frame, p->key.protocol, &(struct side){true, nat->address, flow->outer_port},
	        partial);
	nat->stats.out++;
	return NAT_PASS;
}

/* ---- in ---- */

/* The flow whose slot a port names, if protocol and remote address fit as well. */
static struct nat_flow *find_by_port(struct nat *nat, const struct nat_key *outer, unsigned *guest)
{
	unsigned slot = outer->guest_port - NAT_PORT_BASE;
	if (outer->guest_port < NAT_PORT_BASE || !nat->guests[slot / NAT_FLOWS].flows)
		return NULL;
	*guest = slot / NAT_FLOWS;
	struct nat_flow *flow = &nat->guests[*guest].flows->flow[slot % NAT_FLOWS];
	if (flow->list == NAT_FREE || flow->outer_port != outer->guest_port ||
	    flow->protocol != outer->protocol || flow->remote != outer->remote)
		return NULL;
	return flow;
}

/* The flow of an inner key which has this outer port; opened if p allows it (NULL: no). */
static struct nat_flow *find_with_port(struct nat *nat, unsigned guest, const struct nat_key *key,
                                       uint16_t outer_port, const struct parsed *p, uint64_t now_ns)
{
	if (p)
		return find_or_add(nat, guest, key, outer_port, p, now_ns);
	struct nat_flow *flow = nat_find(nat, guest, key);
	return flow && flow->outer_port == outer_port ? flow : NULL;
}

/* outer: the key with the outer port in place of the guest's; p: NULL when no flow may be opened.
 * *ours: the port belongs to a guest even if there is no flow. */
static struct nat_flow *find_inward(struct nat *nat, const struct nat_key *outer,
                                    const struct parsed *p, uint64_t now_ns, unsigned *guest,
                                    bool *ours)
{
	const struct forward_config *forward =
	    nat_forward(nat, outer->protocol, outer->guest_port, guest);
	struct nat_key key = *outer;
	*ours = forward != NULL;
	if (forward) {
		key.guest_port = forward->guest_port;
		return find_with_port(nat, *guest, &key, outer->guest_port, p, now_ns);
	}
	struct nat_flow *flow = find_by_port(nat, outer, guest);
	if (!flow || flow->remote_port == outer->remote_port)
		return flow;
	if (flow->protocol != PROTOCOL_UDP)
		return NULL;
	/* The same host from another UDP port, as TFTP answers: a flow beside the first one, which
	 * lives as long as it is talked to. */
	key.guest_port = flow->guest_port;
	nat_touch(nat, *guest, flow, flow->list, (uint32_t)(now_ns / 1000000000));
	return find_with_port(nat, *guest, &key, outer->guest_port, p, now_ns);
}

static enum nat_verdict in_error(struct nat *nat, uint8_t *frame, const struct parsed *p,
                                 uint64_t now_ns, unsigned *guest)
{
	if (!p->about.protocol || p->about.source != nat->address)
		return NAT_LOCAL;
	struct nat_key outer = {p->about.protocol, p->about.destination, p->about.destination_port,
	                        p->about.source_port};
	bool ours;
	struct nat_flow *flow = find_inward(nat, &outer, NULL, now_ns, guest, &ours);
	if (!flow)
		return NAT_LOCAL;
	if (p->ttl <= 1) {
		nat->stats.unknown++;
		return NAT_DROP;
	}
	rewrite_error(frame, p,
	              &(struct side){false, nat->guests[*guest].address, flow->guest_port});
	nat->stats.in++;
	return NAT_PASS;
}

enum nat_verdict nat_in(struct nat *nat, uint8_t *frame, const struct parsed *p, uint64_t now_ns,
                        unsigned *guest)
{
	const struct flow_key *k = &p->key;
	if (!nat->address || k->destination != nat->address)
		return NAT_LOCAL;
	if (p->fragment) {
		nat->stats.fragments++;
		return NAT_DROP;
	}
	if (p->icmp_error)
		return in_error(nat, frame, p, now_ns, guest);
	if (!k->destination_port || (k->protocol != PROTOCOL_ICMP && !k->source_port))
		return NAT_LOCAL;
	struct nat_key outer = {k->protocol, k->source, k->source_port, k->destination_port};
	bool ours;
	struct nat_flow *flow = find_inward(nat, &outer, p, now_ns, guest, &ours);
	if (!flow)
		return ours ? NAT_DROP : NAT_LOCAL;
	if (p->ttl <= 1) {
		nat->stats.unknown++;
		return NAT_DROP;
	}
	track(nat, *guest, flow, p, false, now_ns);
	rewrite(frame, k->protocol,
	        &(struct side){false, nat->guests[*guest].address, flow->guest_port}, false);
	nat->stats.in++;
	return NAT_PASS;
}
