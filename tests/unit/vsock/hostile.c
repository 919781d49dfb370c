/* SPDX-License-Identifier: BSD-2-Clause */
/* What drivers and peers do wrong, or too often. */
#include <string.h>

#include "tests/unit/vsock/fixture.h"

TestSuite(vsock_hostile, .init = vsock_setup, .fini = vsock_teardown, .timeout = 60);

static void expect_dropped(const struct header *header)
{
	struct header back;
	unsigned sent = wire.sent;

	give(2, 128);
	cr_expect(transmit(header, NULL, 16));
	cr_expect_eq(wire.sent, sent);
	cr_expect_not(got(&back, NULL));
	cr_expect_not(rig_status(&rig) & VIRTIO_NEEDS_RESET);
}

Test(vsock_hostile, VS_001_a_foreign_source)
{
	static const uint64_t foreign[] = {0, 1, 2, PEER, 1ull << 32, 1ull << 63, OWN | 1ull << 32};

	for (unsigned i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		struct header header = packet(VSOCK_REQUEST);

		header.src_cid = foreign[i];
		expect_dropped(&header);
	}
}

Test(vsock_hostile, VS_003_a_length_beyond_the_chain)
{
	static const uint32_t lengths[] = {17, 4096, 0x80000000, 0xffffffff - HEADER, 0xffffffff};

	open_flow(VSOCK_STREAM);
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct header header = packet(VSOCK_RW);

		header.len = lengths[i];
		expect_dropped(&header);
	}
}

/* Any cut of header and data means the same; less than a header is nothing. */
Test(vsock_hostile, VS_004_a_header_in_pieces_and_a_short_one)
{
	struct header header = packet(VSOCK_RW);
	uint32_t written;
	uint16_t head;

	open_flow(VSOCK_STREAM);
	header.len = 3;
	for (uint32_t cut = 1; cut <= HEADER + 2; cut++) {
		uint8_t *bytes = rig_at(&rig, TX_AT, HEADER + 3);

		memcpy(bytes, &header, HEADER);
		memcpy(bytes + HEADER, "abc", 3);
		wire.size = 0;
		rig_offer(&rig, VSOCK_TX,
		          (struct rig_buffer[]){{TX_AT, cut, false},
		                                {TX_AT + cut, HEADER + 3 - cut, false}},
		          2);
		rig_kick(&rig, VSOCK_TX);
		cr_assert(rig_used(&rig, VSOCK_TX, &head, &written));
		cr_expect(wire.size == 3 && memcmp(wire.data, "abc", 3) == 0, "cut at %u", cut);
	}
	unsigned sent = wire.sent;
	for (uint32_t size = 1; size < HEADER; size++) {
		rig_offer(&rig, VSOCK_TX, &(struct rig_buffer){TX_AT, size, false}, 1);
		rig_kick(&rig, VSOCK_TX);
		cr_assert(rig_used(&rig, VSOCK_TX, &head, &written));
	}
	rig_offer(&rig, VSOCK_TX, &(struct rig_buffer){TX_AT, HEADER, true}, 1);
	rig_kick(&rig, VSOCK_TX);
	cr_assert(rig_used(&rig, VSOCK_TX, &head, &written) && written == 0);
	cr_expect_eq(wire.sent, sent);
}

PROVES("V14-VSOCK-008")
Test(vsock_hostile, VS_005_unknown_types_are_reset)
{
	static const uint16_t types[] = {0, 3, 4, 0x101, 0xffff};

	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		for (uint16_t op = 0; op < 10; op++) {
			struct header header = packet(op);

			header.type = types[i];
			give(1, 128);
			cr_assert(transmit(&header, NULL, 0));
			expect_reset(types[i]);
		}
	}
	cr_expect_eq(wire.sent, 0);
}

