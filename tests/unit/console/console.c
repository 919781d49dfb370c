/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/virtio/console.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/proves.h"

enum { RX, TX };
#define F_EMERG_WRITE (1ull << 2)

static struct rig rig;
static struct virtio_console console;

/* The far end: takes as much as it has room for. */
static struct {
	struct char_end end;
	char text[1 << 16];
	size_t size, room;
	unsigned ready;      /* times the device said that it has room */
	const char *pending; /* typed again when it says so */
} screen;

static size_t screen_receive(struct char_end *end, const uint8_t *data, size_t size)
{
	size_t n = size < screen.room ? size : screen.room;

	(void)end;
	memcpy(screen.text + screen.size, data, n);
	screen.size += n;
	screen.room -= n;
	return n;
}

static size_t type(const char *text)
{
	return char_send(&screen.end, (const uint8_t *)text, strlen(text));
}

static void screen_ready(struct char_end *end)
{
	(void)end;
	screen.ready++;
	if (screen.pending)
		screen.pending += type(screen.pending);
}

static void setup(void)
{
	rig_init(&rig);
	memset(&screen, 0, sizeof(screen));
	screen.room = sizeof(screen.text);
	screen.end = (struct char_end){.receive = screen_receive, .peer_ready = screen_ready};
	virtio_console_init(
	    &console, &(struct virtio_console_config){.name = "test console", .mem = &rig.mem.mem});
	char_join(virtio_console_end(&console, 0), &screen.end);
	rig_plug(&rig, &console.device);
	cr_assert(rig_start(&rig, 0));
	screen.ready = 0;
}

static void teardown(void)
{
	rig_free(&rig);
}

TestSuite(console, .init = setup, .fini = teardown, .timeout = 60);

static void print(const char *text)
{
	uint32_t size = (uint32_t)strlen(text);
	uint64_t at = rig_alloc(&rig, size);

	memcpy(rig_at(&rig, at, size), text, size);
	rig_offer(&rig, TX, &(struct rig_buffer){at, size, false}, 1);
	rig_kick(&rig, TX);
}

static uint64_t offer_input(uint32_t size)
{
	uint64_t at = rig_alloc(&rig, size);

	rig_offer(&rig, RX, &(struct rig_buffer){at, size, true}, 1);
	return at;
}

static void expect_used(unsigned queue, uint32_t written)
{
	uint16_t head;
	uint32_t got;

	cr_assert(rig_used(&rig, queue, &head, &got));
	cr_expect_eq(got, written, "written %u", got);
}

static void expect_screen(const char *text)
{
	cr_expect_eq(screen.size, strlen(text));
	cr_expect(memcmp(screen.text, text, strlen(text)) == 0);
}

static void still_works(void)
{
	size_t size = screen.size;

	print("ok");
	cr_expect_eq(screen.size, size + 2);
	cr_expect(!(rig_status(&rig) & VIRTIO_NEEDS_RESET));
}

Test(console, output_reaches_the_screen)
{
	print("hello, ");
	print("world\n");
	expect_screen("hello, world\n");
	expect_used(TX, 0);
	expect_used(TX, 0);
	cr_expect_eq(rig.interrupts[TX], 2);
	cr_expect_eq(console.stats.tx_bytes, 13);
}

Test(console, output_in_many_pieces)
{
	uint64_t at = rig_alloc(&rig, 600);
	struct rig_buffer buffers[200];

	for (unsigned i = 0; i < 200; i++) {
		memset(rig_at(&rig, at + 3 * i, 3), 'a' + (int)(i % 26), 3);
		buffers[i] = (struct rig_buffer){at + 3 * i, 3, false};
	}
	rig_offer(&rig, TX, buffers, 200);
	rig_kick(&rig, TX);
	cr_expect_eq(screen.size, 600);
	cr_expect(memcmp(screen.text, rig_at(&rig, at, 600), 600) == 0);
}

Test(console, input_fills_buffers_in_order)
{
	uint64_t a = offer_input(4), b = offer_input(4), c = offer_input(4);

	rig_kick(&rig, RX);
	cr_expect_eq(type("abcdef"), 6);
	expect_used(RX, 4);
	expect_used(RX, 2);
	cr_expect(memcmp(rig_at(&rig, a, 4), "abcd", 4) == 0);
	cr_expect(memcmp(rig_at(&rig, b, 4), "ef\0\0", 4) == 0);
	cr_expect_eq(type("g"), 1);
	cr_expect_eq(*(char *)rig_at(&rig, c, 1), 'g');
}

