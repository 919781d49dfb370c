/* SPDX-License-Identifier: BSD-2-Clause */
/* Console device (VIRTIO 1.4, 5.3): one port, back-pressure both ways, emergency write. */
#pragma once

#include "guest-devices/backend.h"
#include "guest-devices/port.h"
#include "guest-devices/virtio/virtio.h"

struct virtio_console_config {
	const char *name;            /* "alpha console"; outlives the device */
	const struct guest_mem *mem; /* outlives the device */
	void *timer_scope;           /* whom its timers belong to: struct port_timer */
};

struct virtio_console_stats {
	uint64_t rx_bytes, tx_bytes, tx_dropped /* chains that were no output */;
};

/* Embedded by the owner, who changes nothing in it but joins end. */
struct virtio_console {
	struct virtio_device device; /* for the transport */
	struct char_end end;         /* towards whoever shows the output and types */
	struct virtqueue queues[2];  /* receiveq(port 0), transmitq(port 0) */
	uint8_t space[12];           /* struct virtio_console_config of 5.3.4 */
	struct port_timer later;
	bool starved;  /* input was refused; tell the peer when buffers come */
	bool sending;  /* out holds a chain that the peer has not taken in full */
	bool working;  /* inside the output loop */
	uint32_t sent; /* bytes of it that the peer took */
	struct vq_chain out, in;
	struct virtio_console_stats stats;
};

/* Any content before; the device is ready to be given to a transport and its end to a peer. */
void virtio_console_init(struct virtio_console *console,
                         const struct virtio_console_config *config);
