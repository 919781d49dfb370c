/* SPDX-License-Identifier: BSD-2-Clause */
/* What is found in a frame's headers, and what is not: net_frame, net_flow, net_offload. */
#include <string.h>

#include "guest-devices/net_flow.h"
#include "guest-devices/net_frame.h"
#include "guest-devices/net_hash.h"
#include "tests/unit/net/fixture.h"

enum { IPV4 = 0x0800, IPV6 = 0x86dd, VLAN = 0x8100, QINQ = 0x88a8, HOP = 0, DEST = 60 };
enum { ROUTING = 43, FRAGMENT = 44, UDP_LENGTH = 4 };

static uint8_t frame[2048];
static struct net_headers headers;
static struct net_flow flow;

static struct net_packet whole(size_t size)
{
	static struct blk_span span;

	span = (struct blk_span){frame, size};
	return (struct net_packet){.spans = &span, .span_count = 1, .size = size};
}

static bool parse(size_t size)
{
	struct net_packet packet = whole(size);

	return net_headers_parse(&headers, &packet);
}

static const struct net_flow *flow_of(size_t size)
{
	struct net_packet packet = whole(size);

	net_flow_parse(&flow, &packet);
	return &flow;
}

/* The Ethernet header with these tags; returns where the network header goes. */
static size_t ethernet(unsigned tags, uint16_t first_tag, uint16_t type)
{
	memset(frame, 0, sizeof(frame));
	for (unsigned i = 0; i < tags; i++)
		test_put16(frame + 12 + 4 * i, i == 0 ? first_tag : VLAN);
	test_put16(frame + 12 + 4 * tags, type);
	return ETH + 4 * tags;
}

static size_t ipv4(size_t at, uint8_t protocol, size_t rest)
{
	frame[at] = 0x45;
	test_put16(frame + at + 2, (uint32_t)(20 + rest));
	frame[at + 9] = protocol;
	return at + 20;
}

static size_t ipv6(size_t at, uint8_t next, size_t rest)
{
	frame[at] = 0x60;
	test_put16(frame + at + 4, (uint32_t)rest);
	frame[at + 6] = next;
	memset(frame + at + 8, 0x11, 16);
	memset(frame + at + 24, 0x22, 16);
	return at + 40;
}

/* An extension header of `size` bytes; returns what follows. */
static size_t extension(size_t at, uint8_t next, size_t size)
{
	frame[at] = next;
	frame[at + 1] = (uint8_t)(size / 8 - 1);
	return at + size;
}

static size_t tcp(size_t at)
{
	test_put16(frame + at, 0x1234);
	frame[at + 12] = 0x50;
	return at + 20;
}

static size_t udp(size_t at, size_t data)
{
	test_put16(frame + at, 0x1234);
	test_put16(frame + at + UDP_LENGTH, (uint32_t)(8 + data));
	return at + 8 + data;
}

TestSuite(net_frame, .init = net_setup, .fini = net_teardown, .timeout = 60);

Test(net_frame, each_kind_is_found)
{
	cr_expect(parse(tcp(ipv4(ethernet(0, 0, IPV4), NET_TCP, 20))));
	cr_expect_eq(headers.transport, ETH + 20);
	cr_expect(parse(udp(ipv4(ethernet(1, QINQ, IPV4), NET_UDP, 8), 0)));
	cr_expect_eq(headers.transport, ETH + 4 + 20);
	cr_expect(parse(tcp(ipv6(ethernet(2, QINQ, IPV6), NET_TCP, 20))));
	cr_expect(headers.ipv6);
	cr_expect_eq(headers.payload, ETH + 8 + 40 + 20);
	cr_expect_not(parse(tcp(ipv4(ethernet(3, VLAN, IPV4), NET_TCP, 20))), "three tags");
}

