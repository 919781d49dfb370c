/* SPDX-License-Identifier: BSD-2-Clause */
/* The DHCP server towards guests: the conversation, and what a hostile client sends. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <arch/err.h>

#include "hv/net/dhcp_server.h"
#include "tests/lib/frames.h"

enum { DISCOVER = 1, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM };

static const struct dhcp_lease lease = {
    .mac = {0x52, 0x56, 0, 0, 3, 2},
    .address = IP(10, 77, 3, 2),
    .netmask = 0xffffff00,
    .server = IP(10, 77, 3, 1),
    .dns = IP(10, 77, 3, 1),
    .seconds = 86400,
    .name = "alpha",
};

static uint8_t message[1024];
static size_t size;
static struct dhcp_reply reply;

static void option(uint8_t code, const void *value, size_t n)
{
	message[size++] = code;
	message[size++] = (uint8_t)n;
	memcpy(message + size, value, n);
	size += n;
}

static void option32(uint8_t code, uint32_t value)
{
	uint8_t bytes[4];
	test_put32(bytes, value);
	option(code, bytes, 4);
}

/* A message up to its type; the caller adds options and then END. */
static void begin(uint8_t type)
{
	memset(message, 0, sizeof(message));
	message[0] = 1;
	message[1] = 1;
	message[2] = 6;
	test_put32(message + 4, 0xcafe1234);
	memcpy(message + 28, lease.mac, 6);
	test_put32(message + 236, 0x63825363);
	size = 240;
	option(53, &type, 1);
}

static int answer(void)
{
	message[size++] = 255;
	return dhcp_answer(&lease, message, size, &reply);
}

static const uint8_t *find(uint8_t code)
{
	for (size_t i = 240; i < reply.size && reply.message[i] != 255;
	     i += 2u + reply.message[i + 1])
		if (reply.message[i] == code)
			return reply.message + i + 2;
	return NULL;
}

static void expect_address(uint8_t type)
{
	cr_assert_eq(*find(53), type);
	cr_assert_eq(reply.message[0], 2);
	cr_assert_eq(test_get32(reply.message + 4), 0xcafe1234);
	cr_assert_eq(test_get32(reply.message + 16), lease.address);
	cr_assert_eq(test_get32(find(54)), lease.server);
	cr_assert_eq(test_get32(find(1)), lease.netmask);
	cr_assert_eq(test_get32(find(3)), lease.server);
	cr_assert_eq(test_get32(find(6)), lease.dns);
	cr_assert_eq(test_get32(find(51)), lease.seconds);
	cr_assert_arr_eq(find(12), "alpha", 5);
	cr_assert_geq(reply.size, 300);
}

Test(dhcp, discover_offer_request_ack)
{
	begin(DISCOVER);
	cr_assert_eq(answer(), 0);
	expect_address(OFFER);
	cr_assert_eq(reply.to, lease.address);
	begin(REQUEST);
	option32(50, lease.address);
	option32(54, lease.server);
	cr_assert_eq(answer(), 0);
	expect_address(ACK);
}

Test(dhcp, renewal_is_answered_to_the_client)
{
	begin(REQUEST);
	test_put32(message + 12, lease.address);
	cr_assert_eq(answer(), 0);
	expect_address(ACK);
	cr_assert_eq(reply.to, lease.address);
}

Test(dhcp, broadcast_on_request)
{
	begin(DISCOVER);
	message[10] = 0x80;
	cr_assert_eq(answer(), 0);
	cr_assert_eq(reply.to, UINT32_MAX);
}

Test(dhcp, inform_gets_options_but_no_address)
{
	begin(INFORM);
	test_put32(message + 12, lease.address);
	cr_assert_eq(answer(), 0);
	cr_assert_eq(*find(53), ACK);
	cr_assert_eq(test_get32(reply.message + 16), 0);
	cr_assert_null(find(51));
	cr_assert_eq(test_get32(find(6)), lease.dns);
}

Test(dhcp, no_answer)
{
	begin(RELEASE);
	cr_assert_eq(answer(), ERR_NOT_FOUND);
	begin(DECLINE);
	cr_assert_eq(answer(), ERR_NOT_FOUND);
	begin(REQUEST); /* it has chosen another server */
	option32(54, lease.server + 1);
	option32(50, lease.address);
	cr_assert_eq(answer(), ERR_NOT_FOUND);
	begin(DISCOVER); /* through a relay */
	test_put32(message + 24, IP(1, 2, 3, 4));
	cr_assert_eq(answer(), ERR_NOT_FOUND);
}

