/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets finished in software, checked by the slow reference of tests/lib/frames. */
#include <string.h>

#include "tests/unit/net/fixture.h"

static uint8_t frame[NET_FRAME_MAX + 64];

/* The frame in pieces of at most `piece` bytes. */
static struct net_packet pieces_of(size_t size, size_t piece, const struct net_offload *offload)
{
	static struct blk_span spans[4096];
	struct net_packet packet = {.spans = spans, .size = size, .offload = *offload};

	for (size_t at = 0; at < size; at += piece)
		spans[packet.span_count++] =
		    (struct blk_span){frame + at, size - at < piece ? size - at : piece};
	return packet;
}

static void expect_train(size_t data, uint16_t mss, uint8_t flags)
{
	size_t seen = 0, header = ETH + 40;
	uint32_t seq = test_get32(frame + ETH + 24);
	uint16_t id = test_get16(frame + ETH + 4);

	cr_assert_eq(far.count, data ? (data + mss - 1) / mss : 1);
	for (unsigned i = 0; i < far.count; i++) {
		const uint8_t *f = far.frames[i];
		bool last = i + 1 == far.count;
		size_t size = far.sizes[i] - header;

		cr_assert(test_frame_right(f, far.sizes[i]));
		cr_assert_eq(size, last ? data - seen : mss);
		cr_assert_eq(test_get32(f + ETH + 24), seq + seen);
		cr_assert_eq(test_get16(f + ETH + 4), (uint16_t)(id + i));
		cr_assert_eq(f[ETH + 33], (last ? flags : flags & ~9) & (i ? ~0x80 : ~0));
		cr_assert(memcmp(f + header, frame + header + seen, size) == 0);
		cr_assert(!far.offloads[i].needs_csum && !far.offloads[i].gso_type);
		seen += size;
	}
	cr_assert_eq(seen, data);
}

Test(net_offload, train_becomes_segments)
{
	static const size_t sizes[] = {0, 1, 999, 1000, 1001, 30000, 62001};

	for (unsigned i = 0; i < 7; i++) {
		size_t size = tcp_frame(frame, sizes[i], 0x99);
		struct net_offload offload = tso_offload(frame, size, 1000);
		struct net_packet packet = pieces_of(size, i & 1 ? 301 : size, &offload);

		end_init(&far, false, 0);
		cr_assert(net_offload_check(&packet));
		cr_expect_eq(packet.offload.hdr_len, ETH + 40);
		cr_assert(net_deliver(&far.end, &packet));
		expect_train(sizes[i], 1000, 0x99);
	}
}

Test(net_offload, segments_for_an_end_that_sums_itself)
{
	size_t size = tcp_frame(frame, 2500, 0x18);
	struct net_offload offload = tso_offload(frame, size, 1000);
	struct net_packet packet = pieces_of(size, size, &offload);

	end_init(&far, true, 0);
	cr_assert(net_deliver(&far.end, &packet));
	cr_assert_eq(far.count, 3);
	for (unsigned i = 0; i < 3; i++) {
		uint8_t *f = far.frames[i];

		cr_expect(far.offloads[i].needs_csum);
		cr_expect_eq(far.offloads[i].csum_start, ETH + 20);
		cr_expect_eq(far.offloads[i].csum_offset, 16);
		test_put16(f + ETH + 36,
		           reference_checksum(0, f + ETH + 20, far.sizes[i] - ETH - 20));
		cr_expect(test_frame_right(f, far.sizes[i]));
	}
}

Test(net_offload, train_passes_whole_where_it_is_accepted)
{
	size_t size = tcp_frame(frame, 30000, 0x18);
	struct net_offload offload = tso_offload(frame, size, 1448);
	struct net_packet packet = pieces_of(size, 4096, &offload);

	end_init(&far, true, 1 << NET_GSO_TCPV4);
	cr_assert(net_deliver(&far.end, &packet));
	cr_expect_eq(far.count, 1);
	cr_expect_eq(far.big_size, size);
	cr_expect_eq(far.offloads[0].gso_size, 1448);
	cr_expect(memcmp(far.big, frame, size) == 0);
}

/* NT-004: wherever the pieces begin, odd or even. */
PROVES("V14-NET-026")
Test(net_offload, NT_004_checksum_over_small_pieces)
{
	for (size_t data = 0; data < 40; data++) {
		for (size_t piece = 1; piece < 5; piece++) {
			size_t size = tcp_frame(frame, data, 0x10);
			struct net_offload offload = tso_offload(frame, size, 0);
			struct net_packet packet = pieces_of(size, piece, &offload);

			end_init(&far, false, 0);
			cr_assert(net_deliver(&far.end, &packet));
			cr_assert_eq(far.count, 1);
			cr_assert(test_frame_right(far.frames[0], size));
			cr_assert(!far.offloads[0].needs_csum);
			/* the sender's memory is as it was */
			cr_assert(data == 0 || !test_frame_right(frame, size));
		}
	}
}

