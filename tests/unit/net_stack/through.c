/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets through the whole: guest, NAT, uplink and back. */
#include "tests/unit/net_stack/world.h"

TestSuite(net_through, .init = world_static);

static void udp_out(unsigned guest, uint16_t port, uint32_t to)
{
	guest_sends_packet(guest, &(struct test_packet){.from = guest_address(guest),
	                                                .to = to,
	                                                .protocol = PROTOCOL_UDP,
	                                                .from_port = port,
	                                                .to_port = 7,
	                                                .data = "hello",
	                                                .size = 5});
}

static void udp_in(uint16_t port, uint32_t from)
{
	wire_sends_packet(&(struct test_packet){.from = from,
	                                        .to = HOST,
	                                        .protocol = PROTOCOL_UDP,
	                                        .from_port = 7,
	                                        .to_port = port,
	                                        .data = "world",
	                                        .size = 5});
}

Test(net_through, udp_there_and_back)
{
	udp_out(1, 1234, REMOTE);
	const struct kept *sent = on_wire();
	cr_assert(test_frame_right(sent->data, sent->size));
	cr_assert_eq(test_get32(sent->data + 26), HOST);
	cr_assert_eq(sent->data[5], 2, "to the router's MAC address");
	udp_in(test_get16(sent->data + 34), REMOTE);
	const struct kept *got = at_guest(1);
	cr_assert(test_frame_right(got->data, got->size));
	cr_assert_eq(test_get16(got->data + 36), 1234);
	cr_assert_arr_eq(got->data, ((uint8_t[]){0x52, 0x56, 0, 0, 1, 2, 0x52, 0x56, 0, 0, 1, 1}),
	                 12);
	cr_assert_arr_eq(got->data + 42, "world", 5);
}

/* The first packet to an unknown neighbour waits for the answer to ARP. */
Test(net_through, neighbour_is_asked_for)
{
	uint8_t reply[42] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 8, 6,
	                     0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 9};
	udp_out(0, 1234, IP(10, 0, 2, 9));
	const struct kept *sent = on_wire();
	cr_assert_eq(test_get16(sent->data + 12), 0x0806);
	cr_assert_eq(test_get32(sent->data + 38), IP(10, 0, 2, 9));
	test_put32(reply + 28, IP(10, 0, 2, 9));
	test_put32(reply + 38, HOST);
	wire_sends(reply, sizeof(reply));
	sent = on_wire();
	cr_assert(test_frame_right(sent->data, sent->size));
	cr_assert_eq(sent->data[5], 9);
}

Test(net_through, forward_to_a_server_in_a_guest)
{
	struct test_packet packet = {.from = REMOTE,
	                             .to = HOST,
	                             .protocol = PROTOCOL_TCP,
	                             .from_port = 999,
	                             .to_port = 8080,
	                             .tcp_flags = TCP_SYN};
	wire_sends_packet(&packet);
	const struct kept *got = at_guest(0);
	cr_assert(test_frame_right(got->data, got->size));
	cr_assert_eq(test_get16(got->data + 36), 80);
	guest_sends_packet(0, &(struct test_packet){.from = guest_address(0),
	                                            .to = REMOTE,
	                                            .protocol = PROTOCOL_TCP,
	                                            .from_port = 80,
	                                            .to_port = 999,
	                                            .tcp_flags = TCP_SYN | TCP_ACK});
	const struct kept *sent = on_wire();
	cr_assert(test_frame_right(sent->data, sent->size));
	cr_assert_eq(test_get16(sent->data + 34), 8080);
}

Test(net_through, hypervisor_answers_echo_on_the_uplink)
{
	wire_sends_packet(&(struct test_packet){.from = ROUTER,
	                                        .to = HOST,
	                                        .protocol = PROTOCOL_ICMP,
	                                        .from_port = 8 << 8,
	                                        .to_port = 1});
	const struct kept *sent = on_wire();
	cr_assert(test_frame_right(sent->data, sent->size));
	cr_assert_eq(sent->data[34], 0);
	cr_assert_eq(guests[0].count + guests[1].count, 0);
}

/* A train of segments leaves as frames that add up to it. */
Test(net_through, segments_for_the_wire)
{
	static uint8_t frame[54 + 20000], payload[20000];
	uint8_t joined[20000];
	unsigned before = nic.sent;
	for (unsigned i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 7 + i / 256);
	test_frame(frame, &(struct test_packet){.from_mac = {0x52, 0x56, 0, 0, 0, 2},
	                                        .to_mac = {0x52, 0x56, 0, 0, 0, 1},
	                                        .from = guest_address(0),
	                                        .to = REMOTE,
	                                        .protocol = PROTOCOL_TCP,
	                                        .from_port = 1,
	                                        .to_port = 2,
	                                        .tcp_flags = TCP_ACK});
	memcpy(frame + 54, payload, sizeof(payload));
	test_put16(frame + 16, sizeof(frame) - 14);
	test_fix_ip(frame);
	cr_assert(guest_sends_offload(0, frame, sizeof(frame),
	                              &(struct net_offload){.needs_csum = true,
	                                                    .gso_type = NET_GSO_TCPV4,
	                                                    .hdr_len = 54,
	                                                    .gso_size = 1460,
	                                                    .csum_start = 34,
	                                                    .csum_offset = 16}));
	settle();
	cr_assert_eq(nic.sent - before, 14);
	for (unsigned i = before; i < nic.sent; i++) {
		const struct kept *sent = &nic.out[i % KEPT];
		size_t at = test_get32(sent->data + 38);
		cr_assert(test_frame_right(sent->data, sent->size));
		cr_assert_eq(test_get32(sent->data + 26), HOST);
		cr_assert_leq(at + sent->size - 54, sizeof(joined));
		memcpy(joined + at, sent->data + 54, sent->size - 54);
	}
	cr_assert_arr_eq(joined, payload, sizeof(payload));
}

