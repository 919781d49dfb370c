/* SPDX-License-Identifier: BSD-2-Clause */
/* Several ports: control messages, names, open and close, ports that come and go (5.3.6.2). */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/virtio/console.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/proves.h"

enum { CONTROL_RX = 2, CONTROL_TX = 3, PORTS = 3 };
enum {
	DEVICE_READY,
	DEVICE_ADD,
	DEVICE_REMOVE,
	PORT_READY,
	CONSOLE_PORT,
	RESIZE,
	PORT_OPEN,
	PORT_NAME
};
#define F_SIZE      (1ull << 0)
#define F_MULTIPORT (1ull << 1)
#define FEATURES    (F_SIZE | F_MULTIPORT)

static struct rig rig;
static struct virtio_console console;

static struct peer {
	struct char_end end;
	char text[1 << 12];
	size_t size, room;
	unsigned ready;
} peers[PORTS];

struct message {
	uint32_t id;
	uint16_t event, value;
	char more[64];
};

static size_t peer_receive(struct char_end *end, const uint8_t *data, size_t size)
{
	struct peer *peer = (struct peer *)end;
	size_t n = size < peer->room ? size : peer->room;

	memcpy(peer->text + peer->size, data, n);
	peer->size += n;
	peer->room -= n;
	return n;
}

static void peer_ready(struct char_end *end)
{
	((struct peer *)end)->ready++;
}

static void setup(void)
{
	rig_init(&rig);
	memset(peers, 0, sizeof(peers));
	virtio_console_init(&console,
	                    &(struct virtio_console_config){.name = "test console",
	                                                    .mem = &rig.mem.mem,
	                                                    .cols = 80,
	                                                    .rows = 24,
	                                                    .ports = PORTS,
	                                                    .names = {NULL, "org.one", "org.two"}});
	for (unsigned i = 0; i < PORTS; i++) {
		peers[i].room = sizeof(peers[i].text);
		peers[i].end = (struct char_end){.receive = peer_receive, .peer_ready = peer_ready};
		char_join(virtio_console_end(&console, i), &peers[i].end);
	}
	rig_plug(&rig, &console.device);
	cr_assert(rig_start(&rig, FEATURES));
}

static void teardown(void)
{
	rig_free(&rig);
}

TestSuite(console_ports, .init = setup, .fini = teardown, .timeout = 60);

static void tell_bytes(const void *bytes, uint32_t size)
{
	uint64_t at = rig_alloc(&rig, size);
	uint16_t head;
	uint32_t written;

	memcpy(rig_at(&rig, at, size), bytes, size);
	rig_offer(&rig, CONTROL_TX, &(struct rig_buffer){at, size, false}, 1);
	rig_kick(&rig, CONTROL_TX);
	cr_assert(rig_used(&rig, CONTROL_TX, &head, &written));
	cr_assert_eq(written, 0);
}

static void tell(uint32_t id, uint16_t event, uint16_t value)
{
	struct message message = {.id = id, .event = event, .value = value};

	tell_bytes(&message, 8);
}

static void offer(unsigned count, uint32_t size)
{
	for (unsigned i = 0; i < count; i++)
		rig_offer(&rig, CONTROL_RX, &(struct rig_buffer){rig_alloc(&rig, size), size, true},
		          1);
	rig_kick(&rig, CONTROL_RX);
}

/* The next message from the device; false: none. */
static bool heard(struct message *message)
{
	uint16_t head;
	uint32_t written;
	struct raw_desc desc;

	if (!rig_used(&rig, CONTROL_RX, &head, &written))
		return false;
	memset(message, 0, sizeof(*message));
	memcpy(&desc, rig_at(&rig, rig.rings[CONTROL_RX].desc + 16ull * head, 16), 16);
	cr_assert_leq(written, sizeof(*message));
	memcpy(message, rig_at(&rig, desc.addr, written), written);
	return true;
}

static void expect(uint32_t id, uint16_t event, uint16_t value)
{
	struct message message;

	cr_assert(heard(&message), "no event %u of port %u", event, id);
	cr_expect_eq(message.id, id, "port %u", message.id);
	cr_expect_eq(message.event, event, "event %u", message.event);
	cr_expect_eq(message.value, value, "value %u", message.value);
}

static void expect_silence(void)
{
	struct message message;

	cr_expect(!heard(&message), "event %u of port %u", message.event, message.id);
}

/* All ports known to the driver and open on its side. */
static void bring_up(void)
{
	struct message message;

	offer(20, 128);
	tell(0, DEVICE_READY, 1);
	for (uint32_t i = 0; i < PORTS; i++) {
		tell(i, PORT_READY, 1);
		tell(i, PORT_OPEN, 1);
	}
	while (heard(&message))
		;
	offer(12, 128);
}

