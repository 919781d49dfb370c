/* SPDX-License-Identifier: BSD-2-Clause */
/* Several pairs of queues: automatic steering, RSS, hash reports (5.1.9.5.5 to 5.1.9.5.7). */
#include <string.h>

#include "tests/unit/net/fixture.h"

#define FEATURES (ALL_FEATURES | NET_F_CTRL_VQ | NET_F_MQ | NET_F_RSS | NET_F_HASH_REPORT)

enum { PAIRS_SET, RSS_CONFIG, HASH_CONFIG };
enum { PAIRS = 4, BIG_HEADER = 20, KEY = 40, TYPES = 0x1ff, NOWHERE = 99 };

static uint8_t frame[2048];

static void fill_rings(void)
{
	for (unsigned pair = 0; pair < PAIRS; pair++) {
		uint64_t first = rig_alloc(&rig, 100 * 256);

		for (unsigned i = 0; i < 100; i++)
			rig_offer(&rig, 2 * pair, &(struct rig_buffer){first + i * 256, 256, true},
			          1);
		rig_kick(&rig, 2 * pair);
	}
}

static void setup(void)
{
	net_setup_pairs(FEATURES, PAIRS);
	fill_rings();
}

TestSuite(net_steer, .init = setup, .fini = net_teardown, .timeout = 60);

static size_t flow_frame(unsigned flow, bool from_guest)
{
	struct test_packet packet = {.from = from_guest ? IP(10, 0, 0, 2) : IP(10, 9, 9, 9),
	                             .to = from_guest ? IP(10, 9, 9, 9) : IP(10, 0, 0, 2),
	                             .protocol = 17,
	                             .from_port = (uint16_t)(from_guest ? 1000 + flow : 53),
	                             .to_port = (uint16_t)(from_guest ? 53 : 1000 + flow)};

	memcpy(packet.from_mac, from_guest ? guest_mac : other_mac, 6);
	memcpy(packet.to_mac, from_guest ? other_mac : guest_mac, 6);
	return test_frame(frame, &packet);
}

/* The pair that a packet of the flow is received on. */
static unsigned goes_to(unsigned flow)
{
	unsigned before[PAIRS], found = NOWHERE;

	for (unsigned i = 0; i < PAIRS; i++)
		before[i] = rig_used_count(&rig, 2 * i);
	cr_assert(deliver(frame, flow_frame(flow, false), NULL));
	for (unsigned i = 0; i < PAIRS; i++)
		if (rig_used_count(&rig, 2 * i) != before[i])
			found = i;
	return found;
}

static void send_on(unsigned pair, unsigned flow)
{
	uint8_t header[BIG_HEADER] = {0};
	size_t size = flow_frame(flow, true);
	uint64_t at = rig_alloc(&rig, 512);
	uint16_t head;
	uint32_t written;

	memcpy(rig_at(&rig, at, BIG_HEADER), header, BIG_HEADER);
	memcpy(rig_at(&rig, at + BIG_HEADER, size), frame, size);
	rig_offer(&rig, 2 * pair + 1,
	          &(struct rig_buffer){at, (uint32_t)(BIG_HEADER + size), false}, 1);
	rig_kick(&rig, 2 * pair + 1);
	cr_assert(rig_used(&rig, 2 * pair + 1, &head, &written));
}

static uint8_t set_pairs(uint16_t pairs)
{
	return command(CLASS_MQ, PAIRS_SET, &pairs, 2);
}

PROVES("V14-NET-001", "V14-NET-007", "V14-NET-008", "V14-NET-013", "V14-NET-S10", "V14-NET-S11")
Test(net_steer, what_is_offered)
{
	uint64_t all = NET_F_MQ | NET_F_RSS | NET_F_HASH_REPORT;

	cr_expect_eq(rig_features(&rig) & all, all);
	cr_expect_eq(rig_read(&rig, rig.config + 8, 2), PAIRS);
	cr_expect_geq(rig_read(&rig, rig.config + 17, 1), KEY);
	cr_expect_geq(rig_read(&rig, rig.config + 18, 2), 128);
	cr_expect_eq(rig_read(&rig, rig.config + 20, 4), TYPES);
	net_setup();
	cr_expect_eq(rig_features(&rig) & all, 0);
	cr_expect_eq(rig_read(&rig, rig.config + 8, 2), 1);
}

