/* SPDX-License-Identifier: BSD-2-Clause */
/* The console under a driver that kicks only when it is asked to. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/virtio/console.h"
#include "tests/lib/driver_fixture.h"

enum { RX, TX };

static struct driver_fixture f;
static struct virtio_console console;
static struct char_end far;
static size_t room, taken, ready;

static size_t far_receive(struct char_end *end, const uint8_t *data, size_t size)
{
	size_t n = size < room ? size : room;

	(void)end;
	(void)data;
	room -= n;
	taken += n;
	return n;
}

static void far_ready(struct char_end *end)
{
	(void)end;
	ready++;
}

static void setup(void)
{
	driver_fixture_init(&f);
	virtio_console_init(&console,
	                    &(struct virtio_console_config){.name = "test console", .mem = &f.mem});
	far = (struct char_end){.receive = far_receive, .peer_ready = far_ready};
	char_join(virtio_console_end(&console, 0), &far);
	driver_fixture_plug(&f, &console.device);
	room = taken = ready = 0;
}

static void teardown(void)
{
	driver_fixture_free(&f);
}

TestSuite(console_driver, .init = setup, .fini = teardown, .timeout = 60);

static void type_rounds(uint64_t features)
{
	uint8_t *buffer = driver_fixture_alloc(&f, 4);
	uint32_t written;

	cr_assert_eq(driver_fixture_start(&f, features), 0);
	for (unsigned round = 0; round < 200; round++) {
		cr_assert_eq(char_send(&far, (const uint8_t *)"abcdef", 6), 0);
		ready = 0;
		cr_assert_eq(ring_add(&f.rings[RX], &(struct blk_span){buffer, 4}, 0, 1, buffer),
		             0);
		virtio_port_kick(&f.port.port, RX, &f.rings[RX]);
		cr_assert_eq(ready, 1, "round %u", round);
		cr_assert_eq(char_send(&far, (const uint8_t *)"abcdef", 6), 4);
		cr_assert(ring_reap(&f.rings[RX], &written) == buffer && written == 4);
		cr_assert(memcmp(buffer, "abcd", 4) == 0);
	}
}

Test(console_driver, typing_plain_ring)
{
	type_rounds(0);
}

Test(console_driver, typing_event_index)
{
	type_rounds(VIRTIO_F_EVENT_IDX);
}

/* The screen is full in the middle of a chain; then it has room; nothing is lost or repeated. */
static void print_rounds(uint64_t features)
{
	uint8_t *text = driver_fixture_alloc(&f, 100);
	uint32_t written;

	cr_assert_eq(driver_fixture_start(&f, features), 0);
	for (unsigned round = 0; round < 200; round++) {
		room = round % 100;
		cr_assert_eq(ring_add(&f.rings[TX], &(struct blk_span){text, 100}, 1, 0, text), 0);
		virtio_port_kick(&f.port.port, TX, &f.rings[TX]);
		cr_assert_null(ring_reap(&f.rings[TX], &written));
		room = 100;
		char_ready(&far);
		cr_assert(ring_reap(&f.rings[TX], &written) == text);
		cr_assert_eq(taken, 100 * (round + 1));
	}
	cr_expect_eq(f.queue_interrupts, 200);
}

Test(console_driver, printing_plain_ring)
{
	print_rounds(0);
}

Test(console_driver, printing_with_all_ring_features)
{
	print_rounds(VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC);
}
