/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/vsock/vsock.h"

#include <stdatomic.h>
#include <string.h>

#include <arch/pages.h>

#include "hv/record_ring.h"
#include "hv/vsock/host.h"

#define SHARE            16 /* packets of one lane in one turn */
#define PAGES_FOR(bytes) (((bytes) + PAGE_SIZE - 1) / PAGE_SIZE)

enum { HYPERVISOR = CONFIG_VMS, SOURCES }; /* from where a guest gets packets, else a guest */

/* From one guest to another. */
struct lane {
	struct record_ring ring;
	uint32_t taken; /* bytes of the first packet that the receiver has; the reader's */
	uint8_t bytes[VSOCK_LANE] __attribute__((aligned(RECORD_ALIGN)));
};

struct record {
	struct vsock_packet packet;
	uint8_t data[];
};

struct vsock_port {
	struct vsock_backend backend; /* first */
	struct vsock_port_config config;
	_Atomic bool up;      /* the guest's driver is there */
	_Atomic bool room;    /* a lane that it found full has room again */
	_Atomic bool pausing; /* more lies ready, for the timer */
	struct port_timer pause;
	bool delivering;                /* not inside itself */
	unsigned turn;                  /* which source is first next time */
	struct lane *lanes[CONFIG_VMS]; /* from each guest with a link */
	struct vsock_host host;
};

static struct vsock_port *_Atomic ports[CONFIG_VMS];
/* The other guest's port that a guest looks at just now: it is not closed under its hands. */
static struct vsock_port *_Atomic held[CONFIG_VMS];

static struct vsock_port *of_backend(struct vsock_backend *backend)
{
	return (struct vsock_port *)backend;
}

static struct vsock_port *hold(unsigned self, unsigned other)
{
	struct vsock_port *port;

	do {
		port = ports[other];
		held[self] = port;
	} while (port != ports[other]);
	return port;
}

static void let_go(unsigned self)
{
	held[self] = NULL;
}

static void wake(struct vsock_port *port)
{
	port->config.wake(port->config.context);
}

/* ---- from a guest ---- */

static bool push(struct lane *lane, const struct vsock_packet *packet, const struct blk_span *spans,
                 unsigned count)
{
	struct record *record =
	    record_ring_reserve(&lane->ring, (uint32_t)sizeof(*record) + packet->size);
	size_t at = 0;

	if (!record)
		return false;
	record->packet = *packet;
	for (unsigned i = 0; i < count && spans[i].size <= packet->size - at; i++) {
		memcpy(record->data + at, spans[i].data, spans[i].size);
		at += spans[i].size;
	}
	memset(record->data + at, 0, packet->size - at);
	record_ring_commit(&lane->ring, record);
	return true;
}

static enum vsock_sent pass(struct vsock_port *port, unsigned to, const struct vsock_packet *packet,
                            const struct blk_span *spans, unsigned count)
{
	struct vsock_port *peer = hold(port->config.guest, to);
	enum vsock_sent result = VSOCK_NOBODY;

	if (peer && peer->up)
		result = push(peer->lanes[port->config.guest], packet, spans, count) ? VSOCK_SENT
		                                                                     : VSOCK_WAIT;
	if (result == VSOCK_SENT && !peer->pausing)
		wake(peer);
	let_go(port->config.guest);
	return result;
}

static enum vsock_sent send(struct vsock_backend *backend, const struct vsock_packet *packet,
                            const struct blk_span *spans, unsigned count)
{
	struct vsock_port *port = of_backend(backend);

	if (packet->dst_cid == VSOCK_HOST_CID)
		return vsock_host_send(&port->host, packet, spans, count);
	for (unsigned i = 0; i < CONFIG_VMS; i++) {
		if (!port->lanes[i] || port->config.links[i] != packet->dst_cid)
			continue;
		if (packet->op == VSOCK_REQUEST && !(port->config.connects & 1u << i))
			return VSOCK_NOBODY;
		return pass(port, i, packet, spans, count);
	}
	return VSOCK_NOBODY;
}

/* What the guest has sent is void, and its flows with that one. */
static void cut(struct vsock_port *port, unsigned to)
{
	struct vsock_port *peer = hold(port->config.guest, to);

	if (peer) {
		record_ring_cut(&peer->lanes[port->config.guest]->ring);
		wake(peer);
	}
	let_go(port->config.guest);
}

/* ---- to a guest ---- */

static void tell_room(struct vsock_port *port, unsigned from)
{
	struct vsock_port *peer;

	if (!record_ring_wanted(&port->lanes[from]->ring))
		return;
	peer = hold(port->config.guest, from);
	if (peer) {
		peer->room = true;
		wake(peer);
	}
	let_go(port->config.guest);
}

/* The sender learns that there is nobody; false: there is no room to say so now. */
static bool answer(struct vsock_port *port, unsigned from, const struct vsock_packet *packet)
{
	struct vsock_packet reset = {
	    .src_cid = packet->dst_cid,
	    .dst_cid = packet->src_cid,
	    .src_port = packet->dst_port,
	    .dst_port = packet->src_port,
	    .type = packet->type,
	    .op = VSOCK_RST,
	};

	return packet->op == VSOCK_RST || pass(port, from, &reset, NULL, 0) != VSOCK_WAIT;
}

