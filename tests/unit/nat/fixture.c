/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/nat/fixture.h"

struct nat nat;
uint8_t frame[2048];
size_t size;
struct parsed parsed;
uint64_t now;

static struct nat_flows flows[2];

void nat_setup(void)
{
	static const struct forward_config forwards[] = {
	    {.udp = false, .host_port = 8080, .guest_port = 80},
	    {.udp = true, .host_port = 5353, .guest_port = 53},
	};
	now = 100 * SECOND;
	nat_init(&nat, IP(10, 77, 0, 0), 0xffff0000, 12345);
	nat_open(&nat, 0, GUEST0, &flows[0], forwards, 2);
	nat_open(&nat, 3, GUEST3, &flows[1], NULL, 0);
	nat_set_address(&nat, OUTER, 0xffffff00);
}

enum nat_verdict out(unsigned guest)
{
	cr_assert_eq(parse_frame(&parsed, frame, size), 0);
	return nat_out(&nat, guest, frame, &parsed, false, now);
}

enum nat_verdict in(unsigned *guest)
{
	cr_assert_eq(parse_frame(&parsed, frame, size), 0);
	return nat_in(&nat, frame, &parsed, now, guest);
}

void make(uint8_t protocol, uint32_t from, uint16_t from_port, uint32_t to, uint16_t to_port,
          uint8_t tcp_flags)
{
	size = test_frame(frame, &(struct test_packet){.from = from,
	                                               .to = to,
	                                               .protocol = protocol,
	                                               .from_port = from_port,
	                                               .to_port = to_port,
	                                               .tcp_flags = tcp_flags,
	                                               .data = "some odd data",
	                                               .size = 13});
}

void make_echo(uint32_t from, uint32_t to, bool reply, uint16_t id)
{
	make(PROTOCOL_ICMP, from, reply ? 0 : 8 << 8, to, id, 0);
}
