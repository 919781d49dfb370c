/* SPDX-License-Identifier: BSD-2-Clause */
/* What the console device's files share; for nobody else. */
#pragma once

#include "guest-devices/virtio/console.h"

/* Feature bits, 5.3.3. */
#define CONSOLE_F_SIZE        (1ull << 0)
#define CONSOLE_F_MULTIPORT   (1ull << 1)
#define CONSOLE_F_EMERG_WRITE (1ull << 2)

/* Queues, 5.3.2. */
enum { CONSOLE_CONTROL_RX = 2, CONSOLE_CONTROL_TX = 3 };
static inline unsigned vport_rx(unsigned port)
{
	return port ? 2 * port + 2 : 0;
}
static inline unsigned vport_tx(unsigned port)
{
	return vport_rx(port) + 1;
}

/* --- console_port.c: bytes --- */
size_t vport_receive(struct char_end *end, const uint8_t *data, size_t size);
void vport_peer_ready(struct char_end *end);
void vport_feed(struct virtio_console_port *port); /* buffers for input came */
void vport_send(struct virtio_console_port *port); /* output came */
/* The chain in hand is given back; what the peer has not taken of it is lost. */
void vport_drain(struct virtio_console_port *port);
void vport_later(void *context); /* a struct virtio_console_port */

/* --- console_control.c: messages about ports (5.3.6.2) --- */
/* Messages to the driver, in the order in which they are sent. */
enum {
	TELL_ADD = 1 << 0,
	TELL_CONSOLE = 1 << 1,
	TELL_NAME = 1 << 2,
	TELL_RESIZE = 1 << 3,
	TELL_OPEN = 1 << 4,
	TELL_REMOVE = 1 << 5,
};
void vport_tell(struct virtio_console_port *port, uint32_t messages); /* bits */
void vport_tell_all(struct virtio_console *console); /* what waits, as far as there are buffers */
void vport_listen(struct virtio_console *console);   /* messages came */
void vport_control_reset(struct virtio_console *console);
