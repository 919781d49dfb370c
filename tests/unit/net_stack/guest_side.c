/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest finds at its gateway. */
#include "tests/unit/net_stack/world.h"

TestSuite(net_gateway, .init = world_static);

static void make_arp(uint8_t *arp, unsigned guest, uint32_t target)
{
	uint8_t mac[6] = {0x52, 0x56, 0, 0, (uint8_t)guest, 2};
	memset(arp, 0, 42);
	memset(arp, 0xff, 6);
	memcpy(arp + 6, mac, 6);
	memcpy(arp + 12, (uint8_t[]){8, 6, 0, 1, 8, 0, 6, 4, 0, 1}, 10);
	memcpy(arp + 22, mac, 6);
	test_put32(arp + 28, guest_address(guest));
	test_put32(arp + 38, target);
}

Test(net_gateway, answers_arp_for_itself_only)
{
	uint8_t arp[42];
	make_arp(arp, 1, gateway_address(1));
	guest_sends(1, arp, sizeof(arp));
	const struct kept *reply = at_guest(1);
	cr_assert_eq(test_get16(reply->data + 20), 2);
	cr_assert_arr_eq(reply->data + 22, ((uint8_t[]){0x52, 0x56, 0, 0, 1, 1}), 6);
	cr_assert_eq(test_get32(reply->data + 28), gateway_address(1));
	cr_assert_arr_eq(reply->data + 32, arp + 22, 10);
	make_arp(arp, 1, gateway_address(0));
	guest_sends(1, arp, sizeof(arp));
	make_arp(arp, 1, guest_address(1));
	guest_sends(1, arp, sizeof(arp));
	settle();
	cr_assert_eq(guests[1].count, 1);
}

Test(net_gateway, answers_echo)
{
	guest_sends_packet(0, &(struct test_packet){.from = guest_address(0),
	                                            .to = gateway_address(0),
	                                            .protocol = PROTOCOL_ICMP,
	                                            .from_port = 8 << 8,
	                                            .to_port = 9,
	                                            .data = "ping!",
	                                            .size = 5});
	const struct kept *reply = at_guest(0);
	cr_assert(test_frame_right(reply->data, reply->size));
	cr_assert_eq(reply->data[34], 0);
	cr_assert_eq(test_get32(reply->data + 30), guest_address(0));
}

static void make_dhcp(uint8_t *message, uint8_t type)
{
	memset(message, 0, 250);
	memcpy(message, (uint8_t[]){1, 1, 6}, 3);
	memcpy(message + 28, (uint8_t[]){0x52, 0x56, 0, 0, 1, 2}, 6);
	test_put32(message + 236, 0x63825363);
	memcpy(message + 240, (uint8_t[]){53, 1, type, 255}, 4);
}

Test(net_gateway, gives_an_address)
{
	uint8_t message[250];
	make_dhcp(message, 1);
	guest_sends_packet(1, &(struct test_packet){.from = 0,
	                                            .to = UINT32_MAX,
	                                            .protocol = PROTOCOL_UDP,
	                                            .from_port = 68,
	                                            .to_port = 67,
	                                            .data = message,
	                                            .size = sizeof(message)});
	const struct kept *reply = at_guest(1);
	cr_assert(test_frame_right(reply->data, reply->size));
	cr_assert_eq(test_get32(reply->data + 42 + 16), guest_address(1));
	cr_assert_eq(test_get16(reply->data + 36), 68);
}

Test(net_gateway, closed_ports_are_refused)
{
	uint8_t protocols[] = {PROTOCOL_TCP, PROTOCOL_UDP};
	for (unsigned i = 0; i < 2; i++) {
		guest_sends_packet(0, &(struct test_packet){.from = guest_address(0),
		                                            .to = gateway_address(0),
		                                            .protocol = protocols[i],
		                                            .from_port = 1000,
		                                            .to_port = 99,
		                                            .tcp_flags = TCP_SYN});
		const struct kept *error = at_guest(0);
		cr_assert(test_frame_right(error->data, error->size));
		cr_assert_eq(test_get16(error->data + 34), 3 << 8 | 3);
		cr_assert_eq(guests[0].count, i + 1);
	}
}

