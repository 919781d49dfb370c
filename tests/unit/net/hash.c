/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Toeplitz hash and what goes into it. The key, addresses and values are those of the
 * verification suite that Microsoft published for receive side scaling.
 */
#include <string.h>

#include "guest-devices/net_frame.h"
#include "guest-devices/net_hash.h"
#include "tests/unit/net/fixture.h"

static const uint8_t key_bytes[NET_HASH_KEY] = {
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
    0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
    0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

static struct net_hash_key key;
static uint8_t frame[2048];

static void setup(void)
{
	net_hash_key_init(&key, key_bytes, NET_HASH_KEY);
}

TestSuite(net_hash, .init = setup, .timeout = 60);

struct ends {
	uint32_t to, from;
	uint16_t to_port, from_port;
	uint32_t addresses, ports; /* the hashes */
};

static const struct ends ipv4[] = {
    {IP(161, 142, 100, 80), IP(66, 9, 149, 187), 1766, 2794, 0x323e8fc2, 0x51ccc178},
    {IP(65, 69, 140, 83), IP(199, 92, 111, 2), 4739, 14230, 0xd718262a, 0xc626b0ea},
    {IP(12, 22, 207, 184), IP(24, 19, 198, 95), 38024, 12898, 0xd2d0a5de, 0x5c2b394a},
    {IP(209, 142, 163, 6), IP(38, 27, 205, 30), 2217, 48228, 0x82989176, 0xafc7327f},
    {IP(202, 188, 127, 2), IP(153, 39, 163, 191), 1303, 44251, 0x5d1809c5, 0x10e828a2},
};

static enum net_hash_report hash_of(size_t size, uint32_t types, uint32_t *value)
{
	struct blk_span span = {frame, size};
	struct net_packet packet = {.spans = &span, .span_count = 1, .size = size};
	struct net_flow flow;

	net_flow_parse(&flow, &packet);
	return net_hash_flow(&key, types, &flow, value);
}

static size_t make_ipv4(const struct ends *ends, uint8_t protocol)
{
	return test_frame(frame, &(struct test_packet){.from = ends->from,
	                                               .to = ends->to,
	                                               .protocol = protocol,
	                                               .from_port = ends->from_port,
	                                               .to_port = ends->to_port});
}

#define TYPE(report) (1u << ((report)-1))
#define CHECK(size, types, report, hash)                                                           \
	do {                                                                                       \
		uint32_t value;                                                                    \
		cr_expect_eq(hash_of(size, types, &value), (report));                              \
		cr_expect_eq(value, (hash), "%08x", value);                                        \
	} while (0)

PROVES("V14-NET-097")
Test(net_hash, published_values_ipv4)
{
	for (unsigned i = 0; i < sizeof(ipv4) / sizeof(ipv4[0]); i++) {
		size_t size = make_ipv4(&ipv4[i], NET_TCP);

		CHECK(size, NET_HASH_TYPES, NET_HASH_TCPV4, ipv4[i].ports);
		CHECK(size, TYPE(NET_HASH_IPV4), NET_HASH_IPV4, ipv4[i].addresses);
		CHECK(size, TYPE(NET_HASH_IPV4) | TYPE(NET_HASH_UDPV4), NET_HASH_IPV4,
		      ipv4[i].addresses);
		CHECK(size, TYPE(NET_HASH_UDPV4), NET_HASH_NONE, 0);
		size = make_ipv4(&ipv4[i], NET_UDP);
		CHECK(size, NET_HASH_TYPES, NET_HASH_UDPV4, ipv4[i].ports);
		CHECK(size, TYPE(NET_HASH_TCPV4), NET_HASH_NONE, 0);
	}
}

Test(net_hash, fragments_have_no_ports)
{
	size_t size = make_ipv4(&ipv4[0], NET_TCP);

	frame[ETH + 6] = 0x20; /* more fragments */
	CHECK(size, NET_HASH_TYPES, NET_HASH_IPV4, ipv4[0].addresses);
	frame[ETH + 6] = 0;
	frame[ETH + 7] = 1;
	CHECK(size, NET_HASH_TYPES, NET_HASH_IPV4, ipv4[0].addresses);
	CHECK(ETH + 20 + 3, TYPE(NET_HASH_TCPV4), NET_HASH_NONE, 0); /* cut short */
	CHECK(ETH + 19, NET_HASH_TYPES, NET_HASH_NONE, 0);
	frame[13] = 6; /* ARP */
	CHECK(size, NET_HASH_TYPES, NET_HASH_NONE, 0);
}

/* Two tags; options in the IPv4 header. */
Test(net_hash, tags_and_options)
{
	size_t size = make_ipv4(&ipv4[1], NET_TCP);

	memmove(frame + 20, frame + 12, size - 12);
	test_put16(frame + 12, 0x88a8);
	test_put16(frame + 16, 0x8100);
	CHECK(size + 8, NET_HASH_TYPES, NET_HASH_TCPV4, ipv4[1].ports);
	size = make_ipv4(&ipv4[1], NET_TCP);
	memmove(frame + ETH + 24, frame + ETH + 20, size - ETH - 20);
	frame[ETH] = 0x46;
	memset(frame + ETH + 20, 1, 4);
	CHECK(size + 4, NET_HASH_TYPES, NET_HASH_TCPV4, ipv4[1].ports);
}

static const struct {
	uint8_t to[16], from[16];
	uint16_t to_port, from_port;
	uint32_t addresses, ports;
} ipv6[] = {
    {{0x3f, 0xfe, 0x25, 0x01, 0x02, 0, 0, 3, [15] = 1},
     {0x3f, 0xfe, 0x25, 0x01, 0x02, 0, 0x1f, 0xff, [15] = 7},
     1766,
     2794,
     0x2cc18cd5,
     0x40207d3d},
    {{0xff, 2, [15] = 1},
     {0x3f, 0xfe, 5, 1, 0, 8, 0, 0, 2, 0x60, 0x97, 0xff, 0xfe, 0x40, 0xef, 0xab},
     4739,
     14230,
     0x0f0c461c,
     0xdde51bbf},
    {{0xfe, 0x80, [8] = 2, 0, 0xf8, 0xff, 0xfe, 0x21, 0x67, 0xcf},
     {0x3f, 0xfe, 0x19, 0, 0x45, 0x45, 0, 3, 2, 0, 0xf8, 0xff, 0xfe, 0x21, 0x67, 0xcf},
     38024,
     44251,
     0x4b61e985,
     0x02d1feef},
};

/* An IPv6 frame of pair i; the header's addresses may be others, kind is that of what follows. */
static uint8_t *make_ipv6(unsigned i, uint8_t kind)
{
	uint8_t *ip = frame + ETH;

	memset(frame, 0, sizeof(frame));
	test_put16(frame + 12, 0x86dd);
	ip[0] = 0x60;
	ip[6] = kind;
	memcpy(ip + 8, ipv6[i].from, 16);
	memcpy(ip + 24, ipv6[i].to, 16);
	return ip + 40;
}

static size_t put_ports(uint8_t *at, unsigned i)
{
	test_put16(at, ipv6[i].from_port);
	test_put16(at + 2, ipv6[i].to_port);
	return (size_t)(at + 20 - frame);
}

PROVES("V14-NET-097")
Test(net_hash, published_values_ipv6)
{
	for (unsigned i = 0; i < 3; i++) {
		size_t size = put_ports(make_ipv6(i, NET_TCP), i);

		CHECK(size, NET_HASH_TYPES, NET_HASH_TCPV6, ipv6[i].ports);
		CHECK(size, TYPE(NET_HASH_IPV6), NET_HASH_IPV6, ipv6[i].addresses);
		CHECK(size, TYPE(NET_HASH_IP_EX) | TYPE(NET_HASH_TCP_EX), NET_HASH_NONE, 0);
		size = put_ports(make_ipv6(i, NET_UDP), i);
		CHECK(size, NET_HASH_TYPES, NET_HASH_UDPV6, ipv6[i].ports);
	}
}

/* The addresses that count are in the extension headers; those of the header are others. */
PROVES("V14-NET-097")
Test(net_hash, ipv6_extension_headers)
{
	uint8_t *at = make_ipv6(0, 60);
	size_t size;

	memset(frame + ETH + 8, 0x77, 32);
	at[0] = 43, at[1] = 2; /* destination options: PadN, home address, two Pad1 */
	at[2] = 1, at[3] = 0;
	at[4] = 0xc9, at[5] = 16;
	memcpy(at + 6, ipv6[0].from, 16);
	at += 24;
	at[0] = NET_TCP, at[1] = 2, at[2] = 2, at[3] = 1; /* routing header, type 2 */
	memcpy(at + 8, ipv6[0].to, 16);
	size = put_ports(at + 24, 0);
	CHECK(size, NET_HASH_TYPES, NET_HASH_TCP_EX, ipv6[0].ports);
	CHECK(size, TYPE(NET_HASH_IP_EX), NET_HASH_IP_EX, ipv6[0].addresses);
	at[2] = 0; /* another type of routing header: the header's own address counts */
	memset(at + 8, 0x55, 16);
	memcpy(frame + ETH + 24, ipv6[0].to, 16);
	CHECK(size, NET_HASH_TYPES, NET_HASH_TCP_EX, ipv6[0].ports);
}

/* Without the types for extension headers they are skipped. */
PROVES("V14-NET-097")
Test(net_hash, ipv6_extension_headers_skipped)
{
	uint8_t *at = make_ipv6(1, 0); /* hop by hop */
	size_t size;

	at[0] = NET_UDP;
	size = put_ports(at + 8, 1);
	CHECK(size, NET_HASH_TYPES, NET_HASH_UDP_EX, ipv6[1].ports);
	CHECK(size, TYPE(NET_HASH_UDPV6), NET_HASH_UDPV6, ipv6[1].ports);
	CHECK(size, TYPE(NET_HASH_IPV6), NET_HASH_IPV6, ipv6[1].addresses);
	at[0] = 44; /* a fragment's ports are not known */
	CHECK(size, NET_HASH_TYPES, NET_HASH_IP_EX, ipv6[1].addresses);
}

/* Whatever the bytes are, at each length: nothing outside the frame is read. */
Test(net_hash, headers_that_lie)
{
	static uint8_t exact[300];
	uint32_t state = 1, value;

	for (unsigned round = 0; round < 20000; round++) {
		size_t size = round % 250;
		uint8_t *bytes = exact + sizeof(exact) - size;
		struct blk_span span = {bytes, size};
		struct net_packet packet = {.spans = &span, .span_count = 1, .size = size};
		struct net_flow flow;

		for (size_t i = 0; i < size; i++) {
			state = state * 1664525 + 1013904223;
			bytes[i] = i >= 54 ? (uint8_t)(state >> 24) & 63 : 0;
		}
		if (size > ETH) {
			test_put16(bytes + 12, 0x86dd);
			bytes[ETH] = 0x60;
		}
		if (size > ETH + 6)
			bytes[ETH + 6] = (uint8_t[]){0, 43, 44, 60}[round / 250 % 4];
		net_flow_parse(&flow, &packet);
		cr_assert_leq(net_hash_flow(&key, NET_HASH_TYPES, &flow, &value), NET_HASH_UDP_EX);
	}
}

Test(net_hash, both_directions_mix_alike)
{
	struct ends back = {ipv4[0].from, ipv4[0].to, ipv4[0].from_port, ipv4[0].to_port, 0, 0};
	struct blk_span span = {frame, 0};
	struct net_packet packet = {.spans = &span, .span_count = 1};
	struct net_flow a, b;

	packet.size = span.size = make_ipv4(&ipv4[0], NET_TCP);
	net_flow_parse(&a, &packet);
	make_ipv4(&back, NET_TCP);
	net_flow_parse(&b, &packet);
	cr_expect_eq(net_flow_mix(&a), net_flow_mix(&b));
	make_ipv4(&ipv4[1], NET_TCP);
	net_flow_parse(&b, &packet);
	cr_expect_neq(net_flow_mix(&a), net_flow_mix(&b));
}