Test(vsock_hostile, VS_005_unknown_operations_are_reset)
{
	static const uint16_t ops[] = {0, 8, 9, 0x105, 0xffff};

	for (unsigned i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		unsigned sent = wire.sent;

		give(1, 128);
		cr_assert(transmit_op(ops[i]));
		expect_reset(VSOCK_STREAM);
		cr_expect_eq(wire.sent, sent);
		open_flow(VSOCK_STREAM);
		give(1, 128);
		cr_assert(transmit_op(ops[i]));
		expect_reset(VSOCK_STREAM);
		cr_expect_eq(wire.last.op, VSOCK_RST, "the peer hears of it too");
	}
}

/* The peer has no room for the RST at first: both hear of it all the same, once. */
Test(vsock_hostile, VS_005_a_reset_that_has_to_wait)
{
	open_flow(VSOCK_STREAM);
	give(2, 128);
	wire.room = 0;
	cr_expect_not(transmit_op(0));
	wire.room = UINT32_MAX;
	virtio_vsock_room(&the_vsock);
	cr_expect_eq(wire.last.op, VSOCK_RST);
	expect_reset(VSOCK_STREAM);
}

Test(vsock_hostile, VS_005_a_reset_that_waits_while_the_peer_resets)
{
	struct header header;

	open_flow(VSOCK_STREAM);
	give(3, 128);
	wire.room = 0;
	cr_expect_not(transmit_op(0));
	cr_expect_eq(receive(incoming(VSOCK_RST), NULL), VSOCK_SENT);
	wire.room = UINT32_MAX;
	virtio_vsock_room(&the_vsock);
	cr_expect_eq(rig_used_count(&rig, VSOCK_TX), 1);
	cr_assert(got(&header, NULL));
	cr_expect_eq(header.op, VSOCK_RST);
	cr_expect_not(got(&header, NULL));
}

Test(vsock_hostile, operations_out_of_turn_end_the_flow)
{
	static const uint16_t wrong[] = {VSOCK_REQUEST, VSOCK_RESPONSE};
	struct header header;

	for (unsigned i = 0; i < 2; i++) {
		open_flow(VSOCK_STREAM);
		give(1, 128);
		cr_assert(transmit_op(wrong[i]));
		expect_reset(VSOCK_STREAM);
		cr_expect_eq(wire.last.op, VSOCK_RST);
	}
	open_flow(VSOCK_STREAM);
	header = packet(VSOCK_RW);
	header.type = VSOCK_SEQPACKET;
	give(1, 128);
	cr_assert(transmit(&header, NULL, 0));
	expect_reset(VSOCK_STREAM);
	cr_assert(transmit_op(VSOCK_REQUEST));
	give(1, 128);
	cr_assert(transmit_op(VSOCK_RW), "nobody has answered yet");
	expect_reset(VSOCK_STREAM);
}

Test(vsock_hostile, what_the_peer_does_out_of_turn_ends_the_flow)
{
	static const uint16_t wrong[] = {VSOCK_REQUEST, VSOCK_RESPONSE};

	for (unsigned i = 0; i < 2; i++) {
		open_flow(VSOCK_STREAM);
		give(1, 128);
		cr_expect_eq(receive(incoming(wrong[i]), NULL), VSOCK_NOBODY);
		expect_reset(VSOCK_STREAM);
	}
	open_flow(VSOCK_STREAM);
	struct vsock_packet in = incoming(VSOCK_RW);
	in.type = VSOCK_SEQPACKET;
	give(1, 128);
	cr_expect_eq(receive(in, NULL), VSOCK_NOBODY);
	expect_reset(VSOCK_STREAM);
}