PROVES("V14-NET-093")
Test(net_steer, the_first_pair_only_after_reset)
{
	for (unsigned flow = 0; flow < 50; flow++)
		cr_assert_eq(goes_to(flow), 0);
	cr_assert_eq(set_pairs(PAIRS), ACK_OK);
	for (unsigned flow = 0; flow < 20; flow++)
		goes_to(flow);
	cr_expect_gt(rig_used_count(&rig, 2) + rig_used_count(&rig, 4) + rig_used_count(&rig, 6),
	             0);
	cr_assert(rig_start(&rig, FEATURES));
	fill_rings();
	for (unsigned flow = 0; flow < 50; flow++)
		cr_assert_eq(goes_to(flow), 0);
}

PROVES("V14-NET-S16", "V14-NET-S17")
Test(net_steer, packets_return_where_the_flow_was_sent)
{
	cr_assert_eq(set_pairs(PAIRS), ACK_OK);
	for (unsigned pair = 0; pair < PAIRS; pair++) {
		send_on(pair, 7);
		cr_expect_eq(goes_to(7), pair);
		cr_expect_eq(goes_to(7), pair);
	}
	send_on(1, 8);
	send_on(2, 9);
	cr_expect_eq(goes_to(8), 1);
	cr_expect_eq(goes_to(9), 2);
}

PROVES("V14-NET-094")
Test(net_steer, fewer_pairs_again)
{
	cr_assert_eq(set_pairs(PAIRS), ACK_OK);
	for (unsigned flow = 0; flow < 20; flow++)
		send_on(flow % PAIRS, flow);
	cr_assert_eq(set_pairs(2), ACK_OK);
	for (unsigned flow = 0; flow < 40; flow++)
		cr_assert_lt(goes_to(flow), 2);
	cr_assert_eq(set_pairs(1), ACK_OK);
	for (unsigned flow = 0; flow < 40; flow++)
		cr_assert_eq(goes_to(flow), 0);
}

Test(net_steer, NT_020_pairs_that_are_none)
{
	static const uint16_t wrong[] = {0, PAIRS + 1, 0x8000, 0xffff};
	uint8_t short_data = 1;

	cr_assert_eq(set_pairs(PAIRS), ACK_OK);
	send_on(3, 5);
	for (unsigned i = 0; i < 4; i++) {
		cr_expect_eq(set_pairs(wrong[i]), ACK_ERR);
		cr_expect_eq(goes_to(5), 3);
	}
	cr_expect_eq(command(CLASS_MQ, PAIRS_SET, &short_data, 1), ACK_ERR);
	cr_expect_eq(command(CLASS_MQ, PAIRS_SET, NULL, 0), ACK_ERR);
	cr_expect_eq(command(CLASS_MQ, 3, &short_data, 1), ACK_ERR);
	cr_expect_eq(goes_to(5), 3);
}

/* A queue that was stopped is left out; when all are, packets are dropped. */
PROVES("V14-NET-095", "V14-NET-096")
Test(net_steer, queues_that_are_not_there)
{
	cr_assert_eq(set_pairs(PAIRS), ACK_OK);
	send_on(2, 5);
	virtio_queue_stop(&net.device, 4);
	unsigned other = goes_to(5);
	cr_expect(other != 2 && other < PAIRS);
	for (unsigned i = 0; i < PAIRS; i++)
		virtio_queue_stop(&net.device, 2 * i);
	cr_expect_eq(goes_to(5), NOWHERE);
	cr_expect_eq(net.stats.rx_dropped, 1);
}

/* --- RSS --- */

struct rss {
	uint32_t types;
	uint16_t mask, unclassified;
	uint16_t table[256];
	unsigned entries; /* that are sent; mask + 1 would be right */
	uint8_t key_length, key_given;
};

