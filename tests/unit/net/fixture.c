/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/net/fixture.h"

#include <string.h>

const uint8_t guest_mac[6] = {0x52, 0x54, 0, 0, 0, 1}, other_mac[6] = {0x52, 0x54, 0, 0, 0, 2};
struct rig rig;
struct virtio_net net;
struct test_end far;

static bool end_receive(struct net_end *at, const struct net_packet *packet)
{
	struct test_end *end = (struct test_end *)at;
	unsigned i = end->count % 64;

	if (end->count == end->refuse_after)
		return false;
	end->count++;
	end->offloads[i] = packet->offload;
	end->sizes[i] = packet->size;
	end->big_size = packet->size;
	cr_assert(net_packet_copy(packet, 0, end->big, packet->size));
	memcpy(end->frames[i], end->big, packet->size < 4096 ? packet->size : 4096);
	return true;
}

static void end_ready(struct net_end *at)
{
	((struct test_end *)at)->ready++;
}

static void end_address(struct net_end *end, const uint8_t mac[6])
{
	struct test_end *self = (struct test_end *)end;

	memcpy(self->address, mac, 6);
	self->told++;
}

void end_init(struct test_end *end, bool csum, uint32_t gso)
{
	memset(end, 0, sizeof(*end));
	end->refuse_after = UINT32_MAX;
	end->end = (struct net_end){.receive = end_receive,
	                            .peer_ready = end_ready,
	                            .peer_address = end_address,
	                            .accepts_csum = csum,
	                            .accepts_ecn = true,
	                            .accepts_gso = gso};
}

static void setup(struct virtio_net_config config, uint64_t features)
{
	rig_init(&rig);
	config.name = "test net0";
	config.mem = &rig.mem.mem;
	memcpy(config.mac, guest_mac, 6);
	virtio_net_init(&net, &config);
	end_init(&far, true, ~0u);
	net_cable_join(&net.end, &far.end);
	rig_plug(&rig, &net.device);
	cr_assert(rig_start(&rig, features));
	far.ready = 0;
}

void net_setup_with(uint64_t features, uint16_t mtu)
{
	setup((struct virtio_net_config){.mtu = mtu}, features);
}

void net_setup_pairs(uint64_t features, unsigned pairs)
{
	setup((struct virtio_net_config){.queues = pairs}, features);
}

void net_setup(void)
{
	net_setup_with(ALL_FEATURES, 0);
}

void net_teardown(void)
{
	rig_free(&rig);
}

void send_pieces(const struct tx_header *header, const uint8_t *frame, size_t size, size_t piece)
{
	struct rig_buffer buffers[256];
	uint32_t total = (uint32_t)(HEADER + size), first = piece ? (uint32_t)piece : HEADER;
	uint64_t at = rig_alloc(&rig, total);
	unsigned count = 0;
	uint16_t head, back = 0;
	uint32_t written = 0;

	memcpy(rig_at(&rig, at, HEADER), header, HEADER);
	memcpy(rig_at(&rig, at + HEADER, size), frame, size);
	for (uint32_t done = 0; done < total; count++) {
		uint32_t n = count == 0 || piece ? first : total - done;

		n = n < total - done ? n : total - done;
		buffers[count] = (struct rig_buffer){at + done, n, false};
		done += n;
	}
	head = rig_offer(&rig, TX, buffers, count);
	rig_kick(&rig, TX);
	cr_assert(rig_used(&rig, TX, &back, &written));
	cr_assert(back == head && written == 0);
}

uint64_t offer_buffers(unsigned count, uint32_t size)
{
	uint64_t first = rig_alloc(&rig, count * size);

	for (unsigned i = 0; i < count; i++)
		rig_offer(&rig, RX, &(struct rig_buffer){first + i * size, size, true}, 1);
	rig_kick(&rig, RX);
	return first;
}

bool deliver(const uint8_t *frame, size_t size, const struct net_offload *offload)
{
	struct blk_span span = {(void *)(uintptr_t)frame, size};
	struct net_packet packet = {.spans = &span, .span_count = 1, .size = size};

	if (offload)
		packet.offload = *offload;
	return net_send(&far.end, &packet) == NET_SENT;
}

size_t tcp_frame(uint8_t *frame, size_t data, uint8_t flags)
{
	static uint8_t pattern[65536];
	struct test_packet packet = {.from = IP(10, 0, 0, 1),
	                             .to = IP(10, 0, 0, 2),
	                             .protocol = 6,
	                             .from_port = 1000,
	                             .to_port = 2000,
	                             .tcp_flags = flags,
	                             .data = pattern,
	                             .size = data};

	for (size_t i = 0; i < data; i++)
		pattern[i] = (uint8_t)(i ^ i >> 8);
	memcpy(packet.from_mac, guest_mac, 6);
	memcpy(packet.to_mac, other_mac, 6);
	return test_frame(frame, &packet);
}

struct net_offload tso_offload(uint8_t *frame, size_t size, uint16_t gso_size)
{
	uint8_t pseudo[12] = {0};

	memcpy(pseudo, frame + ETH + 12, 8);
	pseudo[9] = 6;
	test_put16(pseudo + 10, (uint32_t)(size - ETH - 20));
	test_put16(frame + ETH + 20 + 16, (uint16_t)~reference_checksum(0, pseudo, 12));
	return (struct net_offload){.needs_csum = true,
	                            .gso_type = gso_size ? NET_GSO_TCPV4 : NET_GSO_NONE,
	                            .gso_size = gso_size,
	                            .csum_start = ETH + 20,
	                            .csum_offset = 16};
}

struct tx_header tso_header(uint8_t *frame, size_t size, uint16_t gso_size)
{
	struct net_offload offload = tso_offload(frame, size, gso_size);

	return (struct tx_header){.flags = NEEDS_CSUM,
	                          .gso_type = offload.gso_type,
	                          .gso_size = offload.gso_size,
	                          .csum_start = offload.csum_start,
	                          .csum_offset = offload.csum_offset};
}

unsigned control_queue(void)
{
	return net.device.queue_limit - 1;
}

uint8_t command_result(uint8_t class, uint8_t number, const void *data, size_t size,
                       uint8_t *result, uint32_t result_size, uint32_t *written)
{
	uint64_t in = rig_alloc(&rig, (uint32_t)size + 2), out = rig_alloc(&rig, 1 + result_size);
	uint8_t *bytes = rig_at(&rig, in, size + 2), *answer = rig_at(&rig, out, 1 + result_size);
	unsigned queue = control_queue();
	uint16_t head;

	bytes[0] = class;
	bytes[1] = number;
	if (size)
		memcpy(bytes + 2, data, size);
	memset(answer, ACK_NONE, 1 + result_size);
	rig_offer(
	    &rig, queue,
	    (struct rig_buffer[]){{in, (uint32_t)size + 2, false}, {out, 1 + result_size, true}},
	    2);
	rig_kick(&rig, queue);
	cr_assert(rig_used(&rig, queue, &head, written));
	if (result)
		memcpy(result, answer + 1, result_size);
	return answer[0];
}

uint8_t command(uint8_t class, uint8_t number, const void *data, size_t size)
{
	uint32_t written;
	uint8_t ack = command_result(class, number, data, size, NULL, 0, &written);

	cr_assert_eq(written, 1);
	return ack;
}
