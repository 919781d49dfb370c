/* SPDX-License-Identifier: BSD-2-Clause */
/* Receive filters, by the control queue (5.1.9.5.1 to 5.1.9.5.4). */
#include <string.h>

#include "tests/unit/net/fixture.h"

#define FEATURES                                                                                   \
	(ALL_FEATURES | NET_F_CTRL_VQ | NET_F_CTRL_RX | NET_F_CTRL_RX_EXTRA | NET_F_CTRL_VLAN |    \
	 NET_F_CTRL_MAC_ADDR | NET_F_GUEST_ANNOUNCE)

enum { PROMISC, ALLMULTI, ALLUNI, NOMULTI, NOUNI, NOBCAST };
enum { TABLE_SET, ADDR_SET };
enum { VLAN_ADD, VLAN_DEL };

static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t group[6] = {0x01, 0, 0x5e, 0, 0, 1}, group_b[6] = {0x33, 0x33, 0, 0, 0, 1};

static void setup(void)
{
	net_setup_with(FEATURES, 0);
	offer_buffers(200, 256);
}

TestSuite(net_filter, .init = setup, .fini = net_teardown, .timeout = 60);

/* Does a frame to this address reach the driver? vlan 0: untagged. */
static bool passes_tagged(const uint8_t *to, uint16_t vlan)
{
	unsigned used = rig_used_count(&rig, RX);
	uint8_t frame[64] = {0};

	memcpy(frame, to, 6);
	test_put16(frame + 12, vlan ? 0x8100 : 0x0800);
	test_put16(frame + 14, vlan);
	cr_assert(deliver(frame, sizeof(frame), NULL));
	return rig_used_count(&rig, RX) == used + 1;
}

static bool passes(const uint8_t *to)
{
	return passes_tagged(to, 0);
}

static void mode(uint8_t number, uint8_t on)
{
	cr_assert_eq(command(CLASS_RX, number, &on, 1), ACK_OK);
}

PROVES("V14-NET-086", "V14-NET-089")
Test(net_filter, only_what_is_addressed_to_it)
{
	cr_expect(passes(guest_mac));
	cr_expect(passes(broadcast));
	cr_expect(!passes(other_mac));
	cr_expect(!passes(group));
	cr_expect_eq(net.stats.rx_filtered, 2);
}

Test(net_filter, everything_without_the_feature)
{
	net_setup_with(ALL_FEATURES, 0);
	offer_buffers(8, 256);
	cr_expect(passes(other_mac) && passes(group) && passes(broadcast));
}

PROVES("V14-NET-069", "V14-NET-070", "V14-NET-071")
Test(net_filter, promiscuous_beats_all_others)
{
	mode(NOMULTI, 1);
	mode(NOUNI, 1);
	mode(NOBCAST, 1);
	mode(PROMISC, 1);
	cr_expect(passes(other_mac) && passes(group) && passes(broadcast) && passes(guest_mac));
	mode(PROMISC, 0);
	cr_expect(!passes(other_mac) && !passes(group) && !passes(broadcast) && !passes(guest_mac));
}

PROVES("V14-NET-072", "V14-NET-073", "V14-NET-076", "V14-NET-077", "V14-NET-078", "V14-NET-079")
Test(net_filter, multicast_modes)
{
	mode(ALLMULTI, 1);
	cr_expect(passes(group) && !passes(other_mac));
	mode(NOMULTI, 1);
	cr_expect(!passes(group) && passes(broadcast) && passes(guest_mac));
	mode(NOMULTI, 0);
	cr_expect(passes(group));
	mode(ALLMULTI, 0);
	cr_expect(!passes(group));
}

PROVES("V14-NET-074", "V14-NET-075", "V14-NET-080", "V14-NET-081", "V14-NET-082")
Test(net_filter, unicast_modes)
{
	mode(ALLUNI, 1);
	cr_expect(passes(other_mac) && !passes(group));
	mode(NOUNI, 1);
	cr_expect(!passes(other_mac) && !passes(guest_mac) && passes(broadcast));
	mode(NOUNI, 0);
	cr_expect(passes(other_mac) && passes(guest_mac));
	mode(ALLUNI, 0);
	cr_expect(!passes(other_mac));
}

