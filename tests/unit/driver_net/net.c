/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's network driver against the project's own network device. */
#include <criterion/criterion.h>
#include <string.h>

#include <arch/err.h>

#include "arch/hosted/hosted.h"
#include "guest-devices/virtio/net.h"
#include "hv/drivers/drivers.h"
#include "hv/drivers/virtio_net.h"
#include "tests/lib/driver_fixture.h"

static struct driver_fixture f;
static struct virtio_net device;
static struct net_end wire; /* the far end of the device's cable */
static struct host_nic *nic;

static uint8_t sent[HOST_NET_FRAME];    /* last frame that came out of the device */
static uint8_t arrived[HOST_NET_FRAME]; /* last frame that the driver delivered */
static size_t sent_size, arrived_size;
static unsigned sent_count, arrived_count;

static bool wire_receive(struct net_end *end, const struct net_packet *packet)
{
	(void)end;
	sent_size = 0;
	for (unsigned i = 0; i < packet->span_count; i++) {
		memcpy(sent + sent_size, packet->spans[i].data, packet->spans[i].size);
		sent_size += packet->spans[i].size;
	}
	sent_count++;
	return true;
}

static void on_received(struct host_nic *from, const uint8_t *frame, size_t size)
{
	(void)from;
	memcpy(arrived, frame, size);
	arrived_size = size;
	arrived_count++;
}

static void set_up(void)
{
	static const struct virtio_net_config config = {
	    .name = "test net", .mem = &f.mem, .mac = {0x52, 0x54, 0, 1, 2, 3}, .any_source = true};

	driver_fixture_init(&f);
	driver_fixture_share_all(&f);
	virtio_net_init(&device, &config);
	wire = (struct net_end){.receive = wire_receive};
	net_cable_join(&wire, &device.end);
	driver_fixture_plug(&f, &device.device);
	drivers_start();
	nic = drivers_nic();
	cr_assert_not_null(nic);
	nic->received = on_received;
}

static void tear_down(void)
{
	driver_fixture_free(&f);
}

TestSuite(driver_net, .init = set_up, .fini = tear_down);

static bool give_frame(uint8_t *frame, size_t size)
{
	struct blk_span span = {frame, size};
	struct net_packet packet = {.spans = &span, .span_count = 1, .size = size};

	return net_send(&wire, &packet) == NET_SENT;
}

static void fill_frame(uint8_t *frame, size_t size, unsigned seed)
{
	for (size_t i = 0; i < size; i++)
		frame[i] = (uint8_t)(seed + i);
	frame[0] = 0x52; /* to the card's own address, from another */
	frame[1] = 0x54;
	frame[2] = 0;
	frame[3] = 1;
	frame[4] = 2;
	frame[5] = 3;
	frame[6] = 0x02;
}

Test(driver_net, finds_the_card)
{
	const uint8_t mac[6] = {0x52, 0x54, 0, 1, 2, 3};

	cr_assert_arr_eq(nic->mac, mac, 6);
	cr_assert(hosted_log_has("virtio-net 00:03.0: 52:54:00:01:02:03"));
}

Test(driver_net, sends_frames_in_pieces)
{
	uint8_t frame[1514];
	struct blk_span spans[3] = {{frame, 14}, {frame + 14, 1000}, {frame + 1014, 500}};

	for (unsigned i = 0; i < 70000; i += i < 300 ? 1 : 7) {
		fill_frame(frame, sizeof(frame), i);
		cr_assert(nic->send(nic, spans, 3), "frame %u", i);
		cr_assert_eq(sent_size, sizeof(frame));
		cr_assert_arr_eq(sent, frame, sizeof(frame));
	}
	cr_assert_eq(nic->tx_frames, sent_count);
	cr_assert_eq(((struct host_net *)(void *)nic)->interrupts, 0, "sending interrupts nobody");
}

Test(driver_net, refuses_frames_of_no_length_or_too_much)
{
	uint8_t frame[HOST_NET_FRAME + 1] = {0};
	struct blk_span span = {frame, sizeof(frame)};
	struct blk_span two[2] = {{frame, HOST_NET_FRAME}, {frame, SIZE_MAX}};

	cr_assert_not(nic->send(nic, &span, 1));
	cr_assert_not(nic->send(nic, two, 2));
	cr_assert_not(nic->send(nic, &span, 0));
	span.size = 13;
	cr_assert_not(nic->send(nic, &span, 1));
	cr_assert_eq(sent_count, 0);
}

