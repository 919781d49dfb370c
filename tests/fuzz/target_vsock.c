/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The socket device over both rings; its peers answer requests, ask for flows themselves, send more
 * and less than was announced, go away, and have no room now and then. Whatever the driver says, it
 * never gets more than it announced.
 * Planted: guest-devices/virtio/vsock_tx.c: "(tx->op == VSOCK_REQUEST &&"
 * becomes "(tx->op != VSOCK_RST &&"
 */
#include "guest-devices/virtio/vsock.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum { OWN = 5, PEER = 9, HEADER = VIRTIO_VSOCK_HEADER };

static struct virtio_vsock vsock;
static struct vsock_packet last; /* from the driver, to be answered */
static unsigned room;
static bool is_up;

static enum vsock_sent send(struct vsock_backend *backend, const struct vsock_packet *packet,
                            const struct blk_span *spans, unsigned count)
{
	volatile uint8_t sum = 0;
	size_t size = 0;

	(void)backend;
	if (!is_up || packet->src_cid != vsock.cid)
		__builtin_trap();
	if (room == 0)
		return VSOCK_WAIT;
	if (packet->dst_cid == 0)
		return VSOCK_NOBODY;
	room--;
	for (unsigned i = 0; i < count; i++) {
		const uint8_t *data = spans[i].data;

		for (size_t at = 0; at < spans[i].size; at++)
			sum = (uint8_t)(sum + data[at]);
		size += spans[i].size;
	}
	if (size != packet->size || size > VIRTIO_VSOCK_PIECE)
		__builtin_trap();
	last = *packet;
	return VSOCK_SENT;
}

static void up(struct vsock_backend *backend, bool now)
{
	(void)backend;
	is_up = now;
}

static void ready(struct vsock_backend *backend)
{
	(void)backend;
}

static void give_up(struct vsock_backend *backend, uint32_t cid)
{
	(void)backend;
	(void)cid;
}

static struct vsock_backend backend = {send, up, ready, give_up};

static void create(struct fuzz *fuzz)
{
	memset(&last, 0, sizeof(last));
	room = 20;
	is_up = false;
	virtio_vsock_init(&vsock, &(struct virtio_vsock_config){
	                              .name = "vsock",
	                              .mem = &fuzz->mem.mem,
	                              .backend = &backend,
	                              .cid = OWN,
	                              .timer_scope = fuzz,
	                          });
	virtio_offer(&vsock.device, VIRTIO_F_RING_PACKED);
	fuzz->device = &vsock.device;
}

/* To the flow that the driver used last, or of the input's choice. */
static void receive(struct fuzz *fuzz, uint8_t what)
{
	static uint8_t data[5000];
	struct vsock_packet packet = {
	    .src_cid = what & 0x40 ? PEER + (what & 1) : last.dst_cid,
	    .dst_cid = vsock.cid,
	    .src_port = what & 0x40 ? fuzz_u8(fuzz) : last.dst_port,
	    .dst_port = what & 0x40 ? fuzz_u8(fuzz) : last.src_port,
	    .type = what & 0x80 ? VSOCK_SEQPACKET : VSOCK_STREAM,
	    .op = what >> 3 & 7,
	    .flags = what & 3,
	    .buf_alloc = fuzz_u16(fuzz),
	};
	uint32_t taken = 0;

	if (packet.op == VSOCK_RW)
		packet.size = fuzz_u16(fuzz) % sizeof(data);
	virtio_vsock_receive(&vsock, &packet, data, &taken);
	if (taken > packet.size)
		__builtin_trap();
}

static void event(struct fuzz *fuzz, uint8_t what)
{
	if ((what & 7) == 7) {
		virtio_vsock_transport_reset(&vsock, OWN + (what >> 7));
		return;
	}
	if (!is_up)
		return;
	if ((what & 7) == 6) {
		room = what >> 3;
		if (room > 0)
			virtio_vsock_room(&vsock);
	} else if ((what & 7) == 5) {
		virtio_vsock_gone(&vsock, what & 8 ? last.dst_cid : PEER);
	} else {
		receive(fuzz, what);
	}
}

/* The lists hold what the table holds, and the driver never more than it announced. */
static void settle(struct fuzz *fuzz)
{
	(void)fuzz;
	if (is_up || vsock.opened || vsock.lost || vsock.reply_count)
		__builtin_trap();
}

const struct fuzz_target fuzz_target = {.create = create, .event = event, .settle = settle};