Test(net_gateway, tells_where_time_to_live_ended)
{
	guest_sends_packet(0, &(struct test_packet){.from = guest_address(0),
	                                            .to = REMOTE,
	                                            .protocol = PROTOCOL_UDP,
	                                            .from_port = 1000,
	                                            .to_port = 33434,
	                                            .ttl = 1});
	const struct kept *error = at_guest(0);
	cr_assert(test_frame_right(error->data, error->size));
	cr_assert_eq(test_get16(error->data + 34), 11 << 8);
	cr_assert_eq(test_get32(error->data + 26), gateway_address(0));
	cr_assert_eq(test_get16(error->data + 64), 33434);
}

static const uint8_t dns_query[] = {0x12, 0x34, 1, 0,   0, 1, 0, 0, 0, 0,
                                    0,    0,    1, 'a', 0, 0, 1, 0, 1};

static void ask_dns(unsigned guest)
{
	guest_sends_packet(guest, &(struct test_packet){.from = guest_address(guest),
	                                                .to = gateway_address(guest),
	                                                .protocol = PROTOCOL_UDP,
	                                                .from_port = 3000,
	                                                .to_port = 53,
	                                                .data = dns_query,
	                                                .size = sizeof(dns_query)});
}

Test(net_gateway, relays_dns)
{
	uint8_t answer[sizeof(dns_query)];
	ask_dns(1);
	const struct kept *query = on_wire();
	cr_assert(test_frame_right(query->data, query->size));
	cr_assert_eq(test_get32(query->data + 26), HOST);
	cr_assert_eq(test_get32(query->data + 30), ROUTER);
	uint16_t port = test_get16(query->data + 34);
	memcpy(answer, query->data + 42, sizeof(answer));
	cr_assert_neq(test_get16(answer), 0x1234);
	answer[2] |= 0x80;
	struct test_packet packet = {.from = ROUTER,
	                             .to = HOST + 1,
	                             .protocol = PROTOCOL_UDP,
	                             .from_port = 53,
	                             .to_port = port,
	                             .data = answer,
	                             .size = sizeof(answer)};
	wire_sends_packet(&packet);
	settle();
	cr_assert_eq(guests[1].count, 0, "that was for somebody else");
	packet.to = HOST;
	wire_sends_packet(&packet);
	const struct kept *reply = at_guest(1);
	cr_assert(test_frame_right(reply->data, reply->size));
	cr_assert_eq(test_get32(reply->data + 26), gateway_address(1));
	cr_assert_eq(test_get16(reply->data + 34), 53);
	cr_assert_eq(test_get16(reply->data + 36), 3000);
	cr_assert_eq(test_get16(reply->data + 42), 0x1234);
	cr_assert_eq(guests[0].count, 0);
}

