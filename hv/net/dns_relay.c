/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/net/dns_relay.h"

#include <string.h>

#include "guest-devices/bytes.h"

/* A free entry of the guest, or its oldest one. */
static struct dns_query *take_entry(struct dns_relay *relay, unsigned guest, uint64_t now_ns)
{
	struct dns_query *oldest = &relay->queries[guest][0];
	for (unsigned i = 0; i < DNS_PER_GUEST; i++) {
		struct dns_query *query = &relay->queries[guest][i];
		if (!query->used || query->deadline <= now_ns)
			return query;
		if (query->deadline < oldest->deadline)
			oldest = query;
	}
	relay->replaced++;
	return oldest;
}

struct dns_query *dns_ask(struct dns_relay *relay, unsigned guest, uint16_t guest_port,
                          uint32_t server, uint8_t *message, size_t size, uint64_t now_ns)
{
	size_t question = dns_query_question(message, size);
	if (!question) {
		relay->refused++;
		return NULL;
	}
	struct dns_query *query = take_entry(relay, guest, now_ns);
	uint32_t random = relay->random();
	query->used = true;
	query->server = server;
	query->id = (uint16_t)random;
	query->port = (uint16_t)(DNS_PORT_BASE + (random >> 16) % DNS_PORT_COUNT);
	query->guest_id = be16_get(message);
	query->guest_port = guest_port;
	query->deadline = now_ns + DNS_TIMEOUT_NS;
	query->question_size = question;
	memcpy(query->question, message + DNS_HEADER, question);
	be16_put(message, query->id);
	relay->asked++;
	return query;
}

static bool matches(const struct dns_query *query, const struct dns_answer *answer, uint64_t now_ns)
{
	return query->used && query->deadline > now_ns && query->port == answer->to_port &&
	       query->server == answer->from && answer->from_port == 53 &&
	       answer->size >= DNS_HEADER && query->id == be16_get(answer->message) &&
	       dns_answers(answer->message, answer->size, query->question, query->question_size);
}

struct dns_query *dns_match(struct dns_relay *relay, const struct dns_answer *answer,
                            uint64_t now_ns, unsigned *guest)
{
	for (unsigned g = 0; g < CONFIG_VMS; g++)
		for (unsigned i = 0; i < DNS_PER_GUEST; i++) {
			struct dns_query *query = &relay->queries[g][i];
			if (!matches(query, answer, now_ns))
				continue;
			*guest = g;
			relay->answered++;
			return query;
		}
	relay->spoofed++;
	return NULL;
}

void dns_forget(struct dns_relay *relay, unsigned guest)
{
	for (unsigned i = 0; i < DNS_PER_GUEST; i++)
		relay->queries[guest][i].used = false;
}
