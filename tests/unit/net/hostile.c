/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows NT of the catalogue of hostile guests. */
#include <string.h>

#include "tests/unit/net/fixture.h"

TestSuite(net_hostile, .init = net_setup, .fini = net_teardown, .timeout = 60);

static const struct tx_header plain;
static uint8_t frame[NET_FRAME_MAX + 64];

static void still_works(void)
{
	unsigned count = far.count, used = rig_used_count(&rig, RX);
	size_t size = tcp_frame(frame, 50, 0x10);

	cr_expect(!(rig_status(&rig) & VIRTIO_NEEDS_RESET));
	send_frame(&plain, frame, size);
	cr_expect_eq(far.count, count + 1);
	offer_buffers(2, 2048);
	cr_expect(deliver(frame, size, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), used + 1);
}

static void expect_dropped(const struct tx_header *header, size_t size)
{
	uint64_t dropped = net.stats.tx_dropped;
	unsigned count = far.count;

	send_frame(header, frame, size);
	cr_expect_eq(far.count, count);
	cr_expect_eq(net.stats.tx_dropped, dropped + 1);
}

Test(net_hostile, NT_001_chain_shorter_than_the_header)
{
	uint64_t at = rig_alloc(&rig, 64);
	uint16_t head;
	uint32_t written;

	for (uint32_t size = 0; size < HEADER + ETH; size++) {
		rig_offer(&rig, TX, &(struct rig_buffer){at, size, false}, 1);
		rig_kick(&rig, TX);
		cr_assert(rig_used(&rig, TX, &head, &written));
		cr_expect_eq(written, 0);
	}
	cr_expect_eq(far.count, 0);
	cr_expect_eq(net.stats.tx_dropped, HEADER + ETH);
	still_works();
}

Test(net_hostile, NT_002_frame_larger_than_any)
{
	struct rig_buffer buffers[] = {{rig_alloc(&rig, HEADER), HEADER, false},
	                               {FAKE_HIGH + 0x1000, NET_FRAME_MAX + 1, false}};

	memcpy(rig_at(&rig, FAKE_HIGH + 0x1006, 6), guest_mac, 6);
	rig_offer(&rig, TX, buffers, 2);
	buffers[1].size = 0xc0000;
	rig_offer(&rig, TX, buffers, 2);
	rig_kick(&rig, TX);
	cr_expect_eq(far.count, 0);
	cr_expect_eq(rig_used_count(&rig, TX), 2);
	buffers[1].size = NET_FRAME_MAX;
	rig_offer(&rig, TX, buffers, 2);
	rig_kick(&rig, TX);
	cr_expect_eq(far.count, 1);
	rig.seen[TX] = (uint16_t)(rig.seen[TX] + 3);
	still_works();
}

PROVES("V14-NET-016")
Test(net_hostile, NT_003_checksum_outside_the_frame)
{
	static const uint16_t bad[][2] = {{200, 0},    {100, 3},    {101, 2},        {104, 16},
	                                  {0, 103},    {103, 0},    {0xffff, 0},     {0, 0xffff},
	                                  {0xffff, 1}, {1, 0xffff}, {0xffff, 0xffff}};
	size_t size = tcp_frame(frame, 50, 0x10); /* 104 bytes */

	cr_assert_eq(size, 104);
	for (unsigned csum = 0; csum < 2; csum++) {
		far.end.accepts_csum = csum;
		for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
			expect_dropped(&(struct tx_header){.flags = NEEDS_CSUM,
			                                   .csum_start = bad[i][0],
			                                   .csum_offset = bad[i][1]},
			               size);
	}
	send_frame(&(struct tx_header){.flags = NEEDS_CSUM, .csum_start = 100, .csum_offset = 2},
	           frame, size); /* the last two bytes */
	cr_expect_eq(far.count, 1);
	/* without the flag the fields mean nothing, V14-NET-016 */
	send_frame(&(struct tx_header){.csum_start = 0xffff, .csum_offset = 0xffff}, frame, size);
	cr_expect_eq(far.count, 2);
	cr_expect_eq(far.offloads[1].csum_start, 0);
	still_works();
}

Test(net_hostile, NT_004_frame_in_single_bytes)
{
	size_t size = tcp_frame(frame, 150, 0x10);
	struct tx_header header = tso_header(frame, size, 0);

	far.end.accepts_csum = false;
	send_pieces(&header, frame, size, 1);
	cr_assert_eq(far.count, 1);
	cr_expect(test_frame_right(far.frames[0], size));
	still_works();
}

PROVES("V14-NET-020", "V14-NET-021")
Test(net_hostile, NT_005_header_length_is_no_more_than_a_hint)
{
	static const uint16_t lengths[] = {0, 1, 54, 5000, 0xffff};

	for (unsigned i = 0; i < 5; i++) {
		size_t size = tcp_frame(frame, 3000, 0x10);
		struct tx_header header = tso_header(frame, size, 1000);

		header.hdr_len = lengths[i];
		send_frame(&header, frame, size);
		cr_assert_eq(far.count, i + 1);
		cr_expect_eq(far.offloads[i].hdr_len, ETH + 40);
	}
	still_works();
}