PROVES("V14-CONSOLE-003", "V14-CONSOLE-S01")
Test(console_ports, each_port_is_added_once)
{
	cr_expect_eq(rig_read(&rig, rig.config + 4, 4), PORTS);
	offer(20, 128);
	expect_silence();
	tell(0, DEVICE_READY, 1);
	for (uint32_t i = 0; i < PORTS; i++)
		expect(i, DEVICE_ADD, 1);
	expect_silence();
	tell(0, DEVICE_READY, 1);
	tell(7, DEVICE_READY, 1);
	expect_silence();
}

PROVES("V14-CONSOLE-S02")
Test(console_ports, what_a_port_is)
{
	struct message message;

	offer(20, 128);
	tell(0, DEVICE_READY, 1);
	for (uint32_t i = 0; i < PORTS; i++)
		expect(i, DEVICE_ADD, 1);
	tell(0, PORT_READY, 1);
	expect(0, CONSOLE_PORT, 1);
	cr_assert(heard(&message));
	cr_expect(message.event == RESIZE && message.more[0] == 80 && message.more[2] == 24);
	expect(0, PORT_OPEN, 1);
	tell(2, PORT_READY, 1);
	cr_assert(heard(&message));
	cr_expect(message.event == PORT_NAME && message.id == 2);
	cr_expect_str_eq(message.more, "org.two");
	expect(2, PORT_OPEN, 1);
	tell(1, PORT_READY, 0); /* the driver could not add it */
	expect_silence();
}

Test(console_ports, messages_wait_for_buffers)
{
	tell(0, DEVICE_READY, 1);
	expect_silence();
	offer(1, 128);
	expect(0, DEVICE_ADD, 1);
	expect_silence();
	offer(1, 7); /* too small for any message: goes back empty */
	offer(2, 128);
	struct message message;
	cr_assert(heard(&message) && message.event == 0 && message.value == 0);
	expect(1, DEVICE_ADD, 1);
	expect(2, DEVICE_ADD, 1);
}

Test(console_ports, bytes_of_each_port)
{
	uint64_t at = rig_alloc(&rig, 16);

	bring_up();
	for (unsigned i = 0; i < PORTS; i++) {
		unsigned tx = i ? 2 * i + 3 : 1, rx = i ? 2 * i + 2 : 0;
		uint64_t in = rig_alloc(&rig, 4);
		uint8_t letter = (uint8_t)('a' + i);

		*(uint8_t *)rig_at(&rig, at + i, 1) = letter;
		rig_offer(&rig, tx, &(struct rig_buffer){at + i, 1, false}, 1);
		rig_kick(&rig, tx);
		cr_expect(peers[i].size == 1 && peers[i].text[0] == letter);
		rig_offer(&rig, rx, &(struct rig_buffer){in, 4, true}, 1);
		rig_kick(&rig, rx);
		cr_expect_eq(char_send(&peers[i].end, &letter, 1), 1);
		cr_expect_eq(*(uint8_t *)rig_at(&rig, in, 1), letter);
	}
}

/* One port's peer that takes nothing holds that port back and no other. */
Test(console_ports, ports_do_not_wait_for_each_other)
{
	uint64_t at = rig_alloc(&rig, 16);

	bring_up();
	peers[1].room = 0;
	rig_offer(&rig, 5, &(struct rig_buffer){at, 4, false}, 1);
	rig_kick(&rig, 5);
	rig_offer(&rig, 7, &(struct rig_buffer){at, 4, false}, 1);
	rig_kick(&rig, 7);
	cr_expect_eq(peers[2].size, 4);
	cr_expect_eq(rig_used_count(&rig, 5), 0);
	peers[1].room = 10;
	char_ready(&peers[1].end);
	cr_expect_eq(rig_used_count(&rig, 5), 1);
}

/* Nothing is handed to a port that the driver has closed; it comes when it opens. */
Test(console_ports, input_of_a_closed_port_waits)
{
	uint64_t in = rig_alloc(&rig, 4);

	bring_up();
	rig_offer(&rig, 4, &(struct rig_buffer){in, 4, true}, 1);
	rig_kick(&rig, 4);
	tell(1, PORT_OPEN, 0);
	cr_expect_eq(char_send(&peers[1].end, (const uint8_t *)"x", 1), 0);
	unsigned ready = peers[1].ready;
	tell(1, PORT_OPEN, 1);
	cr_expect_eq(peers[1].ready, ready + 1);
	cr_expect_eq(char_send(&peers[1].end, (const uint8_t *)"x", 1), 1);
}

