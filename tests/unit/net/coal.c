/* SPDX-License-Identifier: BSD-2-Clause */
/* Coalescing of notifications (5.1.9.5.10): limits, timers, and what the driver may set. */
#include <string.h>

#include "tests/unit/net/fixture.h"

#define FEATURES (ALL_FEATURES | NET_F_CTRL_VQ | NET_F_MQ | NET_F_NOTF_COAL | NET_F_VQ_NOTF_COAL)

enum { TX_SET, RX_SET, VQ_SET, VQ_GET };
enum { PAIRS = 2 };

static uint8_t frame[256];
static size_t size;

static void setup(void)
{
	net_setup_pairs(FEATURES, PAIRS);
	offer_buffers(100, 512);
	size = tcp_frame(frame, 100, 0x10);
	memset(rig.interrupts, 0, sizeof(rig.interrupts));
}

TestSuite(net_coal, .init = setup, .fini = net_teardown, .timeout = 60);

static uint8_t set(uint8_t number, uint32_t packets, uint32_t usecs)
{
	return command(CLASS_COAL, number, (uint32_t[]){packets, usecs}, 8);
}

static uint8_t set_vq(uint16_t queue, uint32_t packets, uint32_t usecs)
{
	/* reserved is not zero: it is ignored */
	return command(CLASS_COAL, VQ_SET, (uint32_t[]){0xabcd0000u | queue, packets, usecs}, 12);
}

/* VQ_GET: the limits are the writable end of the data, ack follows. */
static uint8_t get_vq(uint16_t queue, uint32_t limits[2])
{
	uint64_t in = rig_alloc(&rig, 6), out = rig_alloc(&rig, 9);
	uint8_t *bytes = rig_at(&rig, in, 6), *answer = rig_at(&rig, out, 9);
	uint16_t head;
	uint32_t written;

	bytes[0] = CLASS_COAL;
	bytes[1] = VQ_GET;
	memcpy(bytes + 2, &queue, 2);
	memset(answer, ACK_NONE, 9);
	rig_offer(&rig, control_queue(), (struct rig_buffer[]){{in, 6, false}, {out, 9, true}}, 2);
	rig_kick(&rig, control_queue());
	cr_assert(rig_used(&rig, control_queue(), &head, &written));
	cr_assert_eq(written, 9);
	memcpy(limits, answer, 8);
	return answer[8];
}

static void expect_limits(uint16_t queue, uint32_t packets, uint32_t usecs)
{
	uint32_t limits[2];

	cr_expect_eq(get_vq(queue, limits), ACK_OK);
	cr_expect_eq(limits[0], packets);
	cr_expect_eq(limits[1], usecs);
}

static void receive(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		cr_assert(deliver(frame, size, NULL));
}

static void send(unsigned count)
{
	static const struct tx_header plain;

	for (unsigned i = 0; i < count; i++)
		send_frame(&plain, frame, size);
}

Test(net_coal, by_packets)
{
	cr_expect_eq(set(RX_SET, 5, 1000), ACK_OK);
	receive(4);
	cr_expect_eq(rig.interrupts[RX], 0);
	receive(1);
	cr_expect_eq(rig.interrupts[RX], 1);
	receive(9);
	cr_expect_eq(rig.interrupts[RX], 2);
	cr_expect_eq(set(TX_SET, 3, 1000), ACK_OK);
	send(2);
	cr_expect_eq(rig.interrupts[TX], 0);
	send(1);
	cr_expect_eq(rig.interrupts[TX], 1);
}

PROVES("V14-NET-109")
Test(net_coal, by_time)
{
	cr_expect_eq(set(RX_SET, 50, 1000), ACK_OK);
	receive(1);
	fake_port_advance(600000);
	receive(1); /* the clock runs from the first one */
	fake_port_advance(399000);
	cr_expect_eq(rig.interrupts[RX], 0);
	fake_port_advance(1000);
	cr_expect_eq(rig.interrupts[RX], 1);
	cr_expect_null(fake_port.timers);
	fake_port_advance(5000000);
	cr_expect_eq(rig.interrupts[RX], 1);
	receive(1);
	fake_port_advance(1000000);
	cr_expect_eq(rig.interrupts[RX], 2);
}

