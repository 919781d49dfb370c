/* SPDX-License-Identifier: BSD-2-Clause */
/* Two guests behind a NAT: guest 0 is 10.77.0.2, guest 3 is 10.77.3.2. */
#pragma once

#include <criterion/criterion.h>
#include <string.h>

#include "hv/net/nat.h"
#include "hv/net/nat_table.h"
#include "hv/net/parse.h"
#include "tests/lib/frames.h"

#define OUTER  IP(192, 0, 2, 10)
#define REMOTE IP(203, 0, 113, 5)
#define GUEST0 IP(10, 77, 0, 2)
#define GUEST3 IP(10, 77, 3, 2)
#define SECOND 1000000000ull

extern struct nat nat;
extern uint8_t frame[2048];
extern size_t size;
extern struct parsed parsed;
extern uint64_t now;

void nat_setup(void);
/* Parse `frame` and send it through the NAT. */
enum nat_verdict out(unsigned guest);
enum nat_verdict in(unsigned *guest);
/* Make `frame`. */
void make(uint8_t protocol, uint32_t from, uint16_t from_port, uint32_t to, uint16_t to_port,
          uint8_t tcp_flags);
void make_echo(uint32_t from, uint32_t to, bool reply, uint16_t id);

static inline uint32_t source(void)
{
	return test_get32(frame + 26);
}

static inline uint32_t destination(void)
{
	return test_get32(frame + 30);
}

static inline uint16_t source_port(void)
{
	return test_get16(frame + 34);
}

static inline uint16_t destination_port(void)
{
	return test_get16(frame + 36);
}
