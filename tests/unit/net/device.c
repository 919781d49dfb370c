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

PROVES("V14-NET-028", "V14-NET-039", "V14-NET-040", "V14-NET-053", "V14-NET-060", "V14-NET-063")
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

PROVES("V14-NET-028", "V14-NET-031", "V14-NET-032", "V14-NET-033", "V14-NET-044", "V14-NET-047",
       "V14-NET-051", "V14-NET-054", "V14-NET-S05")
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

PROVES("V14-NET-029", "V14-NET-030")
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

/* A driver without offloads gets finished frames. */
PROVES("V14-NET-034", "V14-NET-035", "V14-NET-050")
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

PROVES("V14-NET-005", "V14-NET-006")
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

PROVES("V14-NET-004")
Test(net, the_mtu_stays)
{
	net_setup_with(ALL_FEATURES | NET_F_MTU, 1400);
	rig_write(&rig, rig.config + 10, 9000, 2);
	virtio_net_link(&net, false);
	cr_assert(rig_start(&rig, ALL_FEATURES | NET_F_MTU));
	cr_expect_eq(rig_read(&rig, rig.config + 10, 2), 1400);
}

static void setup_speed(uint32_t speed)
{
	struct virtio_net_config config = {
	    .name = "test net0", .mem = &rig.mem.mem, .speed = speed};

	virtio_net_init(&net, &config);
}

PROVES("V14-NET-010", "V14-NET-011", "V14-NET-012")
Test(net, speed_and_duplex)
{
	uint32_t speed;

	cr_expect(rig_features(&rig) & NET_F_SPEED_DUPLEX);
	cr_expect_eq(rig_read(&rig, rig.config + 12, 4), 0xffffffff);
	cr_expect_eq(rig_read(&rig, rig.config + 16, 1), 0xff);
	virtio_net_link(&net, false);
	cr_expect_eq(rig_read(&rig, rig.config + 12, 4), 0xffffffff);
	setup_speed(2500);
	memcpy(&speed, net.space + 12, 4);
	cr_expect_eq(speed, 2500);
	cr_expect_eq(net.space[16], 0);
}

PROVES("V14-NET-014")
Test(net, nothing_is_offered_without_what_it_needs)
{
	cr_expect(rig_features(&rig) & NET_F_CTRL_RX_EXTRA);
	cr_expect(rig_features(&rig) & NET_F_CTRL_VQ);
}

/* A peer that sends what the driver did not ask for: cut, or lost where it cannot be. */
PROVES("V14-NET-036", "V14-NET-037", "V14-NET-038")
Test(net, trains_that_the_driver_does_not_take)
{
	size_t size = tcp_frame(frame, 3000, 0x10);
	struct net_offload offload = tso_offload(frame, size, 1000);

	offer_buffers(4, 4096);
	offload.gso_type = NET_GSO_UDP;
	cr_expect(!deliver(frame, size, &offload));
	offload.gso_type = NET_GSO_UDP_L4;
	cr_expect(!deliver(frame, size, &offload));
	cr_expect_eq(rig_used_count(&rig, RX), 0);
	cr_expect_eq(net.end.accepts_gso, 1 << NET_GSO_TCPV4 | 1 << NET_GSO_TCPV6);
	cr_assert(rig_start(&rig, NET_F_GUEST_CSUM | NET_F_GUEST_TSO4 | NET_F_GUEST_USO4));
	cr_expect_eq(net.end.accepts_gso, 1 << NET_GSO_TCPV4);
}

/* CWR in the first segment: as it is only to who knows ECN, with the bit; else in pieces. */
PROVES("V14-NET-041")
Test(net, trains_with_ecn)
{
	size_t size = tcp_frame(frame, 3000, 0x90);
	struct net_offload offload = tso_offload(frame, size, 1000);
	uint64_t at = offer_buffers(8, 4096);

	offload.ecn = true;
	cr_expect(deliver(frame, size, &offload));
	cr_expect_eq(rig_used_count(&rig, RX), 3);
	cr_expect_eq(*(uint8_t *)rig_at(&rig, at + 1, 1), NET_GSO_NONE);
	cr_assert(rig_start(&rig, ALL_FEATURES | NET_F_GUEST_ECN));
	at = offer_buffers(1, 4096);
	cr_expect(deliver(frame, size, &offload));
	cr_expect_eq(rig_used_count(&rig, RX), 1);
	cr_expect_eq(*(uint8_t *)rig_at(&rig, at + 1, 1), 0x80 | NET_GSO_TCPV4);
}

