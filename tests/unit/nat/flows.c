/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of flows: forwards, filtering, time-outs, quotas. */
#include "tests/unit/nat/fixture.h"

TestSuite(nat_flows, .init = nat_setup);

/* Opens a UDP flow; returns its outer port. */
static uint16_t open_udp(unsigned guest, uint16_t port, uint32_t to)
{
	make(PROTOCOL_UDP, guest ? GUEST3 : GUEST0, port, to, 53, 0);
	cr_assert_eq(out(guest), NAT_PASS);
	return source_port();
}

static enum nat_verdict answer_udp(uint16_t outer_port, uint32_t from)
{
	unsigned guest;
	make(PROTOCOL_UDP, from, 53, OUTER, outer_port, 0);
	return in(&guest);
}

Test(nat_flows, forward_inward_and_back)
{
	unsigned guest = 99;
	make(PROTOCOL_TCP, REMOTE, 5000, OUTER, 8080, TCP_SYN);
	cr_assert_eq(in(&guest), NAT_PASS);
	cr_assert_eq(guest, 0);
	cr_assert(test_frame_right(frame, size));
	cr_assert_eq(destination(), GUEST0);
	cr_assert_eq(destination_port(), 80);
	cr_assert_eq(source(), REMOTE);

	make(PROTOCOL_TCP, GUEST0, 80, REMOTE, 5000, TCP_SYN | TCP_ACK);
	cr_assert_eq(out(0), NAT_PASS);
	cr_assert(test_frame_right(frame, size));
	cr_assert_eq(source(), OUTER);
	cr_assert_eq(source_port(), 8080);
}

Test(nat_flows, forward_of_udp)
{
	unsigned guest = 99;
	make(PROTOCOL_UDP, REMOTE, 5000, OUTER, 5353, 0);
	cr_assert_eq(in(&guest), NAT_PASS);
	cr_assert_eq(destination_port(), 53);
	make(PROTOCOL_UDP, GUEST0, 53, REMOTE, 5000, 0);
	cr_assert_eq(out(0), NAT_PASS);
	cr_assert_eq(source_port(), 5353);
}

/* A forward of TCP is none of UDP, and begins with SYN. */
Test(nat_flows, forward_takes_no_more_than_it_says)
{
	unsigned guest;
	make(PROTOCOL_UDP, REMOTE, 5000, OUTER, 8080, 0);
	cr_assert_eq(in(&guest), NAT_LOCAL);
	make(PROTOCOL_TCP, REMOTE, 5000, OUTER, 8080, TCP_ACK);
	cr_assert_eq(in(&guest), NAT_DROP);
	make(PROTOCOL_TCP, REMOTE, 5000, OUTER, 8081, TCP_SYN);
	cr_assert_eq(in(&guest), NAT_LOCAL);
}

Test(nat_flows, only_the_remote_side_may_answer)
{
	uint16_t port = open_udp(0, 1000, REMOTE);
	cr_assert_eq(answer_udp(port, REMOTE + 1), NAT_LOCAL);
	unsigned guest;
	make(PROTOCOL_TCP, REMOTE, 53, OUTER, port, TCP_ACK);
	cr_assert_eq(in(&guest), NAT_LOCAL);
	cr_assert_eq(answer_udp((uint16_t)(port + 1), REMOTE), NAT_LOCAL);
	cr_assert_eq(answer_udp(0xffff, REMOTE), NAT_LOCAL);
	cr_assert_eq(answer_udp(port, REMOTE), NAT_PASS);
}

/* TFTP: the server goes on from another port, and the guest's answers come from the first one. */
Test(nat_flows, udp_answer_from_another_port_of_the_same_host)
{
	unsigned guest = 99;
	uint16_t port = open_udp(0, 1000, REMOTE);
	for (unsigned i = 0; i < 10; i++) {
		make(PROTOCOL_UDP, REMOTE, 5454, OUTER, port, 0);
		cr_assert_eq(in(&guest), NAT_PASS);
		cr_assert(test_frame_right(frame, size));
		cr_assert_eq(guest, 0);
		cr_assert_eq(destination_port(), 1000);
		make(PROTOCOL_UDP, GUEST0, 1000, REMOTE, 5454, 0);
		cr_assert_eq(out(0), NAT_PASS);
		cr_assert_eq(source_port(), port);
		now += 50 * SECOND;
		nat_expire(&nat, now);
	}
	cr_assert_eq(nat.guests[0].flow_count, 2);
	make(PROTOCOL_UDP, REMOTE + 1, 5454, OUTER, port, 0);
	cr_assert_eq(in(&guest), NAT_LOCAL);
	now += 300 * SECOND;
	nat_expire(&nat, now);
	cr_assert_eq(nat.guests[0].flow_count, 0);
}

