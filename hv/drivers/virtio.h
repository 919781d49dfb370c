/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver's side of virtio without a transport (VIRTIO 1.4, 3.1): a port is a device's registers
 * behind a table of operations. The same code drives the nested host's devices and, in tests, the
 * project's own. Start-up order: virtio_port_begin, virtio_port_queue for each queue,
 * virtio_port_go.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hv/drivers/virtio_ring.h"

#define VIRTIO_PORT_QUEUES 8 /* queues of a device that a driver can use */
/* What the ring in virtio_ring.h can use; ask for them unless a test has reasons not to. */
#define RING_FEATURES    (1ull << 28 | 1ull << 29) /* INDIRECT_DESC, EVENT_IDX */
#define RING_F_PACKED    (1ull << 34)
#define VIRTIO_PORT_GONE 0xff /* status of a device that is no longer there */

struct virtio_port;

/* A transport. None of them waits. */
struct virtio_port_ops {
	uint8_t (*status)(struct virtio_port *port);
	void (*set_status)(struct virtio_port *port, uint8_t status);
	uint64_t (*features)(struct virtio_port *port);
	void (*set_features)(struct virtio_port *port, uint64_t features);
	/* Most entries of a queue; 0: there is no such queue. */
	unsigned (*queue_size)(struct virtio_port *port, unsigned queue);
	/* Give the ring to the device and enable the queue; its interrupt goes to `vector`. */
	int (*queue_enable)(struct virtio_port *port, unsigned queue, const struct ring *ring);
	void (*notify)(struct virtio_port *port, unsigned queue);
	/* Device configuration: size 1, 2 or 4, aligned; all ones outside of it. */
	uint32_t (*config_read)(struct virtio_port *port, unsigned offset, unsigned size);
	uint32_t (*generation)(struct virtio_port *port);
};

struct virtio_port {
	const struct virtio_port_ops *ops;
	const char *name;    /* "virtio-net 00:03.0", for messages */
	uint64_t features;   /* negotiated, after virtio_port_begin */
	uint64_t dma_offset; /* device address = pointer + dma_offset; 0 on a real machine */
};

/*
 * Reset the device and agree on features: the offered ones out of `wanted` (VERSION_1 is always
 * wanted and required). ERR_UNSUPPORTED: one of `required` is not offered, or the device refuses
 * the set; ERR_IO: it does not come out of reset. The log says which; the device is left FAILED.
 */
int virtio_port_begin(struct virtio_port *port, uint64_t wanted, uint64_t required);

/*
 * Set queue number `queue` up with a new ring of at most size_max entries (a power of two) in
 * memory, which has ring_bytes(size_max, true) bytes. ERR_NOT_FOUND: the device has no such queue;
 * ERR_IO: it refuses; as above.
 */
int virtio_port_queue(struct virtio_port *port, unsigned queue, struct ring *ring, void *memory,
                      unsigned size_max);

/* DRIVER_OK. ERR_IO: the device says at once that it cannot go on. */
int virtio_port_go(struct virtio_port *port);

/* Notify the device if it waits for what was added to the ring. */
void virtio_port_kick(struct virtio_port *port, unsigned queue, struct ring *ring);

/* Stop the device: it touches no memory afterwards. ERR_IO: it does not come out of reset. */
int virtio_port_reset(struct virtio_port *port);
/* Log why, set FAILED. Returns ERR_IO. */
int virtio_port_fail(struct virtio_port *port, const char *why);
/* Is the device gone, or has it asked for a reset? Reads a register. */
bool virtio_port_ill(struct virtio_port *port);

/* Copy device configuration at its width, repeated until it holds still (2.5.1): size 1, 2, 4, 8 */
uint64_t virtio_port_config(struct virtio_port *port, unsigned offset, unsigned size);
