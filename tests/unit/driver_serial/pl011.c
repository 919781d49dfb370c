/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver of a PL011 on the project's own model of one, with a level-triggered line: as long as
 * it is up the interrupt comes again, so a driver that does not silence it hangs the machine.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "arch/hosted/hosted.h"
#include "guest-devices/serial/pl011.h"
#include "hv/drivers/drivers.h"
#include "tests/lib/region.h"

#define BASE  0x09000000ull
#define LINE  33
#define STORM 1000

static struct pl011 uart;
static struct char_end terminal;
static char screen[65536], typed[4096];
static size_t screen_size, screen_room, typed_size;
static bool level;
static unsigned interrupts;

static uint64_t mmio_read(void *context, uint64_t address, unsigned size)
{
	(void)context;
	return region_read(&uart.region, address - BASE, (uint8_t)size);
}

static void mmio_write(void *context, uint64_t address, unsigned size, uint64_t value)
{
	(void)context;
	region_write(&uart.region, address - BASE, (uint8_t)size, value);
}

static void set_line(void *context, unsigned line, bool now)
{
	(void)context, (void)line;
	level = now;
}

static size_t terminal_receive(struct char_end *end, const uint8_t *data, size_t size)
{
	(void)end;
	size = size < screen_room ? size : screen_room;
	memcpy(screen + screen_size, data, size);
	screen_size += size;
	screen_room -= size;
	return size;
}

static void received(const uint8_t *data, size_t size)
{
	cr_assert_leq(size, sizeof(typed) - typed_size);
	memcpy(typed + typed_size, data, size);
	typed_size += size;
}

/* What the CPU does while the line is up, then one turn of its loop. */
static void turn(void)
{
	for (unsigned i = 0; level; i++, interrupts++) {
		cr_assert_lt(i, STORM, "the line stays up: nobody silences it");
		hosted_line_irq(LINE);
	}
	serial_poll();
}

static void setup(void)
{
	hosted_reset();
	hosted_io.serial = (struct host_serial){HOST_SERIAL_PL011, BASE, LINE};
	hosted_io.mmio_read = mmio_read;
	hosted_io.mmio_write = mmio_write;
	pl011_init(&uart, BASE, (struct irq_line){.set = set_line});
	terminal.receive = terminal_receive;
	char_join(&uart.end, &terminal);
	screen_room = sizeof(screen);
	serial_start(received);
	turn();
}

TestSuite(driver_pl011, .init = setup, .timeout = 60);

Test(driver_pl011, text_goes_out_whole_and_in_order)
{
	char text[3000];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 23);
	serial_write(text, sizeof(text));
	for (unsigned i = 0; i < 400 && screen_size < sizeof(text); i++)
		turn();
	cr_assert_eq(screen_size, sizeof(text));
	cr_assert(!memcmp(screen, text, sizeof(text)));
}

Test(driver_pl011, a_line_that_stands_is_waited_for_without_interrupts)
{
	char text[100];

	memset(text, 'x', sizeof(text));
	screen_room = 10;
	serial_write(text, sizeof(text));
	for (unsigned i = 0; i < 20; i++)
		turn();
	cr_assert_eq(screen_size, 10);
	cr_assert_lt(interrupts, 5);
	screen_room = sizeof(text);
	char_ready(&terminal);
	for (unsigned i = 0; i < 20; i++)
		turn();
	cr_assert_eq(screen_size, sizeof(text));
}

Test(driver_pl011, typed_text_arrives)
{
	static const uint8_t text[] = "a line that is longer than the FIFO, which has sixteen\r";
	size_t sent = 0;

	for (unsigned i = 0; i < 100 && sent < sizeof(text); i++) {
		sent += char_send(&terminal, text + sent, sizeof(text) - sent);
		turn();
	}
	turn();
	cr_assert_eq(typed_size, sizeof(text));
	cr_assert(!memcmp(typed, text, sizeof(text)));
}

Test(driver_pl011, one_byte_interrupts_too)
{
	unsigned before = interrupts;

	char_send(&terminal, (const uint8_t *)"q", 1);
	cr_assert(level);
	turn();
	cr_assert_gt(interrupts, before);
	cr_assert_eq(typed_size, 1);
	cr_assert_not(level);
}

Test(driver_pl011, an_idle_port_is_silent)
{
	serial_write("done", 4);
	for (unsigned i = 0; i < 10; i++)
		turn();
	interrupts = 0;
	for (unsigned i = 0; i < 100; i++)
		turn();
	cr_assert_eq(interrupts, 0);
}

Test(driver_pl011, both_ways_at_once)
{
	for (unsigned i = 0; i < 200; i++) {
		serial_write("out ", 4);
		char_send(&terminal, (const uint8_t *)"in ", 3);
		turn();
	}
	for (unsigned i = 0; i < 100; i++)
		turn();
	cr_assert_eq(screen_size, 800);
	cr_assert_eq(typed_size, 600);
}

Test(driver_pl011, drained_by_polling)
{
	char text[500];

	memset(text, 'y', sizeof(text));
	serial_write(text, sizeof(text));
	serial_drain();
	cr_assert_eq(screen_size, sizeof(text));
}

Test(driver_pl011, no_port_no_line_and_no_console_are_no_disaster)
{
	hosted_io.mmio_read = NULL;
	serial_start(received);
	cr_assert(hosted_log_has("no PL011 at 0x9000000"));
	hosted_io.serial.kind = HOST_SERIAL_NONE;
	serial_start(received);
	cr_assert(hosted_log_has("firmware names no port"));
	hosted_io.mmio_read = mmio_read;
	hosted_io.serial = (struct host_serial){HOST_SERIAL_PL011, BASE, HOSTED_LINES};
	serial_start(received);
	cr_assert(hosted_log_has("is not to be had"));
	serial_write("lost", 4);
	turn();
	serial_drain();
	cr_assert_eq(screen_size, 0);
}
