/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/virtio/console.h"

#include <string.h>

#include "guest-devices/virtio/work.h"

#define DEVICE_TYPE   3
#define F_EMERG_WRITE (1 << 2)
#define SPACE_EMERG   8 /* emerg_wr in struct virtio_console_config, 5.3.4 */
#define PIECE         256

enum { RX, TX };

static struct virtio_console *of_device(struct virtio_device *device)
{
	return (void *)((char *)device - offsetof(struct virtio_console, device));
}

static struct virtio_console *of_end(struct char_end *end)
{
	return (void *)((char *)end - offsetof(struct virtio_console, end));
}

/* Bytes of the chain in hand to the peer; false: it took less than all, peer_ready() goes on. */
static bool send_chain(struct virtio_console *console)
{
	uint8_t piece[PIECE];

	while (console->sent < console->out.read_size) {
		size_t size = vq_read(&console->out, console->sent, piece, sizeof(piece));
		size_t taken = char_send(&console->end, piece, size);

		console->sent += (uint32_t)taken;
		console->stats.tx_bytes += taken;
		if (taken < size)
			return false;
	}
	return true;
}

static bool next_output(struct virtio_console *console, struct work *work)
{
	if (!console->sending && !work_next(work, &console->out))
		return false;
	if (!console->sending) {
		console->sending = true;
		console->sent = 0;
		work_spend(work, console->out.read_size);
	}
	if (console->out.writable > 0) /* no output at all: returned unread */
		console->stats.tx_dropped++;
	else if (!send_chain(console))
		return false;
	console->sending = false;
	vq_push(&console->queues[TX], &console->out, 0);
	return true;
}

static void send_output(struct virtio_console *console)
{
	struct work work;

	if (console->working)
		return;
	console->working = true;
	work = work_begin(&console->queues[TX], &console->later);
	while (next_output(console, &work))
		;
	console->working = false;
	virtio_notify_queue(&console->device, TX);
}

static void peer_ready(struct char_end *end)
{
	struct virtio_console *console = of_end(end);

	if (virtio_running(&console->device))
		send_output(console);
}

/* Input: as much as the driver has buffers for. */
static size_t receive(struct char_end *end, const uint8_t *data, size_t size)
{
	struct virtio_console *console = of_end(end);
	struct virtqueue *vq = &console->queues[RX];
	struct work work = {vq, &console->later, WORK_BUDGET};
	size_t taken = 0;

	while (virtio_running(&console->device) && taken < size && work_next(&work, &console->in)) {
		const struct vq_chain *chain = &console->in;
		/* a chain with readable buffers is no room for input: returned unwritten */
		size_t n = chain->readable ? 0 : vq_write(chain, 0, data + taken, size - taken);

		vq_push(vq, chain, (uint32_t)n);
		taken += n;
	}
	console->stats.rx_bytes += taken;
	console->starved = taken < size;
	if (virtio_running(&console->device))
		virtio_notify_queue(&console->device, RX);
	return taken;
}

/* Room came: kicks are not needed again before the next refusal. */
static void feed(struct virtio_console *console)
{
	vq_want_kicks(&console->queues[RX], false);
	if (console->starved) {
		console->starved = false;
		char_ready(&console->end);
	}
}

static void later(void *context)
{
	struct virtio_console *console = context;

	if (!virtio_running(&console->device))
		return;
	feed(console);
	send_output(console);
}

static void start(struct virtio_device *device)
{
	feed(of_device(device));
}

static void notify(struct virtio_device *device, unsigned queue)
{
	if (queue == RX)
		feed(of_device(device));
	else
		send_output(of_device(device));
}

static void reset(struct virtio_device *device)
{
	struct virtio_console *console = of_device(device);

	port_timer_set(&console->later, UINT64_MAX);
	console->sending = false;
}

/* 5.3.4: the lower byte of emerg_wr is output, before and after set-up; it reads as 0. */
static void config_write(struct virtio_device *device, size_t offset, const void *from, size_t size)
{
	struct virtio_console *console = of_device(device);

	if (offset != SPACE_EMERG || size == 0)
		virtio_misuse(device);
	else if (char_send(&console->end, from, 1))
		console->stats.tx_bytes++;
}

static const struct virtio_ops ops = {
    .reset = reset,
    .start = start,
    .notify = notify,
    .config_write = config_write,
};

void virtio_console_init(struct virtio_console *console, const struct virtio_console_config *config)
{
	memset(console, 0, sizeof(*console));
	console->end = (struct char_end){.receive = receive, .peer_ready = peer_ready};
	console->later =
	    (struct port_timer){.fire = later, .context = console, .scope = config->timer_scope};
	console->device = (struct virtio_device){
	    .ops = &ops,
	    .name = config->name,
	    .type = DEVICE_TYPE,
	    .offered = F_EMERG_WRITE,
	    .config = console->space,
	    .config_size = sizeof(console->space),
	    .queues = console->queues,
	    .queue_count = 2,
	};
	virtio_init(&console->device, config->mem, VQ_SIZE_MAX);
}
