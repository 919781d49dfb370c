/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Three guests and the hypervisor's sockets behind hv/vsock. Guests 0 and 2 may connect to guest 1,
 * and nobody else to anybody.
 */
#include <string.h>

#include <arch/pages.h>

#include "arch/hosted/hosted.h"
#include "hv/vsock/host.h"
#include "hv/vsock/vsock.h"
#include "tests/unit/vsock/fixture.h"

enum { A = OWN, B = OWN + 1, C = OWN + 2 };

static bool mail[GUESTS];
static size_t pages;

static void wake(void *context)
{
	mail[(bool *)context - mail] = true;
}

static size_t describe(void *context, char *to, size_t size)
{
	(void)context;
	cr_assert_geq(size, 3000);
	for (unsigned i = 0; i < 3000; i++)
		to[i] = (char)('a' + i % 26);
	return 3000;
}

static void plug(unsigned guest)
{
	struct vsock_port_config config = {.guest = guest,
	                                   .cid = OWN + guest,
	                                   .connects = guest == 1 ? 0 : 2,
	                                   .device = &guests[guest].vsock,
	                                   .wake = wake,
	                                   .describe = describe,
	                                   .context = &mail[guest]};
	struct vsock_backend *backend;

	if (guest != 1)
		config.links[1] = B;
	else
		config.links[0] = A, config.links[2] = C;
	backend = vsock_port_open(&config);
	cr_assert_not_null(backend);
	chosen = guest;
	vsock_plug(backend, F_ALL);
}

static void setup(void)
{
	hosted_reset();
	pages = pages_free_count();
	memset(mail, 0, sizeof(mail));
	for (unsigned i = 0; i < GUESTS; i++)
		plug(i);
	chosen = 0;
}

static void teardown(void)
{
	for (chosen = 0; chosen < GUESTS; chosen++) {
		rig_reset(&rig);
		vsock_port_close(chosen);
		rig_free(&rig);
	}
	cr_assert_eq(pages_free_count(), pages);
}

TestSuite(vsock_switch, .init = setup, .fini = teardown, .timeout = 60);

/* Until all is quiet. */
static void settle(void)
{
	unsigned quiet = 0;

	for (unsigned turns = 0; quiet < 2; turns++) {
		cr_assert_lt(turns, 10000, "it never becomes quiet");
		quiet++;
		for (unsigned i = 0; i < GUESTS; i++) {
			if (mail[i]) {
				mail[i] = false;
				vsock_poll(i);
				quiet = 0;
			}
		}
		fake_port_advance(VSOCK_PAUSE_NS);
	}
}

/* The chosen guest sends this to another one's port 80, or answers it from there. */
static void say(uint32_t to, struct header header, const void *data)
{
	bool used;

	header.dst_cid = to;
	if (chosen != 0) {
		header.src_port = THERE;
		header.dst_port = HERE;
	}
	used = transmit(&header, data, header.op == VSOCK_RW ? header.len : 0);
	cr_assert(used);
	settle();
}

static void say_op(uint32_t to, uint16_t op)
{
	say(to, packet(op), NULL);
}

/* What came is this; its data into data. */
static struct header heard(uint16_t op, uint8_t *data)
{
	struct header header = {0};

	cr_assert(got(&header, data), "nothing came");
	cr_assert_eq(header.op, op, "%u", header.op);
	return header;
}

static void heard_nothing(void)
{
	struct header header;

	cr_assert_not(got(&header, NULL), "%u", header.op);
}

static void buffers(unsigned guest, unsigned count)
{
	chosen = guest;
	give(count, 1024);
	settle();
	chosen = 0;
}

/* A flow from guest 0 to guest 1. */
static void join(void)
{
	buffers(0, 20);
	buffers(1, 20);
	say_op(B, VSOCK_REQUEST);
	chosen = 1;
	cr_assert_eq(heard(VSOCK_REQUEST, NULL).src_cid, A);
	say_op(A, VSOCK_RESPONSE);
	chosen = 0;
	cr_assert_eq(heard(VSOCK_RESPONSE, NULL).src_cid, B);
}