/* The first packet of the lane; false: it stays there. */
static bool deliver_one(struct vsock_port *port, unsigned from, struct record *record)
{
	struct lane *lane = port->lanes[from];
	enum vsock_sent result =
	    virtio_vsock_receive(port->config.device, &record->packet, record->data, &lane->taken);

	if (result == VSOCK_WAIT ||
	    (result == VSOCK_NOBODY && !answer(port, from, &record->packet)))
		return false;
	record_ring_pop(&lane->ring);
	lane->taken = 0;
	return true;
}

/* A share of what the lane holds; true: there is more. *some: the guest got something. */
static bool serve_lane(struct vsock_port *port, unsigned from, bool *some)
{
	struct lane *lane = port->lanes[from];
	struct record *record = NULL;
	bool go_on = true;

	*some = record_ring_take_cut(&lane->ring);
	if (*some) {
		lane->taken = 0;
		virtio_vsock_gone(port->config.device, port->config.links[from]);
	}
	for (unsigned n = 0; n < SHARE && go_on; n++) {
		record = record_ring_peek(&lane->ring);
		go_on = record && deliver_one(port, from, record);
		*some |= go_on;
	}
	if (*some)
		tell_room(port, from);
	return go_on;
}

/* The one after the first that the guest got something from is first the next time. */
static void deliver(struct vsock_port *port)
{
	bool more = false, some, first = true;
	unsigned start = port->turn;

	if (port->delivering || !port->up)
		return;
	port->delivering = true;
	for (unsigned i = 0; i < SOURCES; i++) {
		unsigned from = (start + i) % SOURCES;

		some = false;
		if (from == HYPERVISOR)
			more |= vsock_host_serve(&port->host, &some);
		else if (port->lanes[from])
			more |= serve_lane(port, from, &some);
		if (some && first)
			port->turn = (from + 1) % SOURCES;
		first &= !some;
	}
	port->delivering = false;
	if (more && !port->pausing) {
		port->pausing = true;
		port_timer_set(&port->pause, port_time_ns() + VSOCK_PAUSE_NS);
	}
}

static void pause_over(void *context)
{
	struct vsock_port *port = context;

	port->pausing = false;
	deliver(port);
}

static void ready(struct vsock_backend *backend)
{
	deliver(of_backend(backend));
}

static void give_up(struct vsock_backend *backend, uint32_t cid)
{
	struct vsock_port *port = of_backend(backend);

	for (unsigned i = 0; i < CONFIG_VMS; i++)
		if (port->lanes[i] && port->config.links[i] == cid)
			cut(port, i);
}

/* Nothing is left of the guest's flows, in lanes from it and to it. */
static void end_flows(struct vsock_port *port)
{
	port_timer_set(&port->pause, UINT64_MAX);
	port->pausing = false;
	vsock_host_reset(&port->host);
	for (unsigned i = 0; i < CONFIG_VMS; i++) {
		if (!port->lanes[i])
			continue;
		cut(port, i);
		record_ring_cut(&port->lanes[i]->ring);
		record_ring_take_cut(&port->lanes[i]->ring);
		port->lanes[i]->taken = 0;
		tell_room(port, i);
	}
}

static void up(struct vsock_backend *backend, bool is_up)
{
	struct vsock_port *port = of_backend(backend);

	port->up = is_up;
	if (!is_up)
		end_flows(port);
}

void vsock_port_cut(unsigned guest)
{
	struct vsock_port *port = ports[guest];

	if (!port || !port->up)
		return;
	virtio_vsock_transport_reset(port->config.device, port->config.cid);
	end_flows(port);
}

void vsock_poll(unsigned guest)
{
	struct vsock_port *port = ports[guest];

	if (!port)
		return;
	if (port->room && atomic_exchange(&port->room, false) && port->up)
		virtio_vsock_room(port->config.device);
	if (!port->pausing)
		deliver(port);
}

/* ---- life ---- */

static void give_back(struct vsock_port *port)
{
	for (unsigned i = 0; i < CONFIG_VMS; i++)
		if (port->lanes[i])
			pages_free(port->lanes[i], PAGES_FOR(sizeof(struct lane)));
	pages_free(port, PAGES_FOR(sizeof(*port)));
}

static bool make_lanes(struct vsock_port *port)
{
	for (unsigned i = 0; i < CONFIG_VMS; i++) {
		struct lane *lane;

		if (port->config.links[i] == 0)
			continue;
		lane = pages_alloc(PAGES_FOR(sizeof(*lane)), PAGE_SIZE);
		if (!lane)
			return false;
		lane->ring.bytes = lane->bytes;
		lane->ring.size = VSOCK_LANE;
		port->lanes[i] = lane;
	}
	return true;
}

struct vsock_backend *vsock_port_open(const struct vsock_port_config *config)
{
	struct vsock_port *port = pages_alloc(PAGES_FOR(sizeof(*port)), PAGE_SIZE);

	if (!port)
		return NULL;
	port->backend = (struct vsock_backend){send, up, ready, give_up};
	port->config = *config;
	port->pause =
	    (struct port_timer){.fire = pause_over, .context = port, .scope = config->timer_scope};
	port->host.device = config->device;
	port->host.cid = config->cid;
	port->host.describe = config->describe;
	port->host.context = config->context;
	if (!make_lanes(port)) {
		give_back(port);
		return NULL;
	}
	ports[config->guest] = port;
	return &port->backend;
}

void vsock_port_close(unsigned guest)
{
	struct vsock_port *port = ports[guest];

	if (!port)
		return;
	ports[guest] = NULL;
	for (unsigned i = 0; i < CONFIG_VMS; i++)
		while (held[i] == port)
			;
	give_back(port);
}
