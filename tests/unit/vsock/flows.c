/* SPDX-License-Identifier: BSD-2-Clause */
/* Flows from their request to their end, and what is announced on the way. */
#include <string.h>

#include "tests/lib/raw_virtio_pci.h"
#include "tests/lib/watch.h"
#include "tests/unit/vsock/fixture.h"

TestSuite(vsock, .init = vsock_setup, .fini = vsock_teardown, .timeout = 60);

PROVES("V14-VSOCK-001", "V14-VSOCK-007")
Test(vsock, all_features_are_offered_and_the_cid_is_read_only)
{
	cr_expect_eq(rig_features(&rig) & 0xff, F_ALL);
	cr_expect_eq(rig_read(&rig, rig.config, 4), OWN);
	cr_expect_eq(rig_read(&rig, rig.config + 4, 4), 0);
	rig_write(&rig, rig.config, 2, 4);
	cr_expect_eq(rig_read(&rig, rig.config, 4), OWN);
}

PROVES("V14-VSOCK-007")
Test(vsock, a_reserved_cid_is_refused)
{
	static const uint32_t reserved[] = {0, 1, 2, UINT32_MAX};
	static struct virtio_vsock other;

	for (unsigned i = 0; i < 4; i++) {
		struct virtio_vsock_config config = {
		    .name = "x", .mem = &rig.mem.mem, .backend = &wire.backend, .cid = reserved[i]};

		cr_expect_not(virtio_vsock_init(&other, &config));
		cr_expect_not(virtio_vsock_transport_reset(&the_vsock, reserved[i]));
		cr_expect_eq(rig_read(&rig, rig.config, 4), OWN);
	}
}

PROVES("V14-VSOCK-006")
Test(vsock, a_flow_from_request_to_reset)
{
	struct header header;
	uint8_t data[64];

	open_flow(VSOCK_STREAM);
	header = packet(VSOCK_RW);
	header.len = 5;
	cr_assert(transmit(&header, "hello", 5));
	cr_expect(wire.last.op == VSOCK_RW && wire.last.buf_alloc == 100 && wire.size == 5);
	cr_expect_eq(memcmp(wire.data, "hello", 5), 0);
	give(2, 128);
	struct vsock_packet in = incoming(VSOCK_RW);
	in.size = 6;
	cr_expect_eq(receive(in, "answer"), VSOCK_SENT);
	cr_assert(got(&header, data));
	cr_expect(header.len == 6 && memcmp(data, "answer", 6) == 0);
	cr_expect(header.buf_alloc == 4096 && header.fwd_cnt == 7);
	cr_expect(header.src_cid == PEER && header.dst_cid == OWN);
	cr_expect(header.src_port == THERE && header.dst_port == HERE);
	cr_assert(transmit_op(VSOCK_SHUTDOWN));
	cr_expect_eq(receive(incoming(VSOCK_RST), NULL), VSOCK_SENT);
	cr_assert(got(&header, NULL));
	cr_expect_eq(header.op, VSOCK_RST);
	give(1, 128);
	header = packet(VSOCK_RW);
	cr_assert(transmit(&header, NULL, 0));
	expect_reset(VSOCK_STREAM);
}

/* The device's own RST of a flow says what the peer said last. */
PROVES("V14-VSOCK-006")
Test(vsock, a_reset_of_a_flow_has_the_peers_figures)
{
	struct header header;

	open_flow(VSOCK_STREAM);
	give(1, 128);
	virtio_vsock_gone(&the_vsock, PEER);
	cr_assert(got(&header, NULL));
	cr_expect(header.op == VSOCK_RST && header.buf_alloc == 4096 && header.fwd_cnt == 7);
}

Test(vsock, a_peer_opens_a_flow)
{
	struct header header;

	give(2, 128);
	cr_expect_eq(receive(incoming(VSOCK_REQUEST), NULL), VSOCK_SENT);
	cr_assert(got(&header, NULL));
	cr_expect(header.op == VSOCK_REQUEST && header.buf_alloc == 4096);
	cr_expect_eq(receive(incoming(VSOCK_RW), NULL), VSOCK_NOBODY, "before the answer");
	expect_reset(VSOCK_STREAM);
	give(2, 128);
	cr_expect_eq(receive(incoming(VSOCK_REQUEST), NULL), VSOCK_SENT);
	cr_assert(transmit_op(VSOCK_RESPONSE));
	cr_expect_eq(wire.last.op, VSOCK_RESPONSE);
	cr_expect_eq(receive(incoming(VSOCK_RW), NULL), VSOCK_SENT);
}

