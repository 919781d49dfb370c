/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device to learn from: it answers requests about a text. guest-devices/adding-a-device.md walks
 * through it. One queue; little-endian; a request is a chain:
 *
 *	readable: le32 operation, then the text
 *	writable: u8 status, then the result
 */
#pragma once

#include "guest-devices/port.h"
#include "guest-devices/virtio/virtio.h"

/* The specification has given nobody this ID. It wants experiments to count down from 65535, which
 * not every transport has room for; 63 is the last that all of them can say (4.1.2). */
#define EXAMPLE_DEVICE_TYPE 63

#define EXAMPLE_F_UPPER  (1ull << 0) /* the driver may ask for EXAMPLE_UPPER */
#define EXAMPLE_TEXT_MAX 4096        /* bytes of a text; what config says is at most this */

enum {                    /* operation */
       EXAMPLE_SUM = 0,   /* le32: the sum of the text's bytes */
       EXAMPLE_UPPER = 1, /* the text, with a-z as A-Z */
};
enum { /* status; no result but with OK */
       EXAMPLE_OK = 0,
       EXAMPLE_UNKNOWN = 1, /* no such operation, or it was not negotiated */
       EXAMPLE_INVALID = 2, /* no operation, text too long, or no room for the result */
};

struct virtio_example_config {
	const char *name;            /* "alpha example0"; outlives the device */
	const struct guest_mem *mem; /* outlives the device */
	void *timer_scope;           /* whom its timers belong to: struct port_timer */
	uint32_t text_max;           /* 1 to EXAMPLE_TEXT_MAX */
};

/* Embedded by the owner, who changes nothing in it. */
struct virtio_example {
	struct virtio_device device; /* for the transport */
	struct virtqueue queue;
	struct port_timer later;
	uint32_t text_max;
	uint8_t space[4]; /* device configuration: le32 text_max */
	struct vq_chain chain;
	uint8_t text[EXAMPLE_TEXT_MAX]; /* of the request at hand, our own copy */
};

/* Any content before; the device is ready to be given to a transport. */
void virtio_example_init(struct virtio_example *example,
                         const struct virtio_example_config *config);

/* Other texts are allowed from now on, also while a driver runs; it is told. */
void virtio_example_set_text_max(struct virtio_example *example, uint32_t text_max);