/* RFC 768: a sum of zero is sent as all ones. */
Test(net_offload, a_sum_of_zero_becomes_all_ones)
{
	struct net_offload offload = {.needs_csum = true, .csum_start = 20, .csum_offset = 6};
	struct net_packet packet = pieces_of(60, 60, &offload);

	memset(frame, 0, 60);
	test_put16(frame + 24, 0xffff);
	end_init(&far, false, 0);
	cr_assert(net_deliver(&far.end, &packet));
	cr_expect_eq(test_get16(far.frames[0] + 26), 0xffff);
}

static uint16_t sum_ipv6(const uint8_t *f, unsigned network, size_t size)
{
	uint8_t pseudo[40] = {0};
	size_t tcp = size - network - 40;

	memcpy(pseudo, f + network + 8, 32);
	test_put16(pseudo + 34, (uint32_t)tcp);
	pseudo[39] = 6;
	return reference_checksum((uint16_t)~reference_checksum(0, pseudo, 40), f + network + 40,
	                          tcp);
}

/* With a VLAN tag, to have both. */
static size_t ipv6_frame(size_t data)
{
	uint8_t *ip = frame + 18;

	memset(frame, 0, sizeof(frame));
	memcpy(frame + 6, guest_mac, 6);
	test_put16(frame + 12, 0x8100);
	test_put16(frame + 16, 0x86dd);
	ip[0] = 0x60;
	test_put16(ip + 4, (uint32_t)(20 + data));
	ip[6] = 6;
	ip[7] = 64;
	ip[8] = ip[24] = 0xfd;
	ip[39] = 2;
	test_put32(ip + 44, 0xfffffff0); /* seq wraps on the way */
	ip[52] = 0x50;
	ip[53] = 0x18;
	for (size_t i = 0; i < data; i++)
		ip[60 + i] = (uint8_t)(i * 3);
	return 18 + 60 + data;
}

Test(net_offload, ipv6_train_with_a_vlan_tag)
{
	size_t size = ipv6_frame(5000);
	struct net_offload offload = {.needs_csum = true,
	                              .gso_type = NET_GSO_TCPV6,
	                              .gso_size = 1400,
	                              .csum_start = 58,
	                              .csum_offset = 16};
	struct net_packet packet = pieces_of(size, 777, &offload);

	end_init(&far, false, 0);
	cr_assert(net_offload_check(&packet));
	cr_assert(net_deliver(&far.end, &packet));
	cr_assert_eq(far.count, 4);
	for (unsigned i = 0; i < 4; i++) {
		const uint8_t *f = far.frames[i];

		cr_expect_eq(far.sizes[i], i < 3 ? 78 + 1400 : 78 + 800);
		cr_expect_eq(test_get16(f + 22), far.sizes[i] - 58);
		cr_expect_eq(test_get32(f + 62), 0xfffffff0u + 1400 * i);
		cr_expect_eq(sum_ipv6(f, 18, far.sizes[i]), 0);
	}
}

Test(net_offload, a_refusal_ends_the_train)
{
	size_t size = tcp_frame(frame, 10000, 0x10);
	struct net_offload offload = tso_offload(frame, size, 1000);
	struct net_packet packet = pieces_of(size, size, &offload);

	end_init(&far, false, 0);
	far.refuse_after = 4;
	cr_expect(!net_deliver(&far.end, &packet));
	cr_expect_eq(far.count, 4);
}

/* Each lie alone: neither accepted by the check nor cut. */
Test(net_offload, NT_008_headers_that_lie)
{
	static const struct {
		unsigned at;
		uint8_t value;
	} lies[] = {
	    {12, 0x86},            /* EtherType IPv6's first byte: neither */
	    {ETH, 0x46},           /* IHL larger */
	    {ETH, 0x44},           /* smaller than a header */
	    {ETH, 0x4f},           /* options over the TCP header */
	    {ETH, 0x65},           /* version 6 */
	    {ETH + 2, 0x00},       /* total length */
	    {ETH + 2, 0xff},       /* beyond the frame */
	    {ETH + 3, 0x00},       /* off by some */
	    {ETH + 6, 0x20},       /* more fragments */
	    {ETH + 7, 0x01},       /* fragment offset */
	    {ETH + 9, 17},         /* UDP */
	    {ETH + 20 + 12, 0x40}, /* data offset below 5 */
	    {ETH + 20 + 12, 0x00},
	};

	for (unsigned i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		size_t size = tcp_frame(frame, 3000, 0x10);
		struct net_offload offload = tso_offload(frame, size, 1000);
		struct net_packet packet = pieces_of(size, size, &offload);

		frame[lies[i].at] = lies[i].value;
		end_init(&far, false, 0);
		cr_expect(!net_offload_check(&packet), "lie %u", i);
		cr_expect(!net_deliver(&far.end, &packet), "lie %u", i);
		cr_expect_eq(far.count, 0);
	}
}