Test(vsock, what_the_peer_sends_without_a_flow_is_refused)
{
	give(8, 128);
	for (uint16_t op = VSOCK_RESPONSE; op <= VSOCK_CREDIT_REQUEST; op++)
		cr_expect_eq(receive(incoming(op), NULL),
		             op == VSOCK_RST ? VSOCK_SENT : VSOCK_NOBODY);
	cr_expect_eq(rig_used_count(&rig, VSOCK_RX), 0);
}

/* 100 bytes were announced; what is used comes back with fwd_cnt. */
PROVES("V14-VSOCK-005")
Test(vsock, data_is_sent_only_into_announced_space)
{
	struct vsock_packet in = incoming(VSOCK_RW);
	struct header header, update = packet(VSOCK_CREDIT_UPDATE);
	static uint8_t data[128];

	open_flow(VSOCK_STREAM);
	give(3, 256);
	in.size = 60;
	cr_expect_eq(receive(in, data), VSOCK_SENT);
	in.size = 40;
	cr_expect_eq(receive(in, data), VSOCK_SENT);
	cr_assert(got(&header, data) && got(&header, data));
	update.fwd_cnt = 50;
	cr_assert(transmit(&update, NULL, 0));
	in.size = 51;
	cr_expect_eq(receive(in, data), VSOCK_NOBODY);
	expect_reset(VSOCK_STREAM);
	open_flow(VSOCK_STREAM);
	give(1, 256);
	in.size = 100;
	cr_expect_eq(receive(in, data), VSOCK_SENT);
}

Test(vsock, a_packet_is_cut_into_the_buffers_that_there_are)
{
	struct vsock_packet in = incoming(VSOCK_RW);
	uint32_t taken = 0;
	struct header header;
	uint8_t data[128], sent[100];

	for (unsigned i = 0; i < 100; i++)
		sent[i] = (uint8_t)i;
	open_flow(VSOCK_SEQPACKET);
	in.type = VSOCK_SEQPACKET;
	in.flags = VSOCK_SEQ_EOM | VSOCK_SEQ_EOR;
	in.size = 100;
	give(2, HEADER + 30);
	cr_expect_eq(virtio_vsock_receive(&the_vsock, &in, sent, &taken), VSOCK_WAIT);
	cr_expect_eq(taken, 60);
	unsigned ready = wire.ready;
	give(3, HEADER + 30);
	cr_expect_gt(wire.ready, ready, "the device says that there are buffers");
	cr_expect_eq(virtio_vsock_receive(&the_vsock, &in, sent, &taken), VSOCK_SENT);
	for (unsigned i = 0; i < 4; i++) {
		cr_assert(got(&header, data));
		cr_expect_eq(header.len, i < 3 ? 30 : 10);
		cr_expect_eq(memcmp(data, sent + 30 * i, header.len), 0);
		cr_expect_eq(header.flags, i < 3 ? 0 : 3, "the message ends with its last part");
	}
}

/* What was given to the switch once is not given again. */
Test(vsock, a_long_packet_waits_for_room_in_the_middle)
{
	static uint8_t data[60000];
	struct header header = packet(VSOCK_RW);

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 >> 3);
	open_flow(VSOCK_STREAM);
	header.len = sizeof(data);
	header.flags = VSOCK_SEQ_EOM;
	wire.room = 2;
	cr_expect_not(transmit(&header, data, sizeof(data)));
	cr_expect_eq(wire.size, 2 * VIRTIO_VSOCK_PIECE);
	cr_expect_eq(wire.last.flags, 0);
	memset(rig_at(&rig, TX_AT, HEADER), 0xff, HEADER); /* nobody reads it any more */
	fake_port_advance(VIRTIO_VSOCK_STALL_NS / 2);
	wire.room = 1;
	virtio_vsock_room(&the_vsock);
	cr_expect_eq(rig_used_count(&rig, VSOCK_TX), 0);
	fake_port_advance(VIRTIO_VSOCK_STALL_NS * 3 / 4);
	cr_expect_eq(wire.gave_up, 0, "it moved");
	wire.room = UINT32_MAX;
	virtio_vsock_room(&the_vsock);
	cr_expect_eq(rig_used_count(&rig, VSOCK_TX), 1);
	cr_expect_eq(wire.size, sizeof(data));
	cr_expect_eq(memcmp(wire.data, data, sizeof(data)), 0);
	cr_expect_eq(wire.last.flags, VSOCK_SEQ_EOM);
	cr_expect_null(fake_port.timers, "nothing waits");
}

