/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest device that moves data: for what is fuzzed below or above a device. */
#pragma once

#include "tests/fuzz/fuzz.h"

/* Two queues; each chain's readable bytes come back in its writable ones. Every third chain is kept
 * until an event. */
void echo_create(struct fuzz *fuzz);
void echo_event(struct fuzz *fuzz, uint8_t what);
void echo_settle(struct fuzz *fuzz);