Test(net_gateway, NT_023_spoofed_frames_go_nowhere)
{
	uint8_t frame[128];
	struct test_packet packet = {.from_mac = {0x52, 0x56, 0, 0, 0, 2},
	                             .to_mac = {0x52, 0x56, 0, 0, 0, 1},
	                             .from = guest_address(0),
	                             .to = REMOTE,
	                             .protocol = PROTOCOL_UDP,
	                             .from_port = 1,
	                             .to_port = 2};
	const uint8_t macs[][6] = {
	    {0x52, 0x56, 0, 0, 1, 2}, /* another guest's */
	    {0x52, 0x56, 0, 0, 0, 1}, /* the gateway's */
	    {0x01, 0, 0x5e, 0, 0, 1}, /* multicast */
	    {0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	};
	const uint32_t addresses[] = {guest_address(1), gateway_address(0), HOST, ROUTER, 0};
	unsigned before = nic.sent;
	for (unsigned i = 0; i < 4; i++) {
		struct test_packet spoofed = packet;
		memcpy(spoofed.from_mac, macs[i], 6);
		guest_sends(0, frame, test_frame(frame, &spoofed));
	}
	for (unsigned i = 0; i < 5; i++) {
		struct test_packet spoofed = packet;
		spoofed.from = addresses[i];
		guest_sends(0, frame, test_frame(frame, &spoofed));
	}
	settle();
	cr_assert_eq(counter("guests tx spoofed"), 9);
	cr_assert_eq(nic.sent, before);
	cr_assert_eq(guests[0].count + guests[1].count, 0);
}

/* It may give itself an address, and is known by that one alone then: by ARP, DHCP and the NAT. */
Test(net_gateway, follows_a_guest_to_another_address)
{
	const uint8_t mac[6] = {2, 0, 0, 0, 0, 7};
	struct test_packet packet = {.from_mac = {0x52, 0x56, 0, 0, 1, 2},
	                             .to_mac = {0x52, 0x56, 0, 0, 1, 1},
	                             .from = guest_address(1),
	                             .to = REMOTE,
	                             .protocol = PROTOCOL_UDP,
	                             .from_port = 1000,
	                             .to_port = 2000};
	uint8_t frame[400], message[250], arp[42];

	net_tell_address(&guests[1].end, mac);
	guest_sends(1, frame, test_frame(frame, &packet));
	settle();
	cr_expect_eq(counter("guests tx spoofed"), 1, "the old one");
	memcpy(packet.from_mac, mac, 6);
	guest_sends(1, frame, test_frame(frame, &packet));
	wire_sends_packet(&(struct test_packet){.from = REMOTE,
	                                        .to = HOST,
	                                        .protocol = PROTOCOL_UDP,
	                                        .from_port = 2000,
	                                        .to_port = test_get16(on_wire()->data + 34)});
	cr_assert_arr_eq(at_guest(1)->data, mac, 6);
	make_arp(arp, 1, gateway_address(1));
	memcpy(arp + 6, mac, 6);
	memcpy(arp + 22, mac, 6);
	guest_sends(1, arp, sizeof(arp));
	cr_assert_arr_eq(at_guest(1)->data + 32, mac, 6);
	make_dhcp(message, 1);
	memcpy(message + 28, mac, 6);
	packet.from = 0;
	packet.to = UINT32_MAX;
	memset(packet.to_mac, 0xff, 6);
	packet.from_port = 68;
	packet.to_port = 67;
	packet.data = message;
	packet.size = sizeof(message);
	guest_sends(1, frame, test_frame(frame, &packet));
	cr_assert_arr_eq(at_guest(1)->data, mac, 6);
	cr_assert_eq(test_get32(at_guest(1)->data + 42 + 16), guest_address(1));
	cr_expect_eq(guests[1].count, 3);
}

/* What comes from outside finds it before it has sent anything. */
Test(net_gateway, frames_for_a_guest_go_to_its_newest_address)
{
	const uint8_t mac[6] = {2, 0, 0, 0, 0, 7};

	net_tell_address(&guests[0].end, mac);
	settle();
	wire_sends_packet(&(struct test_packet){.from = REMOTE,
	                                        .to = HOST,
	                                        .protocol = PROTOCOL_TCP,
	                                        .from_port = 1000,
	                                        .to_port = 8080,
	                                        .tcp_flags = TCP_SYN});
	cr_assert_arr_eq(at_guest(0)->data, mac, 6);
}

/* A checksum field at a place of its choice would let a guest overwrite what the NAT wrote. */
Test(net_gateway, NT_003_checksum_elsewhere_in_the_packet)
{
	uint8_t frame[128];
	unsigned before = nic.sent;
	size_t size = test_frame(frame, &(struct test_packet){.from_mac = {0x52, 0x56, 0, 0, 0, 2},
	                                                      .to_mac = {0x52, 0x56, 0, 0, 0, 1},
	                                                      .from = guest_address(0),
	                                                      .to = REMOTE,
	                                                      .protocol = PROTOCOL_TCP,
	                                                      .from_port = 1,
	                                                      .to_port = 2,
	                                                      .tcp_flags = TCP_SYN});
	for (uint16_t start = 0; start < 60; start++)
		for (uint16_t offset = 0; offset < 20; offset++)
			if (start != 34 || offset != 16) {
				guest_sends_offload(0, frame, size,
				                    &(struct net_offload){.needs_csum = true,
				                                          .csum_start = start,
				                                          .csum_offset = offset});
				settle();
			}
	cr_assert_eq(nic.sent, before);
}

Test(net_no_uplink, gateway_works_alone, .init = world_no_uplink)
{
	ask_dns(0);
	const struct kept *reply = at_guest(0);
	cr_assert(test_frame_right(reply->data, reply->size));
	cr_assert_eq(test_get16(reply->data + 44), 0x8182, "server failure");
	guest_sends_packet(0, &(struct test_packet){.from = guest_address(0),
	                                            .to = REMOTE,
	                                            .protocol = PROTOCOL_UDP,
	                                            .from_port = 1,
	                                            .to_port = 2});
	settle();
	cr_assert_eq(counter("nat blocked"), 1);
}
