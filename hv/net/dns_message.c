/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/net/dns_message.h"

#include <string.h>

#include "guest-devices/bytes.h"

enum {
	AT_FLAGS = 2,
	AT_QUESTIONS = 4,
	AT_ANSWERS = 6,
	FLAG_RESPONSE = 0x8000,
	FLAG_RECURSION_DESIRED = 0x0100,
	FLAG_RECURSION_AVAILABLE = 0x0080,
	OPCODE_MASK = 0x7800,
	SERVER_FAILURE = 2,
	LABEL_MAX = 63,
	NAME_MAX_SIZE = 255,
};

/* The size of the question at `at`, or 0. */
static size_t question_size(const uint8_t *at, size_t size)
{
	size_t i = 0;
	while (i < size && at[i] != 0) {
		if (at[i] > LABEL_MAX) /* also pointers: nothing to point at before us */
			return 0;
		i += 1u + at[i];
	}
	i++; /* the root's empty label */
	return i > NAME_MAX_SIZE || i + 4 > size ? 0 : i + 4;
}

size_t dns_query_question(const uint8_t *message, size_t size)
{
	if (size < DNS_HEADER || size > DNS_MESSAGE_MAX)
		return 0;
	if (be16_get(message + AT_FLAGS) & (FLAG_RESPONSE | OPCODE_MASK))
		return 0;
	if (be16_get(message + AT_QUESTIONS) != 1 || be16_get(message + AT_ANSWERS) != 0)
		return 0;
	return question_size(message + DNS_HEADER, size - DNS_HEADER);
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool dns_answers(const uint8_t *message, size_t size, const uint8_t *question, size_t question_size)
{
	if (size < DNS_HEADER + question_size || size > DNS_MESSAGE_MAX)
		return false;
	if (!(be16_get(message + AT_FLAGS) & FLAG_RESPONSE) ||
	    be16_get(message + AT_QUESTIONS) != 1)
		return false;
	for (size_t i = 0; i < question_size; i++)
		if (lower(message[DNS_HEADER + i]) != lower(question[i]))
			return false;
	return true;
}

size_t dns_make_failure(uint8_t *query, size_t question_size)
{
	uint16_t flags = be16_get(query + AT_FLAGS) & FLAG_RECURSION_DESIRED;
	be16_put(query + AT_FLAGS,
	         flags | FLAG_RESPONSE | FLAG_RECURSION_AVAILABLE | SERVER_FAILURE);
	memset(query + AT_ANSWERS, 0, 6);
	return DNS_HEADER + question_size;
}