/* Neither backwards nor ahead: believed is only what can be. */
Test(vsock_hostile, VS_008_forwarded_counts_that_cannot_be)
{
	static const uint32_t lies[] = {101, 1u << 31, (1u << 31) + 40, UINT32_MAX, 39};
	static uint8_t data[100];
	struct vsock_packet in = incoming(VSOCK_RW);
	struct header header, update = packet(VSOCK_CREDIT_UPDATE);

	open_flow(VSOCK_STREAM);
	give(4, 256);
	in.size = 100;
	cr_assert_eq(receive(in, data), VSOCK_SENT);
	cr_assert(got(&header, NULL));
	update.fwd_cnt = 40;
	cr_assert(transmit(&update, NULL, 0));
	for (unsigned i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		update.fwd_cnt = lies[i];
		cr_assert(transmit(&update, NULL, 0));
		cr_expect_eq(wire.last.fwd_cnt, 40);
	}
	update.fwd_cnt = 40;
	update.buf_alloc = 10; /* less than what is in use: there is no room, and not a lot */
	cr_assert(transmit(&update, NULL, 0));
	in.size = 1;
	cr_expect_eq(receive(in, data), VSOCK_NOBODY);
	expect_reset(VSOCK_STREAM);
}

Test(vsock_hostile, VS_008_no_buffer_and_the_largest_one)
{
	static uint8_t data[1000];
	struct vsock_packet in = incoming(VSOCK_RW);
	struct header header, update = packet(VSOCK_CREDIT_UPDATE);

	open_flow(VSOCK_STREAM);
	update.buf_alloc = UINT32_MAX;
	cr_assert(transmit(&update, NULL, 0));
	give(2, 2048);
	in.size = 1000;
	cr_expect_eq(receive(in, data), VSOCK_SENT);
	cr_assert(got(&header, NULL));
	update.buf_alloc = 0;
	cr_assert(transmit(&update, NULL, 0));
	in.size = 0;
	cr_expect_eq(receive(in, data), VSOCK_SENT);
	cr_assert(got(&header, NULL));
	in.size = 1;
	give(1, 128);
	cr_expect_eq(receive(in, data), VSOCK_NOBODY);
}

/* More than a guest may have is refused, and all is there again after a reset. */
Test(vsock_hostile, VS_009_requests_without_end)
{
	for (unsigned round = 0; round < 2; round++) {
		struct header header = packet(VSOCK_REQUEST), back;
		unsigned sent = wire.sent, refused = 0;

		for (unsigned n = 0; n < 5000; n++) {
			header.src_port = n;
			give_one();
			cr_assert(transmit(&header, NULL, 0));
			if (!got(&back, NULL))
				continue;
			cr_assert(back.op == VSOCK_RST && back.dst_port == n);
			refused++;
		}
		cr_expect_eq(wire.sent - sent, VIRTIO_VSOCK_OPENED);
		cr_expect_eq(refused, 5000 - VIRTIO_VSOCK_OPENED);
		cr_assert(rig_start(&rig, F_ALL));
	}
}

/* One peer does not take the places of others, and of the guest's own flows. */
Test(vsock_hostile, VS_009_requests_of_peers)
{
	struct vsock_packet in = incoming(VSOCK_REQUEST);
	struct header header;

	for (uint32_t cid = 10; cid < 10 + VIRTIO_VSOCK_PEERS + 1; cid++) {
		unsigned taken = 0;

		in.src_cid = cid;
		for (in.src_port = 0; in.src_port < 100; in.src_port++) {
			give_one();
			taken += receive(in, NULL) == VSOCK_SENT;
		}
		cr_expect_eq(taken, cid < 10 + VIRTIO_VSOCK_PEERS ? VIRTIO_VSOCK_PEER_FLOWS : 0);
		while (got(&header, NULL))
			;
	}
	cr_assert(transmit_op(VSOCK_REQUEST));
	cr_expect_eq(wire.last.op, VSOCK_REQUEST);
	in.src_cid = 10;
	in.src_port = 3;
	in.op = VSOCK_RST;
	give(2, 64);
	cr_expect_eq(receive(in, NULL), VSOCK_SENT);
	in.op = VSOCK_REQUEST;
	in.src_port = 1000;
	cr_expect_eq(receive(in, NULL), VSOCK_SENT, "one went, one may come");
}

