/* SPDX-License-Identifier: BSD-2-Clause */
/* What the gateway of a cable does itself: ARP, echo, DHCP, DNS. */
#include <string.h>

#include <arch/time.h>

#include "guest-devices/bytes.h"
#include "hv/net/checksum.h"
#include "hv/net/dhcp_server.h"
#include "hv/net/frame.h"
#include "hv/net/random.h"
#include "hv/net/stack.h"
#include "hv/net/uplink.h"

enum {
	PORT_DNS = 53,
	PORT_DHCP_SERVER = 67,
	PORT_DHCP_CLIENT = 68,
	UNREACHABLE_PORT = 3,
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
	NETMASK = 0xffffff00,
	LEASE_SECONDS = 24 * 3600,
};

static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static struct frame_route route_to_guest(const struct net_port *port)
{
	return (struct frame_route){port->gateway_mac, port->mac, port->gateway, port->address};
}

void gateway_udp(struct net_port *port, uint32_t to, uint16_t from_port, uint16_t to_port,
                 const uint8_t *payload, size_t size)
{
	uint8_t head[FRAME_UDP_HEAD];
	struct frame_route route = route_to_guest(port);
	route.to = to;
	if (to == UINT32_MAX)
		route.to_mac = everybody;
	frame_udp(head, &route, from_port, to_port, payload, size);
	port_send(port, (struct blk_span[]){{head, sizeof(head)}, {(void *)payload, size}}, 2);
}

void gateway_error(struct net_port *port, uint8_t type, uint8_t code, const uint8_t *frame,
                   const struct parsed *p)
{
	uint8_t error[FRAME_ICMP_ERROR];
	struct frame_route route = route_to_guest(port);
	if (p->icmp_error || p->fragment || p->end < L4 + 8)
		return;
	frame_icmp_error(error, &route, type, code, frame);
	port_send(port, (struct blk_span[]){{error, sizeof(error)}}, 1);
}

/* RFC 826: who has the gateway's address? */
static void answer_arp(struct net_port *port, const uint8_t *frame)
{
	static const uint8_t ethernet_ipv4[6] = {0, 1, 8, 0, 6, 4};
	const uint8_t *arp = frame + ETHER_HEADER;
	if (memcmp(arp, ethernet_ipv4, 6) != 0 || be16_get(arp + 6) != ARP_REQUEST ||
	    memcmp(arp + 8, port->mac, 6) != 0 || be32_get(arp + 24) != port->gateway) {
		port->stats.ignored++;
		return;
	}
	uint8_t reply[ETHER_HEADER + ARP_SIZE], *to = reply + ETHER_HEADER;
	memcpy(reply, port->mac, 6);
	memcpy(reply + 6, port->gateway_mac, 6);
	be16_put(reply + 12, ETHER_TYPE_ARP);
	memcpy(to, ethernet_ipv4, 6);
	be16_put(to + 6, ARP_REPLY);
	memcpy(to + 8, port->gateway_mac, 6);
	be32_put(to + 14, port->gateway);
	memcpy(to + 18, arp + 8, 10);
	port_send(port, (struct blk_span[]){{reply, sizeof(reply)}}, 1);
}

/* The request becomes the reply; its checksum stays as right as it was. */
static void answer_echo(struct net_port *port, uint8_t *frame, const struct parsed *p)
{
	uint8_t *ip = frame + L3, *icmp = frame + L4;
	if (p->end > ETHER_FRAME_MAX)
		return;
	memcpy(frame, port->mac, 6);
	memcpy(frame + 6, port->gateway_mac, 6);
	be32_put(ip + 12, port->gateway);
	be32_put(ip + 16, port->address);
	checksum_replace16(ip + 10, be16_get(ip + 8), (uint16_t)(64 << 8 | PROTOCOL_ICMP));
	ip[8] = 64;
	checksum_replace16(icmp + 2, be16_get(icmp), be16_get(icmp) & 0xff);
	icmp[0] = ICMP_ECHO_REPLY;
	port_send(port, (struct blk_span[]){{frame, p->end}}, 1);
}

