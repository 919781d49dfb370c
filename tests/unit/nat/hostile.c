/* SPDX-License-Identifier: BSD-2-Clause */
/* What guests and peers do wrong. */
#include "tests/unit/nat/fixture.h"

#include <stdlib.h>

TestSuite(nat_hostile, .init = nat_setup);

/* An ICMP error in `frame` that quotes what is in `frame` now: header and 8 bytes. */
static void make_error(uint32_t from, uint32_t to, uint8_t type)
{
	uint8_t quote[28];
	memcpy(quote, frame + 14, sizeof(quote));
	size = test_frame(frame, &(struct test_packet){.from = from,
	                                               .to = to,
	                                               .protocol = PROTOCOL_ICMP,
	                                               .from_port = (uint16_t)(type << 8 | 4),
	                                               .to_port = 0,
	                                               .data = quote,
	                                               .size = sizeof(quote)});
}

/* "Too big" from a router on the way reaches the guest with what the guest itself had sent. */
Test(nat_hostile, error_about_a_flow_is_translated)
{
	unsigned guest = 99;
	uint32_t router = IP(198, 51, 100, 1);
	make(PROTOCOL_TCP, GUEST0, 4321, REMOTE, 80, TCP_SYN);
	cr_assert_eq(out(0), NAT_PASS);
	make_error(router, OUTER, ICMP_UNREACHABLE);
	cr_assert_eq(in(&guest), NAT_PASS);
	cr_assert_eq(guest, 0);
	cr_assert(test_frame_right(frame, size));
	cr_assert_eq(source(), router);
	cr_assert_eq(destination(), GUEST0);
	cr_assert_eq(test_get32(frame + 42 + 12), GUEST0);
	cr_assert_eq(test_get32(frame + 42 + 16), REMOTE);
	cr_assert_eq(test_get16(frame + 62), 4321);
	cr_assert_eq(reference_checksum(0, frame + 42, 20), 0, "of the quoted header");
}

/* And outward: a guest's "port unreachable" to whom a forward served. */
Test(nat_hostile, error_from_a_guest_is_translated)
{
	unsigned guest;
	make(PROTOCOL_UDP, REMOTE, 5000, OUTER, 5353, 0);
	cr_assert_eq(in(&guest), NAT_PASS);
	make_error(GUEST0, REMOTE, ICMP_UNREACHABLE);
	cr_assert_eq(out(0), NAT_PASS);
	cr_assert(test_frame_right(frame, size));
	cr_assert_eq(source(), OUTER);
	cr_assert_eq(test_get32(frame + 42 + 16), OUTER);
	cr_assert_eq(test_get16(frame + 64), 5353);
	cr_assert_eq(reference_checksum(0, frame + 42, 20), 0);
}

Test(nat_hostile, error_about_echo_is_translated)
{
	unsigned guest;
	make_echo(GUEST0, REMOTE, false, 99);
	cr_assert_eq(out(0), NAT_PASS);
	make_error(REMOTE, OUTER, ICMP_TIME_EXCEEDED);
	cr_assert_eq(in(&guest), NAT_PASS);
	cr_assert(test_frame_right(frame, size));
	cr_assert_eq(test_get16(frame + 66), 99);
}

Test(nat_hostile, NS_006_error_quotes_a_forged_packet)
{
	unsigned guest;
	make(PROTOCOL_TCP, OUTER, NAT_PORT_BASE + 5, REMOTE, 80, TCP_SYN);
	make_error(REMOTE, OUTER, ICMP_UNREACHABLE);
	cr_assert_eq(in(&guest), NAT_LOCAL, "no such flow");
	make(PROTOCOL_UDP, GUEST0, 4321, REMOTE, 80, 0);
	out(0);
	uint16_t port = source_port();
	make(PROTOCOL_UDP, OUTER, port, REMOTE + 1, 80, 0);
	make_error(REMOTE, OUTER, ICMP_UNREACHABLE);
	cr_assert_eq(in(&guest), NAT_LOCAL, "to somebody else");
	make(PROTOCOL_TCP, OUTER, port, REMOTE, 80, 0);
	make_error(REMOTE, OUTER, ICMP_UNREACHABLE);
	cr_assert_eq(in(&guest), NAT_LOCAL, "another protocol");
	make(PROTOCOL_UDP, REMOTE, 80, GUEST0, 4321, 0);
	make_error(GUEST0, REMOTE + 1, ICMP_UNREACHABLE);
	cr_assert_eq(out(0), NAT_DROP, "to one who has not sent it");
}