Test(vsock_switch, two_guests_talk)
{
	struct header header = packet(VSOCK_RW);
	uint8_t data[1024];

	join();
	header.len = 7;
	say(B, header, "forward");
	chosen = 1;
	cr_expect_eq(heard(VSOCK_RW, data).len, 7);
	cr_expect_eq(memcmp(data, "forward", 7), 0);
	header.src_cid = B;
	header.len = 4;
	header.fwd_cnt = 7;
	say(A, header, "back");
	chosen = 0;
	cr_expect_eq(heard(VSOCK_RW, data).fwd_cnt, 7);
	cr_expect_eq(memcmp(data, "back", 4), 0);
	say_op(B, VSOCK_RST);
	chosen = 1;
	heard(VSOCK_RST, NULL);
	cr_expect(guests[0].vsock.opened == 0 && guests[1].vsock.peers[0].flows == 0);
}

Test(vsock_switch, VS_002_nobody_is_reached_without_a_rule)
{
	static const struct {
		unsigned from;
		uint32_t to;
	} pairs[] = {{0, C}, {1, A}, {1, C}, {2, A}};

	for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		buffers(pairs[i].from, 1);
		buffers(pairs[i].to - OWN, 1);
		chosen = pairs[i].from;
		say_op(pairs[i].to, VSOCK_REQUEST);
		heard(VSOCK_RST, NULL);
		chosen = pairs[i].to - OWN;
		heard_nothing();
	}
}

Test(vsock_switch, VS_014_the_own_cid_and_those_of_nobody)
{
	static const uint32_t nobody[] = {A, 0, 1, 3, 99, UINT32_MAX};

	for (unsigned i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
		buffers(0, 1);
		say_op(nobody[i], VSOCK_REQUEST);
		cr_expect_eq(heard(VSOCK_RST, NULL).src_cid, nobody[i]);
	}
}

Test(vsock_switch, a_guest_without_a_driver_is_nobody)
{
	chosen = 1;
	rig_reset(&rig);
	buffers(0, 1);
	say_op(B, VSOCK_REQUEST);
	heard(VSOCK_RST, NULL);
}

/* Neither what is on its way to the guest that goes nor what comes from it is delivered. */
Test(vsock_switch, VS_016_a_guest_that_goes_ends_its_flows)
{
	struct header header = packet(VSOCK_RW);

	join();
	header.dst_cid = B;
	header.len = 50;
	cr_assert(transmit(&header, NULL, 50));
	chosen = 1;
	header = packet(VSOCK_RW);
	header.src_port = THERE;
	header.dst_port = HERE;
	header.dst_cid = A;
	header.len = 50;
	cr_assert(transmit(&header, NULL, 50));
	rig_reset(&rig);
	settle();
	chosen = 0;
	heard(VSOCK_RST, NULL);
	heard_nothing();
	cr_expect_eq(guests[0].vsock.opened, 0);
	chosen = 1;
	cr_assert(rig_start(&rig, F_ALL));
	join();
}

/* The guest's driver hears of it by an event, the others by RST. */
Test(vsock_switch, all_flows_of_a_guest_are_cut)
{
	uint32_t written;
	uint16_t head;

	join();
	rig_offer(&rig, VSOCK_EVENT, &(struct rig_buffer){TX_AT, 4, true}, 1);
	vsock_port_cut(0);
	settle();
	cr_expect(rig_used(&rig, VSOCK_EVENT, &head, &written) && written == 4);
	heard_nothing();
	chosen = 1;
	heard(VSOCK_RST, NULL);
	chosen = 0;
	cr_expect_eq(guests[0].vsock.opened, 0);
	join();
	vsock_port_cut(9);
}

Test(vsock_switch, VS_016_a_port_that_is_closed)
{
	join();
	chosen = 1;
	rig_reset(&rig);
	vsock_port_close(1);
	rig_free(&rig);
	chosen = 0;
	settle();
	heard(VSOCK_RST, NULL);
	say_op(B, VSOCK_REQUEST);
	heard(VSOCK_RST, NULL);
	plug(1);
	join();
}