Test(net_frame, extension_headers_are_skipped)
{
	size_t at = ipv6(ethernet(0, 0, IPV6), HOP, 8 + 16 + 20);

	at = extension(extension(at, DEST, 8), NET_TCP, 16);
	cr_expect(parse(tcp(at)));
	cr_expect_eq(headers.transport, ETH + 40 + 24);
	at = extension(ipv6(ethernet(0, 0, IPV6), DEST, 8 + 8), NET_UDP, 8);
	cr_expect(parse(udp(at, 0)));
	cr_expect_eq(headers.transport, ETH + 40 + 8);
	at = extension(ipv6(ethernet(0, 0, IPV6), ROUTING, 8 + 20), NET_TCP, 8);
	cr_expect_not(parse(tcp(at)), "not one that can be skipped");
}

Test(net_frame, extension_headers_beyond_the_copy)
{
	size_t at = ipv6(ethernet(0, 0, IPV6), HOP, 1024);

	extension(at, HOP, 1024);
	cr_expect_not(parse(ETH + 40 + 1024));
	ipv6(ethernet(0, 0, IPV6), HOP, 1024);
	extension(at, NET_TCP, 1024);
	cr_expect_not(parse(ETH + 40 + 1024));
	at = ipv6(ethernet(0, 0, IPV6), HOP, 4);
	extension(at, HOP, 2048);
	cr_expect_not(parse(ETH + 40 + 4));
}

Test(net_frame, headers_that_are_something_else)
{
	size_t size = tcp(ipv6(ethernet(0, 0, IPV6), NET_TCP, 20));

	frame[ETH] = 0x40;
	cr_expect_not(parse(size), "another version");
	size = tcp(ipv6(ethernet(0, 0, 0x0806), NET_TCP, 20));
	cr_expect_not(parse(size), "another type");
	size = udp(ipv4(ethernet(0, 0, IPV4), 1, 8), 0);
	cr_expect_not(parse(size), "ICMP");
	/* a header shorter than any, in which the rest would do */
	size = tcp(ipv4(ethernet(0, 0, IPV4), NET_TCP, 20));
	frame[ETH] = 0x44;
	frame[ETH + 16 + 12] = 0x50;
	cr_expect_not(parse(size));
}

Test(net_frame, transport_headers_cut_short)
{
	tcp(ipv4(ethernet(0, 0, IPV4), NET_TCP, 10));
	cr_expect_not(parse(ETH + 30));
	tcp(ipv4(ethernet(0, 0, IPV4), NET_TCP, 30));
	frame[ETH + 20 + 12] = 0x90;
	cr_expect_not(parse(ETH + 50), "options beyond the end");
	frame[ETH + 20 + 12] = 0x40;
	cr_expect_not(parse(ETH + 50));
	/* what follows a frame's end is not its header, whatever was there before */
	ipv4(ethernet(0, 0, IPV4), NET_UDP, 4);
	test_put16(headers.bytes + ETH + 20 + UDP_LENGTH, 4);
	cr_expect_not(parse(ETH + 24));
	ethernet(0, 0, IPV4);
	memset(headers.bytes, 0, sizeof(headers.bytes));
	headers.bytes[ETH] = 0x45;
	headers.bytes[ETH + 9] = NET_TCP;
	headers.bytes[ETH + 20 + 12] = 0x50;
	cr_expect_not(parse(ETH));
}

/* --- flows --- */

Test(net_frame, flows_of_other_versions_and_more_tags)
{
	size_t size = tcp(ipv4(ethernet(2, QINQ, IPV4), NET_TCP, 20));

	cr_expect_eq(flow_of(size)->version, 4);
	cr_expect_eq(flow.ports[0], 0x12);
	size = tcp(ipv4(ethernet(3, VLAN, IPV4), NET_TCP, 20));
	cr_expect_eq(flow_of(size)->version, 0);
	size = tcp(ipv4(ethernet(0, 0, IPV4), NET_TCP, 20));
	frame[ETH] = 0x65;
	cr_expect_eq(flow_of(size)->version, 0);
	size = tcp(ipv6(ethernet(0, 0, IPV6), NET_TCP, 20));
	frame[ETH] = 0x40;
	cr_expect_eq(flow_of(size)->version, 0);
}

Test(net_frame, flows_of_fragments)
{
	size_t at = extension(ipv6(ethernet(0, 0, IPV6), FRAGMENT, 28), NET_TCP, 8);

	cr_expect(flow_of(tcp(at))->extended);
	cr_expect_eq(flow.protocol, 0);
}

