/* SPDX-License-Identifier: BSD-2-Clause */
/* Statistics over the control queue (5.1.9.5.11). */
#include <string.h>

#include "tests/unit/net/fixture.h"

#define FEATURES (ALL_FEATURES | NET_F_CTRL_VQ | NET_F_MQ | NET_F_DEVICE_STATS | NET_F_HOST_USO)

enum { QUERY, GET };
enum { PAIRS = 2, CONTROL = 4, RX_BASIC = 0, RX_CSUM, RX_GSO, TX_BASIC = 16, TX_CSUM, TX_GSO };
#define CVQ   (1ull << 32)
#define TYPES (7ull | 7ull << 16 | CVQ)

static uint8_t frame[20000];

static void setup(void)
{
	net_setup_pairs(FEATURES, PAIRS);
}

TestSuite(net_stats, .init = setup, .fini = net_teardown, .timeout = 60);

struct ask {
	uint16_t queue, reserved[3];
	uint64_t types;
};

static uint8_t result[RESULT_MAX];
static uint32_t written;

static uint8_t get(const struct ask *asks, unsigned count, uint32_t room)
{
	memset(result, 0xcc, sizeof(result));
	return command_result(CLASS_STATS, GET, asks, count * sizeof(*asks), result, room,
	                      &written);
}

static uint8_t get_one(uint16_t queue, uint64_t types)
{
	return get(&(struct ask){queue, {0}, types}, 1, 256);
}

static uint64_t value(unsigned at)
{
	uint64_t word;

	memcpy(&word, result + at, 8);
	return word;
}

/* Entry at: its header says this type, queue and number of values. */
static void expect_header(unsigned at, uint8_t type, uint16_t queue, unsigned values)
{
	cr_expect_eq(result[at], type);
	cr_expect_eq(test_get16(result + at + 2), (uint16_t)(queue << 8));
	cr_expect_eq(result[at + 6], 8 + 8 * values);
	cr_expect_eq(result[at + 7], 0);
}

PROVES("V14-NET-112")
Test(net_stats, capabilities)
{
	cr_expect_eq(command_result(CLASS_STATS, QUERY, NULL, 0, result, 64, &written), ACK_OK);
	cr_expect_eq(written, 1 + 8);
	cr_expect_eq(value(0), TYPES);
}

PROVES("V14-NET-118", "V14-NET-119")
Test(net_stats, of_a_receive_queue)
{
	struct net_offload gso;
	size_t size = tcp_frame(frame, 100, 0x10), big;

	offer_buffers(3, 8192);
	deliver(frame, size, NULL);
	deliver(frame, size, &(struct net_offload){.data_valid = true});
	big = tcp_frame(frame, 5000, 0x10);
	gso = tso_offload(frame, big, 1000);
	deliver(frame, big, &gso);
	cr_expect(!deliver(frame, big, &gso)); /* no buffer */
	cr_expect_eq(get_one(0, 7), ACK_OK);
	cr_expect_eq(written, 1 + 56 + 40 + 40);
	expect_header(0, RX_BASIC, 0, 6);
	cr_expect_eq(value(8), 1);  /* kicks */
	cr_expect_eq(value(16), 3); /* packets */
	cr_expect_eq(value(24), 2 * size + big);
	cr_expect_eq(value(32), 3); /* interrupts */
	cr_expect_eq(value(40), 1); /* drops */
	cr_expect_eq(value(48), 1); /* for want of buffers */
	expect_header(56, RX_CSUM, 0, 4);
	cr_expect_eq(value(64), 1); /* valid */
	cr_expect_eq(value(72), 1); /* needed */
	cr_expect_eq(value(80), 1); /* none */
	expect_header(96, RX_GSO, 0, 4);
	cr_expect_eq(value(104), 1);
	cr_expect_eq(value(112), big);
}

PROVES("V14-NET-118", "V14-NET-119")
Test(net_stats, of_a_transmit_queue)
{
	static const struct tx_header plain;
	size_t size = tcp_frame(frame, 100, 0x10), big;
	struct tx_header header;

	send_frame(&plain, frame, size);
	send_frame(&plain, frame, 5); /* too short to be a frame */
	memcpy(frame + 6, other_mac, 6);
	send_frame(&plain, frame, size); /* not its own address */
	big = tcp_frame(frame, 2500, 0x10);
	header = tso_header(frame, big, 1000);
	send_frame(&header, frame, big);
	far.end.accepts_gso = 0;
	send_frame(&header, frame, big);
	cr_expect_eq(get_one(1, 7ull << 16), ACK_OK);
	cr_expect_eq(written, 1 + 56 + 24 + 56);
	expect_header(0, TX_BASIC, 1, 6);
	cr_expect_eq(value(8), 5);
	cr_expect_eq(value(16), 3);
	cr_expect_eq(value(24), size + 2 * big);
	cr_expect_eq(value(40), 2); /* drops */
	cr_expect_eq(value(48), 2); /* malformed */
	expect_header(56, TX_CSUM, 1, 2);
	cr_expect_eq(value(64), 1); /* none needed */
	cr_expect_eq(value(72), 2);
	expect_header(80, TX_GSO, 1, 6);
	cr_expect_eq(value(88), 2);
	cr_expect_eq(value(96), 2 * big);
	cr_expect_eq(value(104), 3); /* segments, of the second one */
	cr_expect_eq(value(112), big + 2 * (ETH + 40));
	cr_expect_eq(value(120), 1); /* the first one went whole */
	cr_expect_eq(value(128), big);
	cr_expect_eq(far.count, 1 + 1 + 3);
}

