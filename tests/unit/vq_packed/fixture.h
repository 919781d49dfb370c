/* SPDX-License-Identifier: BSD-2-Clause */
/* A running probe device with a raw packed ring, for the tests of this folder. */
#pragma once

#include "tests/lib/fake_mem.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/probe.h"
#include "tests/lib/proves.h"
#include "tests/lib/raw_packed.h"

enum {
	RING = FAKE_HIGH,
	DATA = FAKE_HIGH + 0x8000,
	TABLE = FAKE_HIGH + 0x20000,
	SIZE = 5, /* no power of two */
};

extern struct fake_mem fake;
extern struct probe probe;
extern struct raw_packed ring;
extern struct vq_chain chain;

struct virtqueue *vq(void);
void ring_start(uint16_t size, uint64_t features); /* RING_PACKED is added */
void ring_setup(void);                             /* SIZE entries, INDIRECT_DESC */
void ring_teardown(void);
void pop_push(uint32_t written);
void expect_used(uint16_t id, uint32_t len); /* the next one that the driver sees */
void expect_nothing_used(void);
void expect_works(void); /* a request of one readable and one writable byte, SIZE > 1 */
/* Kick; the device breaks with this code, tells the driver once, uses nothing, and after a reset it
 * works again. */
void expect_broken(const char *code);
