/* SPDX-License-Identifier: BSD-2-Clause */
/* Translation of headers, both ways, with checksums compared to the reference. */
#include "tests/unit/nat/fixture.h"

#include "hv/net/checksum.h"

TestSuite(nat, .init = nat_setup);

static void there_and_back(uint8_t protocol)
{
	unsigned guest = 99;
	make(protocol, GUEST0, 4321, REMOTE, 80, TCP_SYN);
	cr_assert_eq(out(0), NAT_PASS);
	cr_assert(test_frame_right(frame, size));
	cr_assert_eq(source(), OUTER);
	cr_assert_eq(destination(), REMOTE);
	cr_assert_eq(destination_port(), 80);
	cr_assert_eq(frame[22], 63);
	uint16_t port = source_port();
	cr_assert(port >= NAT_PORT_BASE && port < NAT_PORT_BASE + NAT_FLOWS);

	make(protocol, REMOTE, 80, OUTER, port, TCP_SYN | TCP_ACK);
	cr_assert_eq(in(&guest), NAT_PASS);
	cr_assert_eq(guest, 0);
	cr_assert(test_frame_right(frame, size));
	cr_assert_eq(source(), REMOTE);
	cr_assert_eq(source_port(), 80);
	cr_assert_eq(destination(), GUEST0);
	cr_assert_eq(destination_port(), 4321);
}

Test(nat, tcp_there_and_back)
{
	there_and_back(PROTOCOL_TCP);
}

Test(nat, udp_there_and_back)
{
	there_and_back(PROTOCOL_UDP);
}

Test(nat, echo_there_and_back)
{
	unsigned guest = 99;
	make_echo(GUEST3, REMOTE, false, 77);
	cr_assert_eq(out(3), NAT_PASS);
	cr_assert(test_frame_right(frame, size));
	cr_assert_eq(source(), OUTER);
	uint16_t id = test_get16(frame + 38);
	make_echo(REMOTE, OUTER, true, id);
	cr_assert_eq(in(&guest), NAT_PASS);
	cr_assert_eq(guest, 3);
	cr_assert(test_frame_right(frame, size));
	cr_assert_eq(destination(), GUEST3);
	cr_assert_eq(test_get16(frame + 38), 77);
}

/* One flow is one port, whatever the number of packets; other flows have others. */
Test(nat, a_flow_keeps_its_port)
{
	make(PROTOCOL_UDP, GUEST0, 4321, REMOTE, 80, 0);
	out(0);
	uint16_t port = source_port();
	make(PROTOCOL_UDP, GUEST0, 4321, REMOTE, 80, 0);
	out(0);
	cr_assert_eq(source_port(), port);
	make(PROTOCOL_UDP, GUEST0, 4321, REMOTE, 81, 0);
	out(0);
	cr_assert_neq(source_port(), port);
	make(PROTOCOL_TCP, GUEST0, 4321, REMOTE, 80, TCP_SYN);
	out(0);
	cr_assert_neq(source_port(), port);
}

Test(nat, udp_without_checksum_stays_without)
{
	make(PROTOCOL_UDP, GUEST0, 4321, REMOTE, 80, 0);
	test_put16(frame + 40, 0);
	cr_assert_eq(out(0), NAT_PASS);
	cr_assert_eq(test_get16(frame + 40), 0);
	cr_assert(test_frame_right(frame, size));
}

/* A checksum field with the pseudo-header's sum only: the addresses count, the ports do not. */
Test(nat, partial_checksum)
{
	uint8_t protocols[] = {PROTOCOL_TCP, PROTOCOL_UDP};
	for (unsigned i = 0; i < 2; i++) {
		size_t field = protocols[i] == PROTOCOL_TCP ? 50 : 40;
		make(protocols[i], GUEST0, 4321, REMOTE, 80, TCP_SYN);
		uint32_t sum = checksum_pseudo(GUEST0, REMOTE, protocols[i], size - 34);
		test_put16(frame + field, (uint16_t)~checksum_finish(sum));
		cr_assert_eq(parse_frame(&parsed, frame, size), 0);
		cr_assert_eq(nat_out(&nat, 0, frame, &parsed, true, now), NAT_PASS);
		uint16_t finished = reference_checksum(0, frame + 34, size - 34);
		cr_assert_eq(finished, reference_l4_checksum(frame, size));
	}
}

/* A sum that comes out as 0 is written as its other form, for 0 says that there is none. */
Test(nat, udp_checksum_is_never_0)
{
	unsigned ones = 0;
	for (unsigned value = 0; value < 65536; value++) {
		uint8_t data[2] = {(uint8_t)(value >> 8), (uint8_t)value};
		size = test_frame(frame, &(struct test_packet){.from = GUEST0,
		                                               .to = REMOTE,
		                                               .protocol = PROTOCOL_UDP,
		                                               .from_port = 4321,
		                                               .to_port = 80,
		                                               .data = data,
		                                               .size = 2});
		cr_assert_eq(out(0), NAT_PASS);
		cr_assert_neq(test_get16(frame + 40), 0);
		cr_assert(test_frame_right(frame, size));
		ones += test_get16(frame + 40) == 0xffff;
	}
	cr_assert_geq(ones, 1);
}

Test(nat, nothing_beyond_the_head_is_touched)
{
	uint8_t before[2048];
	make(PROTOCOL_TCP, GUEST0, 4321, REMOTE, 80, TCP_SYN);
	memset(frame + NAT_HEAD, 0xa5, sizeof(frame) - NAT_HEAD);
	memcpy(before, frame, sizeof(before));
	out(0);
	cr_assert_arr_eq(frame + NAT_HEAD, before + NAT_HEAD, sizeof(frame) - NAT_HEAD);
	cr_assert_arr_eq(frame, before, 14);
}

Test(nat, time_to_live_ends_here)
{
	make(PROTOCOL_UDP, GUEST0, 4321, REMOTE, 80, 0);
	frame[22] = 1;
	test_fix_ip(frame);
	cr_assert_eq(out(0), NAT_EXPIRED);
	cr_assert_eq(source(), GUEST0);
}

Test(nat, no_address_no_way_out)
{
	nat_set_address(&nat, 0, 0);
	make(PROTOCOL_UDP, GUEST0, 4321, REMOTE, 80, 0);
	cr_assert_eq(out(0), NAT_DROP);
}

/* The sum of every pair of words that may be replaced by another. */
Test(checksum, incremental_equals_full)
{
	uint8_t data[20];
	uint32_t random = 1;
	for (unsigned round = 0; round < 20000; round++) {
		for (unsigned i = 0; i < sizeof(data); i++) {
			random = random * 1664525 + 1013904223;
			data[i] = round % 3 ? (uint8_t)(random >> 24) : (uint8_t) - (random >> 31);
		}
		test_put16(data + 10, 0);
		test_put16(data + 10, reference_checksum(0, data, 20));
		uint32_t new = round % 5 ? random * 77 : 0;
		checksum_replace32(data + 10, test_get32(data + 12), new);
		test_put32(data + 12, new);
		cr_assert_eq(reference_checksum(0, data, 20), 0);
	}
}

Test(checksum, equals_the_reference_at_every_size)
{
	uint8_t data[300];
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 89 + 255);
	for (size_t n = 0; n <= sizeof(data); n++)
		cr_assert_eq(checksum_finish(checksum_add(0, data, n)),
		             reference_checksum(0, data, n));
}
