/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DF-003 for the network device: header, frame and commands change under it. What differs lies
 * within one access of the copy, whose order is nobody's business. Proven: with class, command and
 * data read one after the other the commands' tests fail; with the source address compared in
 * guest memory the frames' does.
 */
#include <string.h>

#include "tests/lib/flip.h"
#include "tests/unit/net/fixture.h"

#define FEATURES                                                                                   \
	(ALL_FEATURES | NET_F_CTRL_VQ | NET_F_CTRL_RX | NET_F_CTRL_MAC_ADDR | NET_F_CTRL_VLAN |    \
	 NET_F_MQ | NET_F_RSS | NET_F_NOTF_COAL | NET_F_VQ_NOTF_COAL | NET_F_DEVICE_STATS)

TestSuite(net_fetch, .timeout = 120);

enum { PAGE = 4096, DATA = 1200 };

static uint64_t at;     /* a page of its own: what has two faces */
static uint64_t result; /* ack and what follows */
static unsigned kicked; /* the queue */
static uint8_t frame[2048];
static size_t frame_size;

static void new_world(void)
{
	net_setup_pairs(FEATURES, 2);
	rig.heap = RIG_HEAP + PAGE;
	at = RIG_HEAP;
	result = rig_alloc(&rig, 256);
}

static void kick(void)
{
	rig_kick(&rig, kicked);
}

/* Used elements, status, all that the peer got, and all that commands change. */
static void outcome(uint8_t *out)
{
	uint16_t head = 0;
	uint32_t written = 0, words[8];
	bool used = rig_used(&rig, kicked, &head, &written);

	memcpy(words,
	       (uint32_t[]){used, head, written, rig_status(&rig), far.count,
	                    (uint32_t)far.sizes[0], net.steering.pairs, net.steering.rss},
	       sizeof(words));
	memcpy(out, words, sizeof(words));
	out += sizeof(words);
	memcpy(out, &far.offloads[0], sizeof(far.offloads[0]));
	out += sizeof(far.offloads[0]);
	memcpy(out, &net.stats, sizeof(net.stats));
	out += sizeof(net.stats);
	memcpy(out, rig_at(&rig, result, 256), 256);
	out += 256;
	memcpy(out, far.frames[0], 1500);
	out += 1500;
	memcpy(out, net.filter.modes, sizeof(net.filter.modes));
	out += sizeof(net.filter.modes);
	memcpy(out, net.filter.vlans, sizeof(net.filter.vlans));
	out += sizeof(net.filter.vlans);
	memcpy(out, &net.filter.unicast, sizeof(net.filter.unicast));
	out += sizeof(net.filter.unicast);
	memcpy(out, &net.filter.multicast, sizeof(net.filter.multicast));
	out += sizeof(net.filter.multicast);
	memcpy(out, net.mac, 6);
	out += 6;
	memcpy(out, &net.coal_rx, sizeof(net.coal_rx));
	out += sizeof(net.coal_rx);
	memcpy(out, net.steering.table, sizeof(net.steering.table));
	out += sizeof(net.steering.table);
	memcpy(out, (uint32_t[]){net.steering.hash_types, net.steering.mask}, 8);
	out += 8;
	memcpy(out, net.steering.key.table, 1024);
}

static void expect_one_of_two(uint8_t *(*setup)(void), const void *a, const void *b, size_t size)
{
	struct flip flip = {setup, kick, outcome, net_teardown, {a, b}, size};
	struct flip_report report = flip_everywhere(&flip);

	cr_assert(report.differ, "the test would prove nothing");
	cr_assert_gt(report.accesses, 0);
	cr_expect_eq(report.strange, 0, "%u of %u runs", report.strange, report.runs);
}

/* --- what is sent --- */

/* The header has two faces; the frame is elsewhere. */
static uint8_t *setup_header(void)
{
	new_world();
	uint64_t data = rig_alloc(&rig, 2048);

	frame_size = tcp_frame(frame, DATA, 0x18);
	tso_offload(frame, frame_size, 500);
	memcpy(rig_at(&rig, data, frame_size), frame, frame_size);
	rig_offer(&rig, TX,
	          (struct rig_buffer[]){{at, HEADER, false}, {data, (uint32_t)frame_size, false}},
	          2);
	kicked = TX;
	return rig_at(&rig, at, HEADER);
}

Test(net_fetch, DF_003_header_flips)
{
	static const struct tx_header sum = {
	    .flags = NEEDS_CSUM, .gso_size = 500, .csum_start = ETH + 20, .csum_offset = 16};
	struct tx_header other[7];

	for (unsigned i = 0; i < 7; i++)
		other[i] = sum;
	other[0].flags = 0;
	other[1].csum_start = 0xffff;
	other[2].csum_offset = 0xffff;
	other[3].csum_start = 1252;
	other[4].gso_type = NET_GSO_TCPV4;
	other[5].gso_type = 0xff;
	for (unsigned i = 0; i < 6; i++)
		expect_one_of_two(setup_header, &sum, &other[i], HEADER);
	other[6].gso_type = NET_GSO_TCPV4;
	other[6].gso_size = 0;
	expect_one_of_two(setup_header, &other[4], &other[6], HEADER);
}