Test(net_through, guests_are_strangers)
{
	unsigned before = nic.sent;
	udp_out(0, 1, guest_address(1));
	udp_out(0, 1, gateway_address(1));
	udp_out(0, 1, HOST);
	settle();
	cr_assert_eq(counter("nat blocked"), 3);
	cr_assert_eq(nic.sent, before);
	cr_assert_eq(guests[1].count, 0);
}

/* ---- too much ---- */

Test(net_through, full_ring_makes_the_guest_wait)
{
	unsigned taken = 0;
	uint8_t frame[1514] = {0};
	memcpy(frame + 6, (uint8_t[]){0x52, 0x56, 0, 0, 0, 2}, 6);
	while (guest_sends(0, frame, sizeof(frame)))
		taken++;
	cr_assert_gt(taken, 128);
	cr_assert_lt(taken, 256);
	cr_assert(hosted_cpu.kicked[0]);
	cr_assert_eq(guests[0].ready, 0);
	net_poll();
	cr_assert_eq(guests[0].ready, 1);
	cr_assert(guest_sends(0, frame, sizeof(frame)));
	cr_assert(guest_sends(1, frame, sizeof(frame)), "the other has room of its own");
	settle();
	cr_assert_eq(counter("guests tx"), taken + 2);
	cr_assert_eq(counter("guests tx refused"), 1);
}

/* Frames of all sizes, many times round the ring. */
Test(net_through, ring_keeps_every_frame)
{
	static uint8_t frame[NET_FRAME_MAX + 1];
	size_t size = 14;
	memcpy(frame + 6, (uint8_t[]){0x52, 0x56, 0, 0, 0, 2}, 6);
	for (unsigned i = 0; i < 3000; i++, size = 14 + size * 7919 % NET_FRAME_MAX) {
		size = size > NET_FRAME_MAX ? NET_FRAME_MAX : size;
		test_put32(frame, i);
		cr_assert(guest_sends(0, frame, size));
		struct port_frame *got = port_peek(net_stack.ports[0]);
		cr_assert_eq(got->size, size);
		cr_assert_eq(test_get32(got->data), i);
		port_pop(net_stack.ports[0]);
	}
	cr_assert(guest_sends(0, frame, sizeof(frame)), "too large: taken and dropped");
	cr_assert_null(port_peek(net_stack.ports[0]));
}

/* Full to the brim from every starting point, then emptied: nothing has been overwritten. */
Test(net_through, ring_never_overwrites)
{
	static uint8_t frame[NET_FRAME_MAX];
	unsigned sent = 0, seen = 0;
	memcpy(frame + 6, (uint8_t[]){0x52, 0x56, 0, 0, 0, 2}, 6);
	for (unsigned round = 0; round < 200; round++) {
		test_put32(frame, sent);
		while (guest_sends(0, frame, 14 + (sent * 7919u) % 30000))
			test_put32(frame, ++sent);
		for (struct port_frame *got; (got = port_peek(net_stack.ports[0])); seen++) {
			cr_assert_eq(test_get32(got->data), seen);
			cr_assert_eq(got->size, 14 + (seen * 7919u) % 30000);
			port_pop(net_stack.ports[0]);
		}
	}
	cr_assert_eq(sent, seen);
}

Test(net_through, NT_015_guest_without_buffers)
{
	udp_out(0, 1234, REMOTE);
	uint16_t port = test_get16(on_wire()->data + 34);
	guests[0].full = true;
	for (unsigned i = 0; i < 100000; i++)
		udp_in(port, REMOTE);
	settle();
	cr_assert_eq(counter("guests rx dropped"), 100000);
	guests[0].full = false;
	udp_in(port, REMOTE);
	at_guest(0);
	cr_assert_eq(counter("guests rx"), 1);
}