/* One kick costs bounded time; what is left is served a little later. */
Test(vsock, more_than_a_kick_may_cost_goes_on_later)
{
	struct header header = packet(VSOCK_RW);

	open_flow(VSOCK_STREAM);
	wire.forgets = true;
	header.len = 60000;
	memcpy(rig_at(&rig, TX_AT, HEADER), &header, HEADER);
	for (unsigned i = 0; i < 100; i++)
		rig_offer(&rig, VSOCK_TX, &(struct rig_buffer){TX_AT, HEADER + 60000, false}, 1);
	rig_kick(&rig, VSOCK_TX);
	cr_expect(rig_used_count(&rig, VSOCK_TX) > 50 && rig_used_count(&rig, VSOCK_TX) < 90);
	fake_port_advance(1);
	cr_expect_eq(rig_used_count(&rig, VSOCK_TX), 100);
	cr_expect_eq(wire.size, 6000000);
}

/* A packet that waits goes with its queue, and with no other one. */
Test(vsock, a_queue_that_is_reset_forgets_what_waits)
{
	cr_assert(rig_start(&rig, F_ALL | VIRTIO_F_RING_RESET));
	open_flow(VSOCK_STREAM);
	wire.room = 0;
	cr_expect_not(transmit_op(VSOCK_CREDIT_UPDATE));
	virtio_queue_reset(&the_vsock.device, VSOCK_RX);
	cr_expect_not(virtio_queue_ready(&the_vsock.device, VSOCK_RX));
	cr_expect(the_vsock.tx_waiting);
	virtio_queue_reset(&the_vsock.device, VSOCK_TX);
	cr_expect_not(virtio_queue_ready(&the_vsock.device, VSOCK_TX));
	cr_expect_not(the_vsock.tx_waiting);
	cr_expect_null(fake_port.timers);
}

Test(vsock, the_driver_need_not_kick_while_it_has_buffers)
{
	struct vsock_packet in = incoming(VSOCK_CREDIT_UPDATE);

	open_flow(VSOCK_STREAM);
	cr_expect_eq(raw_used_flags(&rig.rings[VSOCK_RX]), 1);
	cr_expect_eq(receive(in, NULL), VSOCK_WAIT);
	cr_expect_eq(raw_used_flags(&rig.rings[VSOCK_RX]), 0);
	give(2, 128);
	cr_expect_eq(receive(in, NULL), VSOCK_SENT);
	cr_expect_eq(raw_used_flags(&rig.rings[VSOCK_RX]), 1);
}

Test(vsock, whoever_makes_no_room_for_a_second_is_given_up)
{
	struct header header;

	open_flow(VSOCK_STREAM);
	give(4, 128);
	wire.room = 0;
	cr_expect_not(transmit_op(VSOCK_CREDIT_UPDATE));
	fake_port_advance(VIRTIO_VSOCK_STALL_NS);
	cr_expect_eq(wire.gave_up, PEER);
	cr_expect_eq(rig_used_count(&rig, VSOCK_TX), 1, "others' packets go on");
	expect_reset(VSOCK_STREAM);
	rig.seen[VSOCK_TX]++;
	cr_expect(transmit_op(VSOCK_REQUEST), "and nothing waits for it");
	expect_reset(VSOCK_STREAM);
	wire.room = UINT32_MAX;
	virtio_vsock_room(&the_vsock);
	cr_expect(transmit_op(VSOCK_REQUEST));
	cr_expect_eq(wire.last.op, VSOCK_REQUEST);
	cr_expect_not(got(&header, NULL));
}