Test(net_hostile, NT_006_segmentation_not_negotiated)
{
	static const uint8_t types[] = {2, 3, 5, 6, 7, 0x20, 0x40, 0x81, 0x84, 0x80, 0xff};
	size_t size = tcp_frame(frame, 3000, 0x10);
	struct tx_header header = tso_header(frame, size, 1000);

	for (unsigned i = 0; i < sizeof(types); i++) {
		header.gso_type = types[i];
		expect_dropped(&header, size);
	}
	header.gso_type = NET_GSO_TCPV6; /* but the frame is IPv4 */
	expect_dropped(&header, size);
	header.gso_type = NET_GSO_TCPV4;
	header.flags = 0; /* V14-NET-051: needs the flag */
	expect_dropped(&header, size);
	header.flags = NEEDS_CSUM;
	cr_assert(rig_start(&rig, NET_F_CSUM));
	expect_dropped(&header, size);
	cr_assert(rig_start(&rig, 0));
	expect_dropped(&header, size);
	header.gso_type = NET_GSO_NONE;
	expect_dropped(&header, size);
	still_works();
}

Test(net_hostile, NT_007_segment_size)
{
	size_t size = tcp_frame(frame, 60000, 0x10);
	struct tx_header header = tso_header(frame, size, 1);

	expect_dropped(&header, size);
	header.gso_size = 0;
	expect_dropped(&header, size);
	header.gso_size = 0xffff;
	send_frame(&header, frame, size);
	cr_expect_eq(far.count, 1);
	still_works();
}

Test(net_hostile, NT_008_headers_that_lie)
{
	size_t size = tcp_frame(frame, 3000, 0x10);
	struct tx_header header = tso_header(frame, size, 1000);

	test_put16(frame + ETH + 2, 0xffff);
	expect_dropped(&header, size);
	tcp_frame(frame, 3000, 0x10);
	frame[ETH] = 0x4f;
	expect_dropped(&header, size);
	tcp_frame(frame, 3000, 0x10);
	frame[ETH + 20 + 12] = 0x10;
	expect_dropped(&header, size);
	/* the field that gets the sum is not the TCP header's */
	tcp_frame(frame, 3000, 0x10);
	header.csum_offset = 4;
	expect_dropped(&header, size);
	header.csum_offset = 16;
	header.csum_start = ETH;
	expect_dropped(&header, size);
	still_works();
}

PROVES("V14-NET-015", "V14-NET-055")
Test(net_hostile, NT_009_reserved_flags_and_num_buffers)
{
	size_t size = tcp_frame(frame, 100, 0x10);

	send_frame(&(struct tx_header){.flags = 0xfe, .num_buffers = 0xffff}, frame, size);
	cr_expect_eq(far.count, 1);
	cr_expect(!far.offloads[0].needs_csum && !far.offloads[0].data_valid);
	still_works();
}

Test(net_hostile, NT_010_writable_buffers_to_send)
{
	size_t size = tcp_frame(frame, 100, 0x10);
	uint64_t at = rig_alloc(&rig, 512);

	memcpy(rig_at(&rig, at + HEADER, size), frame, size);
	memcpy(frame, rig_at(&rig, at, 512), 512);
	rig_offer(&rig, TX, &(struct rig_buffer){at, 512, true}, 1);
	rig_offer(&rig, TX, (struct rig_buffer[]){{at, 200, false}, {at + 200, 1, true}}, 2);
	rig_kick(&rig, TX);
	cr_expect_eq(rig_used_count(&rig, TX), 2);
	cr_expect_eq(raw_used_len(&rig.rings[TX], 0), 0);
	cr_expect_eq(raw_used_len(&rig.rings[TX], 1), 0);
	cr_expect_eq(far.count, 0);
	cr_expect(memcmp(frame, rig_at(&rig, at, 512), 512) == 0);
	rig.seen[TX] = 2;
	still_works();
}

/* Smaller than the header: the frame is dropped, the buffer goes back empty. */
static void tiny_buffers(uint64_t features)
{
	static const uint32_t sizes[] = {0, 1, 11};
	size_t size = tcp_frame(frame, 100, 0x10);

	cr_assert(rig_start(&rig, features));
	for (unsigned i = 0; i < 3; i++) {
		uint16_t head;
		uint32_t written;
		uint64_t at = rig_alloc(&rig, 16);

		rig_offer(&rig, RX, &(struct rig_buffer){at, sizes[i], true}, 1);
		rig_kick(&rig, RX);
		cr_expect(deliver(frame, size, NULL));
		cr_assert(rig_used(&rig, RX, &head, &written));
		cr_expect_eq(written, 0);
		cr_expect_eq(*(uint8_t *)rig_at(&rig, at, 1), 0);
	}
	still_works();
}