PROVES("V14-NET-083", "V14-NET-084", "V14-NET-085")
Test(net_filter, broadcast_mode)
{
	mode(ALLMULTI, 1);
	mode(NOBCAST, 1);
	cr_expect(!passes(broadcast) && passes(group) && passes(guest_mac));
	mode(NOBCAST, 0);
	cr_expect(passes(broadcast));
}

/* --- tables --- */

static size_t put_table(uint8_t *to, uint32_t count, const uint8_t (*macs)[6], uint32_t given)
{
	memcpy(to, &count, 4);
	if (given)
		memcpy(to + 4, macs, given * 6);
	return 4 + given * 6;
}

static uint8_t set_tables(uint32_t unicast, const uint8_t (*one)[6], uint32_t multicast,
                          const uint8_t (*many)[6])
{
	uint8_t data[2048];
	size_t size = put_table(data, unicast, one, unicast);

	size += put_table(data + size, multicast, many, multicast);
	return command(CLASS_MAC, TABLE_SET, data, size);
}

PROVES("V14-NET-086", "V14-NET-087", "V14-NET-089")
Test(net_filter, tables)
{
	cr_expect_eq(set_tables(1, &other_mac, 1, &group), ACK_OK);
	cr_expect(passes(other_mac) && passes(group) && passes(guest_mac) && !passes(group_b));
	cr_expect_eq(set_tables(0, NULL, 1, &group_b), ACK_OK);
	cr_expect(!passes(other_mac) && !passes(group) && passes(group_b));
	cr_expect_eq(set_tables(1, &other_mac, 0, NULL), ACK_OK);
	cr_assert(rig_start(&rig, FEATURES));
	offer_buffers(8, 256);
	cr_expect(!passes(other_mac) && !passes(group_b));
}

/* More addresses than the table holds: all of that kind, and none of the other. */
PROVES("V14-NET-087")
Test(net_filter, NT_018_more_addresses_than_fit)
{
	static uint8_t macs[NET_FILTER_MACS + 1][6];

	for (unsigned i = 0; i <= NET_FILTER_MACS; i++)
		macs[i][0] = 2, macs[i][5] = (uint8_t)i;
	cr_expect_eq(set_tables(NET_FILTER_MACS, macs, 0, NULL), ACK_OK);
	cr_expect(passes(macs[NET_FILTER_MACS - 1]) && !passes(other_mac));
	cr_expect_eq(set_tables(NET_FILTER_MACS + 1, macs, 0, NULL), ACK_OK);
	cr_expect(passes(macs[NET_FILTER_MACS]) && passes(other_mac) && !passes(group));
	cr_expect_eq(set_tables(1, macs, 0, NULL), ACK_OK);
	cr_expect(!passes(other_mac));
}

Test(net_filter, NT_018_counts_that_lie)
{
	static const uint32_t counts[] = {UINT32_MAX,      2,           0x2aaaaaaa,
	                                  0x2aaaaaaa + 1u, 0x80000000u, 0x55555555};
	uint8_t data[64];
	size_t size;

	cr_assert_eq(set_tables(1, &other_mac, 1, &group), ACK_OK);
	for (unsigned i = 0; i < 6; i++) {
		size = put_table(data, counts[i], &group_b, 1);
		cr_expect_eq(command(CLASS_MAC, TABLE_SET, data, size), ACK_ERR);
		size = put_table(data, 1, &group_b, 1);
		size += put_table(data + size, counts[i], &group_b, 1);
		cr_expect_eq(command(CLASS_MAC, TABLE_SET, data, size), ACK_ERR);
	}
	for (size = 0; size < 8; size++) {
		memset(data, 0, sizeof(data));
		cr_expect_eq(command(CLASS_MAC, TABLE_SET, data, size), ACK_ERR);
	}
	/* nothing has changed */
	cr_expect(passes(other_mac) && passes(group) && !passes(group_b));
}

PROVES("V14-NET-088", "V14-NET-089")
Test(net_filter, the_address_can_be_changed)
{
	cr_expect_eq(command(CLASS_MAC, ADDR_SET, other_mac, 6), ACK_OK);
	for (unsigned i = 0; i < 6; i++)
		cr_expect_eq(rig_read(&rig, rig.config + i, 1), other_mac[i]);
	cr_expect(passes(other_mac) && !passes(guest_mac));
	cr_expect_eq(command(CLASS_MAC, ADDR_SET, guest_mac, 5), ACK_ERR);
	cr_expect_eq(command(CLASS_MAC, ADDR_SET, group, 6), ACK_ERR);
	cr_expect(passes(other_mac));
	cr_assert(rig_start(&rig, FEATURES));
	offer_buffers(8, 256);
	cr_expect(passes(guest_mac) && !passes(other_mac));
	cr_expect_eq(rig_read(&rig, rig.config + 5, 1), guest_mac[5]);
}

