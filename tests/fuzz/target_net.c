/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network device over both rings; its peer takes or refuses frames and sends some of any size
 * with any offload word.
 * Planted: guest-devices/virtio/net_steer.c: " || length > NET_HASH_KEY ||"
 * becomes " ||"
 */
#include "guest-devices/virtio/net.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static struct virtio_net net;
static struct net_end peer;
static bool refuses;
static uint8_t frame[70000];

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
	                          .any_source = how & 8,
	                          .queues = how & 16 ? 4 : 1,
	                          .timer_scope = fuzz,
	                      });
	net_cable_join(&net.end, &peer);
	virtio_offer(&net.device, VIRTIO_F_RING_PACKED);
	fuzz->device = &net.device;
}

/* A frame whose first bytes are the input's. What a peer hands over is valid by contract. */
static void send(struct fuzz *fuzz)
{
	size_t size = 14 + fuzz_u16(fuzz) % 66000;
	struct blk_span spans[2] = {{frame, 14}, {frame + 14, size - 14}};
	struct net_packet packet = {.spans = spans, .span_count = 2, .size = size};

	fuzz_bytes(fuzz, frame, 64);
	if (size < 100 && size > 54)
		packet.offload =
		    (struct net_offload){.needs_csum = true, .csum_start = 34, .csum_offset = 16};
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
		break;
	default:
		send(fuzz);
	}
}

const struct fuzz_target fuzz_target = {.create = create, .event = event};
