/* SPDX-License-Identifier: BSD-2-Clause */
/* The DNS relay: which queries pass, and which answers count. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hv/net/dns_relay.h"
#include "tests/lib/frames.h"

#define SERVER IP(10, 0, 2, 3)

static struct dns_relay relay;
static uint32_t state;
static uint8_t message[2048];
static size_t size;

static uint32_t next_random(void)
{
	return state = state * 1664525 + 1013904223;
}

static void setup(void)
{
	memset(&relay, 0, sizeof(relay));
	relay.random = next_random;
	state = 1;
}

TestSuite(dns, .init = setup);

static void add_name(const char *name)
{
	while (*name) {
		size_t n = strcspn(name, ".");
		message[size++] = (uint8_t)n;
		memcpy(message + size, name, n);
		size += n;
		name += n + (name[n] == '.');
	}
	message[size++] = 0;
}

static void make_query(uint16_t id, const char *name)
{
	memset(message, 0, sizeof(message));
	test_put16(message, id);
	test_put16(message + 2, 0x0100);
	test_put16(message + 4, 1);
	size = 12;
	add_name(name);
	test_put32(message + size, 0x00010001);
	size += 4;
}

static struct dns_query *ask(unsigned guest, uint16_t id, const char *name, uint64_t now)
{
	make_query(id, name);
	return dns_ask(&relay, guest, 3333, SERVER, message, size, now);
}

/* The message becomes the answer to itself. */
static struct dns_query *answer(uint32_t from, uint16_t from_port, uint16_t to_port, uint64_t now,
                                unsigned *guest)
{
	message[2] |= 0x80;
	struct dns_answer a = {from, from_port, to_port, message, size};
	return dns_match(&relay, &a, now, guest);
}

Test(dns, question_and_answer)
{
	unsigned guest = 99;
	struct dns_query *query = ask(2, 0xabcd, "www.example.org", 0);
	cr_assert_not_null(query);
	cr_assert_eq(test_get16(message), query->id);
	cr_assert_geq(query->port, DNS_PORT_BASE);
	cr_assert_lt(query->port, DNS_PORT_BASE + DNS_PORT_COUNT);
	cr_assert_eq(answer(SERVER, 53, query->port, 1, &guest), query);
	cr_assert_eq(guest, 2);
	cr_assert_eq(query->guest_id, 0xabcd);
	cr_assert_eq(query->guest_port, 3333);
}

Test(dns, answer_in_other_case)
{
	unsigned guest;
	struct dns_query *query = ask(2, 1, "www.example.org", 0);
	message[14] = 'W';
	cr_assert_eq(answer(SERVER, 53, query->port, 1, &guest), query);
}

Test(dns, failure_is_made_from_the_query)
{
	make_query(7, "example.org");
	size_t question = dns_query_question(message, size);
	cr_assert_eq(question, 13 + 4);
	cr_assert_eq(dns_make_failure(message, question), size);
	cr_assert_eq(test_get16(message), 7);
	cr_assert_eq(test_get16(message + 2), 0x8182);
	cr_assert(dns_answers(message, size, message + 12, question));
}

Test(dns, extended_query_passes)
{
	make_query(7, "example.org");
	message[11] = 1; /* an OPT record behind the question */
	memcpy(message + size, "\0\0\x29\x04\xd0\0\0\0\0\0", 11);
	cr_assert_eq(dns_query_question(message, size + 11), 13 + 4);
}

/* ---- hostile ---- */

Test(dns, NS_011_truncated_at_every_byte)
{
	make_query(7, "www.example.org");
	for (size_t n = 0; n < size; n++) {
		uint8_t *copy = malloc(n ? n : 1);
		memcpy(copy, message, n);
		cr_assert_eq(dns_query_question(copy, n), 0);
		free(copy);
	}
	cr_assert_neq(dns_query_question(message, size), 0);
}

Test(dns, NS_011_compression_in_a_question)
{
	for (unsigned to = 0; to < 64; to++) { /* back to itself, the header, forward */
		make_query(7, "example.org");
		test_put16(message + 12, 0xc000 | to);
		cr_assert_eq(dns_query_question(message, size), 0);
	}
}