Test(nat_hostile, NS_006_error_with_inner_sizes_that_lie)
{
	unsigned guest;
	make(PROTOCOL_TCP, GUEST0, 4321, REMOTE, 80, TCP_SYN);
	out(0);
	make_error(REMOTE, OUTER, ICMP_UNREACHABLE);
	for (unsigned ihl = 0; ihl < 16; ihl++) {
		frame[42] = (uint8_t)(0x40 | ihl);
		enum nat_verdict verdict = in(&guest);
		cr_assert(ihl == 5 || verdict == NAT_LOCAL);
		if (ihl == 5)
			make_error(REMOTE, OUTER, ICMP_UNREACHABLE);
	}
}

Test(nat_hostile, NS_006_fragments_are_dropped_both_ways)
{
	unsigned guest;
	for (unsigned bits = 1; bits < 0x4000; bits = bits * 2 + 1) {
		make(PROTOCOL_UDP, GUEST0, 4321, REMOTE, 80, 0);
		test_put16(frame + 20, bits);
		test_fix_ip(frame);
		cr_assert_eq(out(0), NAT_DROP);
		make(PROTOCOL_UDP, REMOTE, 80, OUTER, NAT_PORT_BASE, 0);
		test_put16(frame + 20, bits);
		test_fix_ip(frame);
		cr_assert_eq(in(&guest), NAT_DROP);
	}
	cr_assert_eq(nat.guests[0].flow_count, 0);
}

Test(nat_hostile, NS_006_port_0)
{
	unsigned guest;
	make(PROTOCOL_UDP, GUEST0, 0, REMOTE, 80, 0);
	cr_assert_eq(out(0), NAT_DROP);
	make(PROTOCOL_TCP, GUEST0, 80, REMOTE, 0, TCP_SYN);
	cr_assert_eq(out(0), NAT_DROP);
	make_echo(GUEST0, REMOTE, false, 0);
	cr_assert_eq(out(0), NAT_DROP);
	make(PROTOCOL_TCP, REMOTE, 0, OUTER, 8080, TCP_SYN);
	cr_assert_eq(in(&guest), NAT_LOCAL);
	cr_assert_eq(nat.guests[0].flow_count, 0);
}

Test(nat_hostile, NS_007_addresses_that_are_no_business_of_a_guest)
{
	const uint32_t forbidden[] = {
	    OUTER,              /* the hypervisor itself */
	    IP(192, 0, 2, 255), /* everybody on the uplink */
	    IP(192, 0, 2, 0),
	    GUEST3,
	    IP(10, 77, 3, 1),
	    IP(10, 77, 255, 255),
	    IP(127, 0, 0, 1),
	    0,
	    IP(0, 1, 2, 3),
	    IP(224, 0, 0, 1),
	    IP(255, 255, 255, 255),
	    IP(240, 0, 0, 1),
	    IP(169, 254, 169, 254),
	};
	for (unsigned i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		make(PROTOCOL_TCP, GUEST0, 1000, forbidden[i], 8080, TCP_SYN);
		cr_assert_eq(out(0), NAT_DROP);
		make_echo(GUEST0, forbidden[i], false, 1);
		cr_assert_eq(out(0), NAT_DROP);
	}
	cr_assert_eq(nat.guests[0].flow_count, 0);
	make(PROTOCOL_TCP, GUEST0, 1000, IP(192, 0, 2, 1), 8080, TCP_SYN);
	cr_assert_eq(out(0), NAT_PASS, "neighbours on the uplink are the world");
}

Test(nat_hostile, other_protocols_do_not_pass)
{
	make(PROTOCOL_UDP, GUEST0, 1000, REMOTE, 53, 0);
	for (unsigned protocol = 0; protocol < 256; protocol++) {
		if (protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP)
			continue;
		frame[23] = (uint8_t)protocol;
		test_fix_ip(frame);
		cr_assert_eq(out(0), NAT_DROP);
	}
}

/* ---- the parser ---- */

/* Parse a copy that ends where the frame ends, so that the sanitizer sees a byte too much. */
static int parse_exact(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);
	memcpy(copy, data, n);
	int error = parse_frame(&parsed, copy, n);
	free(copy);
	return error;
}

