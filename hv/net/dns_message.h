/* SPDX-License-Identifier: BSD-2-Clause */
/* What the relay has to understand of DNS messages (RFC 1035, 4.1): header and question. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_HEADER       12
#define DNS_QUESTION_MAX (255 + 4)
#define DNS_MESSAGE_MAX  1472 /* in one frame */

/* A query with exactly one question, whose name has plain labels only: the size of the question
 * behind the header. 0: anything else. */
size_t dns_query_question(const uint8_t *message, size_t size);
/* Is this a response that repeats the question (upper and lower case are the same)? */
bool dns_answers(const uint8_t *message, size_t size, const uint8_t *question,
                 size_t question_size);
/* Turn a checked query into the answer "server failure"; returns its size. */
size_t dns_make_failure(uint8_t *query, size_t question_size);
