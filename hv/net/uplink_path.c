/* SPDX-License-Identifier: BSD-2-Clause */
/* The way of a frame from the uplink: to a guest, to the DNS relay, or to lwIP. */
#include <string.h>

#include <arch/time.h>

#include "hv/net/stack.h"
#include "hv/net/uplink.h"

/* Headers are translated in a copy; the payload goes to the guest from where it is. */
static void to_guest(struct net_port *port, uint8_t *head, size_t head_size, const uint8_t *frame,
                     size_t size)
{
	memcpy(head, port->mac, 6);
	memcpy(head + 6, port->gateway_mac, 6);
	struct blk_span spans[2] = {{head, head_size},
	                            {(void *)(frame + head_size), size - head_size}};
	port_send(port, spans, size > head_size ? 2 : 1);
}

static bool dns_port(const struct parsed *p)
{
	return p->ether_type == ETHER_TYPE_IPV4 && !p->fragment &&
	       p->key.protocol == PROTOCOL_UDP && p->key.destination == uplink_address() &&
	       p->key.destination_port >= DNS_PORT_BASE &&
	       p->key.destination_port - DNS_PORT_BASE < DNS_PORT_COUNT;
}

/* Take an answer to the DNS relay, in a copy. */
static bool take_dns(const uint8_t *frame, const struct parsed *p)
{
	uint8_t message[DNS_MESSAGE_MAX];
	size_t size = p->end - p->payload;
	if (!dns_port(p) || size < DNS_HEADER || size > sizeof(message))
		return false;
	memcpy(message, frame + p->payload, size);
	return gateway_dns_answer(message, p);
}

static bool take_nat(const uint8_t *frame, const struct parsed *p)
{
	uint8_t head[NAT_HEAD];
	unsigned guest;
	if (p->ether_type != ETHER_TYPE_IPV4)
		return false;
	size_t head_size = p->end < sizeof(head) ? p->end : sizeof(head);
	memcpy(head, frame, head_size);
	switch (nat_in(&net_stack.nat, head, p, time_ns(), &guest)) {
	case NAT_PASS:
		to_guest(net_stack.ports[guest], head, head_size, frame, p->end);
		return true;
	case NAT_LOCAL:
		return false;
	default:
		return true;
	}
}

void path_from_uplink(const uint8_t *frame, size_t size)
{
	struct parsed p;
	if (size > ETHER_FRAME_MAX || parse_frame(&p, frame, size)) {
		net_stack.uplink_malformed++;
		return;
	}
	if (take_nat(frame, &p) || take_dns(frame, &p))
		return;
	uplink_input(frame, p.end);
}