/* Guest 1 takes nothing: guest 0 waits, for a second; then it goes on without it. */
Test(vsock_switch, VS_010_a_receiver_without_buffers_is_waited_for_and_given_up)
{
	struct header header = packet(VSOCK_RW);
	unsigned sent = 0;

	join();
	chosen = 1;
	header = packet(VSOCK_CREDIT_UPDATE);
	header.buf_alloc = UINT32_MAX;
	say(A, header, NULL);
	chosen = 0;
	heard(VSOCK_CREDIT_UPDATE, NULL);
	header = packet(VSOCK_RW);
	header.dst_cid = B;
	header.len = 4096;
	while (transmit(&header, NULL, 4096)) {
		settle();
		cr_assert_lt(++sent, 100);
	}
	cr_expect(sent >= 28 && sent <= 36, "a lane, and what had buffers: %u", sent);
	settle();
	fake_port_advance(VIRTIO_VSOCK_STALL_NS / 2);
	cr_expect_eq(rig_used_count(&rig, VSOCK_TX), 0);
	heard_nothing();
	fake_port_advance(VIRTIO_VSOCK_STALL_NS / 2);
	settle();
	heard(VSOCK_RST, NULL);
	cr_expect_eq(rig_used_count(&rig, VSOCK_TX), 1);
	rig.seen[VSOCK_TX]++;
	buffers(1, 20);
	chosen = 1;
	struct header last = {0};
	for (struct header next; got(&next, NULL);)
		last = next;
	cr_expect_eq(last.op, VSOCK_RST, "the receiver hears of it");
	cr_expect_eq(guests[1].vsock.peers[0].flows, 0);
	join();
}

/* With a receiver that is slow nothing is lost and all is in order. */
Test(vsock_switch, VS_010_a_slow_receiver_gets_everything)
{
	struct header header;
	uint32_t received = 0, sent = 0;
	static uint8_t data[8192], back[1024];

	join();
	chosen = 1;
	header = packet(VSOCK_CREDIT_UPDATE);
	header.buf_alloc = UINT32_MAX;
	say(A, header, NULL);
	chosen = 0;
	heard(VSOCK_CREDIT_UPDATE, NULL);
	for (unsigned round = 0; round < 400; round++) {
		chosen = 0;
		header = packet(VSOCK_RW);
		header.dst_cid = B;
		header.len = sizeof(data);
		for (unsigned i = 0; i < sizeof(data); i++)
			data[i] = (uint8_t)((sent + i) * 7 >> 4);
		if (rig_used_count(&rig, VSOCK_TX) == 0 &&
		    vq_in_flight(&the_vsock.rings[VSOCK_TX]) == 0 && !the_vsock.tx_waiting) {
			transmit(&header, data, sizeof(data));
			sent += (uint32_t)sizeof(data);
		}
		rig.seen[VSOCK_TX] = raw_used_idx(&rig.rings[VSOCK_TX]);
		settle();
		buffers(1, 3);
		chosen = 1;
		for (struct header next; got(&next, back); received += next.len)
			for (unsigned i = 0; i < next.len; i++)
				cr_assert_eq(back[i], (uint8_t)((received + i) * 7 >> 4));
	}
	cr_expect_gt(received, 1000000);
	cr_expect_leq(sent - received, VSOCK_LANE + sizeof(data));
}

/* However much there is for a guest, it gets it in turns with pauses, in which nobody wakes it. */
Test(vsock_switch, VS_009_a_guest_is_left_some_time)
{
	struct header header = packet(VSOCK_REQUEST), next;
	unsigned seen = 0;

	header.dst_cid = B;
	for (header.src_port = 0; header.src_port < 60; header.src_port++)
		cr_assert(transmit(&header, NULL, 0));
	chosen = 1;
	give(200, 64);
	for (; got(&next, NULL); seen++)
		;
	cr_expect_eq(seen, 16);
	mail[1] = false;
	chosen = 0;
	cr_assert(transmit(&header, NULL, 0));
	cr_expect_not(mail[1]);
	vsock_poll(1);
	chosen = 1;
	cr_expect_not(got(&next, NULL));
	fake_port_advance(VSOCK_PAUSE_NS);
	for (; got(&next, NULL); seen++)
		;
	cr_expect_eq(seen, 32);
	fake_port_advance(2 * VSOCK_PAUSE_NS);
	for (; got(&next, NULL); seen++)
		;
	cr_expect_eq(seen, 61);
}

/* Two send as much as they can; the receiver has a few buffers at a time. */
Test(vsock_switch, senders_take_turns)
{
	struct header header = packet(VSOCK_REQUEST), next;
	unsigned from[GUESTS] = {0};

	header.dst_cid = B;
	for (unsigned guest = 0; guest < GUESTS; guest += 2) {
		chosen = guest;
		for (header.src_port = 0; header.src_port < 60; header.src_port++) {
			header.src_cid = OWN + guest;
			cr_assert(transmit(&header, NULL, 0));
		}
	}
	chosen = 1;
	for (unsigned n = 0; n < 10; n++) {
		settle();
		give(4, 64);
	}
	while (got(&next, NULL))
		from[next.src_cid - OWN]++;
	cr_expect_eq(from[0] + from[2], 40);
	cr_expect(from[0] >= 16 && from[2] >= 16, "%u and %u", from[0], from[2]);
}