Test(nat_flows, tcp_answer_from_another_port_is_none)
{
	unsigned guest;
	make(PROTOCOL_TCP, GUEST0, 1000, REMOTE, 80, TCP_SYN);
	out(0);
	make(PROTOCOL_TCP, REMOTE, 81, OUTER, source_port(), TCP_SYN);
	cr_assert_eq(in(&guest), NAT_LOCAL);
}

Test(nat_flows, unanswered_flow_ends_after_a_minute)
{
	uint16_t port = open_udp(0, 1000, REMOTE);
	now += 59 * SECOND;
	nat_expire(&nat, now);
	cr_assert_eq(answer_udp(port, REMOTE), NAT_PASS);
	port = open_udp(0, 1001, REMOTE);
	now += 60 * SECOND;
	nat_expire(&nat, now);
	cr_assert_eq(answer_udp(port, REMOTE), NAT_LOCAL);
	cr_assert_eq(nat.guests[0].flow_count, 1);
}

Test(nat_flows, answered_udp_lives_five_minutes)
{
	uint16_t port = open_udp(0, 1000, REMOTE);
	answer_udp(port, REMOTE);
	now += 299 * SECOND;
	nat_expire(&nat, now);
	cr_assert_eq(answer_udp(port, REMOTE), NAT_PASS);
	now += 300 * SECOND;
	nat_expire(&nat, now);
	cr_assert_eq(nat.guests[0].flow_count, 0);
}

static uint16_t open_tcp(void)
{
	unsigned guest;
	make(PROTOCOL_TCP, GUEST0, 1000, REMOTE, 80, TCP_SYN);
	cr_assert_eq(out(0), NAT_PASS);
	uint16_t port = source_port();
	make(PROTOCOL_TCP, REMOTE, 80, OUTER, port, TCP_SYN | TCP_ACK);
	cr_assert_eq(in(&guest), NAT_PASS);
	return port;
}

Test(nat_flows, idle_connection_lives_for_hours)
{
	open_tcp();
	now += 7439 * SECOND;
	nat_expire(&nat, now);
	cr_assert_eq(nat.guests[0].flow_count, 1);
	now += SECOND;
	nat_expire(&nat, now);
	cr_assert_eq(nat.guests[0].flow_count, 0);
}

Test(nat_flows, closed_connection_ends_soon)
{
	unsigned guest;
	uint16_t port = open_tcp();
	make(PROTOCOL_TCP, GUEST0, 1000, REMOTE, 80, TCP_FIN | TCP_ACK);
	out(0);
	now += 120 * SECOND;
	nat_expire(&nat, now);
	cr_assert_eq(nat.guests[0].flow_count, 1, "half closed is not closed");
	make(PROTOCOL_TCP, REMOTE, 80, OUTER, port, TCP_FIN | TCP_ACK);
	cr_assert_eq(in(&guest), NAT_PASS);
	now += 60 * SECOND;
	nat_expire(&nat, now);
	cr_assert_eq(nat.guests[0].flow_count, 0);
}

Test(nat_flows, reset_connection_ends_soon)
{
	open_tcp();
	make(PROTOCOL_TCP, GUEST0, 1000, REMOTE, 80, TCP_RST);
	cr_assert_eq(out(0), NAT_PASS);
	now += 60 * SECOND;
	nat_expire(&nat, now);
	cr_assert_eq(nat.guests[0].flow_count, 0);
}

Test(nat_flows, same_ports_again_after_the_end)
{
	unsigned guest;
	uint16_t port = open_tcp();
	make(PROTOCOL_TCP, REMOTE, 80, OUTER, port, TCP_RST);
	in(&guest);
	open_tcp();
	cr_assert_eq(nat.guests[0].flow_count, 1);
	now += 100 * SECOND;
	nat_expire(&nat, now);
	cr_assert_eq(nat.guests[0].flow_count, 1, "the new one is alive");
}

/* What we forgot, the remote side has to hear of; but a reset ends nothing that is not there. */
Test(nat_flows, outward_opens_in_the_middle_but_not_by_reset)
{
	make(PROTOCOL_TCP, GUEST0, 1000, REMOTE, 80, TCP_RST);
	cr_assert_eq(out(0), NAT_DROP);
	make(PROTOCOL_TCP, GUEST0, 1000, REMOTE, 80, TCP_ACK);
	cr_assert_eq(out(0), NAT_PASS);
}

