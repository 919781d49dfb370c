/* SPDX-License-Identifier: BSD-2-Clause */
/* The console device's life and its configuration structure. */
#include "guest-devices/virtio/console.h"

#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/console_parts.h"

#define DEVICE_TYPE 3

enum { /* struct virtio_console_config, 5.3.4 */
       SPACE_COLS = 0,
       SPACE_ROWS = 2,
       SPACE_PORTS = 4,
       SPACE_EMERG = 8,
};

static struct virtio_console *of_device(struct virtio_device *device)
{
	return (void *)((char *)device - offsetof(struct virtio_console, device));
}

/* The port that has this queue; NULL: it is a control queue. */
static struct virtio_console_port *port_of(struct virtio_console *console, unsigned queue)
{
	if (queue == CONSOLE_CONTROL_RX || queue == CONSOLE_CONTROL_TX)
		return NULL;
	return &console->ports[queue < 2 ? 0 : queue / 2 - 1];
}

static void negotiated(struct virtio_device *device)
{
	if (!virtio_has(device, CONSOLE_F_MULTIPORT))
		device->queue_limit = 2;
}

static void start(struct virtio_device *device)
{
	struct virtio_console *console = of_device(device);

	for (unsigned i = 0; i < console->port_count; i++)
		if (vport_rx(i) < device->queue_limit)
			vport_feed(&console->ports[i]);
}

static void notify(struct virtio_device *device, unsigned queue)
{
	struct virtio_console *console = of_device(device);
	struct virtio_console_port *port = port_of(console, queue);

	if (!port)
		vport_listen(console); /* and say what is to be said */
	else if (queue & 1)
		vport_send(port);
	else
		vport_feed(port);
}

static void control_later(void *context)
{
	struct virtio_console *console = context;

	if (virtio_running(&console->device))
		vport_listen(console);
}

static void reset(struct virtio_device *device)
{
	struct virtio_console *console = of_device(device);

	port_timer_set(&console->control_later, UINT64_MAX);
	for (unsigned i = 0; i < console->port_count; i++) {
		port_timer_set(&console->ports[i].later, UINT64_MAX);
		console->ports[i].sending = false;
	}
	vport_control_reset(console);
}

static void drain(struct virtio_device *device, unsigned queue)
{
	struct virtio_console_port *port = port_of(of_device(device), queue);

	if (port && (queue & 1))
		vport_drain(port);
}

/* 5.3.4: the lower byte of emerg_wr is output, before and after set-up; it reads as 0. */
static void config_write(struct virtio_device *device, size_t offset, const void *from, size_t size)
{
	struct virtio_console *console = of_device(device);

	(void)size;
	if (offset != SPACE_EMERG)
		virtio_misuse(device);
	else if (char_send(&console->ports[0].end, from, 1))
		console->stats.tx_bytes++;
}

static const struct virtio_ops ops = {
    .reset = reset,
    .negotiated = negotiated,
    .start = start,
    .notify = notify,
    .config_write = config_write,
    .drain = drain,
};

static void set_size(struct virtio_console *console, uint16_t cols, uint16_t rows)
{
	le16_put(console->space + SPACE_COLS, cols);
	le16_put(console->space + SPACE_ROWS, rows);
}

void virtio_console_resize(struct virtio_console *console, uint16_t cols, uint16_t rows)
{
	if (!(console->device.offered & CONSOLE_F_SIZE))
		return;
	set_size(console, cols, rows);
	virtio_config_changed(&console->device);
	if (console->ports[0].added)
		vport_tell(&console->ports[0], TELL_RESIZE);
}

void virtio_console_open(struct virtio_console *console, unsigned number, bool open)
{
	struct virtio_console_port *port = &console->ports[number];

	port->open = open;
	if (port->added)
		vport_tell(port, TELL_OPEN);
}

/* V14-CONSOLE-004: only what was added is removed. */
void virtio_console_plug(struct virtio_console *console, unsigned number, bool plugged)
{
	struct virtio_console_port *port = &console->ports[number];

	if (port->plugged == plugged)
		return;
	port->plugged = plugged;
	if (!plugged && port->added) {
		vport_drain(port);
		vport_tell(port, TELL_REMOVE);
	} else if (!plugged) {
		port->to_tell = 0; /* it was to be added */
	} else if (!port->added) {
		vport_tell(port, TELL_ADD);
	}
}

static void port_init(struct virtio_console_port *port, struct virtio_console *console,
                      const struct virtio_console_config *config)
{
	port->owner = console;
	port->number = (unsigned)(port - console->ports);
	port->name = config->names[port->number];
	port->end = (struct char_end){.receive = vport_receive, .peer_ready = vport_peer_ready};
	port->later =
	    (struct port_timer){.fire = vport_later, .context = port, .scope = config->timer_scope};
	port->plugged = port->open = true;
}

void virtio_console_init(struct virtio_console *console, const struct virtio_console_config *config)
{
	bool several = config->ports > 0;

	memset(console, 0, sizeof(*console));
	console->port_count = several ? config->ports : 1;
	for (unsigned i = 0; i < console->port_count; i++)
		port_init(&console->ports[i], console, config);
	console->control_later = (struct port_timer){
	    .fire = control_later, .context = console, .scope = config->timer_scope};
	set_size(console, config->cols, config->rows);
	le32_put(console->space + SPACE_PORTS, several ? config->ports : 0);
	console->device = (struct virtio_device){
	    .ops = &ops,
	    .name = config->name,
	    .type = DEVICE_TYPE,
	    .offered = CONSOLE_F_EMERG_WRITE | (config->cols ? CONSOLE_F_SIZE : 0) |
	               (several ? CONSOLE_F_MULTIPORT : 0),
	    .config = console->space,
	    .config_size = sizeof(console->space),
	    .queues = console->queues,
	    .queue_count = several ? 2 * config->ports + 2 : 2,
	};
	virtio_init(&console->device, config->mem, VQ_SIZE_MAX);
}