Test(console_ports, our_side_opens_and_closes)
{
	bring_up();
	virtio_console_open(&console, 1, false);
	expect(1, PORT_OPEN, 0);
	virtio_console_open(&console, 1, true);
	expect(1, PORT_OPEN, 1);
	expect_silence();
}

PROVES("V14-CONSOLE-003", "V14-CONSOLE-004")
Test(console_ports, a_port_goes_and_comes_back)
{
	bring_up();
	virtio_console_plug(&console, 2, false);
	expect(2, DEVICE_REMOVE, 1);
	virtio_console_plug(&console, 2, false);
	virtio_console_open(&console, 2, false);
	expect_silence();
	tell(2, PORT_OPEN, 1); /* of a port that is gone */
	cr_expect_eq(console.stats.control_ignored, 1);
	virtio_console_plug(&console, 2, true);
	expect(2, DEVICE_ADD, 1);
	expect_silence();
}

/* Before the driver knows of it there is nothing to remove. */
PROVES("V14-CONSOLE-004")
Test(console_ports, a_port_goes_before_it_was_added)
{
	virtio_console_plug(&console, 1, false);
	offer(20, 128);
	tell(0, DEVICE_READY, 1);
	expect(0, DEVICE_ADD, 1);
	expect(2, DEVICE_ADD, 1);
	expect_silence();
	virtio_console_plug(&console, 1, true);
	expect(1, DEVICE_ADD, 1);
}

/* In and out again while no buffer is there: what is true in the end is told. */
PROVES("V14-CONSOLE-003", "V14-CONSOLE-004")
Test(console_ports, toggles_without_buffers)
{
	struct message message;

	offer(PORTS, 128);
	tell(0, DEVICE_READY, 1);
	while (heard(&message))
		;
	for (unsigned i = 0; i < 1001; i++)
		virtio_console_plug(&console, 1, i & 1);
	offer(8, 128);
	expect(1, DEVICE_REMOVE, 1);
	expect_silence();
	virtio_console_plug(&console, 1, true);
	virtio_console_plug(&console, 1, false);
	virtio_console_plug(&console, 1, true);
	cr_assert(heard(&message) && message.event == DEVICE_ADD);
}

Test(console_ports, size_of_the_screen)
{
	unsigned told = rig.interrupts[rig.config_vector];

	cr_expect_eq(rig_read(&rig, rig.config, 4), 24 << 16 | 80);
	bring_up();
	virtio_console_resize(&console, 132, 50);
	cr_expect_eq(rig_read(&rig, rig.config, 4), 50 << 16 | 132);
	cr_expect_eq(rig.interrupts[rig.config_vector], told + 1);
	expect(0, RESIZE, 1);
	cr_assert(rig_start(&rig, F_SIZE)); /* one port: the interrupt alone says it */
	virtio_console_resize(&console, 10, 10);
	cr_expect_eq(rig.interrupts[rig.config_vector], told + 2);
}

/* --- drivers that misuse it --- */

static void still_works(void)
{
	uint64_t at = rig_alloc(&rig, 4);
	size_t before = peers[1].size;

	rig_offer(&rig, 5, &(struct rig_buffer){at, 4, false}, 1);
	rig_kick(&rig, 5);
	cr_expect_eq(peers[1].size, before + 4);
	cr_expect(!(rig_status(&rig) & VIRTIO_NEEDS_RESET));
}

Test(console_ports, CN_001_ports_that_are_none)
{
	static const uint32_t ids[] = {PORTS,      PORTS + 1,  VIRTIO_CONSOLE_PORTS,
	                               0x7fffffff, 0x80000000, UINT32_MAX};

	bring_up();
	for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		for (uint16_t event = PORT_READY; event < 12; event++)
			tell(ids[i], event, 1);
	cr_expect_eq(console.stats.control_ignored, 6 * 9);
	expect_silence();
	still_works();
}

Test(console_ports, CN_003_events_that_are_none)
{
	static const uint16_t events[] = {
	    DEVICE_ADD, DEVICE_REMOVE, CONSOLE_PORT, RESIZE, PORT_NAME, 8, 0x7fff, 0xffff};

	offer(20, 128);
	tell(1, PORT_READY, 1); /* never announced */
	tell(1, PORT_OPEN, 1);
	cr_expect_eq(console.stats.control_ignored, 2);
	expect_silence();
	bring_up();
	for (unsigned i = 0; i < 8; i++)
		tell(1, events[i], 1);
	cr_expect_eq(console.stats.control_ignored, 10);
	expect_silence();
	still_works();
}