/* ---- the hypervisor's sockets ---- */

/* A flow to a port of CID 2; the guest's buffer has room for size bytes. */
static void join_host(uint32_t port, uint32_t size)
{
	struct header header = packet(VSOCK_REQUEST);

	buffers(0, 20);
	header.dst_port = port;
	header.buf_alloc = size;
	say(VSOCK_HOST_CID, header, NULL);
	header = heard(VSOCK_RESPONSE, NULL);
	cr_expect(header.src_cid == VSOCK_HOST_CID && header.src_port == port);
	cr_expect(header.buf_alloc == VSOCK_HOST_BUFFER && header.fwd_cnt == 0);
}

static struct header to_host(uint16_t op, uint32_t port)
{
	struct header header = packet(op);

	header.dst_cid = VSOCK_HOST_CID;
	header.dst_port = port;
	return header;
}

Test(vsock_switch, echo)
{
	struct header header = to_host(VSOCK_RW, VSOCK_PORT_ECHO);
	uint8_t data[1024];
	uint32_t total = 0;

	join_host(VSOCK_PORT_ECHO, 100000);
	header.buf_alloc = 100000;
	for (unsigned n = 0; n < 50; n++) {
		memset(data, (int)n, sizeof(data));
		header.len = 900;
		header.fwd_cnt = total;
		say(VSOCK_HOST_CID, header, data);
		total += 900;
		for (uint32_t back = 0; back < 900;) { /* in two parts where its buffer wraps */
			struct header answer = heard(VSOCK_RW, data);

			for (unsigned i = 0; i < answer.len; i++)
				cr_assert_eq(data[i], n);
			back += answer.len;
		}
		cr_assert_eq(heard(VSOCK_CREDIT_UPDATE, NULL).fwd_cnt, total,
		             "all of its room is there again");
		buffers(0, 3);
	}
	header = to_host(VSOCK_SHUTDOWN, VSOCK_PORT_ECHO);
	header.flags = VSOCK_SHUT_SEND;
	say(VSOCK_HOST_CID, header, NULL);
	header = heard(VSOCK_SHUTDOWN, NULL);
	cr_expect(header.flags == 3 && header.fwd_cnt == total);
	say(VSOCK_HOST_CID, to_host(VSOCK_RST, VSOCK_PORT_ECHO), NULL);
	heard_nothing();
	join_host(VSOCK_PORT_ECHO, 10);
}

/* Not more than the guest's socket takes, and not less once it has room again. */
PROVES("V14-VSOCK-005")
Test(vsock_switch, echo_waits_for_the_guests_buffer)
{
	struct header header = to_host(VSOCK_RW, VSOCK_PORT_ECHO);
	uint8_t data[1024];

	join_host(VSOCK_PORT_ECHO, 100);
	header.len = 250;
	say(VSOCK_HOST_CID, header, NULL);
	cr_expect_eq(heard(VSOCK_RW, data).len, 100);
	heard_nothing();
	header = to_host(VSOCK_CREDIT_UPDATE, VSOCK_PORT_ECHO);
	header.fwd_cnt = 90;
	say(VSOCK_HOST_CID, header, NULL);
	cr_expect_eq(heard(VSOCK_RW, data).len, 90);
	header.fwd_cnt = 190;
	say(VSOCK_HOST_CID, header, NULL);
	cr_expect_eq(heard(VSOCK_RW, data).len, 60);
	cr_expect_eq(heard(VSOCK_CREDIT_UPDATE, NULL).fwd_cnt, 250);
	heard_nothing();
}

PROVES("V14-VSOCK-006")
Test(vsock_switch, a_guest_may_ask_for_credit_and_may_not_overdraw)
{
	struct header header = to_host(VSOCK_RW, VSOCK_PORT_ECHO);
	static uint8_t data[VSOCK_HOST_BUFFER];

	join_host(VSOCK_PORT_ECHO, 0);
	header.buf_alloc = 0;
	header.len = VSOCK_HOST_BUFFER;
	say(VSOCK_HOST_CID, header, data);
	header = to_host(VSOCK_CREDIT_REQUEST, VSOCK_PORT_ECHO);
	header.buf_alloc = 0;
	say(VSOCK_HOST_CID, header, NULL);
	header = heard(VSOCK_CREDIT_UPDATE, NULL);
	cr_expect(header.buf_alloc == VSOCK_HOST_BUFFER && header.fwd_cnt == 0);
	header = to_host(VSOCK_RW, VSOCK_PORT_ECHO);
	header.buf_alloc = 0;
	header.len = 1;
	say(VSOCK_HOST_CID, header, "x");
	heard(VSOCK_RST, NULL);
	heard_nothing();
}