/* What is sent says CWR itself, whatever the header says. */
Test(net, ecn_is_read_from_the_frame)
{
	size_t size = tcp_frame(frame, 3000, 0x90);
	struct tx_header header = tso_header(frame, size, 1000);

	send_frame(&header, frame, size);
	cr_expect(far.offloads[0].ecn);
	cr_assert(rig_start(&rig, ALL_FEATURES | NET_F_HOST_ECN));
	size = tcp_frame(frame, 3000, 0x10);
	header = tso_header(frame, size, 1000);
	header.gso_type |= 0x80;
	send_frame(&header, frame, size);
	cr_expect_eq(far.count, 2);
	cr_expect(!far.offloads[1].ecn);
}

/* --- a peer without room --- */

static void offer_frames(unsigned count)
{
	static const struct tx_header plain_header;
	size_t size = tcp_frame(frame, 50, 0x10);
	uint64_t at = rig_alloc(&rig, 256);

	memcpy(rig_at(&rig, at, HEADER), &plain_header, HEADER);
	memcpy(rig_at(&rig, at + HEADER, size), frame, size);
	for (unsigned i = 0; i < count; i++)
		rig_offer(&rig, TX, &(struct rig_buffer){at, (uint32_t)(HEADER + size), false}, 1);
	rig_kick(&rig, TX);
}

Test(net, frames_wait_for_the_peer)
{
	far.refuse_after = 2;
	offer_frames(5);
	cr_expect_eq(rig_used_count(&rig, TX), 2);
	rig_kick(&rig, TX); /* nothing to gain */
	cr_expect_eq(rig_used_count(&rig, TX), 2);
	far.refuse_after = UINT32_MAX;
	net.end.peer_ready(&net.end);
	cr_expect_eq(far.count, 5);
	cr_expect_eq(rig_used_count(&rig, TX), 5);
	cr_expect_eq(net.stats.tx_refused, 0);
	fake_port_advance(2 * VIRTIO_NET_PATIENCE);
	cr_expect_eq(far.count, 5);
}

/* Not for ever: a peer that is stuck must not stop the sender. */
Test(net, patience_ends)
{
	far.refuse_after = 2;
	offer_frames(5);
	fake_port_advance(VIRTIO_NET_PATIENCE - 1);
	cr_expect_eq(rig_used_count(&rig, TX), 2);
	fake_port_advance(1);
	cr_expect_eq(rig_used_count(&rig, TX), 5);
	cr_expect_eq(net.stats.tx_refused, 3);
	offer_frames(1); /* and again */
	cr_expect_eq(rig_used_count(&rig, TX), 5);
	far.refuse_after = UINT32_MAX;
	net.end.peer_ready(&net.end);
	cr_expect_eq(rig_used_count(&rig, TX), 6);
}

/* Part of a train is out: the rest is not sent again from the start. */
Test(net, a_train_that_is_refused_in_the_middle)
{
	size_t size = tcp_frame(frame, 5000, 0x10);
	struct tx_header header = tso_header(frame, size, 1000);

	far.end.accepts_gso = 0;
	far.refuse_after = 2;
	send_frame(&header, frame, size);
	cr_expect_eq(far.count, 2);
	cr_expect_eq(net.stats.tx_dropped, 1);
	far.refuse_after = UINT32_MAX;
	net.end.peer_ready(&net.end);
	cr_expect_eq(far.count, 2);
}

Test(net, a_reset_while_frames_wait)
{
	far.refuse_after = 0;
	offer_frames(3);
	cr_expect_not_null(fake_port.timers);
	rig_reset(&rig);
	cr_expect_null(fake_port.timers);
	net.end.peer_ready(&net.end);
	cr_expect_eq(far.count, 0);
	cr_assert(rig_start(&rig, ALL_FEATURES));
	far.refuse_after = UINT32_MAX;
	offer_frames(2);
	cr_expect_eq(far.count, 2);
}