/* The frame's headers have two faces: addresses, lengths. */
static uint8_t *setup_frame(void)
{
	setup_header();
	struct tx_header header = tso_header(frame, frame_size, 500);
	uint64_t front = rig_alloc(&rig, HEADER), data = rig_alloc(&rig, 2048);

	net_teardown();
	new_world();
	front = rig_alloc(&rig, HEADER);
	data = rig_alloc(&rig, 2048);
	memcpy(rig_at(&rig, front, HEADER), &header, HEADER);
	memcpy(rig_at(&rig, at, 64), frame, 64);
	memcpy(rig_at(&rig, data, frame_size), frame + 64, frame_size - 64);
	rig_offer(&rig, TX,
	          (struct rig_buffer[]){{front, HEADER, false},
	                                {at, 64, false},
	                                {data, (uint32_t)frame_size - 64, false}},
	          3);
	kicked = TX;
	return rig_at(&rig, at, 64);
}

static void flip_frame(unsigned offset, uint8_t value)
{
	uint8_t a[64], b[64];

	frame_size = tcp_frame(frame, DATA, 0x18);
	tso_offload(frame, frame_size, 500);
	memcpy(a, frame, 64);
	memcpy(b, frame, 64);
	b[offset] = value;
	expect_one_of_two(setup_frame, a, b, 64);
}

Test(net_fetch, DF_003_frame_flips)
{
	flip_frame(6, 0x77);        /* source: not its own */
	flip_frame(ETH, 0x4f);      /* header length */
	flip_frame(ETH + 2, 0xff);  /* total length */
	flip_frame(ETH + 9, 17);    /* protocol */
	flip_frame(ETH + 32, 0xf0); /* TCP's header length */
}

/* --- commands --- */

static uint32_t command_size;

static uint8_t *setup_command(void)
{
	new_world();
	kicked = control_queue();
	rig_offer(&rig, kicked,
	          (struct rig_buffer[]){{at, command_size, false}, {result, 200, true}}, 2);
	return rig_at(&rig, at, command_size);
}

static void flip_commands(const void *a, const void *b, uint32_t size)
{
	command_size = size;
	expect_one_of_two(setup_command, a, b, size);
}

Test(net_fetch, DF_003_class_and_command_flip)
{
	static const uint8_t commands[][16] = {{CLASS_RX, 0, 1},
	                                       {CLASS_RX, 1, 1},
	                                       {CLASS_MAC, 1, 2, 3, 4, 5, 6, 7},
	                                       {CLASS_VLAN, 0, 5},
	                                       {CLASS_COAL, 1, 9, 0, 0, 0, 7},
	                                       {99, 0, 1},
	                                       {CLASS_MQ, 0, 2},
	                                       {CLASS_RX, 0, 7}};

	for (unsigned i = 0; i < 8; i++)
		for (unsigned j = 0; j < i; j++)
			if (i != 7 || j != 5) /* both are errors */
				flip_commands(commands[i], commands[j], 16);
}

Test(net_fetch, DF_003_address_tables_flip)
{
	uint8_t a[32] = {CLASS_MAC, 0, 2}, b[sizeof(a)];

	a[6] = 2, a[12] = 4;
	a[18] = 1, a[22] = 1;
	memcpy(b, a, sizeof(a));
	b[2] = 0xff; /* more than there are */
	flip_commands(a, b, sizeof(a));
	b[2] = 1; /* then the second count lies elsewhere */
	b[12] = b[13] = b[14] = b[15] = 0;
	flip_commands(a, b, sizeof(a));
	memcpy(b, a, sizeof(a));
	b[18] = 0;
	flip_commands(a, b, sizeof(a));
}

Test(net_fetch, DF_003_rss_flips)
{
	uint8_t a[2 + 8 + 2 * 128 + 2 + 1 + 40] = {CLASS_MQ, 1, 0xff, 1}, b[sizeof(a)];

	a[6] = 127;
	a[2 + 8 + 256 + 2] = 40;
	memcpy(b, a, sizeof(a));
	b[6] = 63; /* a smaller table: the key's length is read from its entries */
	flip_commands(a, b, sizeof(a));
	b[6] = 255;
	flip_commands(a, b, sizeof(a));
	memcpy(b, a, sizeof(a));
	b[2 + 8 + 256 + 2] = 255;
	flip_commands(a, b, sizeof(a));
	memcpy(b, a, sizeof(a));
	b[10] = 9; /* no such queue */
	flip_commands(a, b, sizeof(a));
}

Test(net_fetch, DF_003_statistics_flip)
{
	uint8_t a[2 + 16] = {CLASS_STATS, 1, 0, [10] = 1}, b[sizeof(a)];

	memcpy(b, a, sizeof(a));
	b[2] = 99;
	flip_commands(a, b, sizeof(a));
	memcpy(b, a, sizeof(a));
	b[10] = 3;
	flip_commands(a, b, sizeof(a));
	b[10] = 8;
	flip_commands(a, b, sizeof(a));
}