Test(console, refused_input_comes_when_there_are_buffers)
{
	offer_input(3);
	rig_kick(&rig, RX);
	cr_expect_eq(type("abcdef"), 3);
	screen.pending = "def";
	uint64_t at = offer_input(8);
	rig_kick(&rig, RX);
	cr_expect_eq(screen.ready, 1);
	cr_expect(memcmp(rig_at(&rig, at, 4), "def\0", 4) == 0);
}

Test(console, a_full_screen_holds_the_guest_back)
{
	screen.room = 5;
	print("hello, world");
	print("!");
	expect_screen("hello");
	cr_expect_eq(rig_used_count(&rig, TX), 0);
	screen.room = 100;
	char_ready(&screen.end);
	expect_screen("hello, world!");
	cr_expect_eq(rig_used_count(&rig, TX), 2);
}

Test(console, input_before_the_driver_waits)
{
	rig_reset(&rig);
	cr_expect_eq(type("x"), 0);
	screen.pending = "x";
	cr_assert(rig_start(&rig, 0));
	cr_expect_eq(screen.ready, 1);
	uint64_t at = offer_input(8);
	rig_kick(&rig, RX);
	cr_expect_eq(*(char *)rig_at(&rig, at, 1), 'x');
}

Test(console, output_held_back_is_forgotten_at_reset)
{
	screen.room = 2;
	print("old");
	rig_reset(&rig);
	screen.room = 100;
	char_ready(&screen.end);
	cr_assert(rig_start(&rig, 0));
	print("new");
	expect_screen("olnew");
}

/* Also on a device that nobody configured. */
PROVES("V14-CONSOLE-001", "V14-CONSOLE-002")
Test(console, emergency_write)
{
	rig_reset(&rig);
	cr_expect(rig_features(&rig) & F_EMERG_WRITE);
	rig_write(&rig, rig.config + 8, 0x11223341, 4);
	expect_screen("A");
	cr_expect_eq(rig_read(&rig, rig.config + 8, 4), 0);
}

/* Control messages need MULTIPORT, which is not offered: there is nothing to send them to. */
Test(console, no_control_queue_without_the_feature)
{
	cr_expect(!(rig_features(&rig) & 2));
	cr_expect(!rig_start(&rig, 2));
	cr_assert(rig_start(&rig, 0));
	for (unsigned i = 0; i < 1000; i++)
		rig_write(&rig, rig.notify + 2 * rig.notify_multiplier, 2, 2);
	still_works();
}

/* The device passes bytes on as they are; tagging is the screen's work. */
Test(console, CN_006_any_bytes)
{
	uint64_t at = rig_alloc(&rig, 256);

	for (unsigned i = 0; i < 256; i++)
		*(uint8_t *)rig_at(&rig, at + i, 1) = (uint8_t)i;
	rig_offer(&rig, TX, &(struct rig_buffer){at, 256, false}, 1);
	rig_kick(&rig, TX);
	for (unsigned i = 0; i < 256; i++)
		cr_assert_eq((uint8_t)screen.text[i], i);
	still_works();
}

Test(console, CN_007_a_megabyte_typed_without_buffers)
{
	for (unsigned i = 0; i < 1 << 16; i++)
		cr_assert_eq(type("0123456789abcdef"), 0);
	cr_expect_eq(console.stats.rx_bytes, 0);
	cr_expect(virtio_idle(&console.device));
	uint64_t at = offer_input(4);
	rig_kick(&rig, RX);
	cr_expect_eq(type("abcd"), 4);
	cr_expect(memcmp(rig_at(&rig, at, 4), "abcd", 4) == 0);
	still_works();
}

Test(console, CN_008_emergency_write_of_other_widths)
{
	rig_write(&rig, rig.config + 8, 'a', 1);
	rig_write(&rig, rig.config + 8, 'b', 2);
	rig_write(&rig, rig.config + 8, 'c', 8); /* reaches beyond the structure */
	rig_write(&rig, rig.config + 9, 'd', 1);
	rig_write(&rig, rig.config + 10, 'e', 2);
	rig_write(&rig, rig.config, 'f', 4);
	expect_screen("ab");
	cr_expect_eq(rig_read(&rig, rig.config, 4), 0);
	still_works();
}

Test(console, CN_009_queues_of_other_ports)
{
	for (unsigned queue = 2; queue < 8; queue++) {
		rig_write(&rig, rig.common + 22, queue, 2);
		cr_expect_eq(rig_read(&rig, rig.common + 24, 2), 0);
		rig_write(&rig, rig.notify + queue * rig.notify_multiplier, queue, 2);
	}
	still_works();
}

