/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/net/dhcp_server.h"

#include <stdbool.h>
#include <string.h>

#include <arch/err.h>

#include "guest-devices/bytes.h"

/* RFC 2131, 2: the fixed part of a message. */
enum {
	AT_OP = 0,
	AT_HTYPE = 1,
	AT_HLEN = 2,
	AT_XID = 4,
	AT_FLAGS = 10,
	AT_CIADDR = 12,
	AT_YIADDR = 16,
	AT_GIADDR = 24,
	AT_CHADDR = 28,
	AT_COOKIE = 236,
	AT_OPTIONS = 240,
	COOKIE = 0x63825363,
	FLAG_BROADCAST = 0x8000,
};

/* RFC 2132 */
enum {
	OPTION_PAD = 0,
	OPTION_NETMASK = 1,
	OPTION_ROUTER = 3,
	OPTION_DNS = 6,
	OPTION_HOST_NAME = 12,
	OPTION_REQUESTED = 50,
	OPTION_LEASE_TIME = 51,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_END = 255,
};

enum { DISCOVER = 1, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM };

struct request {
	uint8_t type;
	uint32_t requested, server, ciaddr; /* 0: not there */
};

static int take_option(struct request *request, uint8_t option, const uint8_t *value, size_t size)
{
	bool address = option == OPTION_REQUESTED || option == OPTION_SERVER;
	if ((option == OPTION_TYPE && size != 1) || (address && size != 4))
		return ERR_INVALID;
	if (option == OPTION_TYPE)
		request->type = value[0];
	else if (option == OPTION_REQUESTED)
		request->requested = be32_get(value);
	else if (option == OPTION_SERVER)
		request->server = be32_get(value);
	return 0;
}

static int parse_options(struct request *request, const uint8_t *at, size_t size)
{
	size_t i = 0;
	while (i < size) {
		uint8_t option = at[i++];
		if (option == OPTION_END)
			return 0;
		if (option == OPTION_PAD)
			continue;
		if (i == size || at[i] > size - i - 1)
			return ERR_INVALID;
		if (take_option(request, option, at + i + 1, at[i]))
			return ERR_INVALID;
		i += 1u + at[i];
	}
	return ERR_INVALID;
}

static int parse_request(struct request *request, const struct dhcp_lease *lease,
                         const uint8_t *message, size_t size)
{
	*request = (struct request){0};
	if (size < AT_OPTIONS || message[AT_OP] != 1 || message[AT_HTYPE] != 1 ||
	    message[AT_HLEN] != 6 || be32_get(message + AT_COOKIE) != COOKIE)
		return ERR_INVALID;
	if (parse_options(request, message + AT_OPTIONS, size - AT_OPTIONS))
		return ERR_INVALID;
	request->ciaddr = be32_get(message + AT_CIADDR);
	/* A relay between a guest and us, or a second client: nobody we know. */
	if (be32_get(message + AT_GIADDR) || memcmp(message + AT_CHADDR, lease->mac, 6) != 0)
		return ERR_NOT_FOUND;
	return 0;
}

/* Which type of answer; 0: none. */
static uint8_t decide(const struct request *request, const struct dhcp_lease *lease)
{
	if (request->type == DISCOVER)
		return OFFER;
	if (request->type == INFORM)
		return ACK;
	if (request->type != REQUEST || (request->server && request->server != lease->server))
		return 0;
	uint32_t wanted = request->requested ? request->requested : request->ciaddr;
	return wanted == lease->address ? ACK : NAK;
}

static void add32(struct dhcp_reply *reply, uint8_t option, uint32_t value)
{
	uint8_t *at = reply->message + reply->size;
	at[0] = option;
	at[1] = 4;
	be32_put(at + 2, value);
	reply->size += 6;
}

static void add_name(struct dhcp_reply *reply, const char *name)
{
	size_t size = strlen(name);
	if (size == 0 || size > 63)
		return;
	uint8_t *at = reply->message + reply->size;
	at[0] = OPTION_HOST_NAME;
	at[1] = (uint8_t)size;
	memcpy(at + 2, name, size);
	reply->size += 2 + size;
}

static void build(struct dhcp_reply *reply, const struct dhcp_lease *lease, const uint8_t *message,
                  const struct request *request, uint8_t type)
{
	uint8_t *m = reply->message;
	memset(m, 0, sizeof(reply->message));
	m[AT_OP] = 2;
	m[AT_HTYPE] = 1;
	m[AT_HLEN] = 6;
	memcpy(m + AT_XID, message + AT_XID, 4);
	memcpy(m + AT_FLAGS, message + AT_FLAGS, 2);
	memcpy(m + AT_CHADDR, message + AT_CHADDR, 16);
	be32_put(m + AT_COOKIE, COOKIE);
	m[AT_OPTIONS] = OPTION_TYPE;
	m[AT_OPTIONS + 1] = 1;
	m[AT_OPTIONS + 2] = type;
	reply->size = AT_OPTIONS + 3;
	add32(reply, OPTION_SERVER, lease->server);
	if (type != NAK) {
		memcpy(m + AT_CIADDR, message + AT_CIADDR, 4);
		if (request->type != INFORM) {
			be32_put(m + AT_YIADDR, lease->address);
			add32(reply, OPTION_LEASE_TIME, lease->seconds);
		}
		add32(reply, OPTION_NETMASK, lease->netmask);
		add32(reply, OPTION_ROUTER, lease->server);
		add32(reply, OPTION_DNS, lease->dns);
		add_name(reply, lease->name);
	}
	m[reply->size++] = OPTION_END;
	if (reply->size < 300) /* BOOTP's smallest message, which old clients insist on */
		reply->size = 300;
}

/* RFC 2131, 4.1 */
static uint32_t reply_to(const struct request *request, const struct dhcp_lease *lease,
                         const uint8_t *message, uint8_t type)
{
	if (type == NAK)
		return UINT32_MAX;
	if (request->ciaddr == lease->address)
		return request->ciaddr;
	if (be16_get(message + AT_FLAGS) & FLAG_BROADCAST)
		return UINT32_MAX;
	return lease->address;
}

int dhcp_answer(const struct dhcp_lease *lease, const uint8_t *message, size_t size,
                struct dhcp_reply *reply)
{
	struct request request;
	int error = parse_request(&request, lease, message, size);
	if (error)
		return error;
	uint8_t type = decide(&request, lease);
	if (!type)
		return ERR_NOT_FOUND;
	build(reply, lease, message, &request, type);
	reply->to = reply_to(&request, lease, message, type);
	return 0;
}
