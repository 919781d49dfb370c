/* SPDX-License-Identifier: BSD-2-Clause */
/* What a friendly driver sees. */
#include <string.h>

#include "tests/unit/net/fixture.h"

TestSuite(net, .init = net_setup, .fini = net_teardown, .timeout = 60);

static const struct tx_header plain;
static uint8_t frame[NET_FRAME_MAX];

Test(net, sends_a_frame)
{
	size_t size = tcp_frame(frame, 1000, 0x10);

	send_frame(&plain, frame, size);
	cr_assert_eq(far.count, 1);
	cr_expect_eq(far.sizes[0], size);
	cr_expect(memcmp(far.frames[0], frame, size) == 0);
	cr_expect(!far.offloads[0].needs_csum);
	cr_expect_eq(rig.interrupts[TX], 1);
	cr_expect_eq(net.stats.tx_bytes, size);
}

Test(net, sends_frames_cut_anywhere)
{
	for (size_t piece = 5; piece < 300; piece++) {
		size_t size = tcp_frame(frame, 1200, 0x10);

		send_pieces(&plain, frame, size, piece);
		cr_assert_eq(far.count, piece - 4);
		cr_assert(memcmp(far.big, frame, size) == 0);
		if (rig.heap > FAKE_HIGH_END - 0x10000)
			rig.heap = RIG_HEAP;
	}
}

Test(net, passes_the_offload_word_on)
{
	size_t size = tcp_frame(frame, 20000, 0x18);
	struct tx_header header = tso_header(frame, size, 1448);

	header.hdr_len = 7; /* a lie, put right */
	send_frame(&header, frame, size);
	cr_assert_eq(far.count, 1);
	cr_expect_eq(far.big_size, size);
	cr_expect(far.offloads[0].needs_csum);
	cr_expect_eq(far.offloads[0].gso_type, NET_GSO_TCPV4);
	cr_expect_eq(far.offloads[0].gso_size, 1448);
	cr_expect_eq(far.offloads[0].hdr_len, ETH + 40);
	cr_expect_eq(far.offloads[0].csum_start, ETH + 20);
	cr_expect_eq(far.offloads[0].csum_offset, 16);
}

Test(net, receives_into_one_buffer)
{
	uint64_t at = offer_buffers(2, 2048);
	size_t size = tcp_frame(frame, 1000, 0x10);
	uint8_t expected[HEADER] = {[10] = 1};
	uint16_t head;
	uint32_t written;

	cr_expect(deliver(frame, size, NULL));
	cr_assert(rig_used(&rig, RX, &head, &written));
	cr_expect_eq(written, HEADER + size);
	cr_expect(memcmp(rig_at(&rig, at, HEADER), expected, HEADER) == 0);
	cr_expect(memcmp(rig_at(&rig, at + HEADER, size), frame, size) == 0);
	cr_expect_eq(rig.interrupts[RX], 1);
}

Test(net, receives_over_several_buffers)
{
	uint64_t at = offer_buffers(40, 1536);
	size_t size = tcp_frame(frame, 40000, 0x10), total = HEADER + size;
	struct net_offload offload = tso_offload(frame, size, 1448);
	unsigned count = (unsigned)((total + 1535) / 1536);
	uint8_t expected[HEADER] = {NEEDS_CSUM,    NET_GSO_TCPV4, ETH + 40, 0,  1448 & 0xff,
	                            1448 >> 8,     ETH + 20,      0,        16, 0,
	                            (uint8_t)count};
	uint16_t head;
	uint32_t written;

	offload.hdr_len = ETH + 40;
	cr_expect(deliver(frame, size, &offload));
	cr_assert_eq(rig_used_count(&rig, RX), count);
	for (unsigned i = 0; i < count; i++) {
		cr_assert(rig_used(&rig, RX, &head, &written));
		cr_expect_eq(written, i + 1 < count ? 1536 : total - 1536 * (count - 1));
	}
	cr_expect(memcmp(rig_at(&rig, at, HEADER), expected, HEADER) == 0);
	cr_expect(memcmp(rig_at(&rig, at + HEADER, size), frame, size) == 0);
	cr_expect_eq(rig.interrupts[RX], 1);
}

