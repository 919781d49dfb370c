/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network device over both rings: commands and frames with a meaning, and without; its peer
 * takes or refuses frames and sends some of any size.
 * Planted: guest-devices/virtio/net_steer.c: " || length > NET_HASH_KEY ||"
 * becomes " ||"
 */
#include "guest-devices/virtio/net.h"

#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/net_offload.h"
#include "guest-devices/virtio/net_header.h"
#include "tests/fuzz/frame.h"

static struct virtio_net net;
static struct net_end peer;
static bool refuses;
static struct fuzz_frame frame;

static bool receive(struct net_end *end, const struct net_packet *packet)
{
	volatile uint8_t sum = 0;
	size_t size = 0;

	(void)end;
	for (unsigned i = 0; i < packet->span_count; i++) {
		const uint8_t *data = packet->spans[i].data;

		for (size_t at = 0; at < packet->spans[i].size; at++)
			sum = (uint8_t)(sum + data[at]);
		size += packet->spans[i].size;
	}
	if (size != packet->size || size > NET_FRAME_MAX)
		__builtin_trap();
	return !refuses;
}

static void create(struct fuzz *fuzz)
{
	memset(&net, 0, sizeof(net));
	uint8_t how = fuzz_u8(fuzz);

	refuses = false;
	peer = (struct net_end){
	    .receive = receive, .accepts_csum = how & 1, .accepts_gso = how & 2 ? ~0u : 0};
	virtio_net_init(&net, &(struct virtio_net_config){
	                          .name = "net",
	                          .mem = &fuzz->mem.mem,
	                          .mac = {0x52, 0x56, 0, 0, 0, 2},
	                          .mtu = how & 4 ? 1500 : 0,
	                          .speed = 1000,
	                          .any_source = how & 8,
	                          .queues = how & 16 ? 4 : 1,
	                          .timer_scope = fuzz,
	                      });
	net_cable_join(&net.end, &peer);
	virtio_offer(&net.device, VIRTIO_F_RING_PACKED);
	fuzz->device = &net.device;
}

/* ---- requests with a meaning ---- */

/* Where the driver puts them. */
enum { COMMAND = 0x80000, ACK = 0x81000, HEADER = 0x82000, FRAME = 0xa0000 };

static void put(struct fuzz *fuzz, uint64_t at, const void *bytes, size_t size)
{
	guest_mem_write(&fuzz->mem.mem, at, bytes, size);
}

/* Class and command in one byte; the control queue is the last one, or the third. */
static void command(struct fuzz *fuzz, uint8_t how)
{
	uint8_t bytes[2 + 63], what = fuzz_u8(fuzz);
	uint32_t size = 2 + (fuzz_u8(fuzz) & 63), room = fuzz_u16(fuzz) & 0xfff;
	unsigned queue = how & 4 ? 2 : fuzz->device->queue_count - 1;
	struct raw_piece pieces[] = {{COMMAND, size, 0}, {ACK, 1 + room, RAW_WRITE}};

	bytes[0] = what >> 4;
	bytes[1] = what & 15;
	fuzz_bytes(fuzz, bytes + 2, size - 2);
	put(fuzz, COMMAND, bytes, size);
	if (how & 8) /* a key, a table: as long as it says, zeroes behind */
		pieces[0].len = fuzz_u16(fuzz) & 0xfff;
	fuzz_offer(fuzz, queue, pieces, 2);
	fuzz_kick(fuzz, queue);
}

static void transmit(struct fuzz *fuzz, uint8_t how)
{
	uint8_t header[NET_HEADER_MAX] = {0};
	const struct net_offload *offload = &frame.offload;
	unsigned queue = how & 4 ? 3 : 1;
	struct raw_piece pieces[2];

	fuzz_frame_make(fuzz, &frame);
	header[0] = offload->needs_csum;
	header[1] = (uint8_t)(offload->gso_type | (how & 0x80));
	le16_put(header + 2, offload->hdr_len);
	le16_put(header + 4, offload->gso_size);
	le16_put(header + 6, offload->csum_start);
	le16_put(header + 8, offload->csum_offset);
	put(fuzz, HEADER, header, sizeof(header));
	put(fuzz, FRAME, frame.bytes, frame.size);
	pieces[0] = (struct raw_piece){HEADER, net_header_size(fuzz->device->features), 0};
	pieces[1] = (struct raw_piece){FRAME, (uint32_t)frame.size, 0};
	fuzz_offer(fuzz, queue, pieces, 2);
	fuzz_kick(fuzz, queue);
}

static void request(struct fuzz *fuzz)
{
	uint8_t how = fuzz_u8(fuzz);

	(how & 1 ? transmit : command)(fuzz, how);
}

/* ---- outside ---- */

/* A frame whose first bytes are the input's. */
static void make_any(struct fuzz *fuzz)
{
	frame.size = 14 + fuzz_u16(fuzz) % 66000;
	frame.offload = (struct net_offload){0};
	fuzz_bytes(fuzz, frame.bytes, 64);
	if (frame.size < 100 && frame.size > 54)
		frame.offload =
		    (struct net_offload){.needs_csum = true, .csum_start = 34, .csum_offset = 16};
}

/* What a peer hands over is valid by contract. */
static void send(struct fuzz *fuzz, uint8_t what)
{
	struct blk_span spans[2];
	struct net_packet packet = {.spans = spans, .span_count = 2};

	if (what & 8)
		fuzz_frame_make(fuzz, &frame);
	else
		make_any(fuzz);
	spans[0] = (struct blk_span){frame.bytes, 14};
	spans[1] = (struct blk_span){frame.bytes + 14, frame.size - 14};
	packet.size = frame.size;
	packet.offload = frame.offload;
	if (!net_offload_check(&packet))
		packet.offload = (struct net_offload){0};
	net_send(&peer, &packet);
}

static void event(struct fuzz *fuzz, uint8_t what)
{
	switch (what & 3) {
	case 0:
		refuses = !refuses;
		if (!refuses && net.end.peer_ready)
			net.end.peer_ready(&net.end);
		break;
	case 1:
		virtio_net_link(&net, what & 4);
		if (what & 8)
			virtio_net_announce(&net);
		break;
	default:
		send(fuzz, what);
	}
}

const struct fuzz_target fuzz_target = {.create = create, .event = event, .own = request};