Test(net_hostile, NT_011_receive_buffers_smaller_than_the_header)
{
	tiny_buffers(0);
	tiny_buffers(ALL_FEATURES);
}

Test(net_hostile, NT_012_many_single_byte_buffers)
{
	size_t size = tcp_frame(frame, 1460, 0x10);

	offer_buffers(256, 1);
	for (unsigned i = 0; i < 256; i++)
		cr_expect(deliver(frame, size, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 256);
	for (uint16_t i = 0; i < 256; i++)
		cr_assert_eq(raw_used_len(&rig.rings[RX], i), 0);
	rig.seen[RX] = 256;
	/* one that holds the header, then single bytes: more than the ring can ever hold */
	offer_buffers(1, HEADER);
	offer_buffers(255, 1);
	cr_expect(deliver(frame, size, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 0);
	/* but what fits, fits */
	cr_expect(deliver(frame, 255, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 256);
	rig.seen[RX] = 512;
	still_works();
}

Test(net_hostile, NT_014_readable_receive_buffers)
{
	size_t size = tcp_frame(frame, 100, 0x10);
	uint64_t at = rig_alloc(&rig, 2048);

	rig_offer(&rig, RX, (struct rig_buffer[]){{at, 1024, false}, {at + 1024, 1024, true}}, 2);
	rig_kick(&rig, RX);
	cr_expect(!deliver(frame, size, NULL));
	cr_expect(rig_status(&rig) & VIRTIO_NEEDS_RESET);
	cr_expect_eq(rig.interrupts[rig.config_vector], 1);
	cr_expect_eq(rig_used_count(&rig, RX), 0);
	for (unsigned i = 0; i < 2048; i++)
		cr_assert_eq(*(uint8_t *)rig_at(&rig, at + i, 1), 0);
	cr_assert(rig_start(&rig, ALL_FEATURES));
	still_works();
	/* the same behind a good first buffer */
	cr_assert(rig_start(&rig, ALL_FEATURES));
	offer_buffers(1, 64);
	rig_offer(&rig, RX, (struct rig_buffer[]){{at, 1024, false}, {at + 1024, 1024, true}}, 2);
	cr_expect(!deliver(frame, size, NULL));
	cr_expect(rig_status(&rig) & VIRTIO_NEEDS_RESET);
	cr_expect_eq(rig_used_count(&rig, RX), 0);
	cr_assert(rig_start(&rig, ALL_FEATURES));
	still_works();
}

Test(net_hostile, NT_015_a_million_frames_without_buffers)
{
	size_t size = tcp_frame(frame, 100, 0x10);

	for (unsigned i = 0; i < 1000000; i++)
		cr_assert(!deliver(frame, size, NULL));
	cr_expect_eq(net.stats.rx_no_buffer, 1000000);
	cr_expect_eq(rig.interrupts[RX], 0);
	cr_expect_null(fake_port.timers);
	still_works();
}

Test(net_hostile, NT_023_spoofed_source)
{
	size_t size = tcp_frame(frame, 100, 0x10);

	memcpy(frame + 6, other_mac, 6);
	expect_dropped(&plain, size);
	memset(frame + 6, 0xff, 6);
	expect_dropped(&plain, size);
	memcpy(frame + 6, guest_mac, 6);
	frame[6] |= 1;
	expect_dropped(&plain, size);
	still_works();
}

/* The source that was checked is the source that is sent, whatever another vCPU writes. */
Test(net_hostile, NT_023_source_rewritten_behind_the_check)
{
	size_t size = tcp_frame(frame, 100, 0x10);

	send_frame(&plain, frame, size);
	cr_assert_eq(far.count, 1);
	cr_expect_eq(net.spans[0].data, net.head);
}

Test(net_hostile, NT_026_notifications_and_link_toggles)
{
	for (unsigned i = 0; i < 100000; i++) {
		rig_write(&rig, rig.notify + (i & 1) * rig.notify_multiplier, i & 1, 2);
		if (i % 100 == 0)
			virtio_net_link(&net, i % 200 != 0);
	}
	virtio_net_link(&net, true);
	still_works();
}

/* The peer holds nothing of a device that was reset in the middle. */
Test(net_hostile, frames_around_a_reset)
{
	size_t size = tcp_frame(frame, 100, 0x10);

	offer_buffers(4, 2048);
	rig_reset(&rig);
	cr_expect(!deliver(frame, size, NULL));
	cr_expect_eq(raw_used_idx(&rig.rings[RX]), 0);
	cr_expect(!net.end.accepts_csum && !net.end.accepts_gso);
	cr_assert(rig_start(&rig, ALL_FEATURES));
	cr_expect_eq(far.ready, 1);
	still_works();
}
