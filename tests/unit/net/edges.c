/* SPDX-License-Identifier: BSD-2-Clause */
/* What each check of the network device is for, where the larger tests pass without it. */
#include <string.h>

#include "tests/unit/net/fixture.h"

#define CONTROL                                                                                    \
	(NET_F_CTRL_VQ | NET_F_CTRL_RX | NET_F_CTRL_RX_EXTRA | NET_F_CTRL_MAC_ADDR |               \
	 NET_F_CTRL_GUEST_OFFLOADS | NET_F_CTRL_VLAN)
#define USO (NET_F_GUEST_USO4 | NET_F_GUEST_USO6)

static const struct tx_header plain;
static uint8_t frame[NET_FRAME_MAX + 64];

static void setup(void)
{
	net_setup_with(ALL_FEATURES | CONTROL | USO | NET_F_HOST_USO | NET_F_HOST_ECN, 0);
}

TestSuite(net_edges, .init = setup, .fini = net_teardown, .timeout = 60);

/* --- commands --- */

static uint8_t set_offloads(uint64_t offloads)
{
	return command(CLASS_OFFLOADS, 0, &offloads, sizeof(offloads));
}

Test(net_edges, offloads_that_hang_on_others_or_come_in_pairs)
{
	cr_assert_eq(set_offloads(NET_F_GUEST_TSO4), ACK_OK);
	cr_expect_eq(net.end.accepts_gso, 0, "no train without checksums");
	cr_assert_eq(set_offloads(NET_F_GUEST_CSUM | NET_F_GUEST_USO4), ACK_OK);
	cr_expect_eq(net.end.accepts_gso, 0, "one family alone");
	cr_assert_eq(set_offloads(NET_F_GUEST_CSUM | USO), ACK_OK);
	cr_expect_eq(net.end.accepts_gso, 1u << NET_GSO_UDP_L4);
}

Test(net_edges, NT_017_numbers_behind_the_last_command)
{
	static const uint8_t data[8] = {0, 2, 4, 6, 8, 10};
	uint64_t offloads = 0;
	uint8_t on = 1;

	cr_expect_eq(command(CLASS_OFFLOADS, 1, &offloads, 8), ACK_ERR);
	for (unsigned number = 6; number < 256; number++)
		cr_expect_eq(command(CLASS_RX, (uint8_t)number, &on, 1), ACK_ERR);
	cr_expect_eq(command(CLASS_MAC, 2, data, 6), ACK_ERR);
	cr_expect_eq(net.mac[0], guest_mac[0]);
}

/* What is copied at first ends inside the tables, wherever that is. */
Test(net_edges, address_tables_over_the_end_of_the_copy)
{
	static const uint8_t many[2][6] = {{1, 2, 3, 4, 5, 6}, {1, 8, 9, 10, 11, 12}};
	static uint8_t data[4 + 256 * 6 + 4 + 12];

	for (uint32_t unicast = 150; unicast < 180; unicast++) {
		size_t second = 4 + unicast * 6;

		memset(data, 0x22, sizeof(data));
		memcpy(data, &unicast, 4);
		memcpy(data + second, (uint32_t[]){2}, 4);
		memcpy(data + second + 4, many, 12);
		memset(&net.filter.multicast, 0, sizeof(net.filter.multicast));
		cr_assert_eq(command(CLASS_MAC, 0, data, second + 16), ACK_OK);
		cr_assert_eq(net.filter.multicast.count, 2, "%u", unicast);
		cr_assert_eq(memcmp(net.filter.multicast.macs, many, 12), 0, "%u", unicast);
		cr_assert_eq(command(CLASS_MAC, 0, data, second), ACK_ERR);
		cr_assert_eq(command(CLASS_MAC, 0, data, second + 15), ACK_ERR);
	}
}

