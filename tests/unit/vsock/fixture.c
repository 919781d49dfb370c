/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vsock/fixture.h"

#include <string.h>

struct vsock_guest guests[GUESTS];
unsigned chosen;
struct wire wire;

static enum vsock_sent send(struct vsock_backend *backend, const struct vsock_packet *packet,
                            const struct blk_span *spans, unsigned count)
{
	uint32_t size = 0;

	(void)backend;
	if (wire.answer != VSOCK_SENT)
		return wire.answer;
	if (wire.room-- == 0) {
		wire.room = 0;
		return VSOCK_WAIT;
	}
	for (unsigned i = 0; i < count; i++) {
		if (!wire.forgets) {
			cr_assert_leq(wire.size + spans[i].size, sizeof(wire.data));
			memcpy(wire.data + wire.size, spans[i].data, spans[i].size);
		}
		wire.size += (uint32_t)spans[i].size;
		size += (uint32_t)spans[i].size;
	}
	cr_assert_eq(size, packet->size);
	wire.last = *packet;
	wire.sent++;
	return VSOCK_SENT;
}

static void up(struct vsock_backend *backend, bool is_up)
{
	(void)backend;
	*(is_up ? &wire.ups : &wire.downs) += 1;
}

static void ready(struct vsock_backend *backend)
{
	(void)backend;
	wire.ready++;
}

static void give_up(struct vsock_backend *backend, uint32_t cid)
{
	(void)backend;
	wire.gave_up = cid;
}

void vsock_plug(struct vsock_backend *backend, uint64_t features)
{
	rig_init(&rig);
	cr_assert(
	    virtio_vsock_init(&the_vsock, &(struct virtio_vsock_config){.name = "test vsock0",
	                                                                .mem = &rig.mem.mem,
	                                                                .backend = backend,
	                                                                .cid = OWN + chosen}));
	rig_plug(&rig, &the_vsock.device);
	cr_assert(rig_start(&rig, features));
}

void vsock_setup_with(uint64_t features)
{
	memset(&wire, 0, sizeof(wire));
	wire.backend = (struct vsock_backend){send, up, ready, give_up};
	wire.room = UINT32_MAX;
	vsock_plug(&wire.backend, features);
}

void vsock_setup(void)
{
	vsock_setup_with(F_ALL);
}

void vsock_teardown(void)
{
	rig_free(&rig);
}

struct header packet(uint16_t op)
{
	return (struct header){.src_cid = OWN + chosen,
	                       .dst_cid = PEER,
	                       .src_port = HERE,
	                       .dst_port = THERE,
	                       .type = VSOCK_STREAM,
	                       .op = op,
	                       .buf_alloc = 100};
}

bool transmit(const struct header *header, const void *data, uint32_t size)
{
	struct rig_buffer chain[] = {{TX_AT, HEADER, false}, {TX_AT + 0x1000, size, false}};
	uint32_t written = 0;
	uint16_t head, back = 0;

	memcpy(rig_at(&rig, TX_AT, HEADER), header, HEADER);
	if (size > 0)
		memset(rig_at(&rig, TX_AT + 0x1000, size), 0, size);
	if (data)
		memcpy(rig_at(&rig, TX_AT + 0x1000, size), data, size);
	head = rig_offer(&rig, VSOCK_TX, chain, size > 0 ? 2 : 1);
	rig_kick(&rig, VSOCK_TX);
	if (!rig_used(&rig, VSOCK_TX, &back, &written))
		return false;
	cr_assert(back == head && written == 0);
	return true;
}

bool transmit_op(uint16_t op)
{
	struct header header = packet(op);

	return transmit(&header, NULL, 0);
}

void give(unsigned count, uint32_t size)
{
	for (unsigned i = 0; i < count; i++)
		rig_offer(
		    &rig, VSOCK_RX,
		    &(struct rig_buffer){RX_AT + 0x1000ull * rig.next_desc[VSOCK_RX], size, true},
		    1);
	rig_kick(&rig, VSOCK_RX);
}

void give_one(void)
{
	if (rig.rings[VSOCK_RX].avail_idx == raw_used_idx(&rig.rings[VSOCK_RX]))
		give(1, 64);
}

bool got(struct header *header, uint8_t *data)
{
	uint32_t written;
	uint16_t head;

	do
		if (!rig_used(&rig, VSOCK_RX, &head, &written))
			return false;
	while (written == 0);
	cr_assert_geq(written, HEADER);
	memcpy(header, rig_at(&rig, RX_AT + 0x1000ull * head, HEADER), HEADER);
	cr_assert_eq(header->len, written - HEADER);
	if (data)
		memcpy(data, rig_at(&rig, RX_AT + 0x1000ull * head + HEADER, header->len),
		       header->len);
	return true;
}

void expect_reset(uint16_t type)
{
	struct header header;

	cr_assert(got(&header, NULL), "there is no RST");
	cr_expect(header.op == VSOCK_RST && header.type == type && header.len == 0);
	cr_expect(header.src_cid == PEER && header.src_port == THERE);
	cr_expect(header.dst_cid == OWN && header.dst_port == HERE);
	cr_expect_not(got(&header, NULL), "a second packet");
}

struct vsock_packet incoming(uint16_t op)
{
	return (struct vsock_packet){.src_cid = PEER,
	                             .dst_cid = OWN,
	                             .src_port = THERE,
	                             .dst_port = HERE,
	                             .type = VSOCK_STREAM,
	                             .op = op,
	                             .buf_alloc = 4096,
	                             .fwd_cnt = 7};
}

enum vsock_sent receive(struct vsock_packet in, const void *data)
{
	uint32_t taken = 0;

	return virtio_vsock_receive(&the_vsock, &in, data, &taken);
}

void open_flow(uint16_t type)
{
	struct header header = packet(VSOCK_REQUEST);
	struct vsock_packet in = incoming(VSOCK_RESPONSE);

	header.type = in.type = type;
	cr_assert(transmit(&header, NULL, 0));
	cr_assert_eq(wire.last.op, VSOCK_REQUEST);
	give(1, 128);
	cr_assert_eq(receive(in, NULL), VSOCK_SENT);
	cr_assert(got(&header, NULL) && header.op == VSOCK_RESPONSE);
}
