/* SPDX-License-Identifier: BSD-2-Clause */
/* The control queue under drivers that misuse it, and the offloads that it switches. */
#include <string.h>

#include "tests/unit/net/fixture.h"

#define FEATURES (ALL_FEATURES | NET_GUEST_OFFLOADS | NET_F_CTRL_VQ | NET_F_CTRL_GUEST_OFFLOADS)
#define EVERYTHING                                                                                 \
	(FEATURES | NET_F_CTRL_RX | NET_F_CTRL_RX_EXTRA | NET_F_CTRL_VLAN | NET_F_CTRL_MAC_ADDR |  \
	 NET_F_GUEST_ANNOUNCE | NET_F_MQ | NET_F_RSS | NET_F_NOTF_COAL | NET_F_VQ_NOTF_COAL |      \
	 NET_F_DEVICE_STATS)

static uint8_t frame[NET_FRAME_MAX];

static void setup(void)
{
	net_setup_pairs(EVERYTHING, 2);
}

TestSuite(net_ctrl, .init = setup, .fini = net_teardown, .timeout = 60);

static void still_works(void)
{
	static const struct tx_header plain;
	unsigned count = far.count, used = rig_used_count(&rig, RX);
	size_t size = tcp_frame(frame, 50, 0x10);
	uint8_t on = 1;

	cr_expect(!(rig_status(&rig) & VIRTIO_NEEDS_RESET));
	cr_expect_eq(command(CLASS_RX, 0, &on, 1), ACK_OK);
	send_frame(&plain, frame, size);
	cr_expect_eq(far.count, count + 1);
	offer_buffers(2, 2048);
	cr_expect(deliver(frame, size, NULL));
	cr_expect_eq(rig_used_count(&rig, RX), used + 1);
}

/* Every class and command, with data of each small size, and all of it bytes that mean much. */
Test(net_ctrl, NT_017_unknown_commands)
{
	static const unsigned commands[] = {6, 2, 2, 1, 3, 1, 4, 0, 2};
	uint8_t data[32];

	memset(data, 0xff, sizeof(data));
	for (unsigned class = 0; class < 256; class ++)
		for (unsigned number = 0; number < 256; number += number < 8 ? 1 : 31)
			if (class >= 9 || number >= commands[class])
				cr_assert_eq(command((uint8_t) class, (uint8_t)number, data, 8),
				             ACK_ERR);
	rig.heap = RIG_HEAP;
	still_works();
}

Test(net_ctrl, NT_017_commands_without_their_feature)
{
	static const uint8_t data[512];
	static const uint8_t known[][2] = {{0, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 5}, {1, 0},
	                                   {1, 1}, {2, 0}, {2, 1}, {3, 0}, {4, 0}, {4, 1}, {4, 2},
	                                   {5, 0}, {6, 0}, {6, 1}, {6, 2}, {6, 3}, {8, 0}, {8, 1}};

	cr_assert(rig_start(&rig, ALL_FEATURES | NET_F_CTRL_VQ));
	for (unsigned i = 0; i < sizeof(known) / 2; i++)
		cr_expect_eq(command(known[i][0], known[i][1], data, sizeof(data)), ACK_ERR,
		             "%u.%u", known[i][0], known[i][1]);
	cr_assert(rig_start(&rig, EVERYTHING));
	still_works();
}

Test(net_ctrl, NT_022_ack_missing)
{
	uint64_t in = rig_alloc(&rig, 64), out = rig_alloc(&rig, 4);
	struct rig_buffer data = {in, 3, false};
	unsigned queue = control_queue();
	uint16_t head;
	uint32_t written;

	*(uint8_t *)rig_at(&rig, in + 2, 1) = 1; /* promiscuous, if anybody listened */
	rig_offer(&rig, queue, &data, 1);
	rig_offer(&rig, queue, (struct rig_buffer[]){data, {out, 1, false}}, 2);
	rig_offer(&rig, queue, (struct rig_buffer[]){data, {out, 0, true}}, 2);
	rig_kick(&rig, queue);
	for (unsigned i = 0; i < 3; i++) {
		cr_assert(rig_used(&rig, queue, &head, &written));
		cr_expect_eq(written, 0);
	}
	cr_expect(!net.filter.modes[NET_PROMISC]);
	cr_expect_eq(*(uint8_t *)rig_at(&rig, out, 1), 0);
	still_works();
}

Test(net_ctrl, NT_022_no_header_or_half_of_it)
{
	uint64_t in = rig_alloc(&rig, 4), out = rig_alloc(&rig, 4);
	unsigned queue = control_queue();
	uint16_t head;
	uint32_t written;

	for (uint32_t size = 0; size < 2; size++) {
		*(uint8_t *)rig_at(&rig, out, 1) = ACK_NONE;
		rig_offer(&rig, queue, (struct rig_buffer[]){{in, size, false}, {out, 1, true}}, 2);
		rig_kick(&rig, queue);
		cr_assert(rig_used(&rig, queue, &head, &written));
		cr_expect_eq(written, 1);
		cr_expect_eq(*(uint8_t *)rig_at(&rig, out, 1), ACK_ERR);
	}
	still_works();
}

