/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/net/frame.h"

#include <string.h>

#include "guest-devices/bytes.h"
#include "hv/net/checksum.h"

void frame_ipv4(uint8_t *frame, const struct frame_route *route, uint8_t protocol, size_t size)
{
	uint8_t *ip = frame + L3;
	memcpy(frame, route->to_mac, 6);
	memcpy(frame + 6, route->from_mac, 6);
	be16_put(frame + 12, ETHER_TYPE_IPV4);
	memset(ip, 0, IPV4_HEADER);
	ip[0] = 0x45;
	be16_put(ip + 2, (uint16_t)(IPV4_HEADER + size));
	be16_put(ip + 6,
	         0x4000); /* never to be fragmented, so the identifier may be 0 (RFC 6864) */
	ip[8] = 64;
	ip[9] = protocol;
	be32_put(ip + 12, route->from);
	be32_put(ip + 16, route->to);
	be16_put(ip + 10, checksum_finish(checksum_add(0, ip, IPV4_HEADER)));
}

void frame_udp(uint8_t *head, const struct frame_route *route, uint16_t from_port, uint16_t to_port,
               const uint8_t *payload, size_t size)
{
	uint8_t *udp = head + L4;
	frame_ipv4(head, route, PROTOCOL_UDP, UDP_HEADER + size);
	be16_put(udp, from_port);
	be16_put(udp + 2, to_port);
	be16_put(udp + 4, (uint16_t)(UDP_HEADER + size));
	be16_put(udp + 6, 0);
	uint32_t sum = checksum_pseudo(route->from, route->to, PROTOCOL_UDP, UDP_HEADER + size);
	sum = checksum_add(sum, udp, UDP_HEADER);
	uint16_t field = checksum_finish(checksum_add(sum, payload, size));
	be16_put(udp + 6, field ? field : 0xffff);
}

void frame_icmp_error(uint8_t *error, const struct frame_route *route, uint8_t type, uint8_t code,
                      const uint8_t *frame)
{
	uint8_t *icmp = error + L4;
	frame_ipv4(error, route, PROTOCOL_ICMP, FRAME_ICMP_ERROR - L4);
	memset(icmp, 0, ICMP_HEADER);
	icmp[0] = type;
	icmp[1] = code;
	memcpy(icmp + ICMP_HEADER, frame + L3, IPV4_HEADER + 8);
	be16_put(icmp + 2, checksum_finish(checksum_add(0, icmp, FRAME_ICMP_ERROR - L4)));
}