Test(console, CN_010_writable_output)
{
	uint64_t at = rig_alloc(&rig, 8);

	memset(rig_at(&rig, at, 8), 'x', 8);
	rig_offer(&rig, TX, &(struct rig_buffer){at, 8, true}, 1);
	rig_offer(&rig, TX, (struct rig_buffer[]){{at, 4, false}, {at + 4, 4, true}}, 2);
	rig_kick(&rig, TX);
	expect_used(TX, 0);
	expect_used(TX, 0);
	cr_expect_eq(screen.size, 0);
	cr_expect_eq(console.stats.tx_dropped, 2);
	cr_expect(memcmp(rig_at(&rig, at, 8), "xxxxxxxx", 8) == 0);
	still_works();
}

Test(console, readable_input_buffers)
{
	uint64_t at = rig_alloc(&rig, 8);

	rig_offer(&rig, RX, &(struct rig_buffer){at, 8, false}, 1);
	rig_offer(&rig, RX, (struct rig_buffer[]){{at, 4, false}, {at + 4, 4, true}}, 2);
	uint64_t good = offer_input(2);
	rig_kick(&rig, RX);
	cr_expect_eq(type("ab"), 2);
	expect_used(RX, 0);
	expect_used(RX, 0);
	expect_used(RX, 2);
	cr_expect(memcmp(rig_at(&rig, good, 2), "ab", 2) == 0);
	cr_expect(memcmp(rig_at(&rig, at, 8), "\0\0\0\0\0\0\0\0", 8) == 0);
	still_works();
}

/* Much output: one kick ends, the timer goes on. */
Test(console, work_for_one_kick_is_bounded)
{
	for (unsigned i = 0; i < 64; i++)
		rig_offer(&rig, TX, &(struct rig_buffer){FAKE_HIGH, 0x40000, false}, 1);
	console.ports[0].end.peer = NULL; /* nobody there: everything is taken */
	rig_kick(&rig, TX);
	cr_expect_leq(rig_used_count(&rig, TX), 17);
	fake_port_advance(1000);
	cr_expect_eq(rig_used_count(&rig, TX), 64);
}

Test(console, work_put_off_is_forgotten_at_reset)
{
	for (unsigned i = 0; i < 64; i++)
		rig_offer(&rig, TX, &(struct rig_buffer){FAKE_HIGH, 0x40000, false}, 1);
	console.ports[0].end.peer = NULL; /* nobody there: everything is taken */
	rig_kick(&rig, TX);
	cr_expect_not_null(fake_port.timers);
	rig_reset(&rig);
	cr_expect_null(fake_port.timers);
}

/* --- a driver that gave up --- */

static void give_up(void)
{
	virtio_set_status(&console.device, console.device.status | VIRTIO_FAILED);
}

Test(console, input_for_a_driver_that_gave_up_waits)
{
	offer_input(16);
	rig_kick(&rig, RX);
	give_up();
	cr_expect_eq(type("abc"), 0);
	cr_expect_eq(rig_used_count(&rig, RX), 0);
}

Test(console, output_of_a_driver_that_gave_up_stays)
{
	screen.room = 1;
	print("abc");
	give_up();
	screen.room = 10;
	char_ready(&screen.end);
	expect_screen("a");
	console.ports[0].later.fire(&console.ports[0]);
	expect_screen("a");
}

Test(console, emergency_bytes_are_counted_when_they_are_taken)
{
	rig_write(&rig, rig.config + 8, 'x', 4);
	cr_expect_eq(console.stats.tx_bytes, 1);
	screen.room = 0;
	rig_write(&rig, rig.config + 8, 'y', 4);
	cr_expect_eq(console.stats.tx_bytes, 1);
	expect_screen("x");
}

Test(console, a_size_that_was_never_offered)
{
	virtio_console_resize(&console, 80, 25);
	cr_expect_eq(rig_read(&rig, rig.config, 4), 0);
	cr_expect_eq(rig.interrupts[rig.config_vector], 0);
}

/* A screen that says it has room while it takes bytes. */
static size_t receive_and_say_so(struct char_end *end, const uint8_t *data, size_t size)
{
	static unsigned depth;
	size_t taken = screen_receive(end, data, size);

	if (depth++ < 3)
		char_ready(&screen.end);
	return taken;
}

Test(console, a_screen_that_has_room_while_it_takes_bytes)
{
	screen.end.receive = receive_and_say_so;
	print("once");
	expect_screen("once");
}

Test(console, an_end_without_a_cable_or_without_ears)
{
	struct char_end alone = {.receive = screen_receive};

	char_ready(&alone);
	screen.end.peer_ready = NULL;
	cr_expect_eq(type("ab"), 0);
	offer_input(8);
	rig_kick(&rig, RX);
	still_works();
}
