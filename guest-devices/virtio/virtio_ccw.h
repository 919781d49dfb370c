/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VIRTIO 1.4 over channel I/O (4.3): a subchannel with a proxy device behind it, the channel
 * programs that drive it, and its indicators. No guest of ours has channel hardware: whoever has
 * calls the functions below for its I/O instructions; today these are the tests.
 */
#pragma once

#include "guest-devices/virtio/ccw_program.h"
#include "guest-devices/virtio/virtio.h"

/* Condition codes of the I/O instructions. */
enum { CCW_CC_DONE, CCW_CC_STATUS_PENDING, CCW_CC_BUSY, CCW_CC_NOT_OPERATIONAL };
enum { CCW_START = 4, CCW_HALT = 2, CCW_CLEAR = 1 }; /* functions */

/* What START SUBCHANNEL says. */
struct ccw_request {
	uint32_t program; /* address of its first CCW */
	bool format1, indirect8;
};

/* What TEST SUBCHANNEL tells and takes away. */
struct ccw_status {
	uint8_t function; /* that ended; 0: unsolicited, the indicators say why */
	uint8_t device, channel;
	uint16_t residual;
	uint32_t next; /* address behind the last CCW that was fetched */
};

/* Where bits are set for the driver. */
struct ccw_indicators {
	uint64_t queues, config;           /* 64 bits each; 0: not set up */
	uint64_t summary, area, first_bit; /* for adapter interrupts; summary 0: not set up */
	uint8_t isc;
};

struct virtio_ccw_config {
	struct virtio_device *device; /* initialised; outlives it */
	const struct guest_mem *mem;
	uint32_t subchannel;                 /* its ID */
	bool legacy_too;                     /* a transitional device: revision 0 */
	void (*io_interrupt)(void *context); /* a status is pending */
	void (*adapter_interrupt)(void *context, uint8_t isc);
	void *context;
};

struct virtio_ccw {
	struct virtio_ccw_config config;
	bool enabled, busy, pending;
	bool waiting; /* for the device's reset, with which the command ends */
	int revision; /* -1: not set */
	uint8_t sense;
	struct ccw_status status;
	struct ccw_program program; /* while busy */
	struct ccw_indicators indicators;
};

void virtio_ccw_init(struct virtio_ccw *ccw, const struct virtio_ccw_config *config);

/* MODIFY SUBCHANNEL: enabled or not. The revision is forgotten either way. */
int virtio_ccw_enable(struct virtio_ccw *ccw, bool enabled);
int virtio_ccw_start(struct virtio_ccw *ccw, const struct ccw_request *request);
int virtio_ccw_test(struct virtio_ccw *ccw, struct ccw_status *status);
/* The program that is under way ends; what the device does for it goes on. */
int virtio_ccw_halt(struct virtio_ccw *ccw);
int virtio_ccw_clear(struct virtio_ccw *ccw);

/*
 * Diagnose 500 (4.3.3.2): subcode in GPR 1, subchannel in the low half of GPR 2, notification data
 * in GPR 3, the last answer or anything in GPR 4. The answer for GPR 2: a cookie, or negative.
 */
#define CCW_DIAGNOSE_NOTIFY 3
int64_t virtio_ccw_diagnose(struct virtio_ccw *const *all, unsigned count, const uint64_t gprs[4]);

/* --- inside the transport --- */
enum ccw_result virtio_ccw_execute(void *context, struct ccw_program *program);
/* A command that sets indicators; data is what was transmitted. */
enum ccw_result virtio_ccw_set_indicators(struct virtio_ccw *ccw, uint8_t code,
                                          const uint8_t *data);
void virtio_ccw_queue_interrupt(void *context, unsigned queue);
void virtio_ccw_config_interrupt(void *context);
void virtio_ccw_unsolicited(struct virtio_ccw *ccw); /* an interrupt, unless one is pending */
