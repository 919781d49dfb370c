/* SPDX-License-Identifier: BSD-2-Clause */
/* The same device over packed rings, driven by the project's own driver side, in order too. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/virtio/vsock.h"
#include "tests/lib/driver_fixture.h"

static struct driver_fixture f;
static struct virtio_vsock device;
static unsigned sent;

static enum vsock_sent send(struct vsock_backend *backend, const struct vsock_packet *packet,
                            const struct blk_span *spans, unsigned count)
{
	(void)backend;
	(void)spans;
	(void)count;
	sent++;
	return packet->op == VSOCK_RW && sent % 3 == 0 ? VSOCK_WAIT : VSOCK_SENT;
}

static void up(struct vsock_backend *backend, bool is_up)
{
	(void)backend;
	(void)is_up;
}

static void ready(struct vsock_backend *backend)
{
	(void)backend;
}

static struct vsock_backend backend = {.send = send, .up = up, .ready = ready};

static void header(uint8_t *bytes, uint16_t op, uint32_t size)
{
	memset(bytes, 0, VIRTIO_VSOCK_HEADER);
	bytes[0] = 5;  /* src_cid */
	bytes[8] = 9;  /* dst_cid */
	bytes[16] = 1; /* src_port */
	bytes[20] = 2; /* dst_port */
	bytes[24] = (uint8_t)size;
	bytes[28] = VSOCK_STREAM;
	bytes[30] = (uint8_t)op;
	bytes[37] = 16; /* buf_alloc */
}

static void expect_talk(uint64_t features)
{
	struct vsock_packet in = {
	    .src_cid = 9, .dst_cid = 5, .src_port = 2, .dst_port = 1, .type = VSOCK_STREAM};
	uint8_t *tx, *rx;
	uint32_t taken = 0, written = 0;

	sent = 0;
	driver_fixture_init(&f);
	cr_assert(virtio_vsock_init(
	    &device, &(struct virtio_vsock_config){
	                 .name = "test", .mem = &f.mem, .backend = &backend, .cid = 5}));
	virtio_offer(&device.device, VIRTIO_F_RING_PACKED);
	driver_fixture_plug(&f, &device.device);
	cr_assert_eq(driver_fixture_start(&f, features), 0);
	tx = driver_fixture_alloc(&f, 256);
	rx = driver_fixture_alloc(&f, 256);
	header(tx, VSOCK_REQUEST, 0);
	cr_assert_eq(driver_fixture_call(&f, VSOCK_TX, &(struct blk_span){tx, 44}, 1, 0, NULL), 0);
	for (unsigned n = 0; n < 200; n++) {
		int err;

		cr_assert_eq(ring_add(&f.rings[VSOCK_RX], &(struct blk_span){rx, 256}, 0, 1, &f),
		             0);
		virtio_port_kick(&f.port.port, VSOCK_RX, &f.rings[VSOCK_RX]);
		in.op = n ? VSOCK_RW : VSOCK_RESPONSE;
		in.size = n ? 10 : 0;
		cr_assert_eq(
		    virtio_vsock_receive(&device, &in, (const uint8_t *)"0123456789", &taken),
		    VSOCK_SENT);
		taken = 0;
		cr_assert_eq(ring_reap(&f.rings[VSOCK_RX], &written), &f);
		cr_assert_eq(written, 44 + in.size);
		cr_assert_eq(memcmp(rx + 44, "0123456789", in.size), 0);
		header(tx, VSOCK_RW, 20);
		err = driver_fixture_call(
		    &f, VSOCK_TX, (struct blk_span[]){{tx, 30}, {tx + 30, 100}}, 2, 0, NULL);
		if (err) { /* it had to wait, in the ring */
			virtio_vsock_room(&device);
			cr_assert_not_null(ring_reap(&f.rings[VSOCK_TX], &written));
		}
	}
	driver_fixture_free(&f);
}

Test(vsock_packed, packets_both_ways_over_packed_rings)
{
	expect_talk(RING_FEATURES | VIRTIO_F_RING_PACKED);
}

Test(vsock_packed, packets_both_ways_over_split_rings_in_order)
{
	expect_talk((RING_FEATURES & ~VIRTIO_F_RING_PACKED) | VIRTIO_F_IN_ORDER);
}