/* Header, data and result in single bytes. */
Test(net_ctrl, commands_cut_anywhere)
{
	struct rig_buffer buffers[12];
	uint64_t in = rig_alloc(&rig, 8), out = rig_alloc(&rig, 1);
	uint8_t bytes[8] = {CLASS_MAC, 1};
	uint16_t head;
	uint32_t written;

	memcpy(bytes + 2, other_mac, 6);
	memcpy(rig_at(&rig, in, 8), bytes, 8);
	for (unsigned i = 0; i < 8; i++)
		buffers[i] = (struct rig_buffer){in + i, 1, false};
	buffers[8] = (struct rig_buffer){out, 1, true};
	rig_offer(&rig, control_queue(), buffers, 9);
	rig_kick(&rig, control_queue());
	cr_assert(rig_used(&rig, control_queue(), &head, &written));
	cr_expect(memcmp(net.mac, other_mac, 6) == 0);
}

Test(net_ctrl, the_peer_hears_of_another_address)
{
	uint8_t group[6] = {1};

	far.told = 0;
	cr_expect_eq(command(CLASS_MAC, 1, group, 6), ACK_ERR);
	cr_expect_eq(command(CLASS_MAC, 1, other_mac, 5), ACK_ERR);
	cr_expect_eq(far.told, 0);
	cr_expect_eq(command(CLASS_MAC, 1, other_mac, 6), ACK_OK);
	cr_expect(far.told == 1 && memcmp(far.address, other_mac, 6) == 0);
	virtio_reset(&net.device);
	cr_expect(memcmp(far.address, guest_mac, 6) == 0, "its first one again");
	net.end.peer = NULL;
	virtio_reset(&net.device); /* nobody to be told */
}

Test(net_ctrl, work_for_one_kick_is_bounded)
{
	struct rig_buffer buffers[] = {{FAKE_HIGH, 0x80000, false}, {rig_alloc(&rig, 1), 1, true}};
	unsigned queue = control_queue();

	for (unsigned i = 0; i < 100; i++)
		rig_offer(&rig, queue, buffers, 2);
	rig_kick(&rig, queue);
	cr_expect_leq(rig_used_count(&rig, queue), 9);
	fake_port_advance(1000);
	cr_expect_eq(rig_used_count(&rig, queue), 100);
	rig.seen[queue] = 100;
	still_works();
}

/* --- offloads --- */

static uint8_t set_offloads(uint64_t offloads)
{
	return command(CLASS_OFFLOADS, 0, &offloads, 8);
}

PROVES("V14-NET-034", "V14-NET-035", "V14-NET-050", "V14-NET-S05")
Test(net_ctrl, offloads_switched_off_and_on)
{
	uint64_t at = offer_buffers(6, 4096);
	size_t size = tcp_frame(frame, 2500, 0x10);
	struct net_offload offload = tso_offload(frame, size, 1000);

	memcpy(frame, guest_mac, 6);
	cr_expect(deliver(frame, size, &offload));
	cr_expect_eq(rig_used_count(&rig, RX), 1);
	cr_expect_eq(*(uint8_t *)rig_at(&rig, at + 1, 1), NET_GSO_TCPV4);
	cr_expect_eq(set_offloads(0), ACK_OK);
	cr_expect(deliver(frame, size, &offload));
	cr_expect_eq(rig_used_count(&rig, RX), 4);
	for (unsigned i = 1; i < 4; i++)
		cr_expect_eq(*(uint16_t *)rig_at(&rig, at + 4096 * i, 2), 0);
	cr_expect(test_frame_right(rig_at(&rig, at + 4096 + HEADER, ETH + 1040), ETH + 1040));
	cr_expect_eq(set_offloads(NET_F_GUEST_CSUM | NET_F_GUEST_TSO4), ACK_OK);
	cr_expect(deliver(frame, size, &offload));
	cr_expect_eq(rig_used_count(&rig, RX), 5);
	cr_assert(rig_start(&rig, EVERYTHING));
	cr_expect_eq(net.offloads, NET_GUEST_OFFLOADS);
}

Test(net_ctrl, offloads_that_were_not_negotiated)
{
	uint64_t one = NET_F_GUEST_CSUM;

	cr_expect_eq(set_offloads(1ull << 0), ACK_ERR);
	cr_expect_eq(set_offloads(NET_F_GUEST_CSUM | 1ull << 10), ACK_ERR);
	cr_expect_eq(command(CLASS_OFFLOADS, 0, &one, 7), ACK_ERR);
	cr_assert(rig_start(&rig, (FEATURES & ~NET_GUEST_OFFLOADS) | NET_F_GUEST_CSUM));
	cr_expect_eq(set_offloads(NET_F_GUEST_CSUM | NET_F_GUEST_TSO4), ACK_ERR);
	cr_expect_eq(set_offloads(0), ACK_OK);
	cr_expect_eq(set_offloads(NET_F_GUEST_CSUM), ACK_OK);
}

/* 5.1.3.1 */
Test(net_ctrl, features_that_need_the_control_queue)
{
	static const uint64_t features[] = {
	    NET_F_CTRL_RX,       NET_F_CTRL_VLAN,    NET_F_GUEST_ANNOUNCE, NET_F_MQ,
	    NET_F_CTRL_MAC_ADDR, NET_F_VQ_NOTF_COAL, NET_F_NOTF_COAL,      NET_F_RSS};

	for (unsigned i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		cr_expect(!rig_start(&rig, features[i]));
		cr_expect(rig_start(&rig, features[i] | NET_F_CTRL_VQ));
	}
	cr_expect(!rig_start(&rig, NET_F_GUEST_ECN | NET_F_GUEST_CSUM));
	cr_expect(!rig_start(&rig, NET_F_HOST_ECN | NET_F_CSUM));
	cr_expect(!rig_start(&rig, NET_F_HOST_USO));
	cr_expect(!rig_start(&rig, NET_F_GUEST_USO4));
	cr_expect(!rig_start(&rig, NET_F_GUEST_USO6));
}