/* Not one buffer is taken before there are enough. */
Test(net, too_few_buffers_are_given_back)
{
	uint64_t at = offer_buffers(3, 1000);
	size_t size = tcp_frame(frame, 3500, 0x10);

	cr_expect(!deliver(frame, size, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 0);
	cr_expect_eq(far.ready, 0);
	offer_buffers(3, 1000);
	cr_expect_eq(far.ready, 1);
	cr_expect(deliver(frame, size, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 4);
	cr_expect_eq(test_get16(rig_at(&rig, at + 10, 2)), 0x0400);
	cr_expect_eq(net.stats.rx_no_buffer, 1);
}

Test(net, without_mergeable_buffers_one_must_do)
{
	net_setup_with(0, 0);
	uint64_t at = offer_buffers(1, 500);
	size_t size = tcp_frame(frame, 1000, 0x10);

	cr_expect(deliver(frame, size, NULL)); /* swallowed: it never fits */
	cr_expect_eq(rig_used_count(&rig, RX), 0);
	cr_expect_eq(net.stats.rx_dropped, 1);
	size = tcp_frame(frame, 400, 0x10);
	cr_expect(deliver(frame, size, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 1);
	cr_expect_eq(test_get16(rig_at(&rig, at + 10, 2)), 0x0100); /* V14-NET-030 */
}

/* V14-NET-034, 035: a driver without offloads gets finished frames. */
Test(net, without_offloads_the_driver_gets_segments)
{
	net_setup_with(0, 0);
	size_t size = tcp_frame(frame, 4000, 0x10);
	struct net_offload offload = tso_offload(frame, size, 1000);
	uint64_t at = offer_buffers(8, 2048);

	cr_expect(deliver(frame, size, &offload));
	cr_assert_eq(rig_used_count(&rig, RX), 4);
	for (unsigned i = 0; i < 4; i++) {
		uint8_t expected[HEADER] = {[10] = 1};

		cr_expect(memcmp(rig_at(&rig, at + 2048 * i, HEADER), expected, HEADER) == 0);
		cr_expect(
		    test_frame_right(rig_at(&rig, at + 2048 * i + HEADER, ETH + 1040), ETH + 1040));
	}
}

Test(net, validity_is_told_only_to_who_asked)
{
	struct net_offload offload = {.data_valid = true};
	uint64_t at = offer_buffers(1, 2048);
	size_t size = tcp_frame(frame, 100, 0x10);

	cr_expect(deliver(frame, size, &offload));
	cr_expect_eq(*(uint8_t *)rig_at(&rig, at, 1), DATA_VALID);
	net_setup_with(NET_F_MRG_RXBUF, 0);
	at = offer_buffers(1, 2048);
	cr_expect(deliver(frame, size, &offload));
	cr_expect_eq(*(uint8_t *)rig_at(&rig, at, 1), 0);
}

Test(net, configuration_space_and_link)
{
	for (unsigned i = 0; i < 6; i++)
		cr_expect_eq(rig_read(&rig, rig.config + i, 1), guest_mac[i]);
	cr_expect_eq(rig_read(&rig, rig.config + 6, 2), 1);
	virtio_net_link(&net, false);
	cr_expect_eq(rig_read(&rig, rig.config + 6, 2), 0);
	cr_expect_eq(rig.interrupts[rig.config_vector], 1);
	send_frame(&plain, frame, tcp_frame(frame, 10, 0x10));
	cr_expect_eq(far.count, 0);
	offer_buffers(1, 2048);
	cr_expect(deliver(frame, 100, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 0);
	virtio_net_link(&net, true);
	virtio_net_link(&net, true);
	cr_expect_eq(rig.interrupts[rig.config_vector], 2);
	cr_expect(deliver(frame, 100, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 1);
}

/* V14-NET-005, 006 */
Test(net, mtu)
{
	net_setup_with(ALL_FEATURES | NET_F_MTU, 1500);
	cr_expect_eq(rig_read(&rig, rig.config + 10, 2), 1500);
	offer_buffers(8, 2048);
	memset(frame, 0, 2000);
	cr_expect(deliver(frame, 1514, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 1);
	cr_expect(deliver(frame, 1515, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 1);
	test_put16(frame + 12, 0x8100);
	cr_expect(deliver(frame, 1518, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 2);
	cr_expect(deliver(frame, 1519, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 2);
	tcp_frame(frame, 1460, 0x10);
	send_frame(&plain, frame, 1514);
	cr_expect_eq(far.count, 1);
}

/* 5.1.3.1 */
Test(net, features_that_need_others)
{
	cr_expect(!rig_start(&rig, NET_F_HOST_TSO4));
	cr_expect(!rig_start(&rig, NET_F_HOST_TSO6 | NET_F_GUEST_CSUM));
	cr_expect(!rig_start(&rig, NET_F_GUEST_TSO4 | NET_F_CSUM));
	cr_expect(rig_start(&rig, NET_F_GUEST_TSO6 | NET_F_GUEST_CSUM));
	cr_expect(rig_start(&rig, NET_F_HOST_TSO4 | NET_F_CSUM));
}

/* Guest to guest: from ring to ring, with the offload word. */
Test(net, two_devices_on_one_cable)
{
	static struct rig rig_b;
	static struct virtio_net net_b;
	struct virtio_net_config config = {.name = "test net1", .mac = {2}};
	size_t size = tcp_frame(frame, 9000, 0x10);
	struct tx_header header = tso_header(frame, size, 1448);
	struct rig *a = &rig;
	uint64_t at;
	uint8_t got[HEADER];

	rig_init(&rig_b);
	config.mem = &rig_b.mem.mem;
	virtio_net_init(&net_b, &config);
	net_cable_join(&net.end, &net_b.end);
	rig_plug(&rig_b, &net_b.device);
	cr_assert(rig_start(&rig_b, ALL_FEATURES));
	at = rig_alloc(&rig_b, 16384);
	rig_offer(&rig_b, RX, &(struct rig_buffer){at, 16384, true}, 1);
	rig_kick(&rig_b, RX);
	send_frame(&header, frame, size);
	cr_assert_eq(rig_used_count(&rig_b, RX), 1);
	memcpy(got, rig_at(&rig_b, at, HEADER), HEADER);
	header.hdr_len = ETH + 40;
	header.num_buffers = 1;
	cr_expect(memcmp(got, &header, HEADER) == 0);
	cr_expect(memcmp(rig_at(&rig_b, at + HEADER, size), frame, size) == 0);
	cr_expect_eq(a->interrupts[TX], 1);
	rig_free(&rig_b);
}

/* Much to send: one kick ends, the timer goes on. */
Test(net, work_for_one_kick_is_bounded)
{
	struct rig_buffer buffers[] = {{rig_alloc(&rig, HEADER), HEADER, false},
	                               {rig_alloc(&rig, 65000), 65000, false}};

	memcpy(rig_at(&rig, buffers[1].address + 6, 6), guest_mac, 6);
	for (unsigned i = 0; i < 120; i++)
		rig_offer(&rig, TX, buffers, 2);
	rig_kick(&rig, TX);
	cr_expect_leq(far.count, 62);
	fake_port_advance(1000);
	cr_expect_eq(far.count, 120);
	cr_expect_eq(rig_used_count(&rig, TX), 120);
}

Test(net, work_put_off_is_forgotten_at_reset)
{
	struct rig_buffer buffers[] = {{rig_alloc(&rig, HEADER), HEADER, false},
	                               {rig_alloc(&rig, 65000), 65000, false}};

	memcpy(rig_at(&rig, buffers[1].address + 6, 6), guest_mac, 6);
	for (unsigned i = 0; i < 120; i++)
		rig_offer(&rig, TX, buffers, 2);
	rig_kick(&rig, TX);
	cr_expect_not_null(fake_port.timers);
	rig_reset(&rig);
	cr_expect_null(fake_port.timers);
}
