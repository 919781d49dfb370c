/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of DNS questions on their way: each goes upstream with an identifier and a port drawn
 * at random, and an answer counts only if it comes from the server asked, to that port, with that
 * identifier and the same question. Pure. Nothing is cached.
 */
#pragma once

#include "hv/config.h"
#include "hv/net/dns_message.h"

#define DNS_PER_GUEST  16
#define DNS_PORT_BASE  0x4000 /* ports: above lwIP's own, below the NAT's */
#define DNS_PORT_COUNT 0x4000
#define DNS_TIMEOUT_NS 5000000000ull

struct dns_query {
	bool used;
	uint32_t server;
	uint16_t id, port;             /* towards the server */
	uint16_t guest_id, guest_port; /* towards the guest */
	uint64_t deadline;
	size_t question_size;
	uint8_t question[DNS_QUESTION_MAX];
};

struct dns_relay {
	struct dns_query queries[CONFIG_VMS][DNS_PER_GUEST];
	uint32_t (*random)(void);
	uint64_t asked, answered, refused, spoofed, replaced;
};

/* A question from a guest: writes the new identifier into the message. The oldest one of the same
 * guest is forgotten when there are too many. NULL: not a proper query (counted). */
struct dns_query *dns_ask(struct dns_relay *relay, unsigned guest, uint16_t guest_port,
                          uint32_t server, uint8_t *message, size_t size, uint64_t now_ns);

struct dns_answer {
	uint32_t from;
	uint16_t from_port, to_port;
	const uint8_t *message;
	size_t size;
};
/* Whom an answer is for; *guest. The caller passes it on with guest_id put in, then sets
 * used = false. NULL: nobody asked (counted). */
struct dns_query *dns_match(struct dns_relay *relay, const struct dns_answer *answer,
                            uint64_t now_ns, unsigned *guest);
void dns_forget(struct dns_relay *relay, unsigned guest);