/* A header that ends beyond the frame, at every length of the frame. */
Test(net_offload, NT_008_frames_cut_short)
{
	for (size_t size = 0; size < ETH + 60; size++) {
		tcp_frame(frame, 100, 0x10);
		test_put16(frame + ETH + 2, size > ETH ? (uint32_t)(size - ETH) : 0);
		frame[ETH + 20 + 12] = 0xf0; /* 60 bytes of TCP header */
		struct net_offload offload = {.needs_csum = true,
		                              .gso_type = NET_GSO_TCPV4,
		                              .gso_size = 10,
		                              .csum_start = ETH + 20,
		                              .csum_offset = 16};
		struct net_packet packet = pieces_of(size, size ? size : 1, &offload);
		end_init(&far, false, 0);
		cr_expect(!net_offload_check(&packet));
		cr_expect(!net_deliver(&far.end, &packet));
		cr_expect_eq(far.count, 0);
	}
}

Test(net_offload, NT_007_segments_without_end)
{
	size_t size = tcp_frame(frame, 60000, 0x10);
	struct net_offload offload = tso_offload(frame, size, 1);
	struct net_packet packet = pieces_of(size, size, &offload);

	end_init(&far, false, 0);
	cr_expect(!net_offload_check(&packet));
	cr_expect(!net_deliver(&far.end, &packet));
	packet.offload.gso_size = 0;
	cr_expect(!net_offload_check(&packet));
	cr_expect(!net_deliver(&far.end, &packet));
	packet.offload.gso_size = 60000 / NET_SEGMENTS_MAX + 1;
	cr_expect(net_offload_check(&packet));
	cr_expect(net_deliver(&far.end, &packet));
	cr_expect_leq(far.count, NET_SEGMENTS_MAX);
}

Test(net_offload, extension_headers_without_end)
{
	size_t size = ipv6_frame(3000);
	struct net_offload offload = {.needs_csum = true,
	                              .gso_type = NET_GSO_TCPV6,
	                              .gso_size = 1000,
	                              .csum_start = 58,
	                              .csum_offset = 16};
	struct net_packet packet = pieces_of(size, size, &offload);

	frame[24] = 0; /* hop by hop, whose next is itself again and again */
	memset(frame + 58, 0, 3020);
	cr_expect(!net_offload_check(&packet));
	frame[24] = 60; /* as long as it can say */
	frame[59] = 255;
	cr_expect(!net_offload_check(&packet));
	frame[24] = 43; /* routing: the checksum's address is not in the header */
	cr_expect(!net_offload_check(&packet));
}

/* A UDP train: each datagram has lengths and a checksum of its own. */
Test(net_offload, datagrams)
{
	static uint8_t data[5000];
	struct test_packet packet = {.from = IP(10, 0, 0, 1),
	                             .to = IP(10, 0, 0, 2),
	                             .protocol = 17,
	                             .from_port = 7,
	                             .to_port = 9,
	                             .data = data,
	                             .size = sizeof(data)};
	struct net_offload offload = {.needs_csum = true,
	                              .gso_type = NET_GSO_UDP_L4,
	                              .gso_size = 1200,
	                              .csum_start = ETH + 20,
	                              .csum_offset = 6};
	struct net_packet train;
	size_t size, seen = 0;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 5 + i / 256);
	size = test_frame(frame, &packet);
	train = pieces_of(size, 401, &offload);
	end_init(&far, false, 0);
	cr_assert(net_offload_check(&train));
	cr_expect_eq(train.offload.hdr_len, ETH + 28);
	cr_expect_eq(net_segments(&far.end, &train), 5);
	cr_assert_eq(net_deliver(&far.end, &train), NET_SENT);
	cr_assert_eq(far.count, 5);
	for (unsigned i = 0; i < 5; i++) {
		size_t part = far.sizes[i] - ETH - 28;

		cr_expect(test_frame_right(far.frames[i], far.sizes[i]));
		cr_expect_eq(part, i < 4 ? 1200 : 200);
		cr_expect(memcmp(far.frames[i] + ETH + 28, data + seen, part) == 0);
		seen += part;
	}
	end_init(&far, true, 1 << NET_GSO_UDP_L4);
	cr_expect_eq(net_segments(&far.end, &train), 0);
	cr_assert_eq(net_deliver(&far.end, &train), NET_SENT);
	cr_expect_eq(far.big_size, size);
}

/* A train is what its type says, or nothing. */
Test(net_offload, NT_008_trains_of_another_protocol)
{
	size_t size = tcp_frame(frame, 3000, 0x10);
	struct net_offload offload = tso_offload(frame, size, 1000);
	struct net_packet packet;

	offload.gso_type = NET_GSO_UDP_L4;
	packet = pieces_of(size, size, &offload);
	cr_expect(!net_offload_check(&packet));
	frame[ETH + 9] = 17; /* UDP, but its length is the sequence number's half */
	packet.offload.csum_offset = 6;
	cr_expect(!net_offload_check(&packet));
	test_put16(frame + ETH + 24, (uint32_t)(size - ETH - 20));
	cr_expect(net_offload_check(&packet));
	packet.offload.csum_offset = 16;
	cr_expect(!net_offload_check(&packet));
	packet.offload.csum_offset = 6;
	packet.offload.gso_type = NET_GSO_TCPV4;
	cr_expect(!net_offload_check(&packet));
}