Test(net_coal, either_limit_zero_is_none)
{
	static const uint32_t limits[][2] = {{0, 1000}, {10, 0}, {0, 0}};

	for (unsigned i = 0; i < 3; i++) {
		unsigned before = rig.interrupts[RX];

		cr_expect_eq(set(RX_SET, limits[i][0], limits[i][1]), ACK_OK);
		receive(2);
		cr_expect_eq(rig.interrupts[RX], before + 2);
	}
}

/* The specification's own sequence of commands, with two pairs. */
Test(net_coal, the_last_command_counts)
{
	cr_expect_eq(set(RX_SET, 1, 10), ACK_OK);
	expect_limits(0, 1, 10);
	expect_limits(2, 1, 10);
	expect_limits(1, 0, 0);
	cr_expect_eq(set_vq(0, 2, 20), ACK_OK);
	expect_limits(0, 2, 20);
	expect_limits(2, 1, 10);
	cr_expect_eq(set_vq(1, 3, 30), ACK_OK);
	expect_limits(1, 3, 30);
	expect_limits(3, 0, 0);
	cr_expect_eq(set(TX_SET, 4, 40), ACK_OK);
	expect_limits(1, 4, 40);
	expect_limits(3, 4, 40);
	expect_limits(0, 2, 20);
}

PROVES("V14-NET-103")
Test(net_coal, reserved_is_ignored)
{
	cr_expect_eq(set_vq(0, 7, 70), ACK_OK);
	expect_limits(0, 7, 70);
}

/* 10 packets wait; 8 would have been enough. */
Test(net_coal, new_limits_for_what_waits)
{
	cr_expect_eq(set(RX_SET, 15, 1000), ACK_OK);
	receive(10);
	cr_expect_eq(rig.interrupts[RX], 0);
	cr_expect_eq(set(RX_SET, 8, 1000), ACK_OK);
	cr_expect_eq(rig.interrupts[RX], 1);
	receive(1);
	fake_port_advance(500000);
	cr_expect_eq(set(RX_SET, 8, 400), ACK_OK);
	cr_expect_eq(rig.interrupts[RX], 2);
	receive(1);
	cr_expect_eq(set(RX_SET, 8, 0), ACK_OK);
	cr_expect_eq(rig.interrupts[RX], 3);
}

PROVES("V14-NET-104", "V14-NET-105", "V14-NET-106")
Test(net_coal, queues_that_have_no_limits)
{
	static const uint16_t wrong[] = {4 /* control */, 5, 20, 0xffff};
	uint32_t limits[2];

	for (unsigned i = 0; i < 4; i++) {
		cr_expect_eq(set_vq(wrong[i], 1, 1), ACK_ERR);
		cr_expect_eq(get_vq(wrong[i], limits), ACK_ERR);
	}
	virtio_queue_stop(&net.device, 3);
	cr_expect(!virtio_queue_ready(&net.device, 3));
	cr_expect_eq(set_vq(3, 1, 1), ACK_ERR);
	cr_expect_eq(get_vq(3, limits), ACK_ERR);
	cr_expect_eq(command(CLASS_COAL, RX_SET, limits, 7), ACK_ERR);
	cr_expect_eq(command(CLASS_COAL, TX_SET, limits, 0), ACK_ERR);
	cr_expect_eq(command(CLASS_COAL, VQ_SET, limits, 8), ACK_ERR);
	cr_expect_eq(command(CLASS_COAL, VQ_GET, limits, 2), ACK_ERR); /* no room for limits */
	cr_expect_eq(command(CLASS_COAL, 4, limits, 8), ACK_ERR);
}

static void enable_again(unsigned queue)
{
	struct raw_ring *ring = &rig.rings[queue];

	raw_ring_init(ring, &rig.mem, ring->desc, RIG_RING_SIZE);
	rig.next_desc[queue] = rig.seen[queue] = 0;
	virtio_set_queue_size(&net.device, queue, RIG_RING_SIZE);
	for (unsigned half = 0; half < 2; half++) {
		virtio_set_area_word(&net.device, queue, half, (uint32_t)(ring->desc >> 32 * half));
		virtio_set_area_word(&net.device, queue, 2 + half,
		                     (uint32_t)(ring->avail >> 32 * half));
		virtio_set_area_word(&net.device, queue, 4 + half,
		                     (uint32_t)(ring->used >> 32 * half));
	}
	cr_assert(virtio_queue_enable(&net.device, queue));
}