static void peer(uint32_t cid, uint16_t op)
{
	struct vsock_packet in = incoming(op);
	struct header header;

	in.src_cid = cid;
	give_one();
	cr_assert_eq(receive(in, NULL), VSOCK_SENT, "%u: %u", cid, op);
	cr_assert(got(&header, NULL) && header.op == op);
}

/* In an order in which entries of before are in the way. */
Test(vsock_hostile, VS_009_peers_that_come_and_go)
{
	peer(10, VSOCK_REQUEST);
	peer(11, VSOCK_REQUEST);
	peer(10, VSOCK_RST);
	peer(11, VSOCK_RST);
	for (unsigned n = 0; n < 100; n++) {
		peer(11, VSOCK_REQUEST);
		peer(11, VSOCK_RST);
	}
}

/* The guest takes nothing: as many answers are kept as there is room for, then its packets stay in
 * the ring; none is lost. */
PROVES("V14-VSOCK-004")
Test(vsock_hostile, VS_010_tx_goes_on_without_rx_buffers)
{
	struct header header = packet(VSOCK_RW), back;
	unsigned used = 0, answers = 0;

	for (unsigned n = 0; n < VIRTIO_VSOCK_REPLIES + 10; n++) {
		header.src_port = n;
		memcpy(rig_at(&rig, TX_AT + 64 * n, HEADER), &header, HEADER);
		rig_offer(&rig, VSOCK_TX, &(struct rig_buffer){TX_AT + 64 * n, HEADER, false}, 1);
		rig_kick(&rig, VSOCK_TX);
	}
	used = rig_used_count(&rig, VSOCK_TX);
	cr_expect_eq(used, VIRTIO_VSOCK_REPLIES);
	for (unsigned n = 0; n < VIRTIO_VSOCK_REPLIES + 10; n++) {
		give(1, 64);
		while (got(&back, NULL))
			cr_expect_eq(back.dst_port, answers++, "in order");
	}
	cr_expect_eq(answers, VIRTIO_VSOCK_REPLIES + 10);
	cr_expect_eq(rig_used_count(&rig, VSOCK_TX), VIRTIO_VSOCK_REPLIES + 10);
}

/* The same with packets that are passed on: they need none of the guest's buffers. */
PROVES("V14-VSOCK-004")
Test(vsock_hostile, VS_010_what_is_passed_on_needs_no_buffer)
{
	struct header header = packet(VSOCK_RW);

	open_flow(VSOCK_STREAM);
	header.len = 8;
	for (unsigned n = 0; n < 500; n++)
		cr_assert(transmit(&header, "12345678", 8));
	cr_expect_eq(wire.size, 4000);
}

Test(vsock_hostile, VS_011_buffers_that_are_too_small)
{
	struct vsock_packet in = incoming(VSOCK_RW);
	struct header header;
	uint32_t written;
	uint16_t head;

	open_flow(VSOCK_STREAM);
	give(3, 1);
	give(2, HEADER - 1);
	give(2, HEADER); /* room for a packet, not for data */
	rig_offer(&rig, VSOCK_RX, &(struct rig_buffer){RX_AT, 1000, false}, 1);
	rig_kick(&rig, VSOCK_RX);
	in.size = 2;
	cr_expect_eq(receive(in, "ab"), VSOCK_WAIT);
	cr_expect_eq(rig_used_count(&rig, VSOCK_RX), 8);
	while (rig_used(&rig, VSOCK_RX, &head, &written))
		cr_expect_eq(written, 0);
	give(1, HEADER + 2);
	cr_expect_eq(receive(in, "ab"), VSOCK_SENT);
	cr_expect(got(&header, NULL) && header.len == 2);
}