Test(vsock, nobody_there_is_a_reset)
{
	give(2, 128);
	wire.answer = VSOCK_NOBODY;
	cr_assert(transmit_op(VSOCK_REQUEST));
	expect_reset(VSOCK_STREAM);
	wire.answer = VSOCK_SENT;
	open_flow(VSOCK_STREAM);
	give(2, 128);
	wire.answer = VSOCK_NOBODY;
	cr_assert(transmit_op(VSOCK_CREDIT_UPDATE));
	expect_reset(VSOCK_STREAM);
	cr_assert(transmit_op(VSOCK_RST), "never a RST for a RST");
	struct header header;
	cr_expect_not(got(&header, NULL));
	wire.answer = VSOCK_SENT;
	open_flow(VSOCK_STREAM);
	wire.answer = VSOCK_NOBODY;
	cr_assert(transmit_op(VSOCK_RST));
	cr_expect_not(got(&header, NULL));
	cr_expect_eq(the_vsock.opened, 0);
}

Test(vsock, a_reset_of_a_flow_that_is_lost_is_one_with_it)
{
	open_flow(VSOCK_STREAM);
	virtio_vsock_gone(&the_vsock, PEER);
	cr_expect_eq(receive(incoming(VSOCK_RST), NULL), VSOCK_SENT);
	give(3, 128);
	expect_reset(VSOCK_STREAM);
}

/* Flows are told apart by all of their address, wherever they lie in the table. */
Test(vsock, the_same_ports_of_another_cid_are_another_flow)
{
	struct vsock_packet in = incoming(VSOCK_CREDIT_UPDATE);

	open_flow(VSOCK_STREAM);
	give(4, 128);
	for (in.src_cid = PEER + 1; in.src_cid < PEER + 3000; in.src_cid++)
		cr_assert_eq(receive(in, NULL), VSOCK_NOBODY);
	in.src_cid = PEER;
	cr_expect_eq(receive(in, NULL), VSOCK_SENT);
}

Test(vsock, up_when_the_driver_begins_and_down_at_reset)
{
	cr_expect_eq(wire.ups, 1);
	unsigned downs = wire.downs;
	open_flow(VSOCK_STREAM);
	rig_reset(&rig);
	cr_expect_eq(wire.ups, 1);
	cr_expect_gt(wire.downs, downs);
	cr_assert(rig_start(&rig, F_ALL));
	cr_expect_eq(wire.ups, 2);
	give(2, 128);
	cr_assert(transmit_op(VSOCK_RW));
	expect_reset(VSOCK_STREAM);
}

Test(vsock, a_suspended_device_keeps_what_waits)
{
	struct header header = packet(VSOCK_RW);
	uint64_t status = rig.common + RAW_STATUS;

	cr_assert(rig_start(&rig, F_ALL | VIRTIO_F_SUSPEND));
	open_flow(VSOCK_STREAM);
	header.len = 40000;
	wire.room = 1;
	cr_expect_not(transmit(&header, NULL, 40000));
	rig_write(&rig, status, rig_status(&rig) | VIRTIO_SUSPEND, 1);
	cr_assert(rig_status(&rig) & VIRTIO_SUSPEND);
	fake_port_advance(3ull * VIRTIO_VSOCK_STALL_NS);
	cr_expect_eq(wire.gave_up, 0, "it is the guest that makes it wait");
	wire.room = UINT32_MAX;
	virtio_vsock_room(&the_vsock);
	cr_expect_eq(wire.size, VIRTIO_VSOCK_PIECE);
	rig_write(&rig, status, 15, 1);
	cr_expect_eq(wire.size, 40000);
	cr_expect_eq(rig_used_count(&rig, VSOCK_TX), 1);
}

/* Another vCPU adds a buffer just before it is to kick again for one. */
static void add_buffer(struct watch *watch, size_t offset)
{
	if (watch->context || offset != (rig.rings[VSOCK_RX].used & 4095))
		return;
	watch->context = watch; /* once */
	rig_offer(&rig, VSOCK_RX, &(struct rig_buffer){RX_AT, 128, true}, 1);
}

Test(vsock, a_buffer_that_comes_just_before_kicks_are_wanted_is_found)
{
	struct watch watch = {.start = rig_at(&rig, rig.rings[VSOCK_RX].used & ~4095ull, 4096),
	                      .size = 4096,
	                      .before = add_buffer};
	struct vsock_packet in = incoming(VSOCK_CREDIT_UPDATE);
	uint32_t taken = 0;

	open_flow(VSOCK_STREAM);
	watch_start(&watch);
	enum vsock_sent result = virtio_vsock_receive(&the_vsock, &in, NULL, &taken);
	watch_stop();
	cr_expect_eq(result, VSOCK_SENT);
}

/* ---- features ---- */