Test(driver_net, receives_in_bursts)
{
	uint8_t frame[1514];
	unsigned given = 0;

	for (unsigned round = 0; round < 700; round++) {
		for (unsigned i = 0; i < 100; i++) {
			fill_frame(frame, sizeof(frame), given);
			cr_assert(give_frame(frame, sizeof(frame)));
			given++;
		}
		cr_assert(nic->poll(nic, 64), "more is left");
		cr_assert_eq(arrived_count, given - 36);
		cr_assert_not(nic->poll(nic, 64));
		cr_assert_eq(arrived_count, given);
		cr_assert_eq(arrived_size, sizeof(frame));
		cr_assert_arr_eq(arrived, frame, sizeof(frame));
	}
	cr_assert_eq(nic->rx_frames, given);
	cr_assert_geq(((struct host_net *)(void *)nic)->interrupts, 700);
}

Test(driver_net, full_until_polled)
{
	uint8_t frame[60];
	unsigned given = 0;

	fill_frame(frame, sizeof(frame), 0);
	while (given < 1000 && give_frame(frame, sizeof(frame)))
		given++;
	cr_assert_eq(given, HOST_NET_RING);
	while (nic->poll(nic, 32))
		;
	cr_assert_eq(arrived_count, given);
	cr_assert(give_frame(frame, sizeof(frame)));
}

/* ---- a device that lies: its rings are written to behind its back ---- */

static struct host_net *driver(void)
{
	return (struct host_net *)(void *)nic;
}

static void lie_about(struct ring *ring, uint32_t id, uint32_t len, uint16_t ahead)
{
	uint8_t *used = (uint8_t *)(uintptr_t)ring->used;
	uint8_t *elem = used + 4 + 8u * (ring->used_seen % ring->size);
	uint16_t idx = (uint16_t)(ring->used_seen + ahead);

	memcpy(elem, &id, 4);
	memcpy(elem + 4, &len, 4);
	memcpy(used + 2, &idx, 2);
}

static void expect_offline(const char *why)
{
	uint8_t frame[60];
	struct blk_span span = {frame, sizeof(frame)};

	fill_frame(frame, sizeof(frame), 0);
	cr_assert(driver()->offline);
	cr_assert(hosted_log_has(why), "%s", hosted_log);
	cr_assert_eq(device.device.status, 0, "the device was reset");
	cr_assert_not(nic->send(nic, &span, 1));
	cr_assert_not(nic->poll(nic, 64));
	cr_assert_eq(arrived_count, 0);
}

Test(driver_net, NW_004_used_id_out_of_range)
{
	lie_about(&driver()->rx, 0x10000, 60, 1);
	nic->poll(nic, 64);
	expect_offline("descriptor beyond the ring");
}

Test(driver_net, NW_004_used_id_not_given)
{
	lie_about(&driver()->tx, 5, 0, 0);
	driver()->tx.chains = 1; /* the index is right, the chain is not */
	lie_about(&driver()->tx, 5, 0, 1);
	nic->poll(nic, 64);
	expect_offline("descriptor that it does not have");
}

Test(driver_net, NW_004_used_index_ahead)
{
	lie_about(&driver()->rx, 0, 60, HOST_NET_RING + 1);
	nic->poll(nic, 64);
	expect_offline("used index runs ahead");
}

Test(driver_net, NW_004_length_beyond_the_buffer)
{
	lie_about(&driver()->rx, 0, 0xffffffff, 1);
	nic->poll(nic, 64);
	cr_assert_eq(driver()->rx.clamped, 1);
	cr_assert_eq(nic->drops, 1);
	cr_assert_eq(arrived_count, 0);
	cr_assert_not(driver()->offline);
}

Test(driver_net, NW_004_length_below_a_header)
{
	lie_about(&driver()->rx, 0, 3, 1);
	nic->poll(nic, 64);
	cr_assert_eq(nic->drops, 1);
	cr_assert_eq(arrived_count, 0);
}

Test(driver_net, NW_008_gone)
{
	f.gone = true;
	driver()->config_pending = true;
	nic->poll(nic, 64);
	cr_assert(driver()->offline);
	cr_assert_leq(hosted_time.now_ns, 2000000000u);
	cr_assert_not(nic->poll(nic, 64));
}

Test(driver_net, device_asks_for_reset)
{
	virtio_fail(&device.device, 0, "TEST");
	nic->poll(nic, 64);
	expect_offline("wants a reset");
}