Test(parse, NS_001_truncated_at_every_byte)
{
	uint8_t protocols[] = {PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP};
	for (unsigned i = 0; i < 3; i++) {
		make(protocols[i], GUEST0, 8 << 8, REMOTE, 2, 0);
		for (size_t n = 0; n < size; n++)
			cr_assert_lt(parse_exact(frame, n), 0);
		cr_assert_eq(parse_exact(frame, size), 0);
		cr_assert_eq(parse_exact(frame, size + 40), 0, "padding is no error");
		cr_assert_eq(parsed.end, size);
	}
}

/* The sizes in the headers shrink while the frame stays. */
Test(parse, NS_001_every_total_length)
{
	uint8_t protocols[] = {PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP};
	for (unsigned i = 0; i < 3; i++)
		for (unsigned total = 0; total < 200; total++) {
			make(protocols[i], GUEST0, 3 << 8, REMOTE, 2, 0);
			test_put16(frame + 16, total);
			test_fix_ip(frame);
			if (parse_exact(frame, size) == 0) {
				cr_assert_leq(parsed.end, size);
				cr_assert_leq(parsed.payload, parsed.end);
			}
		}
}

/* A quoted header with its longest options: the ports behind it are inside the packet or not seen.
 */
Test(parse, NS_006_quote_truncated_at_every_byte)
{
	for (size_t cut = 0; cut < 68; cut++) {
		uint8_t quote[68] = {0x4f, [9] = PROTOCOL_UDP};
		size = test_frame(frame, &(struct test_packet){.from = REMOTE,
		                                               .to = OUTER,
		                                               .protocol = PROTOCOL_ICMP,
		                                               .from_port = 3 << 8,
		                                               .data = quote,
		                                               .size = cut});
		cr_assert_eq(parse_exact(frame, size), 0);
		cr_assert_eq(parsed.about.protocol, 0);
	}
}

Test(parse, NS_001_header_length_and_version)
{
	for (unsigned first = 0; first < 256; first++) {
		make(PROTOCOL_UDP, GUEST0, 1, REMOTE, 2, 0);
		frame[14] = (uint8_t)first;
		test_fix_ip(frame);
		cr_assert_eq(parse_exact(frame, size) == 0, first == 0x45);
	}
}

Test(parse, NS_001_wrong_header_checksum)
{
	make(PROTOCOL_UDP, GUEST0, 1, REMOTE, 2, 0);
	frame[24] ^= 1;
	cr_assert_lt(parse_exact(frame, size), 0);
}

Test(parse, tcp_data_offset_and_udp_size_that_lie)
{
	for (unsigned offset = 0; offset < 16; offset++) {
		make(PROTOCOL_TCP, GUEST0, 1, REMOTE, 2, 0);
		frame[46] = (uint8_t)(offset << 4);
		cr_assert_eq(parse_exact(frame, size) == 0, offset >= 5 && offset <= 8);
	}
	for (unsigned length = 0; length < 64; length++) {
		make(PROTOCOL_UDP, GUEST0, 1, REMOTE, 2, 0);
		test_put16(frame + 38, length);
		cr_assert_eq(parse_exact(frame, size) == 0, length == 8 + 13);
	}
}

/* Random bytes after a right beginning: the parser and the NAT stay inside the frame. */
Test(nat_hostile, random_frames)
{
	uint32_t random = 3;
	for (unsigned round = 0; round < 200000; round++) {
		unsigned guest;
		make(round % 2 ? PROTOCOL_TCP : PROTOCOL_ICMP, REMOTE, 3 << 8, OUTER, 8080, 0);
		for (unsigned i = 0; i < 4; i++) {
			random = random * 1664525 + 1013904223;
			frame[12 + (random >> 8) % (size - 12)] = (uint8_t)(random >> 24);
		}
		test_fix_ip(frame);
		size_t n = (random >> 4) % (size + 1);
		uint8_t *copy = malloc(n ? n : 1);
		memcpy(copy, frame, n);
		if (parse_frame(&parsed, copy, n) == 0 && parsed.ether_type == ETHER_TYPE_IPV4) {
			nat_in(&nat, copy, &parsed, now, &guest);
			nat_out(&nat, 0, copy, &parsed, random & 1, now);
		}
		free(copy);
	}
}
