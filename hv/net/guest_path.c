/* SPDX-License-Identifier: BSD-2-Clause */
/* The way of a frame from a guest: checked, then to its gateway, or translated and to the uplink.
 */
#include <string.h>

#include <arch/time.h>

#include "guest-devices/net_offload.h"
#include "hv/net/stack.h"
#include "hv/net/uplink.h"

enum { EXCEEDED_IN_TRANSIT = 0, TCP_CHECKSUM = 16, UDP_CHECKSUM = 6 };

/*
 * Offloads that we take: the checksum field is that of the packet's own TCP or UDP header (any
 * other place could overwrite what the NAT writes), segment trains are TCP over IPv4.
 */
static bool offload_fits(const struct net_offload *offload, const struct parsed *p)
{
	bool tcp =
	    p->ether_type == ETHER_TYPE_IPV4 && !p->fragment && p->key.protocol == PROTOCOL_TCP;
	bool udp =
	    p->ether_type == ETHER_TYPE_IPV4 && !p->fragment && p->key.protocol == PROTOCOL_UDP;
	if (offload->gso_type != NET_GSO_NONE &&
	    (offload->gso_type != NET_GSO_TCPV4 || !tcp || !offload->needs_csum))
		return false;
	if (!offload->needs_csum)
		return true;
	return offload->csum_start == L4 && ((tcp && offload->csum_offset == TCP_CHECKSUM) ||
	                                     (udp && offload->csum_offset == UDP_CHECKSUM));
}

/* A guest speaks for itself only: its MAC address, its IPv4 address or, asking DHCP, none. */
static bool honest(const struct net_port *port, const uint8_t *frame, const struct parsed *p)
{
	if (memcmp(frame + 6, port->mac, 6) != 0)
		return false;
	if (p->ether_type != ETHER_TYPE_IPV4 || p->key.source == port->address)
		return true;
	return p->key.source == 0 && p->key.destination == UINT32_MAX;
}

static bool is_broadcast(const uint8_t *mac)
{
	return (mac[0] & mac[1] & mac[2] & mac[3] & mac[4] & mac[5]) == 0xff;
}

/* ---- to the wire ---- */

/* Where net_deliver puts finished frames. */
struct wire {
	struct net_end end; /* first; accepts no offloads */
	struct uplink_route route;
};

static bool wire_receive(struct net_end *end, const struct net_packet *packet)
{
	const struct wire *wire = (const struct wire *)end;
	if (packet->size > ETHER_FRAME_MAX) {
		net_stack.oversized++;
		return true;
	}
	uplink_send(&wire->route, packet->spans, packet->span_count);
	return true;
}

static void to_uplink(struct port_frame *frame, const struct parsed *p)
{
	struct wire wire = {.end = {.receive = wire_receive}};
	struct blk_span span = {frame->data, p->end};
	struct net_packet packet = {
	    .spans = &span, .span_count = 1, .size = p->end, .offload = frame->offload};
	if (uplink_route(&wire.route, p->key.destination))
		net_deliver(&wire.end, &packet);
}

static void route(struct net_port *port, struct port_frame *frame, const struct parsed *p)
{
	switch (nat_out(&net_stack.nat, port->config.guest, frame->data, p,
	                frame->offload.needs_csum, time_ns())) {
	case NAT_PASS:
		to_uplink(frame, p);
		break;
	case NAT_EXPIRED:
		gateway_error(port, ICMP_TIME_EXCEEDED, EXCEEDED_IN_TRANSIT, frame->data, p);
		break;
	default:
		break;
	}
}

void path_from_guest(struct net_port *port, struct port_frame *frame)
{
	struct parsed p;
	port->stats.from_guest++;
	if (parse_frame(&p, frame->data, frame->size) || !offload_fits(&frame->offload, &p)) {
		port->stats.malformed++;
		return;
	}
	if (!honest(port, frame->data, &p)) {
		port->stats.spoofed++;
		return;
	}
	bool local = is_broadcast(frame->data) || p.key.destination == port->gateway;
	bool known = p.ether_type == ETHER_TYPE_IPV4 || p.ether_type == ETHER_TYPE_ARP;
	if (!known || (!is_broadcast(frame->data) && memcmp(frame->data, port->gateway_mac, 6)))
		port->stats.ignored++;
	else if (local || p.ether_type == ETHER_TYPE_ARP)
		gateway_input(port, frame->data, &p, frame->offload.needs_csum);
	else
		route(port, frame, &p);
}