static struct rss spread(void)
{
	struct rss rss = {.types = TYPES,
	                  .mask = 127,
	                  .unclassified = 3,
	                  .entries = 128,
	                  .key_length = KEY,
	                  .key_given = KEY};

	for (unsigned i = 0; i < 256; i++)
		rss.table[i] = (uint16_t)(i % PAIRS);
	return rss;
}

static uint8_t configure(const struct rss *rss)
{
	uint8_t data[1024] = {0};
	size_t size = 8;

	memcpy(data, &rss->types, 4);
	memcpy(data + 4, &rss->mask, 2);
	memcpy(data + 6, &rss->unclassified, 2);
	memcpy(data + size, rss->table, 2 * rss->entries);
	size += 2 * rss->entries;
	data[size] = PAIRS;
	data[size + 2] = rss->key_length;
	for (unsigned i = 0; i < rss->key_given; i++)
		data[size + 3 + i] = (uint8_t)(i * 37 + 1);
	return command(CLASS_MQ, RSS_CONFIG, data, size + 3 + rss->key_given);
}

/* The hash that a driver of our own calculates. */
static uint32_t expected_hash(unsigned flow)
{
	uint8_t input[12], key[KEY];
	uint32_t hash = 0;

	for (unsigned i = 0; i < KEY; i++)
		key[i] = (uint8_t)(i * 37 + 1);
	flow_frame(flow, false);
	memcpy(input, frame + ETH + 12, 8);
	memcpy(input + 8, frame + ETH + 20, 4);
	for (unsigned bit = 0; bit < 96; bit++) {
		if (!(input[bit / 8] & 0x80 >> bit % 8))
			continue;
		for (unsigned k = 0; k < 32; k++)
			if (key[(bit + k) / 8] & 0x80 >> (bit + k) % 8)
				hash ^= 0x80000000u >> k;
	}
	return hash;
}

PROVES("V14-NET-097", "V14-NET-099", "V14-NET-S08")
Test(net_steer, rss_by_the_table)
{
	struct rss rss = spread();

	cr_assert_eq(configure(&rss), ACK_OK);
	for (unsigned flow = 0; flow < 60; flow++)
		cr_assert_eq(goes_to(flow), (expected_hash(flow) & 127) % PAIRS);
	rss.mask = 1;
	rss.entries = 2;
	rss.table[0] = 3;
	rss.table[1] = 1;
	cr_assert_eq(configure(&rss), ACK_OK);
	for (unsigned flow = 0; flow < 40; flow++)
		cr_assert_eq(goes_to(flow), expected_hash(flow) & 1 ? 1 : 3);
}

PROVES("V14-NET-098")
Test(net_steer, rss_of_unclassified_packets)
{
	struct rss rss = spread();

	rss.types = 1 << 1; /* TCP over IPv4 only; the packets are UDP */
	cr_assert_eq(configure(&rss), ACK_OK);
	for (unsigned flow = 0; flow < 20; flow++)
		cr_assert_eq(goes_to(flow), 3);
}

PROVES("V14-NET-100")
Test(net_steer, rss_to_a_queue_that_is_not_there)
{
	struct rss rss = spread();

	rss.types = 0;
	cr_assert_eq(configure(&rss), ACK_OK);
	cr_expect_eq(goes_to(1), 3);
	virtio_queue_stop(&net.device, 6);
	cr_expect_eq(goes_to(1), NOWHERE);
	cr_expect_eq(net.stats.rx_dropped, 1);
}

/* The last command decides. */
Test(net_steer, rss_or_automatic)
{
	struct rss rss = spread();

	rss.types = 0;
	cr_assert_eq(configure(&rss), ACK_OK);
	cr_expect_eq(goes_to(1), 3);
	cr_assert_eq(set_pairs(1), ACK_OK);
	cr_expect_eq(goes_to(1), 0);
	cr_assert_eq(configure(&rss), ACK_OK);
	cr_expect_eq(goes_to(1), 3);
}

