/* SPDX-License-Identifier: BSD-2-Clause */
/* A probe device without a transport, and one ring for its queue 0. */
#pragma once

#include <criterion/criterion.h>
#include <string.h>

#include "tests/lib/fake_mem.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/probe.h"
#include "tests/lib/proves.h"
#include "tests/lib/raw_ring.h"

enum { ACK = VIRTIO_ACKNOWLEDGE, DRV = VIRTIO_DRIVER, FOK = VIRTIO_FEATURES_OK };
enum { DOK = VIRTIO_DRIVER_OK, BAD = VIRTIO_NEEDS_RESET, ALL = ACK | DRV | FOK | DOK };
enum { SIZE = 8, DATA = FAKE_HIGH + 0x8000 };

extern struct fake_mem fake;
extern struct probe probe;
extern struct raw_ring ring; /* of SIZE entries at FAKE_HIGH */
extern struct virtio_device *const device;

void setup(void);
void teardown(void);
void start_with(uint64_t features); /* up to DRIVER_OK, with the ring */
void start(void);
void offer(void);   /* four bytes to read and four to write, heads 0, 2, 4... in turn */
void request(void); /* the same at head 0, and a kick */
void expect_works(void);
