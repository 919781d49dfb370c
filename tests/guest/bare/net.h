/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtio network card of a bare guest, by polling: it asks its gateway for its address. */
#pragma once

#include <stdbool.h>

/* The card is found and runs; this guest is the first of its configuration (10.77.0.2). */
bool net_start(void);
/* One ARP request to 10.77.0.1, until its answer has come. */
void net_round_trip(void);