Test(vsock_hostile, VS_013_a_message_without_an_end)
{
	struct header header = packet(VSOCK_RW);

	open_flow(VSOCK_SEQPACKET);
	header.type = VSOCK_SEQPACKET;
	give(1, 128);
	for (unsigned n = 0; n < VIRTIO_VSOCK_FRAGMENTS; n++) {
		cr_assert(transmit(&header, NULL, 0));
		cr_assert_eq(wire.last.op, VSOCK_RW);
	}
	cr_assert(transmit(&header, NULL, 0));
	cr_expect_eq(wire.last.op, VSOCK_RST);
	expect_reset(VSOCK_SEQPACKET);
	open_flow(VSOCK_SEQPACKET);
	for (unsigned n = 0; n < 2 * VIRTIO_VSOCK_FRAGMENTS; n++) {
		header.flags = n % 2 ? VSOCK_SEQ_EOM : 0;
		cr_assert(transmit(&header, NULL, 0));
	}
	cr_expect_eq(wire.last.op, VSOCK_RW);
}

/* The back-end knows nobody of that CID: hv/vsock refuses it. */
Test(vsock_hostile, VS_014_addresses_that_nobody_has)
{
	static const uint64_t nobody[] = {PEER | 1ull << 32, 1ull << 63, UINT64_MAX};

	for (unsigned i = 0; i < 3; i++) {
		struct header header = packet(VSOCK_REQUEST), back;

		header.dst_cid = nobody[i];
		give(1, 128);
		cr_assert(transmit(&header, NULL, 0));
		cr_assert(got(&back, NULL));
		cr_expect(back.op == VSOCK_RST && back.src_cid == nobody[i]);
	}
	cr_expect_eq(wire.sent, 0);
}

/* All of the peer's flows at once, and the guest has buffers for a few at a time. */
Test(vsock_hostile, VS_016_a_peer_goes_with_a_thousand_flows)
{
	struct header header = packet(VSOCK_REQUEST), back;
	unsigned resets = 0;

	for (unsigned n = 0; n < 1000; n++) {
		header.src_port = n;
		header.dst_cid = n % 10 ? PEER : PEER + 1;
		cr_assert(transmit(&header, NULL, 0));
	}
	virtio_vsock_gone(&the_vsock, PEER);
	for (unsigned n = 0; n < 300; n++) {
		give(5, 64);
		while (got(&back, NULL)) {
			cr_assert(back.op == VSOCK_RST && back.src_cid == PEER);
			resets++;
		}
	}
	cr_expect_eq(resets, 900);
	cr_expect_eq(the_vsock.opened, 100);
	cr_expect_eq(the_vsock.lost, 0);
}

Test(vsock_hostile, a_broken_ring_stops_the_device_alone)
{
	open_flow(VSOCK_STREAM);
	rig_offer(&rig, VSOCK_TX, &(struct rig_buffer){UINT64_MAX - 8, HEADER, false}, 1);
	rig_kick(&rig, VSOCK_TX);
	cr_expect(rig_status(&rig) & VIRTIO_NEEDS_RESET);
	cr_expect_eq(receive(incoming(VSOCK_CREDIT_UPDATE), NULL), VSOCK_WAIT);
	virtio_vsock_room(&the_vsock);
	cr_assert(rig_start(&rig, F_ALL));
	open_flow(VSOCK_STREAM);
}

Test(vsock_hostile, nothing_is_left_after_a_reset)
{
	open_flow(VSOCK_STREAM);
	wire.room = 0;
	cr_expect_not(transmit_op(VSOCK_CREDIT_UPDATE));
	rig_reset(&rig);
	cr_expect_null(fake_port.timers);
	cr_expect(virtio_idle(&the_vsock.device));
	cr_expect(the_vsock.opened == 0 && the_vsock.lost == 0 && the_vsock.reply_count == 0);
	fake_port_advance(10 * VIRTIO_VSOCK_STALL_NS);
	cr_expect_eq(wire.gave_up, 0);
}