Test(net_steer, NT_021_rss_that_cannot_be)
{
	struct rss good = spread(), bad;

	good.types = 0;
	cr_assert_eq(configure(&good), ACK_OK);
#define REFUSED(change)                                                                            \
	do {                                                                                       \
		bad = good;                                                                        \
		change;                                                                            \
		cr_expect_eq(configure(&bad), ACK_ERR, #change);                                   \
		cr_expect_eq(goes_to(1), 3, #change);                                              \
	} while (0)
	REFUSED((bad.mask = 2, bad.entries = 3));
	REFUSED((bad.mask = 126, bad.entries = 127));
	REFUSED((bad.mask = 255, bad.entries = 256));
	REFUSED(bad.mask = 0xffff);
	REFUSED(bad.entries = 0);
	REFUSED(bad.unclassified = PAIRS);
	REFUSED(bad.unclassified = 0x7fff);
	REFUSED(bad.table[127] = PAIRS);
	REFUSED(bad.table[0] = 256);
	REFUSED(bad.types = 1 << 9);
	REFUSED(bad.types = 0x80000000);
	REFUSED((bad.key_length = 255, bad.key_given = 255));
	REFUSED((bad.key_length = KEY + 1, bad.key_given = KEY + 1));
	REFUSED(bad.key_given = KEY - 1);
	bad = good;
	bad.key_length = bad.key_given = 16; /* a short key is one */
	cr_expect_eq(configure(&bad), ACK_OK);
}

/* --- reports --- */

static uint8_t configure_hash(uint32_t types)
{
	uint8_t data[13 + KEY] = {[12] = KEY};

	memcpy(data, &types, 4);
	for (unsigned i = 0; i < KEY; i++)
		data[13 + i] = (uint8_t)(i * 37 + 1);
	return command(CLASS_MQ, HASH_CONFIG, data, sizeof(data));
}

/* The header of the packet received last on the first pair. */
static const uint8_t *last_header(void)
{
	uint16_t at = (uint16_t)(raw_used_idx(&rig.rings[RX]) - 1);
	struct raw_desc desc;

	memcpy(&desc,
	       rig_at(&rig, rig.rings[RX].desc + 16ull * raw_used_id(&rig.rings[RX], at), 16), 16);
	return rig_at(&rig, desc.addr, BIG_HEADER);
}

PROVES("V14-NET-S07", "V14-NET-S19")
Test(net_steer, NT_016_hash_reports)
{
	static const uint8_t none[8];

	cr_assert_eq(goes_to(1), 0); /* no hash yet */
	cr_expect(memcmp(last_header() + 12, none, 8) == 0);
	cr_expect_eq(raw_used_len(&rig.rings[RX], 0), BIG_HEADER + 42);
	cr_assert_eq(configure_hash(1 << 2), ACK_OK);
	for (unsigned flow = 0; flow < 20; flow++) {
		uint32_t hash = expected_hash(flow);

		cr_assert_eq(goes_to(flow), 0);
		cr_assert(memcmp(last_header() + 12, &hash, 4) == 0);
		cr_assert(last_header()[16] == 3 && last_header()[17] == 0);
		cr_assert(last_header()[18] == 0 && last_header()[19] == 0);
	}
	cr_assert_eq(configure_hash(1 << 1), ACK_OK); /* UDP is not enabled */
	cr_assert_eq(goes_to(1), 0);
	cr_expect(memcmp(last_header() + 12, none, 8) == 0);
	cr_expect_eq(configure_hash(1 << 9), ACK_ERR);
	cr_expect_eq(command(CLASS_MQ, HASH_CONFIG, none, 8), ACK_ERR);
}

/* Buffers as small as the larger header, and smaller. */
Test(net_steer, NT_016_buffers_for_the_larger_header)
{
	cr_assert(rig_start(&rig, FEATURES));
	uint64_t at = rig_alloc(&rig, 64);
	uint16_t head;
	uint32_t written;

	rig_offer(&rig, RX, &(struct rig_buffer){at, BIG_HEADER - 1, true}, 1);
	cr_expect_eq(goes_to(1), 0); /* it goes back empty, and the frame is lost */
	cr_assert(rig_used(&rig, RX, &head, &written));
	cr_expect_eq(written, 0);
	rig_offer(&rig, RX, &(struct rig_buffer){at, BIG_HEADER, true}, 1);
	rig_offer(&rig, RX, &(struct rig_buffer){at + 20, 44, true}, 1);
	cr_expect_eq(goes_to(1), 0);
	cr_expect_eq(rig_used_count(&rig, RX), 2);
	cr_expect_eq(*(uint8_t *)rig_at(&rig, at + 10, 1), 2);
}

Test(net_steer, sent_frames_have_the_larger_header_too)
{
	send_on(0, 1);
	cr_expect_eq(far.count, 1);
	cr_expect_eq(far.sizes[0], 42);
	cr_expect_eq(far.frames[0][12], 8);
}

/* Without the features the control queue is the third one, and these commands are unknown. */
PROVES("V14-NET-093")
Test(net_steer, one_pair_without_the_features)
{
	struct rss rss = spread();

	cr_assert(rig_start(&rig, ALL_FEATURES | NET_F_CTRL_VQ));
	cr_expect_eq(control_queue(), 2);
	cr_expect_eq(set_pairs(1), ACK_ERR);
	cr_expect_eq(configure(&rss), ACK_ERR);
	cr_expect_eq(configure_hash(1), ACK_ERR);
	cr_expect(!net.rings[4].enabled);
	cr_assert(rig_start(&rig, ALL_FEATURES));
	cr_expect_eq(net.device.queue_limit, 2);
	cr_expect(!net.rings[2].enabled);
}

/* Filters come first: what they drop is never steered. */
PROVES("V14-NET-143", "V14-NET-145", "V14-NET-146")
Test(net_steer, what_is_filtered_is_not_steered)
{
	struct rss rss = spread();
	uint64_t seen = 0;

	cr_assert(rig_start(&rig, FEATURES | NET_F_CTRL_RX));
	fill_rings();
	cr_assert_eq(configure(&rss), ACK_OK);
	flow_frame(1, false);
	frame[5] ^= 0x40;
	cr_assert(deliver(frame, 42, NULL));
	for (unsigned i = 0; i < PAIRS; i++)
		seen += net.queues[2 * i].stats.packets + net.queues[2 * i].stats.drops;
	cr_expect_eq(seen, 0);
	cr_expect_eq(net.stats.rx_filtered, 1);
	cr_expect_eq(goes_to(1), (expected_hash(1) & 127) % PAIRS);
}

/* Flows that were never sent go to any of the queues, but each always to the same. */
PROVES("V14-NET-S18")
Test(net_steer, flows_that_were_not_sent)
{
	cr_assert_eq(set_pairs(PAIRS), ACK_OK);
	for (unsigned flow = 0; flow < 30; flow++) {
		unsigned pair = goes_to(flow);

		cr_assert_lt(pair, PAIRS);
		cr_assert_eq(goes_to(flow), pair);
	}
}

/* A queue that was reset and not set up again is none. */
PROVES("V14-NET-095")
Test(net_steer, a_queue_that_is_reset_is_left_out)
{
	cr_assert(rig_start(&rig, FEATURES | VIRTIO_F_RING_RESET));
	fill_rings();
	cr_assert_eq(set_pairs(PAIRS), ACK_OK);
	send_on(2, 7);
	cr_assert_eq(goes_to(7), 2);
	virtio_queue_reset(&net.device, 4);
	cr_assert_not(virtio_queue_ready(&net.device, 4));
	cr_expect_neq(goes_to(7), 2);
	cr_expect_neq(goes_to(7), NOWHERE);
}

/* With one pair there is nothing to remember: later each flow goes where it is spread to. */
Test(net_steer, what_one_pair_sent_is_not_remembered)
{
	unsigned elsewhere = 0;

	for (unsigned flow = 0; flow < 20; flow++)
		send_on(0, flow);
	cr_assert_eq(set_pairs(PAIRS), ACK_OK);
	for (unsigned flow = 0; flow < 20; flow++)
		elsewhere += goes_to(flow) != 0;
	cr_expect_gt(elsewhere, 0);
}