static uint8_t vlan(uint8_t number, uint16_t id)
{
	return command(CLASS_VLAN, number, &id, 2);
}

PROVES("V14-NET-091")
Test(net_filter, vlans)
{
	cr_expect(passes(guest_mac) && !passes_tagged(guest_mac, 5));
	cr_expect_eq(vlan(VLAN_ADD, 5), ACK_OK);
	cr_expect_eq(vlan(VLAN_ADD, 4095), ACK_OK);
	cr_expect(passes_tagged(guest_mac, 5) && passes_tagged(guest_mac, 4095));
	cr_expect(passes_tagged(guest_mac, 0xe005), "priority is no part of the number");
	cr_expect(!passes_tagged(guest_mac, 6) && !passes_tagged(guest_mac, 4094));
	cr_expect_eq(vlan(VLAN_DEL, 5), ACK_OK);
	cr_expect(!passes_tagged(guest_mac, 5) && passes_tagged(guest_mac, 4095));
	cr_expect(!passes_tagged(other_mac, 4095), "the address has to match too");
}

PROVES("V14-NET-090")
Test(net_filter, all_vlans_without_the_feature)
{
	net_setup_with(FEATURES & ~NET_F_CTRL_VLAN, 0);
	offer_buffers(8, 256);
	cr_expect(passes_tagged(guest_mac, 1) && passes_tagged(guest_mac, 4095));
	cr_expect_eq(vlan(VLAN_ADD, 5), ACK_ERR);
}

Test(net_filter, NT_019_vlans_that_are_none)
{
	uint16_t id = 5;

	cr_expect_eq(vlan(VLAN_ADD, 4096), ACK_ERR);
	cr_expect_eq(vlan(VLAN_ADD, 0xffff), ACK_ERR);
	cr_expect_eq(vlan(VLAN_DEL, 4096), ACK_ERR);
	cr_expect_eq(command(CLASS_VLAN, VLAN_ADD, &id, 1), ACK_ERR);
	cr_expect_eq(vlan(2, 5), ACK_ERR);
	for (unsigned i = 1; i < 4096; i++)
		cr_assert(!passes_tagged(guest_mac, (uint16_t)i));
}

/* --- announce --- */

PROVES("V14-NET-092")
Test(net_filter, announce)
{
	cr_expect(virtio_net_announce(&net));
	cr_expect_eq(rig.interrupts[rig.config_vector], 1);
	cr_expect_eq(rig_read(&rig, rig.config + 6, 2), 3);
	cr_expect_eq(command(CLASS_ANNOUNCE, 1, NULL, 0), ACK_ERR);
	cr_expect_eq(rig_read(&rig, rig.config + 6, 2), 3);
	cr_expect_eq(command(CLASS_ANNOUNCE, 0, NULL, 0), ACK_OK);
	cr_expect_eq(rig_read(&rig, rig.config + 6, 2), 1);
	net_setup_with(FEATURES & ~NET_F_GUEST_ANNOUNCE, 0);
	cr_expect(!virtio_net_announce(&net));
	cr_expect_eq(rig_read(&rig, rig.config + 6, 2), 1);
}

Test(net_filter, NT_026_announce_without_end)
{
	uint64_t in = rig_alloc(&rig, 2), out = rig_alloc(&rig, 1);
	uint16_t head;
	uint32_t written;

	*(uint8_t *)rig_at(&rig, in, 1) = CLASS_ANNOUNCE;
	for (unsigned i = 0; i < 100000; i++) {
		if (i % 100 == 0)
			virtio_net_announce(&net);
		rig_offer(&rig, control_queue(),
		          (struct rig_buffer[]){{in, 2, false}, {out, 1, true}}, 2);
		rig_kick(&rig, control_queue());
		cr_assert(rig_used(&rig, control_queue(), &head, &written));
	}
	cr_expect_eq(rig_read(&rig, rig.config + 6, 2), 1);
	cr_expect_eq(net.commands_ok, 100000);
}