Test(net_edges, a_short_frame_is_filtered_by_what_it_has)
{
	memcpy(frame, guest_mac, 6);
	offer_buffers(4, 256);
	cr_assert(deliver(frame, ETH, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 1);
	frame[5] ^= 0x40;
	cr_assert(deliver(frame, ETH, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 1);
}

Test(net_edges, promiscuous_is_so_of_vlans_too)
{
	uint8_t on = 1;

	memcpy(frame, other_mac, 6);
	test_put16(frame + 12, 0x8100);
	test_put16(frame + 14, 7);
	offer_buffers(4, 256);
	cr_assert_eq(command(CLASS_RX, 0, &on, 1), ACK_OK);
	cr_assert(deliver(frame, 64, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 1);
}

/* --- receiving --- */

Test(net_edges, a_train_may_exceed_the_mtu)
{
	size_t size = tcp_frame(frame, 5000, 0x10);
	struct net_offload offload = tso_offload(frame, size, 1000);

	net_setup_with(ALL_FEATURES | NET_F_MTU, 1500);
	offer_buffers(2, 8192);
	cr_assert(deliver(frame, size, &offload));
	cr_expect_eq(rig_used_count(&rig, RX), 1);
}

Test(net_edges, larger_than_any_frame)
{
	net_setup();
	offer_buffers(100, 1024);
	cr_assert(deliver(frame, NET_FRAME_MAX + 1, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), 0);
	cr_assert(deliver(frame, NET_FRAME_MAX, NULL));
	cr_expect_gt(rig_used_count(&rig, RX), 0);
}

Test(net_edges, checksums_are_counted_by_what_is_said_of_them)
{
	size_t size = tcp_frame(frame, 100, 0x10);
	const struct net_queue_stats *stats = &net.queues[RX].stats;
	struct net_offload both;

	net_setup();
	offer_buffers(8, 8192);
	deliver(frame, size, NULL);
	deliver(frame, size, NULL);
	deliver(frame, size, &(struct net_offload){.data_valid = true});
	size = tcp_frame(frame, 3000, 0x10);
	both = tso_offload(frame, size, 1000);
	both.data_valid = true;
	deliver(frame, size, &both);
	cr_expect_eq(stats->csum_none, 2);
	cr_expect_eq(stats->csum_valid, 1);
	cr_expect_eq(stats->csum_needed, 1);
}

Test(net_edges, nobody_hears_of_new_buffers)
{
	size_t size = tcp_frame(frame, 100, 0x10);

	net_setup();
	cr_assert_not(deliver(frame, size, NULL));
	far.end.peer_ready = NULL;
	offer_buffers(1, 256);
	cr_assert(deliver(frame, size, NULL));
	cr_assert_not(deliver(frame, size, NULL));
	net.end.peer = NULL;
	offer_buffers(1, 256);
	cr_expect_not(rig_status(&rig) & VIRTIO_NEEDS_RESET);
}

/* A chain of before the reset does not count when there is none now. */
Test(net_edges, NT_014_a_readable_buffer_is_forgotten_at_reset)
{
	size_t size = tcp_frame(frame, 100, 0x10);
	uint64_t at = rig_alloc(&rig, 64);

	net_setup();
	rig_offer(&rig, RX, &(struct rig_buffer){at, 64, false}, 1);
	cr_assert_not(deliver(frame, size, NULL));
	cr_assert(rig_status(&rig) & VIRTIO_NEEDS_RESET);
	cr_assert(rig_start(&rig, ALL_FEATURES));
	cr_assert_not(deliver(frame, size, NULL));
	cr_expect_not(rig_status(&rig) & VIRTIO_NEEDS_RESET);
}

Test(net_edges, a_header_says_nothing_of_segments_that_there_are_not)
{
	const struct net_offload offload = {.needs_csum = true,
	                                    .csum_start = 34,
	                                    .csum_offset = 16,
	                                    .hdr_len = 54,
	                                    .gso_size = 1000};
	uint8_t header[NET_HEADER_MAX];

	net_header_write(header, &offload, NET_F_GUEST_CSUM, 1);
	for (unsigned i = 1; i < 6; i++)
		cr_expect_eq(header[i], 0, "%u", i);
	cr_expect_eq(header[6], 34);
}

/* --- sending --- */

Test(net_edges, datagrams_have_no_ecn)
{
	size_t size = test_frame(frame, &(struct test_packet){.from = IP(10, 0, 0, 1),
	                                                      .to = IP(10, 0, 0, 2),
	                                                      .protocol = 17,
	                                                      .data = frame + 8192,
	                                                      .size = 3000});
	struct tx_header header = {NEEDS_CSUM, NET_GSO_UDP_L4, 0, 1000, ETH + 20, 6, 0};

	memcpy(frame + 6, guest_mac, 6);
	send_frame(&header, frame, size);
	cr_expect_eq(far.count, 1);
	header.gso_type |= 0x80;
	send_frame(&header, frame, size);
	cr_expect_eq(far.count, 1);
	cr_expect_eq(net.queues[TX].stats.malformed, 1);
}

Test(net_edges, whole_trains_are_counted_apart)
{
	size_t size = tcp_frame(frame, 2500, 0x10);
	struct tx_header header = tso_header(frame, size, 1000);
	const struct net_queue_stats *stats = &net.queues[TX].stats;

	send_frame(&header, frame, size);
	send_frame(&header, frame, size);
	far.end.accepts_gso = 0;
	send_frame(&header, frame, size);
	cr_expect_eq(stats->whole, 2);
	cr_expect_eq(stats->whole_bytes, 2 * size);
	cr_expect_eq(stats->segments, 3);
}

Test(net_edges, a_driver_that_may_send_from_any_address)
{
	size_t size = tcp_frame(frame, 100, 0x10);

	memcpy(frame + 6, other_mac, 6);
	send_frame(&plain, frame, size);
	cr_expect_eq(far.count, 0);
	net.any_source = true;
	send_frame(&plain, frame, size);
	cr_expect_eq(far.count, 1);
}

static void offer_frame(void)
{
	size_t size = tcp_frame(frame, 100, 0x10);
	uint64_t at = rig_alloc(&rig, (uint32_t)(HEADER + size));

	memcpy(rig_at(&rig, at + HEADER, size), frame, size);
	rig_offer(&rig, TX, &(struct rig_buffer){at, (uint32_t)(HEADER + size), false}, 1);
}

static void block(void)
{
	far.refuse_after = far.count;
	offer_frame();
	rig_kick(&rig, TX);
	cr_assert_eq(rig_used_count(&rig, TX), 0);
}

Test(net_edges, kicks_do_not_buy_patience)
{
	block();
	fake_port_advance(VIRTIO_NET_PATIENCE / 2);
	rig_kick(&rig, TX);
	fake_port_advance(VIRTIO_NET_PATIENCE / 2 + 1);
	cr_expect_eq(rig_used_count(&rig, TX), 1);
	cr_expect_eq(net.stats.tx_refused, 1);
}

Test(net_edges, nothing_is_sent_for_a_driver_that_gave_up)
{
	block();
	virtio_set_status(&net.device, net.device.status | VIRTIO_FAILED);
	far.refuse_after = UINT32_MAX;
	net.end.peer_ready(&net.end);
	cr_expect_eq(far.count, 0);
	cr_expect(net.queues[TX].blocked);
	fake_port_advance(2 * VIRTIO_NET_PATIENCE);
	cr_expect_eq(far.count, 0);
	cr_expect(net.queues[TX].blocked);
}

Test(net_edges, a_peer_with_room_gets_what_waits_and_no_more)
{
	offer_frame();
	net.end.peer_ready(&net.end);
	cr_expect_eq(far.count, 0, "it was not kicked");
}

static unsigned nested;

/* A guest on another CPU that sends while its last frame is on its way. */
static bool receive_and_kick(struct net_end *end, const struct net_packet *packet)
{
	(void)end, (void)packet;
	if (nested++ == 0) {
		offer_frame();
		rig_kick(&rig, TX);
		cr_expect_eq(nested, 1, "one after the other");
	}
	return true;
}

Test(net_edges, a_kick_from_inside_a_frames_delivery)
{
	far.end.receive = receive_and_kick;
	offer_frame();
	rig_kick(&rig, TX);
	fake_port_advance(10);
	cr_expect_eq(nested, 2);
	cr_expect_eq(rig_used_count(&rig, TX), 2);
}