Test(console_ports, CN_003_messages_of_a_wrong_size)
{
	uint64_t at = rig_alloc(&rig, 16);
	uint8_t bytes[16] = {0};
	uint16_t head;
	uint32_t written;

	offer(20, 128);
	for (uint32_t size = 1; size < 8; size++)
		tell_bytes(bytes, size);
	cr_expect_eq(console.stats.control_ignored, 7);
	expect_silence();
	rig_offer(&rig, CONTROL_TX, &(struct rig_buffer){at, 16, true}, 1);
	rig_offer(&rig, CONTROL_TX, (struct rig_buffer[]){{at, 8, false}, {at + 8, 8, true}}, 2);
	rig_kick(&rig, CONTROL_TX);
	for (unsigned i = 0; i < 2; i++)
		cr_assert(rig_used(&rig, CONTROL_TX, &head, &written) && written == 0);
	cr_expect_eq(console.stats.control_ignored, 9);
	bytes[6] = 1; /* longer ones are read as far as they are known */
	tell_bytes(bytes, 16);
	expect(0, DEVICE_ADD, 1);
}

Test(console_ports, CN_004_open_and_close_without_end)
{
	uint64_t at = rig_alloc(&rig, 8), out = rig_alloc(&rig, 4);
	struct message message = {.id = 1, .event = PORT_OPEN};
	uint16_t head;
	uint32_t written;

	bring_up();
	for (unsigned i = 0; i < 100000; i++) {
		message.value = i & 1;
		memcpy(rig_at(&rig, at, 8), &message, 8);
		rig_offer(&rig, CONTROL_TX, &(struct rig_buffer){at, 8, false}, 1);
		rig_kick(&rig, CONTROL_TX);
		cr_assert(rig_used(&rig, CONTROL_TX, &head, &written));
		if (i % 100 == 0) {
			rig_offer(&rig, 5, &(struct rig_buffer){out, 1, false}, 1);
			rig_kick(&rig, 5);
			cr_assert(rig_used(&rig, 5, &head, &written));
		}
	}
	cr_expect_eq(peers[1].size, 1000);
	expect_silence();
	still_works();
}

Test(console_ports, CN_004_ready_without_end_and_without_buffers)
{
	tell(0, DEVICE_READY, 1);
	for (unsigned i = 0; i < 2000; i++) {
		rig.heap = RIG_HEAP;
		tell(i % 5, i % 3 ? PORT_READY : DEVICE_READY, 1);
	}
	cr_expect_null(fake_port.timers);
	offer(PORTS, 128);
	for (uint32_t i = 0; i < PORTS; i++)
		expect(i, DEVICE_ADD, 1);
	expect_silence();
}

Test(console_ports, readable_control_buffers)
{
	uint64_t at = rig_alloc(&rig, 64);
	uint16_t head;
	uint32_t written;

	rig_offer(&rig, CONTROL_RX, (struct rig_buffer[]){{at, 8, false}, {at + 8, 32, true}}, 2);
	tell(0, DEVICE_READY, 1);
	cr_assert(rig_used(&rig, CONTROL_RX, &head, &written));
	cr_expect_eq(written, 0);
	for (unsigned i = 0; i < 64; i++)
		cr_assert_eq(*(uint8_t *)rig_at(&rig, at + i, 1), 0);
	offer(1, 64);
	expect(0, DEVICE_ADD, 1);
}

Test(console_ports, all_is_forgotten_at_reset)
{
	bring_up();
	cr_assert(rig_start(&rig, FEATURES));
	offer(20, 128);
	expect_silence();
	virtio_console_open(&console, 1, false);
	expect_silence();
	cr_expect_eq(char_send(&peers[1].end, (const uint8_t *)"x", 1), 0);
	tell(0, DEVICE_READY, 1);
	for (uint32_t i = 0; i < PORTS; i++)
		expect(i, DEVICE_ADD, 1);
}

/* Output that waits for the peer goes back when the driver wants the queue back. */
Test(console_ports, a_queue_is_stopped_while_output_waits)
{
	uint64_t at = rig_alloc(&rig, 4);

	bring_up();
	peers[1].room = 0;
	rig_offer(&rig, 5, &(struct rig_buffer){at, 4, false}, 1);
	rig_kick(&rig, 5);
	cr_expect_eq(rig_used_count(&rig, 5), 0);
	virtio_queue_stop(&console.device, 5);
	cr_expect_eq(rig_used_count(&rig, 5), 1);
	cr_expect(!virtio_queue_ready(&console.device, 5));
}