static void offer_on(struct rig *on, unsigned queue, unsigned count, bool write)
{
	size_t size = tcp_frame(frame, 50, 0x10);

	for (unsigned i = 0; i < count; i++) {
		uint64_t at = rig_alloc(on, 256);

		memcpy(rig_at(on, at + HEADER, size), frame, size);
		rig_offer(on, queue,
		          &(struct rig_buffer){at, write ? 256 : (uint32_t)(HEADER + size), write},
		          1);
	}
	rig_kick(on, queue);
}

/* Each of two guests waits for the other's buffers, and buffers wake who waits: no frame is lost,
 * none moves twice, and no call goes deeper than one step each way. */
Test(net, DF_010_two_guests_that_wait_for_each_other)
{
	static struct rig rig_b;
	static struct virtio_net net_b;
	struct virtio_net_config config = {.name = "test net1"};

	rig_init(&rig_b);
	config.mem = &rig_b.mem.mem;
	memcpy(config.mac, guest_mac, 6);
	virtio_net_init(&net_b, &config);
	net_cable_join(&net.end, &net_b.end);
	rig_plug(&rig_b, &net_b.device);
	cr_assert(rig_start(&rig_b, ALL_FEATURES));
	offer_on(&rig, TX, 20, false);
	offer_on(&rig_b, TX, 20, false);
	cr_expect_eq(rig_used_count(&rig, TX) + rig_used_count(&rig_b, TX), 0);
	for (unsigned round = 1; round <= 10; round++) {
		offer_on(&rig, RX, 2, true);
		cr_assert_eq(rig_used_count(&rig, RX), 2 * round);
		cr_assert_eq(rig_used_count(&rig_b, TX), 2 * round);
		offer_on(&rig_b, RX, 2, true);
		cr_assert_eq(rig_used_count(&rig_b, RX), 2 * round);
		cr_assert_eq(rig_used_count(&rig, TX), 2 * round);
	}
	cr_expect_eq(net.stats.tx_refused + net_b.stats.tx_refused, 0);
	cr_expect_eq(net.stats.rx_frames + net_b.stats.rx_frames, 40);
	rig_free(&rig_b);
}

/* A peer that claims what is not so: the driver gets the packet with a whole checksum, and is not
 * told that it may rely on anything. */
PROVES("V14-NET-045", "V14-NET-046")
Test(net, partial_checksums_are_looked_at)
{
	size_t size = tcp_frame(frame, 1000, 0x10);
	struct net_offload offload = tso_offload(frame, size, 0);
	uint64_t at = offer_buffers(8, 2048);

	cr_expect(deliver(frame, size, &offload));
	cr_expect_eq(*(uint8_t *)rig_at(&rig, at, 1), NEEDS_CSUM);
	frame[ETH + 36] ^= 0x55; /* not the pseudo header's sum */
	cr_expect(deliver(frame, size, &offload));
	cr_expect_eq(*(uint8_t *)rig_at(&rig, at + 2048, 1), 0);
	offload = tso_offload(frame, size, 0);
	offload.csum_start = ETH + 24; /* not where the TCP header is */
	cr_expect(deliver(frame, size, &offload));
	cr_expect_eq(*(uint8_t *)rig_at(&rig, at + 4096, 1), 0);
	size = tcp_frame(frame, 2500, 0x10);
	offload = tso_offload(frame, size, 1000);
	frame[ETH + 36] ^= 0x55;
	cr_expect(deliver(frame, size, &offload));
	cr_expect_eq(rig_used_count(&rig, RX), 6); /* the train in segments, each as it should be */
	for (unsigned i = 3; i < 6; i++) {
		uint8_t *f = rig_at(&rig, at + 2048 * i + HEADER, 2000);
		size_t part = i < 5 ? 1000 : 500;

		cr_expect_eq(*(uint8_t *)rig_at(&rig, at + 2048 * i, 1), NEEDS_CSUM);
		test_put16(f + ETH + 36, reference_checksum(0, f + ETH + 20, part + 20));
		cr_expect(test_frame_right(f, ETH + 40 + part));
	}
	cr_expect_eq(net.queues[RX].stats.csum_bad, 3);
}