static size_t with_options(size_t size)
{
	size_t at = ipv6(ethernet(0, 0, IPV6), DEST, size + 20);

	tcp(extension(at, NET_TCP, size));
	return at + 2;
}

Test(net_frame, the_home_address_option)
{
	static const uint8_t there[16] = {0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33,
	                                  0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33};
	size_t at = with_options(24), size = ETH + 40 + 24 + 20;

	frame[at] = 0; /* Pad1 */
	frame[at + 1] = 0xc9, frame[at + 2] = 16;
	memset(frame + at + 3, 0x33, 16);
	cr_expect_arr_eq(flow_of(size)->home, there, 16);
	cr_expect_eq(flow.protocol, NET_TCP);
	frame[at + 1] = 1; /* PadN of that size */
	cr_expect_eq(flow_of(size)->home[0], 0x11);
	frame[at + 1] = 0xc9, frame[at + 2] = 8; /* of another size */
	cr_expect_eq(flow_of(size)->home[0], 0x11);
	at = with_options(16); /* beyond the end of its header */
	frame[at] = 0xc9, frame[at + 1] = 16;
	cr_expect_eq(flow_of(size - 8)->home[0], 0x11);
}

Test(net_frame, the_routing_header_of_type_2)
{
	size_t at = ETH + 40, size = at + 24 + 20;

	tcp(extension(ipv6(ethernet(0, 0, IPV6), ROUTING, 44), NET_TCP, 24));
	frame[at + 2] = 2;
	memset(frame + at + 8, 0x44, 16);
	cr_expect_eq(flow_of(size)->routed[15], 0x44);
	frame[at + 2] = 0;
	cr_expect_eq(flow_of(size)->routed[0], 0x22);
	frame[ETH + 6] = HOP;
	frame[at + 2] = 2;
	cr_expect_eq(flow_of(size)->routed[0], 0x22, "another header");
	tcp(extension(ipv6(ethernet(0, 0, IPV6), ROUTING, 28), NET_TCP, 8));
	frame[at + 2] = 2;
	cr_expect_eq(flow_of(at + 28)->routed[0], 0x22, "without an address");
	cr_expect_eq(flow_of(at + 4)->protocol, 0, "cut short");
}

Test(net_frame, a_short_key_goes_on_with_zeroes)
{
	static struct net_hash_key short_key, whole_key;
	static uint8_t bytes[2 * NET_HASH_KEY];

	memset(bytes, 0x5a, sizeof(bytes));
	net_hash_key_init(&short_key, bytes, 16);
	memset(bytes + 16, 0, NET_HASH_KEY - 16);
	net_hash_key_init(&whole_key, bytes, NET_HASH_KEY);
	cr_expect_eq(memcmp(&short_key, &whole_key, sizeof(short_key)), 0);
}

/* --- copies of pieces that lie apart --- */

static uint8_t apart[3][16] = {"abcd", "efgh", "ijkl"};

static struct net_packet in_pieces(unsigned pieces, size_t size)
{
	static struct blk_span spans[3];

	for (unsigned i = 0; i < 3; i++)
		spans[i] = (struct blk_span){apart[i], 4};
	return (struct net_packet){.spans = spans, .span_count = pieces, .size = size};
}

Test(net_frame, a_copy_from_inside)
{
	struct net_packet packet = in_pieces(3, 12);
	char text[8] = "-------";

	cr_expect(net_packet_copy(&packet, 5, text, 5));
	cr_expect_str_eq(text, "fghij--");
	cr_expect(net_packet_copy(&packet, 9, text, 2));
	cr_expect_str_eq(text, "jkhij--");
	cr_expect(net_packet_copy(&packet, 12, text, 0));
	cr_expect_not(net_packet_copy(&packet, 13, text, 0));
	cr_expect_not(net_packet_copy(&packet, 9, text, 4));
	cr_expect_str_eq(text, "jkhij--", "nothing, rather than a part");
	packet = in_pieces(2, 12);
	cr_expect_not(net_packet_copy(&packet, 7, text, 4), "not from beyond the last piece");
}