Test(console_ports, one_port_without_the_feature)
{
	uint64_t at = rig_alloc(&rig, 4);

	cr_assert(rig_start(&rig, 0));
	cr_expect(!console.queues[CONTROL_RX].enabled && !console.queues[4].enabled);
	rig_offer(&rig, 1, &(struct rig_buffer){at, 4, false}, 1);
	rig_kick(&rig, 1);
	cr_expect_eq(peers[0].size, 4);
	virtio_console_plug(&console, 1, false);
	virtio_console_open(&console, 1, true);
	char_ready(&peers[2].end);
	cr_expect_eq(char_send(&peers[2].end, (const uint8_t *)"x", 1), 0);
}

/* --- what is said when, and to whom --- */

Test(console_ports, nothing_is_said_before_the_driver_is_ready)
{
	offer(8, 128);
	virtio_console_plug(&console, 1, false);
	virtio_console_plug(&console, 1, true);
	expect_silence();
	tell(0, DEVICE_READY, 0);
	expect_silence();
	tell(0, DEVICE_READY, 1);
	expect(0, DEVICE_ADD, 1);
	expect(1, DEVICE_ADD, 1);
	expect(2, DEVICE_ADD, 1);
	tell(0, DEVICE_READY, 0);
	expect_silence();
}

Test(console_ports, nothing_is_said_to_a_driver_that_gave_up)
{
	bring_up();
	virtio_set_status(&console.device, console.device.status | VIRTIO_FAILED);
	virtio_console_open(&console, 1, false);
	expect_silence();
}

Test(console_ports, a_port_comes_back_before_it_was_seen_to_go)
{
	tell(0, DEVICE_READY, 1);
	offer(3, 128);
	for (unsigned i = 0; i < 3; i++)
		expect(i, DEVICE_ADD, 1);
	virtio_console_plug(&console, 1, false);
	virtio_console_plug(&console, 1, true);
	offer(2, 128);
	expect(1, DEVICE_REMOVE, 1);
	expect(1, DEVICE_ADD, 1);
}

static uint32_t name_size(const char *name)
{
	struct message message;
	uint16_t head;
	uint32_t written = 0;

	console.ports[1].name = name;
	tell(1, PORT_READY, 1);
	cr_assert(rig_used(&rig, CONTROL_RX, &head, &written));
	while (heard(&message))
		;
	return written;
}

Test(console_ports, names_are_as_long_as_they_are_and_end)
{
	static char name[VIRTIO_CONSOLE_NAME + 20];

	bring_up();
	cr_expect_eq(name_size("abc"), 8 + 3);
	memset(name, 'x', sizeof(name) - 1);
	cr_expect_eq(name_size(name), 8 + VIRTIO_CONSOLE_NAME);
}

/* Kicks for control buffers are wanted only while something waits for one. */
Test(console_ports, kicks_for_control_buffers)
{
	bring_up();
	cr_expect_eq(raw_used_flags(&rig.rings[CONTROL_RX]) & 1, 1);
	cr_assert(rig_start(&rig, FEATURES));
	tell(0, DEVICE_READY, 1);
	cr_expect_eq(raw_used_flags(&rig.rings[CONTROL_RX]) & 1, 0);
}

Test(console_ports, a_port_without_a_size)
{
	struct message message;

	cr_assert(rig_start(&rig, F_MULTIPORT));
	offer(20, 128);
	tell(0, DEVICE_READY, 1);
	tell(0, PORT_READY, 1);
	while (heard(&message))
		cr_expect_neq(message.event, RESIZE);
}

static void offer_message(void)
{
	uint64_t at = rig_alloc(&rig, 8);

	rig_offer(&rig, CONTROL_TX, &(struct rig_buffer){at, 8, false}, 1);
}

Test(console_ports, control_work_put_off)
{
	offer_message();
	console.control_later.fire(&console);
	cr_expect_eq(rig_used_count(&rig, CONTROL_TX), 1);
	offer_message();
	virtio_set_status(&console.device, console.device.status | VIRTIO_FAILED);
	console.control_later.fire(&console);
	cr_expect_eq(rig_used_count(&rig, CONTROL_TX), 1);
}

Test(console_ports, a_control_queue_is_stopped)
{
	bring_up();
	virtio_queue_stop(&console.device, CONTROL_TX);
	cr_expect_not(virtio_queue_ready(&console.device, CONTROL_TX));
	virtio_queue_stop(&console.device, CONTROL_RX);
	cr_expect_not(virtio_queue_ready(&console.device, CONTROL_RX));
}