Test(nat_flows, new_address_closes_all)
{
	uint16_t port = open_udp(0, 1000, REMOTE);
	open_udp(3, 1000, REMOTE);
	nat_set_address(&nat, OUTER, 0xffffff00);
	cr_assert_eq(nat.guests[0].flow_count, 1);
	nat_set_address(&nat, OUTER + 1, 0xffffff00);
	cr_assert_eq(nat.guests[0].flow_count + nat.guests[3].flow_count, 0);
	cr_assert_eq(answer_udp(port, REMOTE), NAT_LOCAL);
}

Test(nat_flows, reset_of_a_guest_leaves_the_other)
{
	uint16_t port0 = open_udp(0, 1000, REMOTE), port3 = open_udp(3, 1000, REMOTE);
	nat_close_flows(&nat, 0);
	cr_assert_eq(answer_udp(port0, REMOTE), NAT_LOCAL);
	cr_assert_eq(answer_udp(port3, REMOTE), NAT_PASS);
	nat_close_flows(&nat, 5);
}

/* A port that is forwarded is given to no flow, though it lies among the slots. */
Test(nat_flows, forwarded_port_among_the_slots)
{
	static struct nat_flows flows;
	struct forward_config forward = {
	    .udp = true, .host_port = NAT_PORT_BASE + 1, .guest_port = 9};
	nat_open(&nat, 0, GUEST0, &flows, &forward, 1);
	for (unsigned i = 0; i < 5; i++)
		cr_assert_neq(open_udp(0, (uint16_t)(1000 + i), REMOTE), NAT_PORT_BASE + 1);
}

Test(nat_flows, established_flows_are_never_evicted)
{
	for (unsigned i = 0; i < NAT_FLOWS; i++) {
		uint16_t port = open_udp(0, (uint16_t)(1000 + i), REMOTE);
		cr_assert_eq(answer_udp(port, REMOTE), NAT_PASS);
	}
	make(PROTOCOL_UDP, GUEST0, 9999, REMOTE, 53, 0);
	cr_assert_eq(out(0), NAT_DROP);
	cr_assert_eq(nat.stats.full, 1);
	make(PROTOCOL_UDP, GUEST0, 1000, REMOTE, 53, 0);
	cr_assert_eq(out(0), NAT_PASS);
}

Test(nat_flows, NS_005_million_flows_from_one_guest)
{
	uint16_t other = open_udp(3, 1000, REMOTE);
	for (unsigned i = 0; i < 1000000; i++) {
		make(PROTOCOL_UDP, GUEST0, (uint16_t)(1 + i % 65000), REMOTE + i / 65000, 53, 0);
		cr_assert_eq(out(0), NAT_PASS);
	}
	cr_assert_eq(nat.guests[0].flow_count, NAT_FLOWS);
	cr_assert_eq(nat.guests[3].flow_count, 1);
	cr_assert_eq(nat.stats.evicted, 1000000 - NAT_FLOWS);
	cr_assert_eq(answer_udp(other, REMOTE), NAT_PASS);
	now += 60 * SECOND;
	for (unsigned i = 0; i < NAT_FLOWS / 64; i++)
		nat_expire(&nat, now);
	cr_assert_eq(nat.guests[0].flow_count, 0, "nothing leaks");
}

/* Whatever happens, every slot is in exactly one list and every flow in one bucket. */
Test(nat_flows, table_stays_whole_under_random_use)
{
	uint32_t random = 7;
	for (unsigned i = 0; i < 50000; i++) {
		random = random * 1664525 + 1013904223;
		uint16_t port = (uint16_t)(1 + (random >> 16) % 3000);
		uint16_t outer = open_udp(0, port, REMOTE);
		if (random & 0x100)
			answer_udp(outer, REMOTE);
		if (i % 64 == 0) {
			now += SECOND * (random >> 28) * 5;
			nat_expire(&nat, now);
		}
		if (i % 9000 == 0)
			nat_close_flows(&nat, 0);
	}
	const struct nat_flows *flows = nat.guests[0].flows;
	unsigned listed = 0, hashed = 0;
	for (unsigned list = 0; list < NAT_LISTS; list++)
		for (uint16_t s = flows->first[list]; s != NAT_NONE; s = flows->flow[s].next)
			listed++;
	for (unsigned b = 0; b < NAT_BUCKETS; b++)
		for (uint16_t s = flows->bucket[b]; s != NAT_NONE; s = flows->flow[s].chain)
			hashed++;
	cr_assert_eq(listed, NAT_FLOWS);
	cr_assert_eq(hashed, nat.guests[0].flow_count);
}