static void stop_and_enable(unsigned queue)
{
	virtio_queue_stop(&net.device, queue);
	cr_assert(!virtio_queue_ready(&net.device, queue));
	enable_again(queue);
}

PROVES("V14-NET-107", "V14-NET-108")
Test(net_coal, a_queue_enabled_again)
{
	cr_expect_eq(set_vq(2, 9, 90), ACK_OK);
	cr_expect_eq(set_vq(3, 9, 90), ACK_OK);
	stop_and_enable(2);
	stop_and_enable(3);
	expect_limits(2, 0, 0);
	expect_limits(3, 0, 0);
	cr_expect_eq(set(RX_SET, 1, 10), ACK_OK);
	cr_expect_eq(set(TX_SET, 2, 20), ACK_OK);
	cr_expect_eq(set_vq(2, 9, 90), ACK_OK);
	cr_expect_eq(set_vq(3, 9, 90), ACK_OK);
	stop_and_enable(2);
	stop_and_enable(3);
	expect_limits(2, 1, 10);
	expect_limits(3, 2, 20);
}

PROVES("V14-NET-111")
Test(net_coal, nothing_is_left_after_reset)
{
	cr_expect_eq(set(RX_SET, 50, 1000000), ACK_OK);
	cr_expect_eq(set(TX_SET, 50, 1000000), ACK_OK);
	receive(3);
	cr_expect_not_null(fake_port.timers);
	rig_reset(&rig);
	cr_expect_null(fake_port.timers);
	cr_assert(rig_start(&rig, FEATURES));
	for (uint16_t i = 0; i < 4; i++)
		expect_limits(i, 0, 0);
	offer_buffers(1, 512);
	unsigned before = rig.interrupts[RX];
	receive(1);
	cr_expect_eq(rig.interrupts[RX], before + 1);
}

/* The limits are met, but the driver does not want to hear. */
PROVES("V14-NET-110")
Test(net_coal, not_when_notifications_are_suppressed)
{
	cr_expect_eq(set(RX_SET, 2, 1000), ACK_OK);
	*(uint16_t *)rig_at(&rig, rig.rings[RX].avail, 2) = 1; /* NO_INTERRUPT */
	receive(4);
	fake_port_advance(2000000);
	cr_expect_eq(rig.interrupts[RX], 0);
}

Test(net_coal, each_needs_its_feature)
{
	uint32_t limits[2];

	cr_assert(rig_start(&rig, FEATURES & ~NET_F_NOTF_COAL));
	cr_expect_eq(set(RX_SET, 1, 1), ACK_ERR);
	cr_expect_eq(set(TX_SET, 1, 1), ACK_ERR);
	cr_expect_eq(set_vq(0, 1, 1), ACK_OK);
	cr_assert(rig_start(&rig, FEATURES & ~NET_F_VQ_NOTF_COAL));
	cr_expect_eq(set(RX_SET, 1, 1), ACK_OK);
	cr_expect_eq(set_vq(0, 1, 1), ACK_ERR);
	cr_expect_eq(get_vq(0, limits), ACK_ERR);
}

Test(net_coal, time_counts_from_the_first_packet)
{
	fake_port_advance(5000000000);
	cr_assert_eq(set(RX_SET, 10, 100), ACK_OK);
	memset(rig.interrupts, 0, sizeof(rig.interrupts));
	receive(1);
	cr_expect_eq(rig.interrupts[RX], 0);
	fake_port_advance(99999);
	cr_expect_eq(rig.interrupts[RX], 0);
	fake_port_advance(2);
	cr_expect_eq(rig.interrupts[RX], 1);
}

/* What was told needs no timer. */
Test(net_coal, the_timer_ends_with_the_notification)
{
	cr_assert_eq(set(RX_SET, 2, 100), ACK_OK);
	receive(1);
	cr_expect_neq(net.queues[RX].coal.timer.deadline, UINT64_MAX);
	receive(1);
	cr_expect_eq(net.queues[RX].coal.timer.deadline, UINT64_MAX);
}
