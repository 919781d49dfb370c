/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DHCP server of one guest's cable (RFC 2131, 2132): one client, one fixed address. Pure: a
 * message in, a message out. Options are read from the options field only (52 is not followed);
 * a message whose options run past its end or lack END is dropped.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct dhcp_lease {
	uint8_t mac[6];                         /* the only client that is answered */
	uint32_t address, netmask, server, dns; /* host byte order; server is the router too */
	uint32_t seconds;
	const char *name; /* the client's host name */
};

/* A reply always has room for all we say. */
#define DHCP_REPLY_SIZE 400

struct dhcp_reply {
	uint8_t message[DHCP_REPLY_SIZE];
	size_t size;
	uint32_t to; /* destination address, maybe 255.255.255.255 */
};

/* The answer to a message (the UDP payload). 0, or ERR_INVALID: malformed, or ERR_NOT_FOUND:
 * well-formed, but it gets no answer. */
int dhcp_answer(const struct dhcp_lease *lease, const uint8_t *message, size_t size,
                struct dhcp_reply *reply);
