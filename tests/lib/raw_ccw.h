/* SPDX-License-Identifier: BSD-2-Clause */
/* A channel-program driver: writes CCWs and their data into guest storage, starts them and takes
 * the status, and obeys nothing it is not told to. Format 1, 31-bit addresses. */
#pragma once

#include "guest-devices/virtio/virtio_ccw.h"
#include "guest-devices/virtio/virtio_ccw_commands.h"
#include "tests/lib/fake_mem.h"

enum { RAW_CCW_PROGRAM = 0x1000, RAW_CCW_DATA = 0x2000 }; /* where it puts things */

struct raw_ccw {
	struct fake_mem *mem;
	struct virtio_ccw *ccw;
	struct ccw_status status; /* of the last program */
	unsigned interrupts, adapter_interrupts;
	uint8_t isc;
};

/* The far ends of its wires, with the raw_ccw as context. */
void raw_ccw_io_interrupt(void *context);
void raw_ccw_adapter_interrupt(void *context, uint8_t isc);

/* CCW number n at RAW_CCW_PROGRAM. */
void raw_ccw_put(struct raw_ccw *raw, unsigned n, uint8_t code, uint8_t flags, uint16_t count,
                 uint32_t address);
/* Start at RAW_CCW_PROGRAM and take the status; the condition code of START SUBCHANNEL. */
int raw_ccw_go(struct raw_ccw *raw);

/* One command with its data at RAW_CCW_DATA; data is copied there and, what it is then, back. */
void raw_ccw_command(struct raw_ccw *raw, uint8_t code, void *data, uint16_t count, uint8_t flags);
bool raw_ccw_ok(const struct raw_ccw *raw);       /* channel end and device end, nothing else */
bool raw_ccw_rejected(const struct raw_ccw *raw); /* unit check; and sense says command reject */

/* Single commands; false: rejected, or another status. */
bool raw_ccw_revision(struct raw_ccw *raw, uint16_t revision);
bool raw_ccw_set_status(struct raw_ccw *raw, uint8_t status);
uint8_t raw_ccw_get_status(struct raw_ccw *raw);
uint32_t raw_ccw_features(struct raw_ccw *raw, uint8_t index);
bool raw_ccw_set_features(struct raw_ccw *raw, uint8_t index, uint32_t features);
bool raw_ccw_indicator(struct raw_ccw *raw, uint8_t code, uint64_t address);
bool raw_ccw_adapter(struct raw_ccw *raw, uint64_t summary, uint64_t area, uint64_t bit,
                     uint8_t isc);
bool raw_ccw_queue(struct raw_ccw *raw, uint16_t queue, uint16_t size, uint64_t desc,
                   uint64_t driver, uint64_t device);
bool raw_ccw_queue_legacy(struct raw_ccw *raw, uint16_t queue, uint16_t size, uint64_t address,
                          uint32_t align);