/* Thousands of first and middle pieces: nothing is kept, everybody else goes on. */
Test(net_through, NS_002_fragments)
{
	uint8_t frame[128];
	for (unsigned i = 0; i < 10000; i++) {
		size_t size =
		    test_frame(frame, &(struct test_packet){.to_mac = {2, 0, 0, 0, 0, 1},
		                                            .from_mac = {2, 0, 0, 0, 0, 2},
		                                            .from = ROUTER,
		                                            .to = HOST,
		                                            .protocol = PROTOCOL_UDP,
		                                            .from_port = 7,
		                                            .to_port = 68});
		test_put16(frame + 18, i);
		test_put16(frame + 20, i % 3 == 0 ? 0x2000 : i % 3 == 1 ? 0x3fff : 0x1fff);
		test_fix_ip(frame);
		wire_sends(frame, size);
		frame[5] = 1;
		memcpy(frame, (uint8_t[]){0x52, 0x56, 0, 0, 0, 1, 0x52, 0x56, 0, 0, 0, 2}, 12);
		test_put32(frame + 26, guest_address(0));
		test_put32(frame + 30, i % 2 ? REMOTE : gateway_address(0));
		test_fix_ip(frame);
		guest_sends(0, frame, size);
		settle();
	}
	cr_assert_eq(counter("nat flows opened"), 0);
	udp_out(0, 1234, REMOTE);
	cr_assert(test_frame_right(on_wire()->data, on_wire()->size));
}

/* NW-005: guests wait for the card, but not for ever. */
Test(net_through, full_nic_makes_guests_wait)
{
	nic.full = true;
	unsigned before = nic.sent;
	udp_out(0, 1234, REMOTE);
	settle();
	cr_assert_not_null(port_peek(net_stack.ports[0]), "the frame waits");
	cr_assert_leq(net_deadline(), hosted_time.now_ns + SECOND / 1000);
	nic.full = false;
	settle();
	cr_assert_eq(nic.sent, before + 1);
	cr_assert_gt(net_deadline(), hosted_time.now_ns + SECOND / 1000);

	nic.full = true;
	for (unsigned i = 0; i < 1000; i++) {
		udp_out(0, 1234, REMOTE);
		udp_out(0, 1234, IP(10, 0, 2, 77));
		settle();
	}
	pass(2 * SECOND);
	cr_assert_null(port_peek(net_stack.ports[0]), "a card that takes nothing is given up");
	nic.full = false;
	udp_out(0, 1234, REMOTE);
	cr_assert(test_frame_right(on_wire()->data, on_wire()->size));
}

/* ---- reset ---- */

Test(net_through, reset_forgets_queue_and_flows)
{
	udp_out(0, 1234, REMOTE);
	udp_out(1, 1234, REMOTE);
	settle();
	uint16_t port1 = test_get16(on_wire()->data + 34);
	unsigned before = nic.sent;
	udp_out(0, 1235, REMOTE);
	net_port_reset(0);
	settle();
	cr_assert_eq(nic.sent, before);
	cr_assert_eq(net_stack.nat.guests[0].flow_count, 0);
	udp_in(port1, REMOTE);
	at_guest(1);
	udp_out(0, 1234, REMOTE);
	settle();
	cr_assert_eq(nic.sent, before + 1);
	net_port_reset(7);
}

Test(net_through, close_and_open_again)
{
	net_port_close(1);
	net_port_close(1);
	settle();
	udp_out(0, 1234, REMOTE);
	cr_assert(test_frame_right(on_wire()->data, on_wire()->size));
}

/* ---- anything ---- */

Test(net_through, random_frames_from_both_sides)
{
	uint32_t random = 11;
	uint8_t frame[256];
	for (unsigned i = 0; i < 60000; i++) {
		bool inward = i % 2;
		uint8_t protocol = i % 3 == 0 ? PROTOCOL_TCP : i % 3 == 1 ? PROTOCOL_UDP : 1;
		struct test_packet packet = {
		    .from_mac = {0x52, 0x56, 0, 0, 0, 2},
		    .to_mac = {0x52, 0x56, 0, 0, 0, 1},
		    .from = guest_address(0),
		    .to = i % 5 ? REMOTE : gateway_address(0),
		    .protocol = protocol,
		    .from_port = 3 << 8,
		    .to_port = i % 7 ? 53 : 67,
		    .data = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz12345678",
		    .size = 60};
		if (inward) {
			memcpy(packet.to_mac, nic.nic.mac, 6);
			packet.from = ROUTER;
			packet.to = HOST;
			packet.to_port = i % 7 ? 0x4000 : 68;
		}
		size_t size = test_frame(frame, &packet);
		for (unsigned k = 0; k < 3; k++) {
			random = random * 1664525 + 1013904223;
			frame[12 + (random >> 8) % (size - 12)] = (uint8_t)(random >> 24);
		}
		if (random & 64)
			test_fix_ip(frame);
		size -= random & 128 ? 0 : (random >> 8) % size;
		struct net_offload offload = {.needs_csum = random & 1,
		                              .gso_type = random & 2 ? NET_GSO_TCPV4 : 0,
		                              .gso_size = (uint16_t)(random >> 20),
		                              .csum_start = 34,
		                              .csum_offset = protocol == PROTOCOL_TCP ? 16 : 6};
		if (inward)
			wire_sends(frame, size);
		else
			guest_sends_offload(0, frame, size, &offload);
		if (i % 16 == 0)
			settle();
	}
}