Test(net_frame, a_checksum_in_pieces_that_lie_apart)
{
	struct net_packet packet = in_pieces(3, 12);

	end_init(&far, false, 0);
	packet.offload =
	    (struct net_offload){.needs_csum = true, .csum_start = 2, .csum_offset = 5};
	cr_assert_eq(net_deliver(&far.end, &packet), NET_SENT);
	cr_expect_eq(memcmp(far.frames[0], "abcdefg", 7), 0);
	cr_expect_eq(memcmp(far.frames[0] + 9, "jkl", 3), 0);
	packet = in_pieces(2, 12);
	packet.offload =
	    (struct net_offload){.needs_csum = true, .csum_start = 2, .csum_offset = 1};
	cr_expect_eq(net_deliver(&far.end, &packet), NET_LOST, "its pieces are too few");
	cr_expect_eq(far.count, 1);
}

Test(net_frame, more_pieces_than_can_be_finished)
{
	static struct blk_span spans[400];
	struct net_packet packet = {.spans = spans, .span_count = 400, .size = 400};

	for (unsigned i = 0; i < 400; i++)
		spans[i] = (struct blk_span){frame + i, 1};
	end_init(&far, false, 0);
	packet.offload =
	    (struct net_offload){.needs_csum = true, .csum_start = 0, .csum_offset = 6};
	cr_expect_eq(net_deliver(&far.end, &packet), NET_LOST);
	cr_expect_eq(far.count, 0);
}

/* --- offload words --- */

static bool check(size_t size, struct net_offload offload)
{
	struct net_packet packet = whole(size);

	packet.offload = offload;
	return net_offload_check(&packet);
}

Test(net_frame, trains_of_the_wrong_kind)
{
	struct net_offload train = {.needs_csum = true,
	                            .gso_type = NET_GSO_TCPV4,
	                            .gso_size = 100,
	                            .csum_start = ETH + 40,
	                            .csum_offset = 16};
	size_t size = tcp(ipv6(ethernet(0, 0, IPV6), NET_TCP, 20));

	cr_expect_not(check(size, train), "IPv6");
	train.gso_type = NET_GSO_TCPV6;
	cr_expect(check(size, train));
	train.needs_csum = false;
	cr_expect_not(check(size, train), "whose checksum nobody asked for");
	train.needs_csum = true;
	size = udp(ipv6(ethernet(0, 0, IPV6), NET_UDP, 208), 200);
	train.csum_offset = 6;
	cr_expect_not(check(size, train), "UDP");
	train.gso_type = NET_GSO_UDP_L4;
	cr_expect(check(size, train));
	train.gso_type = 3;
	cr_expect_not(check(size, train), "no type at all");
}

Test(net_frame, what_is_not_asked_for_is_not_looked_at)
{
	struct net_packet packet = whole(64);

	packet.offload = (struct net_offload){.csum_start = 0xffff, .csum_offset = 0xffff};
	cr_expect(net_offload_check(&packet));
	/* a datagram's byte where TCP has its flags */
	packet = whole(udp(ipv4(ethernet(0, 0, IPV4), NET_UDP, 208), 200));
	frame[ETH + 20 + 13] = 0x80;
	packet.offload = (struct net_offload){.needs_csum = true,
	                                      .gso_type = NET_GSO_UDP_L4,
	                                      .gso_size = 100,
	                                      .csum_start = ETH + 20,
	                                      .csum_offset = 6};
	cr_expect(net_offload_check(&packet));
	cr_expect_not(packet.offload.ecn);
}

Test(net_frame, a_partial_checksum_in_its_place)
{
	struct net_packet packet = whole(udp(ipv4(ethernet(0, 0, IPV4), NET_UDP, 8), 0));
	uint16_t sum;

	cr_assert(parse(packet.size));
	sum = net_sum_fold(net_sum_pseudo(&headers, 8));
	memcpy(frame + ETH + 20 + 6, &sum, 2);
	packet.offload =
	    (struct net_offload){.needs_csum = true, .csum_start = ETH + 20, .csum_offset = 6};
	cr_expect(net_partial_right(&packet));
	packet.offload.csum_offset = 4;
	cr_expect_not(net_partial_right(&packet));
}
