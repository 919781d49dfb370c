/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Console device (VIRTIO 1.4, 5.3): one port, or several that are told about over control queues;
 * back-pressure both ways, size of the screen, emergency write. Port 0 is the console.
 */
#pragma once

#include "guest-devices/backend.h"
#include "guest-devices/port.h"
#include "guest-devices/virtio/virtio.h"

#define VIRTIO_CONSOLE_PORTS  4
#define VIRTIO_CONSOLE_QUEUES (2 * VIRTIO_CONSOLE_PORTS + 2)
#define VIRTIO_CONSOLE_NAME   64 /* most bytes of a port's name */

struct virtio_console_config {
	const char *name;            /* "alpha console"; outlives the device */
	const struct guest_mem *mem; /* outlives the device */
	uint16_t cols, rows;         /* of the screen; 0: unknown, not offered */
	unsigned ports;              /* 1..VIRTIO_CONSOLE_PORTS; 0: one, without control queues */
	const char
	    *names[VIRTIO_CONSOLE_PORTS]; /* for the guest, may be NULL; outlive the device */
	void *timer_scope;                /* whom its timers belong to: struct port_timer */
};

struct virtio_console_stats {
	uint64_t rx_bytes, tx_bytes, tx_dropped /* chains that were no output */;
	uint64_t control_ignored; /* messages that mean nothing */
};

struct virtio_console;

struct virtio_console_port {
	struct virtio_console *owner;
	unsigned number;
	const char *name;
	struct char_end end; /* towards whoever shows the output and types */
	struct port_timer later;
	bool starved;  /* input was refused; tell the peer when buffers come */
	bool sending;  /* out holds a chain that the peer has not taken in full */
	bool working;  /* inside the output loop */
	uint32_t sent; /* bytes of it that the peer took */
	struct vq_chain out;
	/* control */
	bool plugged;     /* the port is to be there */
	bool added;       /* the driver was told so, and not yet that it is gone */
	bool open;        /* our side */
	bool driver_open; /* the driver's side */
	uint32_t to_tell; /* messages that wait for a buffer: bits, sent in their order */
};

/* Embedded by the owner, who changes nothing in it but joins the ports' ends. */
struct virtio_console {
	struct virtio_device device; /* for the transport */
	struct virtqueue queues[VIRTIO_CONSOLE_QUEUES];
	struct virtio_console_port ports[VIRTIO_CONSOLE_PORTS];
	unsigned port_count;
	bool ready;        /* the driver listens to messages about ports */
	uint8_t space[12]; /* struct virtio_console_config of 5.3.4 */
	struct port_timer control_later;
	struct vq_chain in; /* scratch: input and control messages */
	struct virtio_console_stats stats;
};

/* Any content before; the device is ready to be given to a transport and its ports to peers. All
 * ports are plugged and open. */
void virtio_console_init(struct virtio_console *console,
                         const struct virtio_console_config *config);

/* The end of a port that is to be joined. */
static inline struct char_end *virtio_console_end(struct virtio_console *console, unsigned port)
{
	return &console->ports[port].end;
}

/* The screen has another size: the driver is told. Nothing if none was given at init. */
void virtio_console_resize(struct virtio_console *console, uint16_t cols, uint16_t rows);
/* Our side of a port other than 0 opens or closes; the port comes or goes. For a driver without
 * several ports nothing changes. */
void virtio_console_open(struct virtio_console *console, unsigned port, bool open);
void virtio_console_plug(struct virtio_console *console, unsigned port, bool plugged);