Test(vsock_switch, status_is_a_text_and_then_the_end)
{
	struct header header;
	uint8_t data[1024];
	uint32_t size = 0;

	join_host(VSOCK_PORT_STATUS, 100000);
	do {
		cr_assert(got(&header, data));
		for (unsigned i = 0; i < header.len; i++)
			cr_assert_eq(data[i], 'a' + (size + i) % 26);
		size += header.len;
	} while (header.op == VSOCK_RW);
	cr_expect_eq(size, 3000);
	cr_expect(header.op == VSOCK_SHUTDOWN && header.flags == 3);
	header = to_host(VSOCK_SHUTDOWN, VSOCK_PORT_STATUS);
	header.flags = 3;
	say(VSOCK_HOST_CID, header, NULL);
	heard(VSOCK_RST, NULL);
	say(VSOCK_HOST_CID, header, NULL);
	heard(VSOCK_RST, NULL);
}

Test(vsock_switch, status_takes_what_it_is_told_and_says_so)
{
	struct header header = to_host(VSOCK_RW, VSOCK_PORT_STATUS);

	join_host(VSOCK_PORT_STATUS, 0);
	header.buf_alloc = 0;
	header.len = 100;
	say(VSOCK_HOST_CID, header, NULL);
	cr_expect_eq(heard(VSOCK_CREDIT_UPDATE, NULL).fwd_cnt, 100);
}

Test(vsock_switch, the_hypervisor_has_two_ports_and_no_seqpackets)
{
	struct header header = to_host(VSOCK_REQUEST, 8);

	buffers(0, 4);
	say(VSOCK_HOST_CID, header, NULL);
	heard(VSOCK_RST, NULL);
	header = to_host(VSOCK_REQUEST, VSOCK_PORT_ECHO);
	header.type = VSOCK_SEQPACKET;
	say(VSOCK_HOST_CID, header, NULL);
	cr_expect_eq(heard(VSOCK_RST, NULL).type, VSOCK_SEQPACKET);
}

Test(vsock_switch, VS_009_the_hypervisors_sockets_are_few)
{
	struct header header = to_host(VSOCK_REQUEST, VSOCK_PORT_ECHO), back;
	unsigned answered = 0;

	for (header.src_port = 0; header.src_port < 1000; header.src_port++) {
		buffers(0, 1);
		say(VSOCK_HOST_CID, header, NULL);
		cr_assert(got(&back, NULL));
		answered += back.op == VSOCK_RESPONSE;
	}
	cr_expect_eq(answered, VSOCK_HOST_FLOWS);
	rig_reset(&rig);
	cr_assert(rig_start(&rig, F_ALL));
	join_host(VSOCK_PORT_ECHO, 10);
}

Test(vsock_switch, VS_008_forwarded_counts_ahead_open_nothing)
{
	struct header header = to_host(VSOCK_RW, VSOCK_PORT_ECHO);

	join_host(VSOCK_PORT_ECHO, 10);
	header.buf_alloc = 10;
	header.len = 100;
	say(VSOCK_HOST_CID, header, NULL);
	cr_expect_eq(heard(VSOCK_RW, NULL).len, 10);
	header = to_host(VSOCK_CREDIT_UPDATE, VSOCK_PORT_ECHO);
	header.buf_alloc = 10;
	header.fwd_cnt = 0x80000000;
	say(VSOCK_HOST_CID, header, NULL);
	heard_nothing();
	header.fwd_cnt = 10;
	say(VSOCK_HOST_CID, header, NULL);
	cr_expect_eq(heard(VSOCK_RW, NULL).len, 10);
}

Test(vsock_switch, no_memory_is_no_port)
{
	struct vsock_port_config config = {
	    .guest = 5, .cid = 50, .links = {[6] = 60, [7] = 70}, .device = &guests[0].vsock};
	size_t before = pages_free_count();

	for (unsigned k = 1; k <= 3; k++) {
		hosted_memory.fail_at = k;
		cr_expect_null(vsock_port_open(&config));
		cr_expect_eq(pages_free_count(), before);
	}
	vsock_port_close(5);
	vsock_poll(5);
}