/* ---- hostile ---- */

static int answer_exact(size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);
	memcpy(copy, message, n);
	int error = dhcp_answer(&lease, copy, n, &reply);
	free(copy);
	return error;
}

Test(dhcp, NS_008_truncated_at_every_byte)
{
	uint8_t types[] = {DISCOVER, REQUEST};
	for (unsigned i = 0; i < 2; i++) {
		begin(types[i]);
		option32(50, lease.address);
		option(61, "\1identifier", 11);
		message[size++] = 255;
		for (size_t n = 0; n < size; n++)
			cr_assert_eq(answer_exact(n), ERR_INVALID);
		cr_assert_eq(answer_exact(size), 0);
	}
}

Test(dhcp, NS_008_option_past_the_end)
{
	begin(DISCOVER);
	message[size++] = 61;
	message[size++] = 255;
	cr_assert_eq(answer_exact(size), ERR_INVALID);
	cr_assert_eq(answer_exact(size + 254), ERR_INVALID);
}

Test(dhcp, NS_008_wrong_option_sizes)
{
	for (size_t n = 0; n < 8; n++) {
		begin(DISCOVER);
		option(50, "\0\0\0\0\0\0\0\0", n);
		cr_assert_eq(answer() == 0, n == 4);
		begin(DISCOVER);
		option(53, "\1\1\1\1\1\1\1\1", n);
		cr_assert_eq(answer() == 0, n == 1);
	}
}

/* Option 52 is not followed: what the other fields say does not count. */
Test(dhcp, NS_008_overload)
{
	begin(DISCOVER);
	option(52, "\3", 1);
	memset(message + 44, 53, 192);
	cr_assert_eq(answer(), 0);
	expect_address(OFFER);
}

Test(dhcp, NS_008_every_byte_of_the_fixed_part)
{
	for (size_t at = 0; at < 244; at++)
		for (unsigned value = 0; value < 256; value += 51) {
			begin(DISCOVER);
			message[at] = (uint8_t)value;
			answer();
		}
}

Test(dhcp, NS_009_unknown_clients_get_nothing)
{
	for (unsigned i = 0; i < 100000; i++) {
		begin(DISCOVER);
		test_put32(message + 28, 0x02000000 + i);
		cr_assert_eq(answer(), ERR_NOT_FOUND);
	}
}

Test(dhcp, NS_009_another_address_is_refused)
{
	const uint32_t wanted[] = {lease.server, IP(10, 77, 4, 2), IP(8, 8, 8, 8), UINT32_MAX};
	for (unsigned i = 0; i < 4; i++) {
		begin(REQUEST);
		option32(50, wanted[i]);
		cr_assert_eq(answer(), 0);
		cr_assert_eq(*find(53), NAK);
		cr_assert_eq(test_get32(reply.message + 16), 0);
		cr_assert_eq(reply.to, UINT32_MAX);
	}
	begin(DISCOVER); /* asking for it in DISCOVER is a wish only */
	option32(50, lease.server);
	cr_assert_eq(answer(), 0);
	expect_address(OFFER);
}

Test(dhcp, NS_009_long_client_identifier)
{
	uint8_t identifier[255];
	memset(identifier, 0xff, sizeof(identifier));
	begin(DISCOVER);
	option(61, identifier, 255);
	cr_assert_eq(answer(), 0);
	expect_address(OFFER);
}

/* The longest answer fits, and a name that is too long is left out. */
Test(dhcp, names_of_any_length)
{
	char name[300];
	for (size_t n = 0; n < sizeof(name); n++) {
		struct dhcp_lease named = lease;
		memset(name, 'x', n);
		name[n < sizeof(name) ? n : 0] = 0;
		named.name = name;
		begin(DISCOVER);
		message[size++] = 255;
		cr_assert_eq(dhcp_answer(&named, message, size, &reply), 0);
		cr_assert_leq(reply.size, DHCP_REPLY_SIZE);
		cr_assert_eq(find(12) != NULL, n >= 1 && n <= 63);
	}
}
