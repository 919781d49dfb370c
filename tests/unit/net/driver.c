/* SPDX-License-Identifier: BSD-2-Clause */
/* The network device under a driver that kicks only when it is asked to. */
#include <string.h>

#include "tests/lib/driver_fixture.h"
#include "tests/unit/net/fixture.h"

enum { BUFFER = 600, FRAME = 1000, ROUNDS = 100 };

static struct driver_fixture f;

static void setup(void)
{
	struct virtio_net_config config = {.name = "test net0", .mem = &f.mem};

	driver_fixture_init(&f);
	memcpy(config.mac, guest_mac, 6);
	virtio_net_init(&net, &config);
	end_init(&far, true, ~0u);
	net_cable_join(&net.end, &far.end);
	driver_fixture_plug(&f, &net.device);
}

static void teardown(void)
{
	driver_fixture_free(&f);
}

TestSuite(net_driver, .init = setup, .fini = teardown, .timeout = 60);

static void add_buffer(uint8_t *buffer)
{
	cr_assert_eq(ring_add(&f.rings[RX], &(struct blk_span){buffer, BUFFER}, 0, 1, buffer), 0);
}

/* Each round: a frame is refused for want of buffers; the driver adds some; the device must want
 * to know, and the peer must be told. */
static void receive_rounds(uint64_t features)
{
	uint8_t *buffers = driver_fixture_alloc(&f, 2 * BUFFER), *got, frame[FRAME];
	uint32_t written;

	cr_assert_eq(driver_fixture_start(&f, features | NET_F_MRG_RXBUF), 0);
	for (unsigned round = 0; round < ROUNDS; round++) {
		memset(frame, (int)round, FRAME);
		cr_assert(!deliver(frame, FRAME, NULL));
		far.ready = 0;
		add_buffer(buffers);
		virtio_port_kick(&f.port.port, RX, &f.rings[RX]);
		cr_assert_eq(far.ready, 1, "round %u", round);
		cr_assert(!deliver(frame, FRAME, NULL)); /* one is not enough */
		add_buffer(buffers + BUFFER);
		virtio_port_kick(&f.port.port, RX, &f.rings[RX]);
		cr_assert_eq(far.ready, 2);
		cr_assert(deliver(frame, FRAME, NULL));
		got = ring_reap(&f.rings[RX], &written);
		cr_assert(got == buffers && written == BUFFER && got[10] == 2);
		cr_assert(got[HEADER] == (uint8_t)round);
		got = ring_reap(&f.rings[RX], &written);
		cr_assert(got == buffers + BUFFER && written == HEADER + FRAME - BUFFER);
		cr_assert_null(ring_reap(&f.rings[RX], &written));
		cr_assert_eq(f.queue_interrupts, round + 1);
	}
}

Test(net_driver, starving_plain_ring)
{
	receive_rounds(0);
}

Test(net_driver, starving_event_index)
{
	receive_rounds(VIRTIO_F_EVENT_IDX);
}

/* With buffers enough nobody kicks for receive buffers after the first time. */
Test(net_driver, no_kicks_while_there_are_buffers)
{
	uint8_t *buffers = driver_fixture_alloc(&f, 40 * BUFFER), frame[100] = {0};
	uint32_t written;

	cr_assert_eq(driver_fixture_start(&f, VIRTIO_F_EVENT_IDX | NET_F_MRG_RXBUF), 0);
	for (unsigned i = 0; i < 40; i++)
		add_buffer(buffers + i * BUFFER);
	virtio_port_kick(&f.port.port, RX, &f.rings[RX]);
	for (unsigned i = 0; i < 200; i++) {
		cr_assert(deliver(frame, sizeof(frame), NULL));
		add_buffer(ring_reap(&f.rings[RX], &written));
		virtio_port_kick(&f.port.port, RX, &f.rings[RX]);
	}
	cr_expect_leq(net.rings[RX].kicks, 1);
}

static void send_rounds(uint64_t features)
{
	uint8_t *data = driver_fixture_alloc(&f, HEADER + FRAME);
	uint32_t written;

	memcpy(data + HEADER + 6, guest_mac, 6);
	cr_assert_eq(driver_fixture_start(&f, features), 0);
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < 10; i++)
			cr_assert_eq(
			    ring_add(&f.rings[TX],
			             (struct blk_span[]){{data, HEADER}, {data + HEADER, FRAME}}, 2,
			             0, data),
			    0);
		virtio_port_kick(&f.port.port, TX, &f.rings[TX]);
		for (unsigned i = 0; i < 10; i++)
			cr_assert(ring_reap(&f.rings[TX], &written) && written == 0);
	}
	cr_expect_eq(far.count, 10 * ROUNDS);
	cr_expect_eq(net.rings[TX].kicks, ROUNDS);
}

Test(net_driver, sending_plain_ring)
{
	send_rounds(0);
}

Test(net_driver, sending_with_all_ring_features)
{
	send_rounds(VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC);
}
