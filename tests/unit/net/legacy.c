/* SPDX-License-Identifier: BSD-2-Clause */
/* The network device under a driver of before version 1.0: a shorter header, an address that is
 * written to the configuration. All fields are little-endian, as the guests are. */
#include <string.h>

#include "tests/unit/net/fixture.h"

#define CONTROL                                                                                    \
	((uint32_t)(NET_F_CTRL_VQ | NET_F_CTRL_RX | NET_F_CTRL_VLAN | NET_F_CTRL_GUEST_OFFLOADS |  \
	            NET_F_MQ | NET_F_GUEST_CSUM | NET_F_MRG_RXBUF | NET_F_STATUS))

enum { SHORT_HEADER = 10 };

static uint8_t frame[2048];

static void setup(void)
{
	net_setup_pairs(ALL_FEATURES, 2);
}

TestSuite(net_legacy, .init = setup, .fini = net_teardown, .timeout = 60);

static uint64_t field(unsigned offset, uint8_t size)
{
	struct bus_access access = {.size = size};

	virtio_legacy_config_access(&net.device, offset, &access);
	return access.value;
}

PROVES("V14-NET-L01")
Test(net_legacy, configuration)
{
	rig_start_legacy(&rig, CONTROL);
	cr_expect_eq(field(6, 2), 1);
	cr_expect_eq(field(8, 2), 2);
	cr_expect_eq(virtio_legacy_offered(&net.device) & CONTROL, CONTROL);
}

/* Without mergeable buffers num_buffers is not there, both ways. */
PROVES("V14-NET-L02")
Test(net_legacy, the_header_is_shorter)
{
	size_t size = tcp_frame(frame, 100, 0x10);
	struct tx_header header = tso_header(frame, size, 0);
	uint64_t at = rig_alloc(&rig, 512), in = rig_alloc(&rig, 512);
	struct net_offload offload = tso_offload(frame, size, 0);

	rig_start_legacy(&rig, NET_F_CSUM | NET_F_GUEST_CSUM);
	memcpy(rig_at(&rig, at, SHORT_HEADER), &header, SHORT_HEADER);
	memcpy(rig_at(&rig, at + SHORT_HEADER, size), frame, size);
	rig_offer(&rig, TX, &(struct rig_buffer){at, (uint32_t)(SHORT_HEADER + size), false}, 1);
	rig_kick(&rig, TX);
	cr_assert_eq(far.count, 1);
	cr_expect_eq(far.sizes[0], size);
	cr_expect_eq(far.offloads[0].csum_start, ETH + 20);
	cr_expect(memcmp(far.frames[0], frame, size) == 0);
	rig_offer(&rig, RX, &(struct rig_buffer){in, 512, true}, 1);
	cr_expect(deliver(frame, size, &offload));
	cr_assert_eq(rig_used_count(&rig, RX), 1);
	cr_expect_eq(raw_used_len(&rig.rings[RX], 0), SHORT_HEADER + size);
	cr_expect_eq(*(uint8_t *)rig_at(&rig, in + 6, 1), ETH + 20); /* csum_start */
	cr_expect(memcmp(rig_at(&rig, in + SHORT_HEADER, size), frame, size) == 0);
}

static bool passes(uint8_t last, uint16_t vlan)
{
	unsigned used = rig_used_count(&rig, RX);

	memset(frame, 0, 64);
	memcpy(frame, guest_mac, 6);
	frame[5] = last;
	test_put16(frame + 12, vlan ? 0x8100 : 0x0800);
	test_put16(frame + 14, vlan);
	cr_assert(deliver(frame, 64, NULL));
	return rig_used_count(&rig, RX) == used + 1;
}

PROVES("V14-NET-L03", "V14-NET-L05", "V14-NET-L06", "V14-NET-L07")
Test(net_legacy, commands)
{
	uint8_t table[4 + 6 + 4] = {1};
	uint16_t number = 0x102;
	uint64_t offloads = NET_F_GUEST_CSUM;

	rig_start_legacy(&rig, CONTROL);
	offer_buffers(20, 256);
	memcpy(table + 4, other_mac, 6);
	cr_expect_eq(command(CLASS_MAC, 0, table, sizeof(table)), ACK_OK);
	cr_expect_eq(net.filter.unicast.count, 1);
	cr_expect_eq(command(CLASS_VLAN, 0, &number, 2), ACK_OK);
	cr_expect(passes(guest_mac[5], 0x102) && !passes(guest_mac[5], 0x201));
	number = 2;
	cr_expect_eq(command(CLASS_MQ, 0, &number, 2), ACK_OK);
	cr_expect_eq(net.steering.pairs, 2);
	cr_expect_eq(command(CLASS_OFFLOADS, 0, &offloads, 8), ACK_OK);
}

static void write_mac(unsigned offset, uint8_t value)
{
	struct bus_access access = {.size = 1, .write = true, .value = value};

	virtio_legacy_config_access(&net.device, offset, &access);
}

/* Byte by byte: it holds from the last one on. */
PROVES("V14-NET-L04")
Test(net_legacy, the_address_is_written_byte_by_byte)
{
	rig_start_legacy(&rig, CONTROL);
	offer_buffers(20, 256);
	write_mac(0, 2);
	cr_expect_eq(net.mac[0], guest_mac[0]);
	for (unsigned i = 0; i < 5; i++)
		write_mac(i, guest_mac[i]);
	cr_expect(passes(guest_mac[5], 0) && !passes(0x44, 0));
	write_mac(5, 0x44);
	cr_expect(!passes(guest_mac[5], 0) && passes(0x44, 0));
	cr_expect_eq(field(5, 1), 0x44);
	cr_expect(far.address[5] == 0x44 && memcmp(far.address, guest_mac, 5) == 0);
	write_mac(6, 0); /* status is not the driver's */
	cr_expect_eq(field(6, 2), 1);
}

Test(net_legacy, an_address_that_is_set_by_command_is_not_written)
{
	rig_start_legacy(&rig, NET_F_MAC | NET_F_CTRL_VQ | NET_F_CTRL_MAC_ADDR);
	write_mac(5, 0x44);
	cr_expect_eq(field(5, 1), guest_mac[5]);
}

Test(net_legacy, a_modern_driver_writes_no_address)
{
	rig_write(&rig, rig.config + 5, 0x44, 1);
	cr_expect_eq(rig_read(&rig, rig.config + 5, 1), guest_mac[5]);
}