Test(net_stats, of_the_control_queue)
{
	cr_expect_eq(command(99, 0, NULL, 0), ACK_ERR);
	cr_expect_eq(get_one(CONTROL, CVQ), ACK_OK);
	expect_header(0, 32, CONTROL, 2);
	cr_expect_eq(value(8), 2); /* this one too */
	cr_expect_eq(value(16), 1);
}

Test(net_stats, of_several_queues)
{
	struct ask asks[] = {{2, {0}, 1}, {3, {0}, 1 << 16 | 1 << 17}, {CONTROL, {0}, CVQ}};

	cr_expect_eq(get(asks, 3, 256), ACK_OK);
	cr_expect_eq(written, 1 + 56 + 56 + 24 + 24);
	expect_header(0, RX_BASIC, 2, 6);
	expect_header(56, TX_BASIC, 3, 6);
	expect_header(112, TX_CSUM, 3, 2);
	expect_header(136, 32, CONTROL, 2);
}

PROVES("V14-NET-113", "V14-NET-114", "V14-NET-115", "V14-NET-117")
Test(net_stats, questions_that_are_wrong)
{
	static const struct ask wrong[] = {
	    {5, {0}, 1},           {0xffff, {0}, 1},       {0, {0}, 1 << 3},
	    {0, {0}, 1ull << 63},  {0, {0}, 1 << 16},      {0, {0}, CVQ},
	    {1, {0}, 1},           {1, {0}, 1 << 19},      {CONTROL, {0}, 1},
	    {0, {0}, 1 | 1 << 16}, {1, {0}, 7 << 16 | CVQ}};

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct ask asks[] = {{0, {0}, 1}, wrong[i], {0, {0}, 1}};

		cr_expect_eq(get(&wrong[i], 1, 256), ACK_ERR, "question %u", i);
		cr_expect_eq(written, 1);
		cr_expect_eq(get(asks, 3, 256), ACK_ERR, "question %u among others", i);
		cr_expect_eq(written, 1);
		cr_expect_eq(result[0], ACK_NONE);
	}
}

PROVES("V14-NET-116")
Test(net_stats, features_that_were_not_negotiated)
{
	cr_assert(rig_start(&rig, NET_F_CTRL_VQ | NET_F_DEVICE_STATS | NET_F_MQ));
	cr_expect_eq(get_one(0, 1 << 1), ACK_ERR);
	cr_expect_eq(get_one(0, 1 << 2), ACK_ERR);
	cr_expect_eq(get_one(1, 1 << 17), ACK_ERR);
	cr_expect_eq(get_one(1, 1 << 18), ACK_ERR);
	cr_expect_eq(get_one(0, 1), ACK_OK);
	cr_expect_eq(get_one(1, 1 << 16), ACK_OK);
	cr_assert(rig_start(&rig, FEATURES & ~NET_F_DEVICE_STATS));
	cr_expect_eq(get_one(0, 1), ACK_ERR);
	cr_expect_eq(command(CLASS_STATS, QUERY, NULL, 0), ACK_ERR);
}

/* Nothing is written behind the result's end, and no half of an entry. */
PROVES("V14-NET-120")
Test(net_stats, results_that_are_too_small_or_too_large)
{
	for (uint32_t room = 0; room < 200; room++) {
		cr_assert_eq(get(&(struct ask){0, {0}, 7}, 1, room), ACK_OK);
		uint32_t fits = room >= 136 ? 136 : room >= 96 ? 96 : room >= 56 ? 56 : 0;
		cr_assert_eq(written, 1 + fits);
		for (uint32_t i = fits; i < room; i++)
			cr_assert_eq(result[i], ACK_NONE);
	}
}

Test(net_stats, questions_of_a_wrong_size)
{
	static const struct ask many[65];

	cr_expect_eq(command(CLASS_STATS, GET, many, 0), ACK_ERR);
	for (unsigned size = 1; size < 48; size++)
		if (size % 16)
			cr_assert_eq(command(CLASS_STATS, GET, many, size), ACK_ERR);
	cr_expect_eq(command(CLASS_STATS, GET, many, 64 * 16), ACK_OK);
	cr_expect_eq(command(CLASS_STATS, GET, many, 65 * 16), ACK_ERR);
	cr_expect_eq(command(CLASS_STATS, 2, many, 16), ACK_ERR);
}

PROVES("V14-NET-121")
Test(net_stats, counters_wrap)
{
	net.queues[0].stats.packets = UINT64_MAX;
	offer_buffers(1, 2048);
	deliver(frame, tcp_frame(frame, 100, 0x10), NULL);
	cr_expect_eq(get_one(0, 1), ACK_OK);
	cr_expect_eq(value(16), 0);
}

Test(net_stats, questions_about_queues_that_are_not_there)
{
	cr_expect_eq(get_one(100, 7), ACK_ERR);
	cr_expect_eq(get_one(100, 0), ACK_ERR);
	cr_expect_eq(get_one(101, 7ull << 16), ACK_ERR);
	cr_expect_eq(get_one(0, 0), ACK_OK);
}