/* Is a request of this type passed on? */
static bool spoken(uint64_t features, uint16_t type)
{
	struct header header = packet(VSOCK_REQUEST);
	struct vsock_packet in = incoming(VSOCK_REQUEST);
	unsigned before = wire.sent;

	cr_assert(rig_start(&rig, features));
	header.type = in.type = type;
	in.src_port++;
	give(3, 128);
	cr_assert(transmit(&header, NULL, 0));
	if (wire.sent == before)
		expect_reset(type);
	cr_expect_eq(receive(in, NULL), wire.sent > before ? VSOCK_SENT : VSOCK_NOBODY);
	return wire.sent > before;
}

PROVES("V14-VSOCK-002")
Test(vsock, no_feature_means_streams)
{
	cr_expect(spoken(0, VSOCK_STREAM));
	cr_expect_not(spoken(0, VSOCK_SEQPACKET));
}

PROVES("V14-VSOCK-003")
Test(vsock, seqpacket_alone_has_streams_as_well)
{
	cr_expect(spoken(F_SEQPACKET, VSOCK_STREAM));
	cr_expect(spoken(F_SEQPACKET, VSOCK_SEQPACKET));
}

Test(vsock, nothing_is_implied_where_that_was_agreed)
{
	cr_expect_not(spoken(F_NO_IMPLIED_STREAM, VSOCK_STREAM));
	cr_expect_not(spoken(F_NO_IMPLIED_STREAM | F_SEQPACKET, VSOCK_STREAM));
	cr_expect(spoken(F_NO_IMPLIED_STREAM | F_SEQPACKET, VSOCK_SEQPACKET));
	cr_expect(spoken(F_NO_IMPLIED_STREAM | F_STREAM, VSOCK_STREAM));
}

/* ---- events ---- */

static bool event(void)
{
	uint32_t written = 0;
	uint16_t head;

	return rig_used(&rig, VSOCK_EVENT, &head, &written) && written == 4;
}

static void give_event(uint32_t size)
{
	rig_offer(&rig, VSOCK_EVENT, &(struct rig_buffer){TX_AT + 0x8000, size, true}, 1);
	rig_kick(&rig, VSOCK_EVENT);
}

Test(vsock, a_transport_reset_is_an_event_and_ends_all_flows)
{
	struct header header;

	memset(rig_at(&rig, TX_AT + 0x8000, 16), 0xee, 16);
	give_event(16);
	open_flow(VSOCK_STREAM);
	cr_assert(virtio_vsock_transport_reset(&the_vsock, 77));
	cr_expect(event());
	cr_expect_eq(memcmp(rig_at(&rig, TX_AT + 0x8000, 5), "\0\0\0\0\xee", 5), 0);
	cr_expect_eq(rig_read(&rig, rig.config, 4), 77);
	header = packet(VSOCK_CREDIT_UPDATE);
	give(2, 128);
	cr_assert(transmit(&header, NULL, 0), "from the CID of before: dropped");
	cr_expect_not(got(&header, NULL));
	header = packet(VSOCK_REQUEST);
	header.src_cid = 77;
	cr_assert(transmit(&header, NULL, 0));
	cr_expect_eq(wire.last.src_cid, 77);
}

Test(vsock, a_suspended_device_keeps_an_event)
{
	cr_assert(rig_start(&rig, F_ALL | VIRTIO_F_SUSPEND));
	give_event(4);
	rig_write(&rig, rig.common + RAW_STATUS, 15 | VIRTIO_SUSPEND, 1);
	cr_assert(rig_status(&rig) & VIRTIO_SUSPEND);
	cr_assert(virtio_vsock_transport_reset(&the_vsock, 77));
	cr_expect_not(event());
	rig_write(&rig, rig.common + RAW_STATUS, 15, 1);
	cr_expect(event());
}

Test(vsock, VS_015_an_event_without_buffers_is_remembered_once)
{
	cr_assert(virtio_vsock_transport_reset(&the_vsock, 77));
	cr_assert(virtio_vsock_transport_reset(&the_vsock, 78));
	give_event(3);
	cr_expect_not(event());
	give_event(4);
	cr_expect(event());
	give_event(4);
	cr_expect_not(event());
	rig_reset(&rig);
	cr_assert(virtio_vsock_transport_reset(&the_vsock, 79));
	cr_assert(rig_start(&rig, F_ALL));
	give_event(4);
	cr_expect_not(event(), "a driver that comes later reads the right CID anyway");
}
