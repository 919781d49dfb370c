/* SPDX-License-Identifier: BSD-2-Clause */
/* The probe device behind a subchannel, and a channel-program driver. */
#pragma once

#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/bytes.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/probe.h"
#include "tests/lib/proves.h"
#include "tests/lib/raw_ccw.h"
#include "tests/lib/raw_legacy.h"

enum { SIZE = 8, QUEUE_MAX = 64, DATA = FAKE_HIGH + 0x8000, IND = 0x3000, CONF_IND = 0x3010 };
enum { SUMMARY = 0x3020, AREA = 0x3030, SUBCHANNEL = 0x00010005 };
enum { ACK = 1, DRV = 2, DOK = 4, FOK = 8, RUNNING = 15, VERSION_1_WORD = 1 };

extern struct fake_mem mem;
extern struct probe probe;
extern struct virtio_ccw ccw;
extern struct raw_ccw raw;
extern struct raw_ring ring;

void ccw_setup(void);        /* enabled, not transitional, no revision */
void ccw_setup_legacy(void); /* the same, transitional */
void ccw_teardown(void);

uint8_t *at(uint64_t address);
void negotiate(uint64_t features); /* revision 2 unless one is set; up to FEATURES_OK */
void start(void);                  /* all of it with queue 0 and classic indicators */
int64_t notify(uint64_t queue);
void request(void); /* a chain in queue 0, and a notification */
void expect_works(void);
