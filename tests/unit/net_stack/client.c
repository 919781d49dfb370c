/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor as a DHCP client on its uplink. */
#include "tests/unit/net_stack/world.h"

TestSuite(net_client, .init = world_dhcp);

/* The last DHCP message on the wire, or NULL; its type. */
static const uint8_t *dhcp_on_wire(uint8_t *type)
{
	for (unsigned i = nic.sent; i-- > 0 && nic.sent - i < KEPT;) {
		const struct kept *sent = &nic.out[i % KEPT];
		if (sent->size < 300 || test_get16(sent->data + 36) != 67)
			continue;
		const uint8_t *message = sent->data + 42;
		cr_assert_eq(message[240], 53);
		*type = message[242];
		return message;
	}
	return NULL;
}

static void answer(const uint8_t *request, uint8_t type)
{
	uint8_t message[300] = {2, 1, 6};
	memcpy(message + 4, request + 4, 4);
	test_put32(message + 16, HOST);
	memcpy(message + 28, nic.nic.mac, 6);
	test_put32(message + 236, 0x63825363);
	uint8_t *at = message + 240;
	const struct {
		uint8_t code;
		uint32_t value;
	} options[] = {{54, ROUTER}, {1, 0xffffff00}, {3, ROUTER}, {6, ROUTER + 1}, {51, 3600}};
	memcpy(at, (uint8_t[]){53, 1, type}, 3);
	at += 3;
	for (unsigned i = 0; i < 5; i++, at += 6) {
		at[0] = options[i].code;
		at[1] = 4;
		test_put32(at + 2, options[i].value);
	}
	*at = 255;
	wire_sends_packet(&(struct test_packet){.from = ROUTER,
	                                        .to = HOST,
	                                        .protocol = PROTOCOL_UDP,
	                                        .from_port = 67,
	                                        .to_port = 68,
	                                        .data = message,
	                                        .size = sizeof(message)});
	settle();
}

static void get_address(void)
{
	uint8_t type;
	const uint8_t *message = dhcp_on_wire(&type);
	cr_assert(message && type == 1);
	answer(message, 2);
	message = dhcp_on_wire(&type);
	cr_assert(message && type == 3);
	answer(message, 5);
	pass(3 * SECOND); /* the address is probed for before it is used */
}

Test(net_client, gets_an_address_and_a_dns_server)
{
	get_address();
	cr_assert(
	    hosted_log_has("uplink: address 10.0.2.15, gateway 10.0.2.2, DNS server 10.0.2.3"),
	    "%s", hosted_log);
	cr_assert_eq(net_stack.nat.address, HOST);
}

Test(net_client, DH_001_silent_server)
{
	pass(60 * SECOND);
	cr_assert(hosted_log_has("no DHCP server has answered"));
	cr_assert_lt(nic.sent, 20, "asked ever less often");
	cr_assert_gt(net_deadline(), hosted_time.now_ns);
	get_address();
	cr_assert_eq(net_stack.nat.address, HOST, "and still it works");
}

Test(net_client, DH_001_loop_of_refusals)
{
	for (unsigned i = 0; i < 20; i++) {
		uint8_t type;
		const uint8_t *message = dhcp_on_wire(&type);
		answer(message, type == 1 ? 2 : 6);
		pass(SECOND);
	}
	cr_assert_eq(net_stack.nat.address, 0);
	cr_assert_lt(nic.sent, 100);
}

/* Somebody has the address already: it is declined and not used. */
Test(net_client, DH_004_address_is_in_use)
{
	uint8_t type, arp[42] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 7, 8, 6,
	                         0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 7};
	const uint8_t *message = dhcp_on_wire(&type);
	answer(message, 2);
	answer(dhcp_on_wire(&type), 5);
	test_put32(arp + 28, HOST);
	test_put32(arp + 38, HOST);
	wire_sends(arp, sizeof(arp));
	pass(SECOND);
	cr_assert_eq(net_stack.nat.address, 0);
	dhcp_on_wire(&type);
	cr_assert_eq(type, 4, "DECLINE");
}
