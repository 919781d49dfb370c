/* SPDX-License-Identifier: BSD-2-Clause */
/* The probe device behind the MMIO transport on a bus, and a driver's hands. */
#pragma once

#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/virtio/virtio_mmio.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/probe.h"
#include "tests/lib/proves.h"
#include "tests/lib/raw_ring.h"

enum { BASE = 0x1a0000, SIZE = 8, SIZE_MAX_OF_QUEUE = 64, DATA = FAKE_HIGH + 0x8000, RUNNING = 15 };

/* Offsets as in table 4.1 of the specification, written out again on purpose. */
enum {
	MAGIC = 0x00,
	VERSION = 0x04,
	DEVICE_ID = 0x08,
	VENDOR_ID = 0x0c,
	DEVICE_FEATURES = 0x10,
	DEVICE_FEATURES_SEL = 0x14,
	DRIVER_FEATURES = 0x20,
	DRIVER_FEATURES_SEL = 0x24,
	QUEUE_SEL = 0x30,
	QUEUE_SIZE_MAX = 0x34,
	QUEUE_SIZE = 0x38,
	QUEUE_READY = 0x44,
	QUEUE_NOTIFY = 0x50,
	INTERRUPT_STATUS = 0x60,
	INTERRUPT_ACK = 0x64,
	STATUS = 0x70,
	QUEUE_DESC = 0x80,
	QUEUE_DRIVER = 0x90,
	QUEUE_DEVICE = 0xa0,
	SHM_SEL = 0xac,
	SHM_LEN = 0xb0,
	SHM_BASE = 0xb8,
	QUEUE_RESET = 0xc0,
	GENERATION = 0xfc,
	CONFIG = 0x100,
};

extern struct fake_mem mem;
extern struct probe probe;
extern struct virtio_mmio transport;
extern struct raw_ring ring;
extern bool line;             /* its level */
extern unsigned line_changes; /* since set-up */

void mmio_setup(void);
void mmio_teardown(void);

uint64_t get_wide(unsigned offset, uint8_t size);
void set_wide(unsigned offset, uint8_t size, uint64_t value);
uint32_t get(unsigned offset);
void set(unsigned offset, uint32_t value);

void negotiate(uint64_t features); /* status 0 ... FEATURES_OK; VERSION_1 is added */
void attach(unsigned queue);       /* ring's size and addresses, then QueueReady */
void start(void);                  /* all of it, with queue 0 at FAKE_HIGH; it must work */
void request(void);                /* a chain of two buffers in queue 0, and a notification */
void expect_works(void);           /* start, request, and it is answered */
