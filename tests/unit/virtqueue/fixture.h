/* SPDX-License-Identifier: BSD-2-Clause */
/* A running probe device with raw rings, for the tests of this folder. */
#pragma once

#include "tests/lib/fake_mem.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/probe.h"
#include "tests/lib/proves.h"
#include "tests/lib/raw_ring.h"

enum {
	RING = FAKE_HIGH,          /* the rings of queue 0 */
	DATA = FAKE_HIGH + 0x8000, /* room for buffers */
	TABLE = FAKE_HIGH + 0x20000,
	SIZE = 8,
};

extern struct fake_mem fake;
extern struct probe probe;
extern struct raw_ring ring;

void ring_start(uint16_t size, uint64_t features); /* queue 0 runs */
void ring_setup(void);                             /* SIZE entries, INDIRECT_DESC */
void ring_teardown(void);

void kick(void);
/* A whole request of one readable byte and one writable one goes through. */
void expect_works(void);
/* Kick; the device breaks with this code, tells the driver once, uses nothing, stays silent, and
 * after a reset it works again. */
void expect_broken(const char *code);