Test(dns, NS_011_labels_and_names_too_long)
{
	char name[400];
	for (unsigned n = 1; n < 256; n++) {
		make_query(7, "x");
		message[12] = (uint8_t)n;
		memset(message + 13, 'x', n);
		message[13 + n] = 0;
		cr_assert_eq(dns_query_question(message, 13 + n + 1 + 4) != 0, n <= 63);
	}
	for (unsigned n = 1; n < 300; n++) {
		for (unsigned i = 0; i < n; i++)
			name[i] = i % 50 == 49 && i + 1 < n ? '.' : 'x';
		name[n] = 0;
		make_query(7, name);
		cr_assert_eq(dns_query_question(message, size) != 0, n + 2 <= 255);
	}
}

Test(dns, NS_011_number_of_questions)
{
	const unsigned counts[] = {0, 2, 255, 256, 65535};
	for (unsigned i = 0; i < 5; i++) {
		make_query(7, "example.org");
		test_put16(message + 4, counts[i]);
		cr_assert_eq(dns_query_question(message, size), 0);
	}
	make_query(7, "example.org");
	test_put16(message + 2, 0x8100);
	cr_assert_eq(dns_query_question(message, size), 0, "a response is no query");
	test_put16(message + 2, 0x2800);
	cr_assert_eq(dns_query_question(message, size), 0, "an update is none");
	make_query(7, "example.org");
	cr_assert_eq(dns_query_question(message, DNS_MESSAGE_MAX + 1), 0);
	cr_assert_null(dns_ask(&relay, 0, 1, SERVER, message, 5, 0));
	cr_assert_eq(relay.refused, 1);
}

Test(dns, NS_012_spoofed_answers)
{
	unsigned guest;
	struct dns_query *query = ask(2, 1, "www.example.org", 0);
	cr_assert_null(answer(SERVER + 1, 53, query->port, 1, &guest), "another server");
	cr_assert_null(answer(SERVER, 54, query->port, 1, &guest), "another port");
	cr_assert_null(answer(SERVER, 53, query->port ^ 1, 1, &guest), "to another port");
	message[1] ^= 1;
	cr_assert_null(answer(SERVER, 53, query->port, 1, &guest), "another identifier");
	message[1] ^= 1;
	message[14] = 'x';
	cr_assert_null(answer(SERVER, 53, query->port, 1, &guest), "another question");
	message[14] = 'w';
	cr_assert_null(answer(SERVER, 53, query->port, DNS_TIMEOUT_NS, &guest), "too late");
	cr_assert_eq(relay.spoofed, 6);
	cr_assert_eq(answer(SERVER, 53, query->port, 1, &guest), query);
	query->used = false;
	cr_assert_null(answer(SERVER, 53, query->port, 1, &guest), "a second time");
}

Test(dns, NS_012_identifier_and_port_are_not_the_guests)
{
	unsigned same = 0;
	for (unsigned i = 0; i < 1000; i++) {
		struct dns_query *query = ask(2, 7, "www.example.org", i * DNS_TIMEOUT_NS);
		uint16_t id = query->id, port = query->port;
		query = ask(3, 7, "www.example.org", i * DNS_TIMEOUT_NS);
		same += query->id == id && query->port == port;
	}
	cr_assert_eq(same, 0);
}

Test(dns, NS_012_flood_of_unique_names)
{
	unsigned guest;
	char name[32];
	struct dns_query *other = ask(5, 1, "quiet.example.org", 0);
	uint16_t id = other->id, port = other->port;
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "n%u.example.org", i);
		cr_assert_not_null(ask(2, (uint16_t)i, name, 0));
	}
	cr_assert_eq(relay.replaced, 100000 - DNS_PER_GUEST);
	make_query(id, "quiet.example.org");
	cr_assert_eq(answer(SERVER, 53, port, 1, &guest), other, "nobody else suffers");
	dns_forget(&relay, 2);
	for (unsigned i = 0; i < DNS_PER_GUEST; i++)
		cr_assert(!relay.queries[2][i].used);
}