static void answer_dhcp(struct net_port *port, const uint8_t *frame, const struct parsed *p)
{
	struct dhcp_reply reply;
	struct dhcp_lease lease = {.address = port->address,
	                           .netmask = NETMASK,
	                           .server = port->gateway,
	                           .dns = port->gateway,
	                           .seconds = LEASE_SECONDS,
	                           .name = port->config.name};
	memcpy(lease.mac, port->mac, 6);
	if (dhcp_answer(&lease, frame + p->payload, p->end - p->payload, &reply)) {
		port->stats.ignored++;
		return;
	}
	gateway_udp(port, reply.to, PORT_DHCP_SERVER, PORT_DHCP_CLIENT, reply.message, reply.size);
}

/* ---- DNS ---- */

static void ask_upstream(const struct dns_query *query, uint8_t *message, size_t size)
{
	uint8_t head[FRAME_UDP_HEAD];
	struct uplink_route route;
	if (!uplink_route(&route, query->server))
		return;
	struct frame_route to = {route.own_mac, route.mac, uplink_address(), query->server};
	frame_udp(head, &to, query->port, PORT_DNS, message, size);
	uplink_send(&route, (struct blk_span[]){{head, sizeof(head)}, {message, size}}, 2);
}

static void relay_query(struct net_port *port, uint8_t *frame, const struct parsed *p)
{
	uint8_t *message = frame + p->payload;
	size_t size = p->end - p->payload;
	uint32_t server = uplink_dns();
	if (!server) {
		size_t question = dns_query_question(message, size);
		if (question)
			gateway_udp(port, port->address, PORT_DNS, p->key.source_port, message,
			            dns_make_failure(message, question));
		return;
	}
	struct dns_query *query = dns_ask(&net_stack.relay, port->config.guest, p->key.source_port,
	                                  server, message, size, time_ns());
	if (query)
		ask_upstream(query, message, size);
}

bool gateway_dns_answer(uint8_t *message, const struct parsed *p)
{
	unsigned guest;
	struct dns_answer answer = {p->key.source, p->key.source_port, p->key.destination_port,
	                            message, p->end - p->payload};
	struct dns_query *query = dns_match(&net_stack.relay, &answer, time_ns(), &guest);
	struct net_port *port = query ? net_stack.ports[guest] : NULL;
	if (!port)
		return false;
	be16_put(message, query->guest_id);
	query->used = false;
	gateway_udp(port, port->address, PORT_DNS, query->guest_port, message, answer.size);
	return true;
}

/* ---- dispatch ---- */

static bool udp_checksum_right(const uint8_t *frame, const struct parsed *p)
{
	if (!be16_get(frame + L4 + 6))
		return true;
	uint32_t sum =
	    checksum_pseudo(p->key.source, p->key.destination, PROTOCOL_UDP, p->end - L4);
	return checksum_finish(checksum_add(sum, frame + L4, p->end - L4)) == 0;
}

static void input_udp(struct net_port *port, uint8_t *frame, const struct parsed *p, bool partial)
{
	bool direct = p->key.destination == port->gateway;
	bool ours = p->key.source == port->address;
	if (!partial && !udp_checksum_right(frame, p))
		port->stats.malformed++;
	else if (p->key.destination_port == PORT_DHCP_SERVER)
		answer_dhcp(port, frame, p);
	else if (p->key.destination_port == PORT_DNS && direct && ours)
		relay_query(port, frame, p);
	else if (direct && ours)
		gateway_error(port, ICMP_UNREACHABLE, UNREACHABLE_PORT, frame, p);
	else
		port->stats.ignored++;
}

void gateway_input(struct net_port *port, uint8_t *frame, const struct parsed *p, bool partial)
{
	bool direct = p->key.destination == port->gateway && p->key.source == port->address;
	if (p->ether_type == ETHER_TYPE_ARP)
		answer_arp(port, frame);
	else if (p->fragment)
		port->stats.ignored++;
	else if (p->key.protocol == PROTOCOL_UDP)
		input_udp(port, frame, p, partial);
	else if (direct && p->key.protocol == PROTOCOL_ICMP && p->icmp_type == ICMP_ECHO)
		answer_echo(port, frame, p);
	else if (direct && p->key.protocol == PROTOCOL_TCP && p->tcp_flags & TCP_SYN)
		gateway_error(port, ICMP_UNREACHABLE, UNREACHABLE_PORT, frame, p);
	else
		port->stats.ignored++;
}
